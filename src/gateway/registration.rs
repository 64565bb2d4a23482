//! Who the MGC is: registration, negotiation, its loss, hand-over, and leave. H.248.1 11.

use super::control::{Config, Gateway, GatewayEvent, Peer, Purpose};
use crate::wire::h248::{
    ActionRequest, Command, CommandReply, ContextId, ErrorCode, ErrorDescriptor, IntoOwned, MId, ServiceChangeAddress,
    ServiceChangeMethod, ServiceChangeParm, ServiceChangeProfile, ServiceChangeRequest, ServiceChangeResParm,
    ServiceChangeResult, TerminationId, TransactionResult,
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// How long leave is awaited: the end is to come within a second. Signalling model, "SIGINT, SIGTERM".
const LEAVE: Duration = Duration::from_millis(900);
/// How long a gateway that was refused waits before it asks again.
const RETRY: Duration = Duration::from_secs(5);
/// How often in a row an MGC may send the gateway on to another.
const REDIRECTIONS: u8 = 4;
/// MGCs remembered that another has succeeded.
const FORMER: usize = 16;

/// Where the control association stands.
#[derive(Debug, Default)]
pub(super) struct Registration {
    state: State,
    /// The MGC that has, or had last, the contexts.
    served_by: Option<Peer>,
    /// MGCs that another has succeeded.
    former: Vec<Peer>,
    /// The MGC to turn to as soon as the order to do so is answered.
    handed_to: Option<Peer>,
}

#[derive(Debug, Default)]
enum State {
    /// No MGC configured: the one that speaks is it.
    #[default]
    Open,
    /// An MGC has spoken to a gateway that has none configured.
    Adopted(Peer),
    /// ServiceChange is out.
    Registering(Attempt),
    /// Not yet time, or refused: once more at `at`; requests meanwhile get `code`.
    Waiting { attempt: Attempt, at: Instant, code: ErrorCode },
    /// The MGC answered.
    Registered(Peer),
    /// Taking leave, until `until` at most.
    Leaving { until: Instant },
    /// Gone.
    Stopped,
}

/// One attempt to register.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    mgc: Peer,
    /// Its place in the list, or that of the one that sent the gateway there.
    candidate: usize,
    redirections: u8,
    change: Change,
    /// What is offered: a version, and the profile unless that was refused.
    version: u8,
    profile: bool,
}

/// Why the gateway registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    ColdBoot,
    WarmBoot,
    Disconnected,
    Failover,
    HandOff,
}

impl Change {
    const fn parameters(self) -> (ServiceChangeMethod<'static>, &'static str) {
        match self {
            Self::ColdBoot => (ServiceChangeMethod::Restart, "901 Cold Boot"),
            Self::WarmBoot => (ServiceChangeMethod::Restart, "902 Warm Boot"),
            Self::Disconnected => (ServiceChangeMethod::Disconnected, "900 Service Restored"),
            Self::Failover => (ServiceChangeMethod::Failover, "909 MGC Impending Failure"),
            Self::HandOff => (ServiceChangeMethod::HandOff, "903 MGC Directed Change"),
        }
    }
}

/// What an MGC answered to a registration.
#[derive(Debug)]
pub(super) enum Answer {
    Accepted {
        address: Option<ServiceChangeAddress<'static>>,
        version: Option<u8>,
        profile: Option<ServiceChangeProfile<'static>>,
    },
    /// Another MGC is to be asked.
    Elsewhere(MId<'static>),
    /// An error, or no answer to a registration at all.
    Refused(Option<ErrorCode>),
}

impl Answer {
    /// Reads a reply of the MGC that calls itself `mid`, in lower case. One that names itself as the MGC to try is the MGC.
    pub(super) fn of(result: TransactionResult<'_>, mid: &str) -> Self {
        let parms = match service_change_result(result) {
            Ok(ServiceChangeResult::Parms(parms)) => parms,
            Ok(ServiceChangeResult::Error(error)) => return Self::Refused(Some(error.code)),
            Err(code) => return Self::Refused(code),
        };
        let ServiceChangeResParm { address, mgc_id_to_try, profile, version, .. } = parms.into_owned();
        match mgc_id_to_try.filter(|other| !other.to_string().eq_ignore_ascii_case(mid)) {
            Some(other) => Self::Elsewhere(other),
            None => Self::Accepted { address, version, profile },
        }
    }
}

impl Registration {
    pub(super) const fn is_stopped(&self) -> bool {
        matches!(self.state, State::Stopped)
    }

    pub(super) const fn is_registered(&self) -> bool {
        matches!(self.state, State::Registered(_))
    }

