//! What to report, and what was reported (H.248.1 7.1.12 and 7.2.5).

use std::borrow::Cow;

use super::{
    super::{IntoOwned, Name, PkgdName, PropertyParm, RequestId, StreamId, owned::into_owned},
    DigitMapDescriptor, ErrorDescriptor, EventBufferDescriptor, EventParameterOrStream, EventsDescriptor,
    MediaDescriptor, ModemDescriptor, MuxDescriptor, ObservedEventsDescriptor, PackagesItem, ServiceState, Signal,
    SignalsDescriptor, StatisticsDescriptor, StreamMode,
};

/// What to report; empty asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct AuditDescriptor<'a>(pub Vec<AuditItem<'a>>);

impl AuditDescriptor<'_> {
    /// Whole descriptors.
    pub fn of(tokens: impl IntoIterator<Item = AuditToken>) -> Self {
        Self(tokens.into_iter().map(AuditItem::Token).collect())
    }

    /// True if the whole descriptor `token` is asked for.
    pub fn asks_for(&self, token: AuditToken) -> bool {
        self.0.contains(&AuditItem::Token(token))
    }
}

impl IntoOwned for AuditDescriptor<'_> {
    type Owned = AuditDescriptor<'static>;

    fn into_owned(self) -> Self::Owned {
        AuditDescriptor(self.0.into_owned())
    }
}

/// One thing to report.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum AuditItem<'a> {
    /// A whole descriptor.
    Token(AuditToken),
    /// One part of a descriptor (version 2).
    Individual(IndAudParameter<'a>),
}

into_owned!(
    enum AuditItem {
        Token(token),
        Individual(parameter),
    }
);

/// A whole descriptor to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum AuditToken {
    /// Multiplex.
    Mux,
    /// Modem.
    Modem,
    /// Media.
    Media,
    /// Signals.
    Signals,
    /// Event buffer.
    EventBuffer,
    /// Digit map.
    DigitMap,
    /// Statistics.
    Statistics,
    /// Events.
    Events,
    /// Observed events.
    ObservedEvents,
    /// Packages.
    Packages,
}

