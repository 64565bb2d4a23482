//! Descriptors (H.248.1 7.1): what commands carry.

mod audit;
mod event;
mod media;
mod service_change;
mod signal;

use std::borrow::Cow;

pub use audit::{
    AuditDescriptor, AuditItem, AuditReturnItem, AuditReturnParameter, AuditToken, IndAudEventBufferDescriptor,
    IndAudEventsDescriptor, IndAudLocalControlParm, IndAudMediaDescriptor, IndAudParameter, IndAudSignalsDescriptor,
    IndAudStreamDescriptor, IndAudStreamParms, IndAudStreams, IndAudTerminationStateParm, TerminationAudit,
};
pub use event::{
    DigitMapDescriptor, DigitMapValue, Embedded, EventBufferDescriptor, EventParameterOrStream, EventSpec,
    EventsDescriptor, NotifyBehaviour, ObservedEvent, ObservedEventsDescriptor, RequestedEvent, SecondEventsDescriptor,
};
pub use media::{
    EventBufferControl, LocalControlDescriptor, MediaDescriptor, ServiceState, StreamDescriptor, StreamMode,
    StreamParms, Streams, TerminationStateDescriptor,
};
pub use service_change::{
    ServiceChangeAddress, ServiceChangeMethod, ServiceChangeParm, ServiceChangeProfile, ServiceChangeReason,
    ServiceChangeResParm,
};
pub use signal::{NotifyCompletion, SeqSigList, Signal, SignalDirection, SignalRequest, SignalType, SignalsDescriptor};

use super::{ErrorCode, IntoOwned, Name, PkgdName, PropertyParm, TerminationId, Value, owned::into_owned};

/// An error and its explanation (H.248.1 7.1.19 and H.248.8).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ErrorDescriptor<'a> {
    /// Which error.
    pub code: ErrorCode,
    /// Words for a person, or the value in question; no `"`, control or non-ASCII characters.
    pub text: Option<Cow<'a, str>>,
}

impl<'a> ErrorDescriptor<'a> {
    /// An error with its registered title as text.
    pub fn new(code: ErrorCode) -> Self {
        Self { code, text: code.title().map(Cow::Borrowed) }
    }

    /// An error with its own text.
    pub fn with_text(code: ErrorCode, text: impl Into<Cow<'a, str>>) -> Self {
        Self { code, text: Some(text.into()) }
    }
}

into_owned!(struct ErrorDescriptor { code, text });

/// Statistics and their values (H.248.1 7.1.15).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct StatisticsDescriptor<'a>(pub Vec<StatisticsParameter<'a>>);

into_owned!(plain ErrorCode);

impl IntoOwned for StatisticsDescriptor<'_> {
    type Owned = StatisticsDescriptor<'static>;

    fn into_owned(self) -> Self::Owned {
        StatisticsDescriptor(self.0.into_owned())
    }
}

/// A statistic and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct StatisticsParameter<'a> {
    /// Which statistic.
    pub name: PkgdName<'a>,
    /// None (when asked for), one, or a list.
    pub values: Vec<Value<'a>>,
}

into_owned!(struct StatisticsParameter { name, values });

/// A package and its version, as in `nt-1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct PackagesItem<'a> {
    /// Package name.
    pub name: Name<'a>,
    /// Package version.
    pub version: u16,
}

into_owned!(struct PackagesItem { name, version });

/// Multiplexed terminations (H.248.1 7.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct MuxDescriptor<'a> {
    /// Kind of multiplex.
    pub mux_type: MuxType<'a>,
    /// The terminations it carries, in order. Never empty in a parsed message.
    pub terminations: Vec<TerminationId<'a>>,
}

into_owned!(struct MuxDescriptor { mux_type, terminations });

/// Kind of multiplex.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum MuxType<'a> {
    /// H.221.
    H221,
    /// H.223.
    H223,
    /// H.226.
    H226,
    /// V.76.
    V76,
    /// n × 64 kbit/s (version 2).
    Nx64K,
    /// `X-…`.
    Extension(Name<'a>),
}

into_owned!(
    enum MuxType {
        H221,
        H223,
        H226,
        V76,
        Nx64K,
        Extension(name),
    }
);

/// Modem types and properties, deprecated since version 3 (H.248.1 7.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ModemDescriptor<'a> {
    /// `V18` … `V91`, `SynchISDN`, `X-…`. Never empty in a parsed message.
    pub types: Vec<Name<'a>>,
    /// Properties.
    pub properties: Vec<PropertyParm<'a>>,
}

into_owned!(struct ModemDescriptor { types, properties });