    /// Why the MGC and the gateway found no common ground, as long as that lasts.
    pub(super) const fn incompatibility(&self) -> Option<ErrorCode> {
        match self.state {
            State::Waiting { code, .. } if code.0 != ErrorCode::BEFORE_SERVICE_CHANGE.0 => Some(code),
            _ => None,
        }
    }

    pub(super) const fn timeout(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { at, .. } => Some(at),
            State::Leaving { until } => Some(until),
            _ => None,
        }
    }

    /// May this peer have requests executed now? 505 before registration (H.248.1 7.2.8), 504 for strangers and for MGCs
    /// that another has succeeded (11.1).
    pub(super) fn admits(&self, config: &Config, peer: Peer) -> Result<(), ErrorCode> {
        // The host, not the port: an MGC sends from where it likes.
        let same_host = |mgc: &Peer| mgc.address.ip() == peer.address.ip();
        match &self.state {
            State::Leaving { .. } | State::Stopped => Err(ErrorCode::SERVICE_UNAVAILABLE),
            State::Open | State::Adopted(_) => Ok(()),
            State::Registering(_) if self.served_by.is_none() => Err(ErrorCode::BEFORE_SERVICE_CHANGE),
            State::Waiting { code, .. } if self.served_by.is_none() => Err(*code),
            _ if self.former.contains(&peer) => Err(ErrorCode::UNAUTHORIZED_ENTITY),
            State::Registered(mgc) if same_host(mgc) => Ok(()),
            State::Registering(_) | State::Waiting { .. }
                if self.served_by.iter().chain(&config.mgcs).any(same_host) =>
            {
                Ok(())
            }
            _ => Err(ErrorCode::UNAUTHORIZED_ENTITY),
        }
    }

    /// Who has taken over what this MGC had; itself when nobody has.
    pub(super) fn present(&self, mgc: Peer) -> Peer {
        match self.state {
            State::Registered(present) if self.former.contains(&mgc) => present,
            _ => mgc,
        }
    }

    const fn mgc(&self) -> Option<Peer> {
        match self.state {
            State::Adopted(mgc) | State::Registered(mgc) => Some(mgc),
            _ => None,
        }
    }

    /// An MGC has the gateway now.
    fn registered(&mut self, mgc: Peer) {
        if let Some(former) = self.served_by.replace(mgc).filter(|former| *former != mgc) {
            self.former.push(former);
        }
        self.former.retain(|former| *former != mgc);
        if self.former.len() > FORMER {
            self.former.remove(0);
        }
        self.state = State::Registered(mgc);
    }
}

impl Gateway {
    pub(super) fn register_at_start(&mut self, now: Instant) {
        let Some(attempt) = self.attempt(0, Change::ColdBoot) else { return };
        let config = &self.contexts.config;
        let most = config.association.maximum_waiting_delay;
        if most.is_zero() {
            return self.ask(now, attempt);
        }
        let at = now + fraction(config.secret, most);
        self.registration.state = State::Waiting { attempt, at, code: ErrorCode::BEFORE_SERVICE_CHANGE };
    }

    /// An MGC made a request: a gateway that has none configured takes it for its own.
    pub(super) fn spoke(&mut self, peer: Peer, version: u8) {
        if matches!(self.registration.state, State::Open | State::Adopted(_)) {
            // Nothing was agreed: it is spoken to as it speaks.
            self.version = version;
            if self.registration.mgc() != Some(peer) {
                self.event(GatewayEvent::Registered { mgc: peer });
            }
            self.registration.state = State::Adopted(peer);
        }
    }

    /// The present MGC orders the gateway to turn to another, once it has the reply. H.248.1 11.5, HandOff. False when that
    /// one cannot be reached by its name.
    pub(super) fn hand_off(&mut self, from: Peer, to: &MId<'_>) -> bool {
        let to = peer_named(from, to);
        self.registration.handed_to = to;
        to.is_some()
    }

    pub(super) fn continue_hand_off(&mut self, now: Instant) {
        let Some(mgc) = self.registration.handed_to.take() else { return };
        self.registration.served_by = self.registration.mgc().or(self.registration.served_by);
        self.requests.withdraw(|purpose| *purpose == Purpose::Register);
        let candidate = self.candidate(mgc).unwrap_or(0);
        let version = self.contexts.config.association.version;
        let change = Change::HandOff;
        self.ask(now, Attempt { mgc, candidate, redirections: 0, change, version, profile: true });
    }