/// One part of a descriptor to report (version 2), or by which to select (version 3).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum IndAudParameter<'a> {
    /// Of Media.
    Media(IndAudMediaDescriptor<'a>),
    /// Of Events.
    Events(IndAudEventsDescriptor<'a>),
    /// Of EventBuffer.
    EventBuffer(IndAudEventBufferDescriptor<'a>),
    /// Of Signals.
    Signals(IndAudSignalsDescriptor<'a>),
    /// The digit map of this name.
    DigitMap(Name<'a>),
    /// One statistic.
    Statistics(PkgdName<'a>),
    /// One package.
    Packages(PackagesItem<'a>),
}

into_owned!(
    enum IndAudParameter {
        Media(m),
        Events(e),
        EventBuffer(e),
        Signals(s),
        DigitMap(name),
        Statistics(name),
        Packages(item),
    }
);

/// Parts of Media.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct IndAudMediaDescriptor<'a> {
    /// Of TerminationState; empty is absent.
    pub termination_state: Vec<IndAudTerminationStateParm<'a>>,
    /// Of the streams.
    pub streams: IndAudStreams<'a>,
}

into_owned!(struct IndAudMediaDescriptor { termination_state, streams });

/// Parts of streams, numbered or not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum IndAudStreams<'a> {
    /// Without a number.
    One(IndAudStreamParms<'a>),
    /// Numbered. Never empty in a parsed message.
    Multi(Vec<IndAudStreamDescriptor<'a>>),
}

impl Default for IndAudStreams<'_> {
    fn default() -> Self {
        Self::One(IndAudStreamParms::default())
    }
}

into_owned!(
    enum IndAudStreams {
        One(parms),
        Multi(streams),
    }
);

/// Parts of one numbered stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct IndAudStreamDescriptor<'a> {
    /// Its number.
    pub id: StreamId,
    /// The parts; one at least in a parsed message.
    pub parms: IndAudStreamParms<'a>,
}

into_owned!(struct IndAudStreamDescriptor { id, parms });

/// Parts of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct IndAudStreamParms<'a> {
    /// Of LocalControl; empty is absent.
    pub local_control: Vec<IndAudLocalControlParm<'a>>,
    /// Local: empty to report it, octets to select by it (version 3).
    #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::optional_octets"))]
    pub local: Option<Cow<'a, [u8]>>,
    /// Remote, likewise.
    #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::optional_octets"))]
    pub remote: Option<Cow<'a, [u8]>>,
    /// One statistic.
    pub statistics: Option<PkgdName<'a>>,
}

impl IndAudStreamParms<'_> {
    /// True if nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.local_control.is_empty() && self.local.is_none() && self.remote.is_none() && self.statistics.is_none()
    }
}

into_owned!(struct IndAudStreamParms { local_control, local, remote, statistics });

/// A part of LocalControl.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum IndAudLocalControlParm<'a> {
    /// Report the mode.
    Mode,
    /// Select by mode (version 3).
    ModeIs(StreamMode),
    /// Select by any other mode (version 3).
    ModeIsNot(StreamMode),
    /// Report ReservedGroup.
    ReservedGroup,
    /// Report ReservedValue.
    ReservedValue,
    /// Report a property.
    Property(PkgdName<'a>),
    /// Select by a property (version 3).
    PropertyIs(PropertyParm<'a>),
}

into_owned!(
    enum IndAudLocalControlParm {
        Mode,
        ModeIs(mode),
        ModeIsNot(mode),
        ReservedGroup,
        ReservedValue,
        Property(name),
        PropertyIs(property),
    }
);

/// A part of TerminationState.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum IndAudTerminationStateParm<'a> {
    /// Report the service state.
    ServiceStates,
    /// Select by service state (version 3).
    ServiceStatesIs(ServiceState),
    /// Select by any other service state (version 3).
    ServiceStatesIsNot(ServiceState),
    /// Report how events are buffered.
    Buffer,
    /// Report a property.
    Property(PkgdName<'a>),
    /// Select by a property (version 3).
    PropertyIs(PropertyParm<'a>),
}

into_owned!(
    enum IndAudTerminationStateParm {
        ServiceStates,
        ServiceStatesIs(state),
        ServiceStatesIsNot(state),
        Buffer,
        Property(name),
        PropertyIs(property),
    }
);

/// One event of Events.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct IndAudEventsDescriptor<'a> {
    /// Of this request only.
    pub request_id: Option<RequestId>,
    /// Which event.
    pub name: PkgdName<'a>,
}

into_owned!(struct IndAudEventsDescriptor { request_id, name });

/// One event of EventBuffer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct IndAudEventBufferDescriptor<'a> {
    /// Which event.
    pub name: PkgdName<'a>,
    /// Only this parameter or stream.
    pub part: Option<EventParameterOrStream<'a>>,
}

into_owned!(struct IndAudEventBufferDescriptor { name, part });

/// One signal or list of Signals.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum IndAudSignalsDescriptor<'a> {
    /// A signal; parameters select further.
    Signal(Signal<'a>),
    /// A list, or one signal in it.
    List(u16, Option<Signal<'a>>),
}

into_owned!(
    enum IndAudSignalsDescriptor {
        Signal(signal),
        List(id, signal),
    }
);

/// What a termination reported, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TerminationAudit<'a>(pub Vec<AuditReturnParameter<'a>>);

impl<'a> TerminationAudit<'a> {
    /// Only an error.
    pub fn of_error(error: ErrorDescriptor<'a>) -> Self {
        Self(vec![AuditReturnParameter::Error(error)])
    }

    /// True if nothing was reported.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first error.
    pub fn error(&self) -> Option<&ErrorDescriptor<'a>> {
        self.0.iter().find_map(|item| if let AuditReturnParameter::Error(e) = item { Some(e) } else { None })
    }

    /// The first Media descriptor.
    pub fn media(&self) -> Option<&MediaDescriptor<'a>> {
        self.0.iter().find_map(|item| if let AuditReturnParameter::Media(m) = item { Some(m) } else { None })
    }

    /// The first Statistics descriptor.
    pub fn statistics(&self) -> Option<&StatisticsDescriptor<'a>> {
        self.0.iter().find_map(|item| if let AuditReturnParameter::Statistics(s) = item { Some(s) } else { None })
    }

    /// The first Packages descriptor.
    pub fn packages(&self) -> Option<&[PackagesItem<'a>]> {
        self.0
            .iter()
            .find_map(|item| if let AuditReturnParameter::Packages(p) = item { Some(p.as_slice()) } else { None })
    }
}

impl IntoOwned for TerminationAudit<'_> {
    type Owned = TerminationAudit<'static>;

    fn into_owned(self) -> Self::Owned {
        TerminationAudit(self.0.into_owned())
    }
}

/// One descriptor a termination reported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum AuditReturnParameter<'a> {
    /// Media.
    Media(MediaDescriptor<'a>),
    /// Modem.
    Modem(ModemDescriptor<'a>),
    /// Multiplex.
    Mux(MuxDescriptor<'a>),
    /// Events; empty when none are asked for.
    Events(EventsDescriptor<'a>),
    /// Signals; empty when none are active.
    Signals(SignalsDescriptor<'a>),
    /// Digit map.
    DigitMap(DigitMapDescriptor<'a>),
    /// Observed events.
    ObservedEvents(ObservedEventsDescriptor<'a>),
    /// Event buffer; empty when nothing is buffered.
    EventBuffer(EventBufferDescriptor<'a>),
    /// Statistics; empty when there are none.
    Statistics(StatisticsDescriptor<'a>),
    /// Packages. Never empty in a parsed message.
    Packages(Vec<PackagesItem<'a>>),
    /// An error.
    Error(ErrorDescriptor<'a>),
    /// A descriptor that is empty, by its name only.
    Empty(AuditReturnItem),
}

into_owned!(
    enum AuditReturnParameter {
        Media(d),
        Modem(d),
        Mux(d),
        Events(d),
        Signals(d),
        DigitMap(d),
        ObservedEvents(d),
        EventBuffer(d),
        Statistics(d),
        Packages(d),
        Error(d),
        Empty(item),
    }
);

/// Names a descriptor that has no empty form of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum AuditReturnItem {
    /// Multiplex.
    Mux,
    /// Modem.
    Modem,
    /// Media.
    Media,
    /// Digit map.
    DigitMap,
    /// Observed events.
    ObservedEvents,
    /// Packages.
    Packages,
}

into_owned!(plain AuditToken, AuditReturnItem);
