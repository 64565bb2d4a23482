//! ServiceChange from the MGC, H.248.1 7.2.8: terminations and the whole gateway in and out of service, and the way to
//! another MGC.

use crate::{
    gateway::{
        context::{Changes, Place},
        control::{Gateway, Peer, Purpose},
        stream::{Refusal, refusal, refusal_of},
    },
    wire::h248::{
        ErrorCode, Name, ServiceChangeAddress, ServiceChangeMethod, ServiceChangeParm, ServiceState, TerminationAudit,
        TerminationId,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

type Changed = Result<(TerminationId<'static>, TerminationAudit<'static>), Refusal>;

/// What ServiceChange has still to bring about, and whether anything may be added.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Service {
    root: Root,
    due: BTreeSet<(Instant, Name<'static>)>,
    changing: BTreeMap<Name<'static>, (Instant, ServiceState)>,
}

/// The service of the gateway as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Root {
    #[default]
    InService,
    /// What is there may stay until it is subtracted, or until then.
    Draining {
        until: Option<Instant>,
    },
    OutOfService,
    /// Back in service then.
    Restoring {
        at: Instant,
    },
}

impl Service {
    /// May terminations be added?
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.root, Root::InService)
    }

    /// Is a termination to come back into service later? Until then it takes no orders (521).
    pub(super) fn is_restarting(&self, termination: &Name<'static>) -> bool {
        self.changing.get(termination).is_some_and(|(_, state)| *state == ServiceState::InService)
    }

    pub(in crate::gateway) fn timeout(&self) -> Option<Instant> {
        let root = match self.root {
            Root::Draining { until } => until,
            Root::Restoring { at } => Some(at),
            Root::InService | Root::OutOfService => None,
        };
        root.into_iter().chain(self.due.first().map(|(at, _)| *at)).min()
    }

    fn cancel(&mut self, termination: &Name<'static>) {
        if let Some((at, _)) = self.changing.remove(termination) {
            self.due.remove(&(at, termination.clone()));
        }
    }
}

impl Gateway {
    pub(super) fn service_change(&mut self, now: Instant, place: &Place, parms: &ServiceChangeParm<'_>) -> Changed {
        let name = &place.termination;
        if self.contexts.termination(place).is_none() {
            return Err(refusal_of(ErrorCode::UNKNOWN_TERMINATION, name));
        }
        let at = delay(parms).map(|delay| now + delay);
        match (&parms.method, at) {
            (ServiceChangeMethod::Restart, None) => self.set_service(place, ServiceState::InService),
            (ServiceChangeMethod::Restart, Some(at)) => self.change_later(name, at, ServiceState::InService),
            (ServiceChangeMethod::Forced, _) => self.set_service(place, ServiceState::OutOfService),
            (ServiceChangeMethod::Graceful, Some(at)) => self.change_later(name, at, ServiceState::OutOfService),
            // Without a delay out of service when it leaves its context, and then it is gone.
            (ServiceChangeMethod::Graceful, None) => self.service.cancel(name),
            _ => return Err(refusal(ErrorCode::NOT_IMPLEMENTED)),
        }
        Ok((TerminationId::Path(name.clone()), TerminationAudit::default()))
    }

    pub(super) fn service_change_root(&mut self, now: Instant, peer: Peer, parms: &ServiceChangeParm<'_>) -> Changed {
        let at = delay(parms).map(|delay| now + delay);
        match parms.method {
            ServiceChangeMethod::HandOff => {
                let ((Some(named), _) | (None, Some(ServiceChangeAddress::MId(named)))) =
                    (&parms.mgc_id_to_try, &parms.address)
                else {
                    return Err(refusal(ErrorCode::MISSING_INFORMATION));
                };
                if !self.hand_off(peer, named) {
                    return Err(refusal_of(ErrorCode::UNSUPPORTED_VALUE, &named.to_string()));
                }
            }
            ServiceChangeMethod::Forced => self.out_of_service(),
            ServiceChangeMethod::Graceful => self.service.root = Root::Draining { until: at },
            ServiceChangeMethod::Restart => {
                self.service.root = at.map_or(Root::InService, |at| Root::Restoring { at });
            }
            _ => return Err(refusal(ErrorCode::NOT_IMPLEMENTED)),
        }
        Ok((TerminationId::Root, TerminationAudit::default()))
    }