    pub(super) fn register_answered(&mut self, now: Instant, mgc: Peer, answer: Answer) {
        let State::Registering(attempt) = self.registration.state else { return };
        match answer {
            Answer::Accepted { address, version, profile } => {
                let version = version.unwrap_or(attempt.version);
                if version > attempt.version || !self.contexts.config.association.speaks(version) {
                    return self.wait(now, attempt, ErrorCode::VERSION_NOT_SUPPORTED);
                }
                if profile.is_some_and(|profile| !self.serves(&profile)) {
                    return self.wait(now, attempt, ErrorCode::UNSUPPORTED_PROFILE);
                }
                // H.248.1 11.3: what is agreed holds for every message from now on.
                self.version = version;
                let mgc = match address {
                    Some(ServiceChangeAddress::Port(port)) => {
                        Peer { address: SocketAddr::new(mgc.address.ip(), port), ..mgc }
                    }
                    Some(ServiceChangeAddress::MId(mid)) => peer_named(mgc, &mid).unwrap_or(mgc),
                    None => mgc,
                };
                self.registration.registered(mgc);
                self.event(GatewayEvent::Registered { mgc });
            }
            Answer::Elsewhere(other) => match peer_named(mgc, &other) {
                Some(mgc) if attempt.redirections < REDIRECTIONS => {
                    self.ask(now, Attempt { mgc, redirections: attempt.redirections + 1, ..attempt });
                }
                _ => self.wait(now, attempt, ErrorCode::BEFORE_SERVICE_CHANGE),
            },
            Answer::Refused(Some(code)) => self.refused(now, attempt, code),
            Answer::Refused(None) => self.wait(now, attempt, ErrorCode::BEFORE_SERVICE_CHANGE),
        }
    }

    /// An error in place of transactions: the peer could not make anything of a message. Repetition goes on, except that an
    /// MGC may say so of the version offered.
    pub(super) fn error_received(&mut self, now: Instant, peer: Peer, error: &ErrorDescriptor<'_>) {
        let State::Registering(attempt) = self.registration.state else { return };
        if error.code == ErrorCode::VERSION_NOT_SUPPORTED && attempt.mgc.address.ip() == peer.address.ip() {
            self.requests.withdraw(|purpose| *purpose == Purpose::Register);
            self.refused(now, attempt, error.code);
        }
    }

    /// Offers less where less may do, else asks another later.
    fn refused(&mut self, now: Instant, attempt: Attempt, code: ErrorCode) {
        match code {
            ErrorCode::VERSION_NOT_SUPPORTED if attempt.version > self.contexts.config.association.lowest_version => {
                self.ask(now, Attempt { version: attempt.version - 1, ..attempt });
            }
            ErrorCode::UNSUPPORTED_PROFILE if attempt.profile => {
                self.ask(now, Attempt { profile: false, ..attempt });
            }
            _ => self.wait(now, attempt, ErrorCode::BEFORE_SERVICE_CHANGE),
        }
    }

    /// A request of the gateway's own went unanswered for T-MAX.
    pub(super) fn lost(&mut self, now: Instant, mgc: Peer, purpose: Purpose) {
        match purpose {
            Purpose::Leave => self.left(),
            Purpose::Register => {
                let State::Registering(attempt) = self.registration.state else { return };
                match self.next(attempt) {
                    Some(next) if self.contexts.policy.looks_for_mgc() => self.ask(now, next),
                    _ => {}
                }
            }
            Purpose::Notify(termination) => {
                self.forget_notification(&termination);
                match self.registration.state {
                    State::Registered(present) if present.address.ip() == mgc.address.ip() => {
                        self.mgc_lost(now, present);
                    }
                    _ => {}
                }
            }
        }
    }

    /// The MGC that has the gateway does not answer: it may be back, else another on the list is asked. H.248.1 11.5.
    fn mgc_lost(&mut self, now: Instant, mgc: Peer) {
        if !self.contexts.policy.looks_for_mgc() {
            return;
        }
        let change = match self.contexts.config.association.keeps_contexts {
            true => Change::Disconnected,
            false => {
                self.contexts.clear();
                self.requests.withdraw(|purpose| matches!(purpose, Purpose::Notify(_)));
                self.registration.served_by = None;
                Change::WarmBoot
            }
        };
        let candidate = self.candidate(mgc).unwrap_or(0);
        let version = self.contexts.config.association.version;
        self.ask(now, Attempt { mgc, candidate, redirections: 0, change, version, profile: true });
    }

