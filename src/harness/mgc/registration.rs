//! How a gateway comes under our control (H.248.1 11.2).

use std::{net::SocketAddr, time::Duration};

use crate::wire::h248::{
    IntoOwned, MId, ServiceChangeAddress, ServiceChangeMethod, ServiceChangeParm, ServiceChangeProfile,
    ServiceChangeReason, ServiceChangeResParm,
};

/// A registered gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The mId it wrote.
    pub mid: MId<'static>,
    /// The profile it offered; we agree to any.
    pub profile: Option<ServiceChangeProfile<'static>>,
    /// The protocol version it offered (1 when it named none).
    pub offered_version: u8,
    /// The protocol version agreed: ours at most.
    pub version: u8,
    /// Where our requests go: the address it asked for, else the one it wrote from.
    pub address: SocketAddr,
    /// Restart, Disconnected and so on; `X-Audited` when it registered before and was found by an audit.
    pub method: ServiceChangeMethod<'static>,
    /// Why, in its words.
    pub reason: ServiceChangeReason<'static>,
    /// Counts registrations on this association, from 1.
    pub number: u32,
    /// Frame of its ServiceChange in the association's transcript.
    pub frame: u32,
}

/// Why there is no registration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// None within the bound.
    #[error("no gateway registered with {address} within {} ms ({heard})", bound.as_millis())]
    TimedOut {
        /// Where we listened.
        address: SocketAddr,
        /// How long.
        bound: Duration,
        /// What arrived instead.
        heard: String,
    },
    /// The controller was killed.
    #[error("the controller is gone")]
    Killed,
}

/// What a ServiceChange of ROOT means to us.
pub(super) enum Change {
    /// It registers.
    Registers(Box<Registration>),
    /// It leaves.
    Leaves,
    /// It goes on as before (Graceful).
    Stays,
}

impl Change {
    pub(super) fn of(
        parms: &ServiceChangeParm<'_>,
        mid: &MId<'_>,
        from: SocketAddr,
        highest: u8,
        (number, frame): (u32, u32),
    ) -> Self {
        match parms.method {
            ServiceChangeMethod::Forced => return Self::Leaves,
            ServiceChangeMethod::Graceful | ServiceChangeMethod::Extension(_) => return Self::Stays,
            _ => {}
        }
        let offered_version = parms.version.unwrap_or(1);
        let address = match &parms.address {
            Some(ServiceChangeAddress::Port(port)) => SocketAddr::new(from.ip(), *port),
            Some(ServiceChangeAddress::MId(MId::Ip(ip, port))) => SocketAddr::new(*ip, port.unwrap_or(from.port())),
            _ => from,
        };
        Self::Registers(Box::new(Registration {
            mid: mid.clone().into_owned(),
            profile: parms.profile.clone().into_owned(),
            offered_version,
            version: offered_version.clamp(1, highest),
            address,
            method: parms.method.clone().into_owned(),
            reason: parms.reason.clone().into_owned(),
            number,
            frame,
        }))
    }
}

impl Registration {
    /// A gateway that answered an audit without having registered with us.
    pub(super) fn found(mid: MId<'static>, version: u8, address: SocketAddr, number: u32, frame: u32) -> Self {
        Self {
            mid,
            profile: None,
            offered_version: version,
            version,
            address,
            method: ServiceChangeMethod::Extension("X-Audited".into()),
            reason: ServiceChangeReason("answered an audit of ROOT".into()),
            number,
            frame,
        }
    }

    /// What we answer.
    pub(super) fn reply(&self) -> ServiceChangeResParm<'static> {
        ServiceChangeResParm { version: Some(self.version), profile: self.profile.clone(), ..Default::default() }
    }
}