    pub(in crate::gateway) fn service_timeout(&mut self, now: Instant) {
        match self.service.root {
            Root::Draining { until: Some(until) } if until <= now => self.out_of_service(),
            Root::Restoring { at } if at <= now => self.service.root = Root::InService,
            _ => {}
        }
        while self.service.due.first().is_some_and(|(at, _)| *at <= now) {
            let Some((_, name)) = self.service.due.pop_first() else { break };
            let Some((_, state)) = self.service.changing.remove(&name) else { continue };
            if let Some(place) = self.contexts.place(&name) {
                self.set_service(&place, state);
            }
        }
    }

    fn out_of_service(&mut self) {
        self.contexts.clear();
        self.requests.withdraw(|purpose| matches!(purpose, Purpose::Notify(_)));
        self.service = Service { root: Root::OutOfService, ..Service::default() };
    }

    fn set_service(&mut self, place: &Place, state: ServiceState) {
        self.service.cancel(&place.termination);
        let Some(termination) = self.contexts.termination_mut(place) else { return };
        termination.service_state = state;
        if state == ServiceState::OutOfService {
            // Established connections are lost; the MGC cleans the context up.
            let mut termination = termination.clone();
            let mut changes = Changes::default();
            termination.streams.values_mut().for_each(|stream| stream.release(&mut changes));
            self.contexts.keep(place.context, termination, changes);
        }
    }

    fn change_later(&mut self, name: &Name<'static>, at: Instant, state: ServiceState) {
        self.service.cancel(name);
        // Terminations subtracted meanwhile leave their entry behind.
        if self.service.changing.len() > 2 * self.contexts.index.len() {
            let Self { service: Service { due, changing, .. }, contexts, .. } = self;
            changing.retain(|name, _| contexts.index.contains_key(name));
            due.retain(|(_, name)| contexts.index.contains_key(name));
        }
        self.service.due.insert((at, name.clone()));
        self.service.changing.insert(name.clone(), (at, state));
    }
}

/// ServiceChangeDelay; zero is none.
fn delay(parms: &ServiceChangeParm<'_>) -> Option<Duration> {
    parms.delay.filter(|seconds| *seconds > 0).map(|seconds| Duration::from_secs(seconds.into()))
}

#[cfg(test)]
mod tests {
    use crate::gateway::{LegCommand, testing::Bench};
    use std::time::Duration;

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    fn change(bench: &mut Bench, place: &str, method: &str, more: &str) -> u16 {
        let (context, termination) = place.split_once(':').expect("context:termination");
        bench.error(&format!("C={context}{{SC={termination}{{SV{{MT={method},RE=\"905 Taken out\"{more}}}}}}}"))
    }

