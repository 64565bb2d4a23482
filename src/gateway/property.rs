//! Package properties of a stream, a termination, ROOT or a context: what was set, and what the gateway chose where the MGC
//! left it a choice. Names, types and defaults are the registry's.

use super::{
    profile::Profile,
    stream::{Refusal, refusal, refusal_of},
};
use crate::wire::h248::{
    ErrorCode, IntoOwned, ParmValue, PkgdName, PropertyParm, Value,
    package::{Item, ItemKind, Place, ValueType},
};

/// Properties that were set, in the order they were. Each is one the profile has, so they are few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Properties(Vec<PropertyParm<'static>>);

impl Properties {
    /// The value set for `package/item`.
    pub(super) fn given(&self, name: &str) -> Option<&ParmValue<'static>> {
        self.0.iter().find(|property| property.name.is(name)).map(|property| &property.value)
    }

    /// The one value in force for `package/item`: the one set, else the registry's default.
    pub(super) fn value(&self, profile: &Profile, name: &str) -> Option<Value<'static>> {
        match self.given(name) {
            Some(given) => given.single().cloned(),
            None => {
                let (package, item) = name.split_once('/')?;
                profile.property(&PkgdName::new(package, item)).and_then(default_value)
            }
        }
    }

    /// Sets a property, in place of what it was.
    pub(super) fn set(&mut self, property: PropertyParm<'static>) {
        match self.0.iter_mut().find(|present| present.name == property.name) {
            Some(present) => *present = property,
            None => self.0.push(property),
        }
    }

    /// As audits show them: what was set, then the defaults of what was not and may stand at `place`.
    pub(super) fn audited(&self, profile: &Profile, place: Place) -> Vec<PropertyParm<'static>> {
        let unset = profile.items(ItemKind::Property).filter(|(name, item)| {
            item.place == place && item.default.is_some() && self.0.iter().all(|given| given.name != *name)
        });
        let defaults = unset.filter_map(|(name, item)| Some(PropertyParm::equal(name, default_value(item)?)));
        self.0.iter().cloned().chain(defaults).collect()
    }

    /// Takes over what a command says of generic properties, which the rules have judged; those the gateway had to choose.
    pub(super) fn take(
        &mut self,
        profile: &Profile,
        properties: &[PropertyParm<'_>],
    ) -> Result<Vec<PropertyParm<'static>>, Refusal> {
        let mut chosen = Vec::new();
        for property in properties {
            let choice = Choice { own: None, reserve: false, supports: &|_| true };
            let (property, chose) = choice.make(profile, property)?;
            chosen.extend(chose.then(|| property.clone()));
            self.set(property);
        }
        Ok(chosen)
    }
}

fn default_value(item: &Item) -> Option<Value<'static>> {
    let text = item.default.clone()?;
    Some(if item.value_type == ValueType::String { Value::quoted(text) } else { Value::plain(text) })
}

/// How the gateway chooses among the values a command leaves open (H.248.1 7.1.1).
pub(super) struct Choice<'c> {
    /// Its choice where everything is open, if it is not the default.
    pub(super) own: Option<Value<'static>>,
    /// ReserveValue: everything it can rather than the first it can.
    pub(super) reserve: bool,
    /// Whether it can do a value that is of the right type.
    pub(super) supports: &'c dyn Fn(&Value<'_>) -> bool,
}