    /// A request of the gateway's own failed without the MGC being lost.
    pub(super) fn abandoned(&mut self, now: Instant, purpose: Purpose) {
        match purpose {
            Purpose::Leave => self.left(),
            Purpose::Notify(termination) => self.forget_notification(&termination),
            Purpose::Register => {
                if let State::Registering(attempt) = self.registration.state {
                    self.wait(now, attempt, ErrorCode::BEFORE_SERVICE_CHANGE);
                }
            }
        }
    }

    pub(super) fn registration_timeout(&mut self, now: Instant) {
        match self.registration.state {
            State::Waiting { attempt, at, .. } if at <= now => self.ask(now, attempt),
            State::Leaving { until } if until <= now => self.left(),
            _ => {}
        }
    }

    /// Says Forced 905 to the MGC that has the gateway.
    pub(super) fn leave(&mut self, now: Instant) {
        let mgc = self.registration.mgc();
        self.requests.withdraw(|_| true);
        match mgc {
            None => self.left(),
            Some(mgc) => {
                self.registration.state = State::Leaving { until: now + LEAVE };
                let parms = ServiceChangeParm::new(ServiceChangeMethod::Forced, "905 Termination taken out of service");
                self.send_request(now, mgc, Purpose::Leave, service_change(parms));
            }
        }
    }

    pub(super) fn left(&mut self) {
        if !self.registration.is_stopped() {
            self.requests.withdraw(|_| true);
            self.registration.state = State::Stopped;
            self.event(GatewayEvent::Stopped);
        }
    }

    /// Asks the next on the list after a while.
    fn wait(&mut self, now: Instant, attempt: Attempt, code: ErrorCode) {
        self.registration.state = match self.next(attempt) {
            Some(attempt) => State::Waiting { attempt, at: now + RETRY, code },
            // Handed over by an MGC nobody had configured, to one that does not want the gateway.
            None => State::Open,
        };
    }

    /// The attempt that follows one that came to nothing.
    fn next(&self, attempt: Attempt) -> Option<Attempt> {
        let Config { mgcs, .. } = &*self.contexts.config;
        let candidate = if attempt.candidate + 1 < mgcs.len() { attempt.candidate + 1 } else { 0 };
        let change = match self.registration.served_by {
            None => attempt.change,
            Some(mgc) if mgcs.get(candidate) == Some(&mgc) => Change::Disconnected,
            Some(_) => Change::Failover,
        };
        self.attempt(candidate, change)
    }

    fn attempt(&self, candidate: usize, change: Change) -> Option<Attempt> {
        let config = &self.contexts.config;
        let mgc = *config.mgcs.get(candidate)?;
        let version = config.association.version;
        Some(Attempt { mgc, candidate, redirections: 0, change, version, profile: true })
    }

    fn candidate(&self, mgc: Peer) -> Option<usize> {
        self.contexts.config.mgcs.iter().position(|known| *known == mgc)
    }

    /// Is this profile, which the MGC answered with, the gateway's, or none at all?
    fn serves(&self, profile: &ServiceChangeProfile<'_>) -> bool {
        let own = self.contexts.config.interface.profile();
        profile.name == "NoProfile" || (profile.name == own.name && profile.version == own.version)
    }

    fn ask(&mut self, now: Instant, attempt: Attempt) {
        self.registration.state = State::Registering(attempt);
        // H.248.1 11.3: what the gateway can do at most; the reply says what is spoken.
        self.version = attempt.version;
        let (method, reason) = attempt.change.parameters();
        let profile = self.contexts.config.interface.profile();
        let mut parms = ServiceChangeParm::new(method, reason);
        parms.version = Some(attempt.version);
        parms.profile =
            attempt.profile.then(|| ServiceChangeProfile { name: profile.name.into(), version: profile.version });
        self.send_request(now, attempt.mgc, Purpose::Register, service_change(parms));
    }
}

