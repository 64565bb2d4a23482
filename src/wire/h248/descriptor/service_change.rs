//! ServiceChange parameters (H.248.1 7.2.8).

use std::borrow::Cow;

use super::{
    super::{IntoOwned, MId, Name, Parameter, TimeNotation, owned::into_owned},
    AuditItem,
};

/// What a ServiceChange request says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ServiceChangeParm<'a> {
    /// How the service changes.
    pub method: ServiceChangeMethod<'a>,
    /// Why.
    pub reason: ServiceChangeReason<'a>,
    /// In seconds.
    pub delay: Option<u32>,
    /// Where to send what follows. Never together with `mgc_id_to_try`, which the encoder then leaves out.
    pub address: Option<ServiceChangeAddress<'a>>,
    /// The controller to turn to.
    pub mgc_id_to_try: Option<MId<'a>>,
    /// The profile offered.
    pub profile: Option<ServiceChangeProfile<'a>>,
    /// The highest protocol version offered.
    pub version: Option<u8>,
    /// When it happened.
    pub time_stamp: Option<TimeNotation>,
    /// The list of terminations is incomplete (version 3).
    pub incomplete: bool,
    /// What changed (version 2).
    pub audit: Vec<AuditItem<'a>>,
    /// `X-…` parameters.
    pub extensions: Vec<Parameter<'a>>,
}

impl<'a> ServiceChangeParm<'a> {
    /// Method and reason, nothing else.
    pub fn new(method: ServiceChangeMethod<'a>, reason: impl Into<Cow<'a, str>>) -> Self {
        Self {
            method,
            reason: ServiceChangeReason(reason.into()),
            delay: None,
            address: None,
            mgc_id_to_try: None,
            profile: None,
            version: None,
            time_stamp: None,
            incomplete: false,
            audit: Vec::new(),
            extensions: Vec::new(),
        }
    }
}

into_owned!(struct ServiceChangeParm {
    method, reason, delay, address, mgc_id_to_try, profile, version, time_stamp, incomplete, audit, extensions,
});

/// What a ServiceChange reply says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ServiceChangeResParm<'a> {
    /// Where to send what follows. Never together with `mgc_id_to_try`, which the encoder then leaves out.
    pub address: Option<ServiceChangeAddress<'a>>,
    /// The controller to turn to instead.
    pub mgc_id_to_try: Option<MId<'a>>,
    /// The profile agreed.
    pub profile: Option<ServiceChangeProfile<'a>>,
    /// The protocol version agreed.
    pub version: Option<u8>,
    /// When.
    pub time_stamp: Option<TimeNotation>,
}

into_owned!(struct ServiceChangeResParm { address, mgc_id_to_try, profile, version, time_stamp });

/// How the service changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum ServiceChangeMethod<'a> {
    /// Another gateway or controller takes over.
    Failover,
    /// At once.
    Forced,
    /// After the delay, without new connections.
    Graceful,
    /// Back in service after the delay.
    Restart,
    /// The association was lost and is back.
    Disconnected,
    /// To another controller.
    HandOff,
    /// `X-…`.
    Extension(Name<'a>),
}

into_owned!(
    enum ServiceChangeMethod {
        Failover,
        Forced,
        Graceful,
        Restart,
        Disconnected,
        HandOff,
        Extension(name),
    }
);

/// Why the service changes: a decimal code, a space, words, as in `901 Cold Boot`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ServiceChangeReason<'a>(pub Cow<'a, str>);

impl ServiceChangeReason<'_> {
    /// The code in front, if there is one.
    pub fn code(&self) -> Option<u16> {
        let digits = self.0.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        digits.parse().ok()
    }
}

impl IntoOwned for ServiceChangeReason<'_> {
    type Owned = ServiceChangeReason<'static>;

    fn into_owned(self) -> Self::Owned {
        ServiceChangeReason(IntoOwned::into_owned(self.0))
    }
}

/// Where to send what follows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum ServiceChangeAddress<'a> {
    /// The same address, this port.
    Port(u16),
    /// This address.
    MId(MId<'a>),
}

into_owned!(
    enum ServiceChangeAddress {
        Port(port),
        MId(mid),
    }
);

/// A profile and its version, as in `resgw/1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ServiceChangeProfile<'a> {
    /// Profile name.
    pub name: Name<'a>,
    /// Profile version, 0 to 99.
    pub version: u8,
}

into_owned!(struct ServiceChangeProfile { name, version });