impl Choice<'_> {
    /// The property as it will be, and whether the MGC has to be told: it is not what it said. 449 with the value it cannot
    /// do, 510 when it can do none of several.
    pub(super) fn make(
        &self,
        profile: &Profile,
        asked: &PropertyParm<'_>,
    ) -> Result<(PropertyParm<'static>, bool), Refusal> {
        let item = profile.property(&asked.name);
        let item = item.ok_or_else(|| refusal_of(ErrorCode::UNKNOWN_PROPERTY, &asked.name.to_string()))?;
        let value = self.value(item, &asked.value)?;
        let told = value != asked.value;
        Ok((PropertyParm { name: asked.name.clone().into_owned(), value }, told))
    }

    fn value(&self, item: &Item, asked: &ParmValue<'_>) -> Result<ParmValue<'static>, Refusal> {
        let unsupported = |value: &Value<'_>| refusal_of(ErrorCode::UNSUPPORTED_VALUE, value.as_str());
        let can = |value: &Value<'_>| !is_open(value) && item.value_type.admits(value) && (self.supports)(value);
        let first = |values: Vec<Value<'static>>| {
            let found = values.into_iter().find(|value| can(value)).map(ParmValue::Equal);
            found.ok_or_else(|| refusal(ErrorCode::INSUFFICIENT_RESOURCES))
        };
        match asked {
            ParmValue::Equal(value) if is_open(value) => {
                first(self.open(item)).map_err(|_| refusal_of(ErrorCode::UNSUPPORTED_VALUE, "$"))
            }
            ParmValue::Equal(value) => can(value).then(|| asked.clone().into_owned()).ok_or_else(|| unsupported(value)),
            ParmValue::All(values) => match values.iter().find(|value| !can(value)) {
                Some(value) => Err(unsupported(value)),
                None => Ok(asked.clone().into_owned()),
            },
            ParmValue::Any(values) if self.reserve => {
                let kept: Vec<_> = values.iter().filter(|value| can(value)).cloned().collect();
                if kept.is_empty() {
                    return Err(refusal(ErrorCode::INSUFFICIENT_RESOURCES));
                }
                Ok(ParmValue::Any(kept).into_owned())
            }
            ParmValue::Any(values) => first(values.clone().into_owned()),
            ParmValue::Range(low, high) => match (low.as_integer(), high.as_integer()) {
                (Some(least), Some(most)) if least <= most => match self.reserve && can(low) && can(high) {
                    true => Ok(asked.clone().into_owned()),
                    false => first(vec![low.clone().into_owned(), high.clone().into_owned()]),
                },
                _ => Err(unsupported(low)),
            },
            ParmValue::Unequal(not) => first(
                self.open(item)
                    .into_iter()
                    .filter(|value| !value.as_str().eq_ignore_ascii_case(not.as_str()))
                    .collect(),
            ),
            ParmValue::Less(limit) => first(step(limit, -1).into_iter().collect()).map_err(|_| unsupported(limit)),
            ParmValue::Greater(limit) => first(step(limit, 1).into_iter().collect()).map_err(|_| unsupported(limit)),
        }
    }

    /// Values the gateway would choose when any will do, best first.
    fn open(&self, item: &Item) -> Vec<Value<'static>> {
        let by_type = match &item.value_type {
            ValueType::Boolean => vec![Value::boolean(false), Value::boolean(true)],
            ValueType::Integer { min, .. } => vec![Value::number(*min), Value::number(min.saturating_add(1))],
            ValueType::Double => vec![Value::number(0), Value::number(1)],
            ValueType::Enumeration(words) => words.iter().cloned().map(Value::Plain).collect(),
            ValueType::Unknown | ValueType::String | ValueType::Octets => Vec::new(),
        };
        self.own.clone().into_iter().chain(default_value(item)).chain(by_type).collect()
    }
}

fn is_open(value: &Value<'_>) -> bool {
    // In quotes as well: stacks quote whatever is a string.
    value.as_str() == "$"
}

fn step(limit: &Value<'_>, by: i64) -> Option<Value<'static>> {
    limit.as_integer()?.checked_add(by).map(Value::number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::profile::Interface;

    fn make(
        name: (&'static str, &'static str),
        value: ParmValue<'static>,
        reserve: bool,
    ) -> Result<ParmValue<'static>, u16> {
        let choice = Choice { own: None, reserve, supports: &|value| value.as_str() != "7" };
        let asked = PropertyParm { name: PkgdName::new(name.0, name.1), value };
        choice.make(Interface::Iq.profile(), &asked).map(|(made, _)| made.value).map_err(|refusal| refusal.code.0)
    }

    #[test]
    fn the_first_value_that_can_be_done_is_chosen_or_all_are_reserved() {
        let (jit, number) = (("nt", "jit"), |number: i64| Value::number(number));
        let equal = |value: i64| Ok(ParmValue::Equal(number(value)));
        let any = |values: &[i64]| ParmValue::Any(values.iter().copied().map(Value::number).collect());
        assert_eq!(make(jit, any(&[7, 8, 9]), false), equal(8));
        assert_eq!(make(jit, any(&[7, 8, 9]), true), Ok(any(&[8, 9])));
        assert_eq!(make(jit, any(&[7]), false), Err(510));
        assert_eq!(make(jit, any(&[7]), true), Err(510));
        assert_eq!(make(jit, ParmValue::Equal(number(7)), false), Err(449));
        assert_eq!(make(jit, ParmValue::Range(number(7), number(9)), false), equal(9));
        assert_eq!(make(jit, ParmValue::Less(number(5)), false), equal(4));
        assert_eq!(make(jit, ParmValue::Less(number(0)), false), Err(449));
        assert_eq!(make(jit, ParmValue::Greater(number(5)), false), equal(6));
        assert_eq!(make(jit, ParmValue::Unequal(number(0)), false), equal(1));
        assert_eq!(
            make(("tlsbsc", "role"), ParmValue::Equal(Value::plain("$")), false),
            Ok(ParmValue::Equal(Value::plain("client")))
        );
        assert_eq!(make(("nosuch", "one"), ParmValue::Equal(number(1)), false), Err(445));
    }

    #[test]
    fn a_property_set_again_is_there_once() {
        let mut properties = Properties::default();
        for value in [1, 2] {
            properties.set(PropertyParm::equal(PkgdName::new("NT", "jit"), Value::number(value)));
        }
        let profile = Interface::Iq.profile();
        assert_eq!(properties.value(profile, "nt/jit"), Some(Value::number(2)));
        let audited = properties.audited(profile, Place::LocalControl);
        assert_eq!(audited.iter().filter(|property| property.name.is("nt/jit")).count(), 1);
    }
}