/// A part of a duration that differs from gateway to gateway.
fn fraction(secret: u64, whole: Duration) -> Duration {
    // The finalizer of SplitMix64: every bit of the secret counts.
    let mixed = (secret ^ (secret >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    whole.mul_f64((mixed >> 32) as f64 / f64::from(u32::MAX))
}

fn service_change(parms: ServiceChangeParm<'static>) -> Vec<ActionRequest<'static>> {
    let request = ServiceChangeRequest { terminations: TerminationId::Root.into(), parms };
    vec![ActionRequest::new(ContextId::Null, vec![Command::ServiceChange(request)])]
}

/// What the MGC answered; the error, if there is one, when it refused the whole.
fn service_change_result(result: TransactionResult<'_>) -> Result<ServiceChangeResult<'_>, Option<ErrorCode>> {
    let actions = match result {
        TransactionResult::Error(error) => return Err(Some(error.code)),
        TransactionResult::Actions(actions) => actions,
    };
    let action = actions.into_iter().next().ok_or(None)?;
    match (action.commands.into_iter().next(), action.error) {
        (Some(CommandReply::ServiceChange(reply)), _) => Ok(reply.result),
        (_, error) => Err(error.map(|error| error.code)),
    }
}

/// The peer an mId names, reached as the known one is. Names would have to be resolved, which is not this layer's; the
/// default port is the text port.
fn peer_named(known: Peer, mid: &MId<'_>) -> Option<Peer> {
    match mid {
        MId::Ip(ip, port) => Some(Peer { address: SocketAddr::new(*ip, port.unwrap_or(2944)), ..known }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{
        AssociationId, BearerEvent, FailureCause, Reference, Timers,
        testing::{Bench, config, mgc},
    };
    use std::sync::Arc;

    fn other() -> Peer {
        Peer { association: AssociationId(0), address: ([192, 0, 2, 8], 2944).into() }
    }

    fn started(mgcs: &[Peer]) -> (Bench, Vec<(Peer, String)>) {
        let mut with = config();
        with.mgcs = mgcs.to_vec();
        let mut bench = Bench::with(with, Arc::new(Reference));
        bench.gateway.start(bench.now);
        let sent = bench.sent();
        (bench, sent)
    }

    fn accept(bench: &mut Bench, id: u32) -> Vec<String> {
        answer(bench, id, "SV{V=2}")
    }

    fn answer(bench: &mut Bench, id: u32, result: &str) -> Vec<String> {
        bench.message(format!("!/1 [192.0.2.9]:2944 P={id}{{C=-{{SC=ROOT{{{result}}}}}}}").as_bytes())
    }

    fn from(bench: &mut Bench, peer: Peer, text: &str) -> Vec<(Peer, String)> {
        let octets = format!("!/2 [{}]:{} {text}", peer.address.ip(), peer.address.port());
        bench.gateway.handle_h248(bench.now, peer, octets.as_bytes());
        bench.sent()
    }

    /// A gateway that an MGC has, with one context whose bearer has failed and been told of.
    fn notifying(settings: impl FnOnce(&mut Config)) -> Bench {
        let mut with = config();
        with.mgcs = vec![mgc(), other()];
        settings(&mut with);
        let mut bench = Bench::with(with, Arc::new(Reference));
        bench.gateway.start(bench.now);
        accept(&mut bench, 1);
        bench.add("$", "MO=SR", "c=IN IP4 $\nm=message $ TCP *\n", ",E=7{g/cause}");
        let (relay, leg) = bench.opened();
        bench.report(relay, BearerEvent::Failed { leg, cause: FailureCause::TcpReset });
        bench
    }

    #[test]
    fn registration_offers_version_and_profile() {
        let (_, sent) = started(&[mgc(), other()]);
        let expected = "!/3 [192.0.2.1]:2944 T=1{C=-{SC=ROOT{SV{MT=RS,RE=\"901 Cold Boot\",PF=ThreeGPP_Iq/1,V=3}}}}";
        assert_eq!(sent, [(mgc(), expected.to_owned())]);
    }

    #[test]
    fn nothing_is_executed_before_the_mgc_answered() {
        let (mut bench, _) = started(&[mgc()]);
        assert_eq!(bench.error("C=${A=$}"), 505);
        assert!(accept(&mut bench, 1).is_empty());
        assert_eq!(bench.gateway.poll_event(), Some(GatewayEvent::Refused { peer: mgc(), code: 505 }));
        assert_eq!(bench.gateway.poll_event(), Some(GatewayEvent::Registered { mgc: mgc() }));
        assert_eq!(bench.error("C=${A=$}"), 0);
        assert_eq!(bench.gateway.version, 2, "the lower of both versions");
    }

    #[test]
    fn strangers_are_refused_when_the_mgc_is_known() {
        let (mut bench, _) = started(&[mgc()]);
        accept(&mut bench, 1);
        bench.gateway.handle_h248(bench.now, other(), b"!/2 [192.0.2.8]:2944 T=1{C=${A=$}}");
        assert!(bench.sent()[0].1.contains("ER=504"));
    }

    #[test]
    fn registration_is_repeated_then_tried_with_the_next_mgc() {
        let (mut bench, first) = started(&[mgc(), other()]);
        let sent = bench.wait(Timers::default().give_up);
        let (last, repeated) = sent.split_last().expect("something");
        assert!(repeated.len() == 9 && repeated.iter().all(|again| *again == first[0]));
        assert_eq!(last.0, other());
        from(&mut bench, other(), "P=2{C=-{SC=ROOT{SV{V=2}}}}");
        assert!(from(&mut bench, other(), "T=1{C=${A=$}}")[0].1.contains("P=1{C=1{A="));
    }

    #[test]
    fn a_refused_gateway_asks_again_later() {
        let (mut bench, _) = started(&[mgc()]);
        bench.message(b"!/1 [192.0.2.9]:2944 P=1{C=-{SC=ROOT{ER=502{\"not ready\"}}}}");
        assert!(bench.wait(RETRY / 2).is_empty());
        let sent = bench.wait(RETRY);
        assert!(sent[0].1.contains("T=2{C=-{SC=ROOT"), "{sent:?}");
    }

    #[test]
    fn an_mgc_may_send_the_gateway_to_another_but_not_for_ever() {
        let (mut bench, _) = started(&[mgc()]);
        for id in 1..=u32::from(REDIRECTIONS) {
            let sent = {
                let reply = format!("!/1 [192.0.2.9]:2944 P={id}{{C=-{{SC=ROOT{{SV{{MG=[192.0.2.8]:2944}}}}}}}}");
                bench.gateway.handle_h248(bench.now, mgc(), reply.as_bytes());
                bench.sent()
            };
            assert_eq!(sent[0].0, other());
        }
        let last =
            format!("!/1 [192.0.2.9]:2944 P={}{{C=-{{SC=ROOT{{SV{{MG=[192.0.2.8]:2944}}}}}}}}", REDIRECTIONS + 1);
        assert!(bench.message(last.as_bytes()).is_empty());
    }

    #[test]
    fn a_lost_mgc_is_told_of_the_disconnection_and_contexts_live_on() {
        let (mut bench, _) = started(&[mgc()]);
        accept(&mut bench, 1);
        bench.add("$", "MO=SR", "c=IN IP4 $\nm=message $ TCP *\n", ",E=7{g/cause}");
        let (relay, leg) = bench.opened();
        bench.report(relay, BearerEvent::Failed { leg, cause: FailureCause::TcpReset });
        let sent = bench.wait(Timers::default().give_up);
        let last = &sent.last().expect("something").1;
        assert!(last.contains("MT=DC,RE=\"900 Service Restored\""), "{last}");
        assert_eq!(bench.counts(), (1, 1));
        assert_eq!(bench.error("C=1{MF=ip/access/1}"), 0);
    }

    #[test]
    fn leave_is_taken_with_forced_905_and_everything_released() {
        let (mut bench, _) = started(&[mgc()]);
        accept(&mut bench, 1);
        bench.add("$", "MO=SR", "c=IN IP4 $\nm=message $ TCP *\n", "");
        bench.gateway.shutdown(bench.now);
        let sent = bench.sent();
        assert!(sent[0].1.contains("SC=ROOT{SV{MT=FO,RE=\"905 Termination taken out of service\"}}"), "{sent:?}");
        assert_eq!((bench.counts(), bench.gateway.is_stopped()), ((0, 0), false));
        assert_eq!(bench.error("C=${A=$}"), 503);
        accept(&mut bench, 2);
        assert!(bench.gateway.is_stopped());
    }

    #[test]
    fn leave_is_not_awaited_for_ever() {
        let (mut bench, _) = started(&[mgc()]);
        accept(&mut bench, 1);
        bench.gateway.shutdown(bench.now);
        bench.wait(LEAVE);
        assert!(bench.gateway.is_stopped());
        let (mut bench, _) = started(&[]);
        bench.gateway.shutdown(bench.now);
        assert!(bench.gateway.is_stopped() && bench.sent().is_empty());
    }

    #[test]
    fn an_mgc_may_hand_the_gateway_over() {
        let (mut bench, _) = started(&[mgc()]);
        accept(&mut bench, 1);
        let request =
            b"!/2 [192.0.2.9]:2944 T=9{C=-{SC=ROOT{SV{MT=HO,RE=\"903 MGC Directed Change\",MG=[192.0.2.8]:2944}}}}";
        bench.gateway.handle_h248(bench.now, mgc(), request);
        let sent = bench.sent();
        assert!(sent.iter().any(|(to, text)| *to == other() && text.contains("MT=HO")), "{sent:?}");
        assert!(sent.iter().any(|(to, text)| *to == mgc() && text.contains("P=9{C=-{SC=ROOT}}")), "{sent:?}");
    }

    #[test]
    fn without_an_mgc_configured_the_one_that_speaks_is_it() {
        let (mut bench, sent) = started(&[]);
        assert!(sent.is_empty());
        assert_eq!(bench.error("C=${A=$}"), 0);
        assert_eq!(bench.gateway.poll_event(), Some(GatewayEvent::Registered { mgc: mgc() }));
        bench.gateway.shutdown(bench.now);
        assert!(bench.sent()[0].1.contains("MT=FO"));
    }

    #[test]
    fn what_is_said_after_registration_is_in_the_version_agreed() {
        let (mut bench, _) = started(&[mgc()]);
        answer(&mut bench, 1, "SV{V=1}");
        let reply = bench.message(b"!/2 [192.0.2.9]:2944 T=1{C=${A=$}}");
        assert!(reply[0].starts_with("!/1 "), "{reply:?}");
        assert!(bench.message(b"!/1 [192.0.2.9]:2944 T=2{C=${A=$}}")[0].starts_with("!/1 "));
    }

    #[test]
    fn an_mgc_that_lacks_the_version_offered_is_offered_the_one_below() {
        for refusal in ["P=1{C=-{SC=ROOT{ER=406{\"version\"}}}}", "P=1{ER=406{\"version\"}}", "ER=406{\"version\"}"] {
            let (mut bench, _) = started(&[mgc()]);
            let again = bench.message(format!("!/1 [192.0.2.9]:2944 {refusal}").as_bytes());
            assert!(again.len() == 1 && again[0].starts_with("!/2 ") && again[0].contains("V=2}"), "{again:?}");
            let again = bench.message(b"!/1 [192.0.2.9]:2944 P=2{ER=406{\"version\"}}");
            assert!(again[0].contains("V=1}"), "{again:?}");
            assert!(bench.message(b"!/1 [192.0.2.9]:2944 P=3{ER=406{\"version\"}}").is_empty());
        }
    }

    #[test]
    fn a_version_the_gateway_lacks_is_no_agreement() {
        let mut with = config();
        with.mgcs = vec![mgc()];
        with.association.lowest_version = 2;
        for version in [1, 4] {
            let mut bench = Bench::with(with.clone(), Arc::new(Reference));
            bench.gateway.start(bench.now);
            bench.sent();
            assert!(answer(&mut bench, 1, &format!("SV{{V={version}}}")).is_empty());
            let refused = bench.message(b"!/2 [192.0.2.9]:2944 T=1{C=${A=$}}");
            assert!(refused.len() == 1 && refused[0].contains(" ER=406"), "{refused:?}");
            assert!(bench.wait(RETRY)[0].1.contains("V=3}"), "asked again");
        }
    }

    #[test]
    fn a_profile_refused_is_left_out_and_a_strange_one_is_no_agreement() {
        let (mut bench, _) = started(&[mgc()]);
        let again = answer(&mut bench, 1, "ER=459{\"profile\"}");
        assert!(again[0].contains("901 Cold Boot\",V=3}"), "{again:?}");
        accept(&mut bench, 2);
        assert_eq!(bench.error("C=${A=$}"), 0);
        let (mut bench, _) = started(&[mgc()]);
        answer(&mut bench, 1, "SV{PF=resgw/1,V=2}");
        assert_eq!(bench.error("C=${A=$}"), 459);
        let (mut bench, _) = started(&[mgc()]);
        answer(&mut bench, 1, "SV{PF=THREEGPP_iq/1,V=2}");
        assert_eq!(bench.error("C=${A=$}"), 0);
    }

    #[test]
    fn an_mgc_that_names_itself_as_the_one_to_try_is_the_mgc() {
        let (mut bench, _) = started(&[mgc()]);
        let reply = b"!/1 mgc_x P=1{C=-{SC=ROOT{SV{MG=MGC_X,V=2}}}}";
        assert!(bench.message(reply).is_empty());
        assert_eq!(bench.error("C=${A=$}"), 0);
    }

    #[test]
    fn the_mgc_is_addressed_where_it_wants_to_be() {
        let (mut bench, _) = started(&[mgc()]);
        answer(&mut bench, 1, "SV{AD=4000,V=2}");
        bench.gateway.shutdown(bench.now);
        assert_eq!(bench.sent()[0].0.address.port(), 4000);
    }

    #[test]
    fn gateways_restarted_together_do_not_register_together() {
        let most = Duration::from_secs(60);
        let wait = |secret| {
            let mut with = config();
            (with.mgcs, with.secret) = (vec![mgc()], secret);
            with.association.maximum_waiting_delay = most;
            let mut bench = Bench::with(with, Arc::new(Reference));
            bench.gateway.start(bench.now);
            assert!(bench.sent().is_empty());
            assert_eq!(bench.error("C=${A=$}"), 505);
            let at = bench.gateway.registration.timeout().expect("a delay");
            let sent = bench.wait(most);
            assert!(sent[0].1.contains("MT=RS"), "{sent:?}");
            at
        };
        let waits: std::collections::BTreeSet<_> = (0..8).map(wait).collect();
        assert_eq!(waits.len(), 8);
    }

    #[test]
    fn who_was_handed_over_serves_the_new_mgc_alone() {
        let mut bench = notifying(|with| with.mgcs = vec![mgc()]);
        let order = "T=9{C=-{SC=ROOT{SV{MT=HO,RE=\"903 MGC Directed Change\",MG=[192.0.2.8]:2944}}}}";
        let sent = from(&mut bench, mgc(), order);
        assert!(sent[0].1.contains("P=9{C=-{SC=ROOT}}") && sent[1].1.contains("MT=HO"), "the order is answered first");
        let accepted = from(&mut bench, other(), "P=3{C=-{SC=ROOT{SV{V=2}}}}");
        assert!(accepted.is_empty(), "{accepted:?}");
        assert_eq!(bench.counts(), (1, 1));
        assert!(from(&mut bench, mgc(), "T=10{C=1{S=*}}")[0].1.contains("ER=504"));
        // The Notify that was under way is answered; the next one finds its way to the new MGC.
        from(&mut bench, mgc(), "P=2{C=1{N=ip/access/1}}");
        let leg = crate::gateway::LegId(1);
        bench.gateway.handle_bearer(bench.now, BearerEvent::Failed { leg, cause: FailureCause::TcpReset });
        let sent = bench.sent();
        assert!(sent.len() == 1 && sent[0].0 == other() && sent[0].1.contains("N=ip/access/1"), "{sent:?}");
        assert!(from(&mut bench, other(), "T=10{C=1{S=*}}")[0].1.contains("P=10{C=1{S="));
    }

    #[test]
    fn a_lost_mgc_is_followed_by_the_next_on_the_list() {
        let mut bench = notifying(|_| {});
        let give_up = Timers::default().give_up;
        let disconnected = bench.wait(give_up).pop().expect("something");
        assert!(disconnected.0 == mgc() && disconnected.1.contains("MT=DC"), "{disconnected:?}");
        let failover = bench.wait(give_up).pop().expect("something");
        let expected = "MT=FL,RE=\"909 MGC Impending Failure\"";
        assert!(failover.0 == other() && failover.1.contains(expected), "{failover:?}");
        let back = bench.wait(give_up).pop().expect("something");
        assert!(back.0 == mgc() && back.1.contains("MT=DC"), "{back:?}");
        let failover = bench.wait(give_up).pop().expect("something").1;
        let id = failover.split_once("T=").and_then(|(_, rest)| rest.split_once('{')).expect("a request").0;
        from(&mut bench, other(), &format!("P={id}{{C=-{{SC=ROOT{{SV{{V=2}}}}}}}}"));
        assert_eq!(bench.counts(), (1, 1));
        assert!(from(&mut bench, other(), "T=1{C=1{MF=ip/access/1}}")[0].1.contains("P=1{C=1{MF="));
        assert!(from(&mut bench, mgc(), "T=77{C=1{S=*}}")[0].1.contains("ER=504"), "another has succeeded it");
    }

    #[test]
    fn a_gateway_told_to_keep_nothing_restarts_when_its_mgc_is_lost() {
        let mut bench = notifying(|with| with.association.keeps_contexts = false);
        let restart = bench.wait(Timers::default().give_up).pop().expect("something").1;
        assert!(restart.contains("MT=RS,RE=\"902 Warm Boot\""), "{restart}");
        assert_eq!((bench.counts(), bench.error("C=${A=$}")), ((0, 0), 505));
    }

    #[test]
    fn an_mgc_that_only_says_pending_is_asked_again_later() {
        let (mut bench, _) = started(&[mgc()]);
        for _ in 0..=config().limits.mgc_pendings {
            assert!(bench.message(b"!/1 [192.0.2.9]:2944 PN=1{}").is_empty());
        }
        let sent = bench.wait(RETRY);
        assert!(sent.len() == 1 && sent[0].1.contains("T=2{"), "{sent:?}");
    }

    #[test]
    fn a_second_mgc_of_the_list_is_refused_while_the_first_has_the_gateway() {
        let (mut bench, _) = started(&[mgc(), other()]);
        accept(&mut bench, 1);
        assert!(from(&mut bench, other(), "T=1{C=${A=$}}")[0].1.contains("ER=504"));
    }
}
