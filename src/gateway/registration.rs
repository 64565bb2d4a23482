//! Who the MGC is: registration, its loss, and leave. H.248.1 11.

use super::control::{Config, Gateway, GatewayEvent, Peer, Purpose};
use crate::wire::h248::{
    ActionRequest, Command, CommandReply, ContextId, ErrorCode, MId, ServiceChangeAddress, ServiceChangeMethod,
    ServiceChangeParm, ServiceChangeProfile, ServiceChangeRequest, ServiceChangeResParm, ServiceChangeResult,
    TerminationId, TransactionResult,
};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// How long leave is awaited. Signalling model, "SIGINT, SIGTERM".
const LEAVE: Duration = Duration::from_secs(1);
/// How long a gateway that was refused waits before it asks again.
const RETRY: Duration = Duration::from_secs(5);
/// How often in a row an MGC may send the gateway on to another.
const REDIRECTIONS: u8 = 4;

/// Where the control association stands.
#[derive(Debug, Default)]
pub(super) enum Registration {
    /// No MGC configured: the one that speaks is it.
    #[default]
    Open,
    /// An MGC has spoken to a gateway that has none configured.
    Adopted(Peer),
    /// ServiceChange is out. `served`: an MGC had the gateway before, contexts live on.
    Registering { candidate: usize, redirections: u8, served: bool, failover: bool },
    /// Refused: once more at `at`.
    Waiting { candidate: usize, at: Instant, served: bool },
    /// The MGC answered.
    Registered { mgc: Peer },
    /// Taking leave, until `until` at most.
    Leaving { until: Instant },
    /// Gone.
    Stopped,
}

impl Registration {
    pub(super) const fn is_stopped(&self) -> bool {
        matches!(self, Self::Stopped)
    }

    pub(super) const fn timeout(&self) -> Option<Instant> {
        match self {
            Self::Waiting { at, .. } => Some(*at),
            Self::Leaving { until } => Some(*until),
            _ => None,
        }
    }

    /// May this peer have requests executed now? 505 before registration (H.248.1 7.2.8), 504 for strangers.
    pub(super) fn admits(&self, config: &Config, peer: Peer) -> Result<(), ErrorCode> {
        match self {
            Self::Registering { served: false, .. } | Self::Waiting { served: false, .. } => {
                Err(ErrorCode::BEFORE_SERVICE_CHANGE)
            }
            Self::Leaving { .. } | Self::Stopped => Err(ErrorCode::SERVICE_UNAVAILABLE),
            Self::Registered { mgc } if mgc.address.ip() == peer.address.ip() => Ok(()),
            // The host, not the port: an MGC sends from where it likes.
            _ if config.mgcs.iter().any(|mgc| mgc.address.ip() == peer.address.ip()) => Ok(()),
            _ if config.mgcs.is_empty() => Ok(()),
            _ => Err(ErrorCode::UNAUTHORIZED_ENTITY),
        }
    }

    const fn mgc(&self) -> Option<Peer> {
        match self {
            Self::Adopted(mgc) | Self::Registered { mgc } => Some(*mgc),
            _ => None,
        }
    }
}

impl Gateway {
    pub(super) fn register_at_start(&mut self, now: Instant) {
        if let Some(first) = self.contexts.config.mgcs.first().copied() {
            self.registration =
                Registration::Registering { candidate: 0, redirections: 0, served: false, failover: false };
            self.register(now, first, ServiceChangeMethod::Restart, "901 Cold Boot");
        }
    }

    /// An MGC made a request: a gateway that has none configured takes it for its own.
    pub(super) fn spoke(&mut self, peer: Peer) {
        if matches!(self.registration, Registration::Open | Registration::Adopted(_)) {
            if self.registration.mgc() != Some(peer) {
                self.event(GatewayEvent::Registered { mgc: peer });
            }
            self.registration = Registration::Adopted(peer);
        }
    }

    /// Turns to another MGC because the present one says so. H.248.1 11.5, HandOff.
    pub(super) fn hand_off(&mut self, now: Instant, from: Peer, to: &MId<'_>) -> bool {
        let Some(to) = peer_named(from, to) else { return false };
        self.registration = Registration::Registering { candidate: 0, redirections: 0, served: true, failover: false };
        self.register(now, to, ServiceChangeMethod::HandOff, "903 MGC Directed Change");
        true
    }

    pub(super) fn register_answered(&mut self, now: Instant, mgc: Peer, result: TransactionResult<'_>) {
        let Registration::Registering { candidate, redirections, served, .. } = self.registration else { return };
        match service_change_reply(result) {
            Some(ServiceChangeResParm { mgc_id_to_try: Some(other), .. }) if redirections < REDIRECTIONS => {
                if let Some(other) = peer_named(mgc, &other) {
                    let redirections = redirections + 1;
                    self.registration = Registration::Registering { candidate, redirections, served, failover: false };
                    return self.register(now, other, ServiceChangeMethod::Restart, "901 Cold Boot");
                }
                self.wait(now, candidate, served);
            }
            Some(ServiceChangeResParm { address, version, mgc_id_to_try: None, .. }) => {
                // H.248.1 11.3: the lower of both sides' versions.
                self.version = version.unwrap_or(self.version).clamp(1, self.version);
                let mgc = match address {
                    Some(ServiceChangeAddress::Port(port)) => {
                        Peer { address: SocketAddr::new(mgc.address.ip(), port), ..mgc }
                    }
                    Some(ServiceChangeAddress::MId(mid)) => peer_named(mgc, &mid).unwrap_or(mgc),
                    None => mgc,
                };
                self.registration = Registration::Registered { mgc };
                self.event(GatewayEvent::Registered { mgc });
            }
            _ => self.wait(now, candidate, served),
        }
    }

