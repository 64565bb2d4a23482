//! `root`, H.248.1 E.2: limits of the gateway, and how long either side may take.

use super::Package;
use crate::{
    gateway::{
        control::Limits,
        stream::{Refusal, refusal_of},
    },
    wire::h248::{ErrorCode, PkgdName, PropertyParm, Value},
};
use std::time::Duration;

pub(in crate::gateway) const PACKAGE: Package = Package::new("root", 2);

/// The properties of ROOT as they stand: those the MGC may write, and the limits it may only read. H.248.1 E.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Root {
    /// `maxNumberOfContexts`, read-only.
    pub max_number_of_contexts: u32,
    /// `maxTerminationsPerContext`, read-only.
    pub max_terminations_per_context: u32,
    /// `normalMGExecutionTime`: the MGC expects an answer to its requests within this.
    pub normal_mg_execution_time: Duration,
    /// `normalMGCExecutionTime`: the gateway expects an answer to its requests within this.
    pub normal_mgc_execution_time: Duration,
    /// `MGProvisionalResponseTimerValue`: the MGC hears Pending from a busy gateway within this.
    pub mg_provisional_response_timer: Duration,
    /// `MGCProvisionalResponseTimerValue`: the gateway hears Pending from a busy MGC within this.
    pub mgc_provisional_response_timer: Duration,
    /// `MGCOriginatedPendingLimit`: so many Pendings the MGC may send for one transaction of the gateway (506 beyond).
    pub mgc_originated_pending_limit: u32,
    /// `MGOriginatedPendingLimit`: so many Pendings the gateway may send for one transaction of the MGC (506 beyond).
    pub mg_originated_pending_limit: u32,
}

const MILLISECONDS: [&str; 4] = [
    "normalMGExecutionTime",
    "normalMGCExecutionTime",
    "MGProvisionalResponseTimerValue",
    "MGCProvisionalResponseTimerValue",
];
const COUNTS: [&str; 2] = ["MGCOriginatedPendingLimit", "MGOriginatedPendingLimit"];
const LIMITS: [&str; 2] = ["maxNumberOfContexts", "maxTerminationsPerContext"];

impl Root {
    /// What stands until the MGC says otherwise.
    pub(in crate::gateway) fn new(limits: &Limits) -> Self {
        let number = |limit: usize| u32::try_from(limit).unwrap_or(u32::MAX);
        Self {
            max_number_of_contexts: number(limits.contexts),
            max_terminations_per_context: number(limits.terminations_per_context),
            normal_mg_execution_time: Duration::from_millis(500),
            normal_mgc_execution_time: Duration::from_millis(500),
            mg_provisional_response_timer: Duration::from_secs(1),
            mgc_provisional_response_timer: Duration::from_secs(1),
            mgc_originated_pending_limit: 20,
            mg_originated_pending_limit: 20,
        }
    }

    /// Writes a property. 534 read-only, 449 not a number of 32 bits, 450 no such property.
    pub(in crate::gateway) fn set(&mut self, property: &PropertyParm<'_>) -> Result<(), Refusal> {
        let name = &property.name;
        if LIMITS.iter().any(|limit| name.item == *limit) {
            return Err(refusal_of(ErrorCode::READ_ONLY, &name.to_string()));
        }
        let number = property.value.single().and_then(Value::as_integer).and_then(|n| u32::try_from(n).ok());
        let given = || property.value.single().map_or_else(|| name.to_string(), |value| value.as_str().to_owned());
        let number = number.ok_or_else(|| refusal_of(ErrorCode::UNSUPPORTED_VALUE, &given()));
        if let Some(time) = self.time(&name.item) {
            *time = Duration::from_millis(number?.into());
        } else if let Some(count) = self.count(&name.item) {
            *count = number?;
        } else {
            return Err(refusal_of(ErrorCode::NO_SUCH_PROPERTY, &name.to_string()));
        }
        Ok(())
    }

    /// Every property, as audits show it.
    pub(in crate::gateway) fn properties(mut self) -> Vec<PropertyParm<'static>> {
        let property = |(item, number): (&'static str, i64)| {
            PropertyParm::equal(PkgdName::new("root", item), Value::number(number))
        };
        let limits = [self.max_number_of_contexts, self.max_terminations_per_context];
        let limits = LIMITS.into_iter().zip(limits.map(i64::from));
        let times: Vec<_> = MILLISECONDS
            .into_iter()
            .filter_map(|item| Some((item, i64::try_from(self.time(item)?.as_millis()).unwrap_or(i64::MAX))))
            .collect();
        let counts: Vec<_> =
            COUNTS.into_iter().filter_map(|item| Some((item, i64::from(*self.count(item)?)))).collect();
        limits.chain(times).chain(counts).map(property).collect()
    }

    fn time(&mut self, item: &str) -> Option<&mut Duration> {
        let times = [
            &mut self.normal_mg_execution_time,
            &mut self.normal_mgc_execution_time,
            &mut self.mg_provisional_response_timer,
            &mut self.mgc_provisional_response_timer,
        ];
        MILLISECONDS.iter().zip(times).find(|(name, _)| name.eq_ignore_ascii_case(item)).map(|(_, time)| time)
    }

    fn count(&mut self, item: &str) -> Option<&mut u32> {
        let counts = [&mut self.mgc_originated_pending_limit, &mut self.mg_originated_pending_limit];
        COUNTS.iter().zip(counts).find(|(name, _)| name.eq_ignore_ascii_case(item)).map(|(_, count)| count)
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::testing::Bench;
    use std::time::Duration;

    #[test]
    fn root_takes_times_and_pending_limits_and_shows_them() {
        let mut bench = Bench::new();
        let said = "root/normalMGExecutionTime=250,root/MGOriginatedPendingLimit=3";
        assert_eq!(bench.error(&format!("C=-{{MF=ROOT{{M{{TS{{{said}}}}}}}}}")), 0);
        let root = bench.gateway.root();
        assert_eq!(root.normal_mg_execution_time, Duration::from_millis(250));
        assert_eq!(root.mg_originated_pending_limit, 3);
        let audit = bench.say("C=-{AV=ROOT{AT{M}}}");
        assert!(audit.contains("root/normalMGExecutionTime=250") && audit.contains("PendingLimit=3"), "{audit}");
        assert!(audit.contains("root/maxTerminationsPerContext=64"), "{audit}");
    }

    #[test]
    fn a_wrong_property_of_root_changes_nothing() {
        let mut bench = Bench::new();
        let before = bench.gateway.root();
        let good = "root/normalMGExecutionTime=250";
        for (code, bad) in [
            (534, "root/maxNumberOfContexts=1"),
            (449, "root/MGOriginatedPendingLimit=-1"),
            (449, "root/MGOriginatedPendingLimit=4294967296"),
            (450, "root/nosuch=1"),
        ] {
            assert_eq!(bench.error(&format!("C=-{{MF=ROOT{{M{{TS{{{good},{bad}}}}}}}}}")), code, "{bad}");
            assert_eq!(bench.gateway.root(), before, "{bad}");
        }
    }
}