    fn state(bench: &mut Bench) -> &'static str {
        let reply = bench.say("C=1{AV=ip/access/1{AT{M}}}");
        if reply.contains("SI=OS") { "out" } else { "in" }
    }

    #[test]
    fn forced_takes_a_termination_and_its_bearers_out_and_restart_brings_it_back() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        bench.bearer();
        assert_eq!(change(&mut bench, "1:ip/access/1", "FO", ""), 0);
        assert_eq!(state(&mut bench), "out");
        assert!(matches!(bench.bearer()[..], [(_, LegCommand::Release { .. })]));
        assert_eq!(change(&mut bench, "1:*", "RS", ""), 0);
        assert_eq!((state(&mut bench), bench.counts()), ("in", (1, 1)));
        assert_eq!(bench.error("C=1{S=ip/access/1}"), 0);
    }

    #[test]
    fn graceful_lets_a_termination_be_until_its_delay_is_over() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        assert_eq!(change(&mut bench, "1:ip/access/1", "GR", ",DL=5"), 0);
        assert_eq!(bench.error("C=1{MF=ip/access/1}"), 0);
        bench.wait(Duration::from_secs(4));
        assert_eq!(state(&mut bench), "in");
        bench.wait(Duration::from_secs(1));
        assert_eq!(state(&mut bench), "out");
        // A change of mind.
        change(&mut bench, "1:ip/access/1", "RS", "");
        change(&mut bench, "1:ip/access/1", "GR", ",DL=5");
        change(&mut bench, "1:ip/access/1", "RS", "");
        bench.wait(Duration::from_secs(9));
        assert_eq!(state(&mut bench), "in");
    }

    #[test]
    fn a_termination_that_comes_back_later_takes_no_orders_until_then() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        change(&mut bench, "1:ip/access/1", "FO", "");
        assert_eq!(change(&mut bench, "1:ip/access/1", "RS", ",DL=3"), 0);
        assert_eq!(bench.error("C=1{MF=ip/access/1}"), 521);
        bench.wait(Duration::from_secs(3));
        assert_eq!((state(&mut bench), bench.error("C=1{MF=ip/access/1}")), ("in", 0));
    }

    #[test]
    fn forced_on_root_releases_everything_until_restart() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        assert_eq!(change(&mut bench, "-:ROOT", "FO", ""), 0);
        assert_eq!(bench.counts(), (0, 0));
        assert_eq!(bench.error("C=${A=$}"), 503);
        assert_eq!(change(&mut bench, "-:ROOT", "RS", ",DL=2"), 0);
        assert_eq!(bench.error("C=${A=$}"), 503);
        bench.wait(Duration::from_secs(2));
        assert_eq!(bench.error("C=${A=$}"), 0);
    }

    #[test]
    fn graceful_on_root_drains_and_then_releases() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        bench.say("C=${A=$}");
        assert_eq!(change(&mut bench, "-:ROOT", "GR", ",DL=10"), 0);
        assert_eq!((bench.error("C=${A=$}"), bench.error("C=1{MF=ip/access/1}")), (503, 0));
        assert_eq!(bench.error("C=1{S=*}"), 0);
        bench.wait(Duration::from_secs(9));
        assert_eq!(bench.counts(), (1, 1));
        bench.wait(Duration::from_secs(1));
        assert_eq!((bench.counts(), bench.error("C=${A=$}")), ((0, 0), 503));
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        change(&mut bench, "-:ROOT", "GR", "");
        bench.wait(Duration::from_secs(100));
        assert_eq!(bench.counts(), (1, 1), "without a delay the MGC decides when");
        // 918, cancel graceful.
        change(&mut bench, "-:ROOT", "RS", "");
        assert_eq!(bench.error("C=${A=$}"), 0);
    }

    #[test]
    fn each_wrong_service_change_is_refused_by_its_code() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        for (code, place, method, more) in [
            (430, "1:ip/access/9", "FO", ""),
            (501, "1:ip/access/1", "DC", ""),
            (501, "1:ip/access/1", "HO", ",MG=[192.0.2.8]:2944"),
            (501, "-:ROOT", "DC", ""),
            (501, "-:ROOT", "FL", ""),
            (472, "-:ROOT", "HO", ""),
            (449, "-:ROOT", "HO", ",MG=<mgc.example>"),
        ] {
            assert_eq!(change(&mut bench, place, method, more), code, "{place} {method}");
        }
    }

    #[test]
    fn changes_to_come_are_forgotten_with_their_terminations() {
        let mut bench = Bench::new();
        bench.say("C=${A=$}");
        for _ in 0..50 {
            let reply = bench.say("C=1{A=$}");
            let name = reply.split_once("A=").and_then(|(_, rest)| rest.split_once('}')).expect("added").0.to_owned();
            change(&mut bench, &format!("1:{name}"), "GR", ",DL=4294967295");
            bench.say(&format!("C=1{{S={name}}}"));
        }
        let service = &bench.gateway.service;
        assert!(service.changing.len() <= 6 && service.due.len() == service.changing.len(), "{service:?}");
    }
}