    /// A request of the gateway's own went unanswered for T-MAX.
    pub(super) fn lost(&mut self, now: Instant, mgc: Peer, purpose: Purpose) {
        match purpose {
            Purpose::Leave => self.left(),
            Purpose::Register => {
                let (candidate, served) = match self.registration {
                    Registration::Registering { candidate, served, .. } => (candidate, served),
                    _ => return,
                };
                let next = candidate + 1;
                let candidate = if next < self.contexts.config.mgcs.len() { next } else { 0 };
                self.register_with(now, candidate, served, true);
            }
            Purpose::Notify(termination) => {
                self.forget_notification(&termination);
                if let Registration::Registered { mgc: present } = self.registration
                    && present.address.ip() == mgc.address.ip()
                {
                    let candidate = self.contexts.config.mgcs.iter().position(|known| *known == present).unwrap_or(0);
                    self.register_with(now, candidate, true, false);
                }
            }
        }
    }

    pub(super) fn registration_timeout(&mut self, now: Instant) {
        match self.registration {
            Registration::Waiting { candidate, at, served } if at <= now => {
                self.register_with(now, candidate, served, false);
            }
            Registration::Leaving { until } if until <= now => self.left(),
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
                self.registration = Registration::Leaving { until: now + LEAVE };
                let parms = ServiceChangeParm::new(ServiceChangeMethod::Forced, "905 Termination taken out of service");
                self.send_request(now, mgc, Purpose::Leave, service_change(parms));
            }
        }
    }

    pub(super) fn left(&mut self) {
        if !self.registration.is_stopped() {
            self.requests.withdraw(|_| true);
            self.registration = Registration::Stopped;
            self.event(GatewayEvent::Stopped);
        }
    }

    fn wait(&mut self, now: Instant, candidate: usize, served: bool) {
        let next = if candidate + 1 < self.contexts.config.mgcs.len() { candidate + 1 } else { 0 };
        self.registration = Registration::Waiting { candidate: next, at: now + RETRY, served };
    }

    fn register_with(&mut self, now: Instant, candidate: usize, served: bool, failover: bool) {
        let Some(mgc) = self.contexts.config.mgcs.get(candidate).copied() else { return };
        self.registration = Registration::Registering { candidate, redirections: 0, served, failover };
        let (method, reason) = match (served, failover) {
            (false, _) => (ServiceChangeMethod::Restart, "901 Cold Boot"),
            (true, false) => (ServiceChangeMethod::Disconnected, "900 Service Restored"),
            (true, true) => (ServiceChangeMethod::Failover, "909 MGC Impending Failure"),
        };
        self.register(now, mgc, method, reason);
    }

    fn register(&mut self, now: Instant, mgc: Peer, method: ServiceChangeMethod<'static>, reason: &'static str) {
        let profile = self.contexts.config.interface.profile();
        // H.248.1 11.3: what the gateway can do at most; the reply says what is spoken.
        self.version = 2;
        let mut parms = ServiceChangeParm::new(method, reason);
        parms.version = Some(self.version);
        parms.profile = Some(ServiceChangeProfile { name: profile.name.into(), version: profile.version });
        self.send_request(now, mgc, Purpose::Register, service_change(parms));
    }
}

fn service_change(parms: ServiceChangeParm<'static>) -> Vec<ActionRequest<'static>> {
    let request = ServiceChangeRequest { terminations: TerminationId::Root.into(), parms };
    vec![ActionRequest::new(ContextId::Null, vec![Command::ServiceChange(request)])]
}

/// What the MGC answered; `None` if it refused, or answered something else.
fn service_change_reply(result: TransactionResult<'_>) -> Option<ServiceChangeResParm<'_>> {
    let TransactionResult::Actions(actions) = result else { return None };
    let command = actions.into_iter().next()?.commands.into_iter().next()?;
    match command {
        CommandReply::ServiceChange(reply) => match reply.result {
            ServiceChangeResult::Parms(parms) => Some(parms),
            ServiceChangeResult::Error(_) => None,
        },
        _ => None,
    }
}

/// The peer an mId names. Names would have to be resolved, which is not this layer's; the default port is the text port.
fn peer_named(known: Peer, mid: &MId<'_>) -> Option<Peer> {
    match mid {
        MId::Ip(ip, port) => Some(Peer { address: SocketAddr::new(*ip, port.unwrap_or(2944)), ..known }),
        _ => None,
    }
}
