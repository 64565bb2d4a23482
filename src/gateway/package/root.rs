//! `root`, H.248.1 E.2: limits of the gateway, and how long either side may take.

use crate::{
    gateway::{control::Config, property::Properties},
    wire::h248::{ParmValue, PkgdName, PropertyParm, Value},
};
use std::time::Duration;

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

impl Root {
    /// What stands until the MGC says otherwise.
    pub(in crate::gateway) fn initial(config: &Config) -> Properties {
        let number = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
        let Config { limits, timers, .. } = config;
        let provisional = i64::try_from(timers.provisional.as_millis()).unwrap_or(i64::MAX);
        let mut properties = Properties::default();
        for (item, value) in [
            ("maxNumberOfContexts", number(limits.contexts)),
            ("maxTerminationsPerContext", number(limits.terminations_per_context)),
            ("normalMGExecutionTime", 500),
            ("normalMGCExecutionTime", 500),
            ("MGProvisionalResponseTimerValue", provisional),
            ("MGCProvisionalResponseTimerValue", provisional),
            ("MGCOriginatedPendingLimit", limits.mgc_pendings.into()),
            ("MGOriginatedPendingLimit", limits.pendings.into()),
        ] {
            properties.set(PropertyParm::equal(PkgdName::new("root", item), Value::number(value)));
        }
        // IP realm availability, H.248.41 Amd.1 (the property's name is recalled): all realms are, always.
        let realms: Vec<_> = config.realms.iter().map(|realm| Value::quoted(realm.clone())).collect();
        if !realms.is_empty() {
            let value = ParmValue::All(realms);
            properties.set(PropertyParm { name: PkgdName::new("ipra", "ar"), value });
        }
        properties
    }

    /// The properties by type. What the rules let pass is a number of 32 bits.
    pub(in crate::gateway) fn of(properties: &Properties) -> Self {
        let number = |item: &str| {
            let value =
                properties.given(&format!("root/{item}")).and_then(ParmValue::single).and_then(Value::as_integer);
            value.and_then(|value| u32::try_from(value).ok()).unwrap_or(u32::MAX)
        };
        let time = |item| Duration::from_millis(number(item).into());
        Self {
            max_number_of_contexts: number("maxNumberOfContexts"),
            max_terminations_per_context: number("maxTerminationsPerContext"),
            normal_mg_execution_time: time("normalMGExecutionTime"),
            normal_mgc_execution_time: time("normalMGCExecutionTime"),
            mg_provisional_response_timer: time("MGProvisionalResponseTimerValue"),
            mgc_provisional_response_timer: time("MGCProvisionalResponseTimerValue"),
            mgc_originated_pending_limit: number("MGCOriginatedPendingLimit"),
            mg_originated_pending_limit: number("MGOriginatedPendingLimit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{
        Reference,
        testing::{Bench, config},
    };
    use std::{sync::Arc, time::Duration};

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
    fn the_pending_limit_the_mgc_sets_is_the_one_that_holds() {
        let mut slow = config();
        slow.timers.execution = Duration::from_secs(10);
        let mut bench = Bench::with(slow, Arc::new(Reference));
        bench.message(b"!/2 [192.0.2.9]:2944 T=1{C=-{MF=ROOT{M{TS{root/MGOriginatedPendingLimit=1}}}}}");
        bench.wait(Duration::from_secs(10));
        let asked = b"!/2 [192.0.2.9]:2944 T=2{C=-{AV=ROOT{AT{}}}}";
        bench.message(asked);
        assert!(bench.message(asked)[0].contains("PN=2"));
        assert!(bench.message(asked)[0].contains("ER=506"));
    }

    #[test]
    fn root_tells_which_realms_there_are() {
        let audit = Bench::new().say("C=-{AV=ROOT{AT{M}}}");
        assert!(audit.contains("ipra/ar=[\"access\",\"core\"]"), "{audit}");
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
