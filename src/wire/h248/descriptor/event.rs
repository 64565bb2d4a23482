//! Events to detect, events seen, and digit maps (H.248.1 7.1.9, 7.1.10, 7.1.14, 7.1.17).

use std::borrow::Cow;

use super::{
    super::{IntoOwned, Name, Parameter, PkgdName, RequestId, StreamId, TimeNotation, owned::into_owned},
    SignalsDescriptor,
};

/// Events to detect and report; empty clears.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct EventsDescriptor<'a> {
    /// Repeated by Notify; absent only when empty.
    pub request_id: Option<RequestId>,
    /// The events.
    pub events: Vec<RequestedEvent<'a>>,
}

impl<'a> EventsDescriptor<'a> {
    /// These events, without parameters.
    pub fn new(id: u32, names: impl IntoIterator<Item = PkgdName<'a>>) -> Self {
        Self { request_id: Some(RequestId::Id(id)), events: names.into_iter().map(RequestedEvent::new).collect() }
    }
}

into_owned!(struct EventsDescriptor { request_id, events });

/// An event to detect and what to do then. `E` is what may be embedded: a whole [`Embedded`] at the first level, signals
/// only at the second, nothing deeper; so nesting ends in the types as it does in the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct RequestedEvent<'a, E = Embedded<'a>> {
    /// Which event.
    pub name: PkgdName<'a>,
    /// On which stream.
    pub stream: Option<StreamId>,
    /// Signals go on when it is detected.
    pub keep_active: bool,
    /// Digit map to collect by.
    pub digit_map: Option<DigitMapDescriptor<'a>>,
    /// Descriptors that take effect when it is detected.
    pub embed: Option<Box<E>>,
    /// How it is reported (version 3).
    pub notify: Option<NotifyBehaviour<E>>,
    /// The Events descriptor is emptied when it is detected (version 3).
    pub reset_events: bool,
    /// Parameters of the package.
    pub parameters: Vec<Parameter<'a>>,
}

impl<'a, E> RequestedEvent<'a, E> {
    /// An event without parameters.
    pub const fn new(name: PkgdName<'a>) -> Self {
        Self {
            name,
            stream: None,
            keep_active: false,
            digit_map: None,
            embed: None,
            notify: None,
            reset_events: false,
            parameters: Vec::new(),
        }
    }
}

impl<E: IntoOwned> IntoOwned for RequestedEvent<'_, E> {
    type Owned = RequestedEvent<'static, E::Owned>;

    fn into_owned(self) -> Self::Owned {
        RequestedEvent {
            name: self.name.into_owned(),
            stream: self.stream,
            keep_active: self.keep_active,
            digit_map: self.digit_map.into_owned(),
            embed: self.embed.into_owned(),
            notify: self.notify.into_owned(),
            reset_events: self.reset_events,
            parameters: self.parameters.into_owned(),
        }
    }
}

/// How a detected event is reported (version 3).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum NotifyBehaviour<E> {
    /// At once.
    Immediate,
    /// As often as the gateway's notification behaviour allows, with descriptors that then take effect.
    Regulated(Option<Box<E>>),
    /// Not at all.
    Never,
}

impl<E: IntoOwned> IntoOwned for NotifyBehaviour<E> {
    type Owned = NotifyBehaviour<E::Owned>;

    fn into_owned(self) -> Self::Owned {
        match self {
            Self::Immediate => NotifyBehaviour::Immediate,
            Self::Regulated(embed) => NotifyBehaviour::Regulated(embed.into_owned()),
            Self::Never => NotifyBehaviour::Never,
        }
    }
}

/// Descriptors that take effect when an event is detected: signals, events, or both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Embedded<'a> {
    /// New signals.
    pub signals: Option<SignalsDescriptor<'a>>,
    /// New events, which may embed signals only.
    pub events: Option<SecondEventsDescriptor<'a>>,
}

into_owned!(struct Embedded { signals, events });

/// An Events descriptor inside an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct SecondEventsDescriptor<'a> {
    /// Repeated by Notify; absent only when empty.
    pub request_id: Option<RequestId>,
    /// The events.
    pub events: Vec<RequestedEvent<'a, SignalsDescriptor<'a>>>,
}

into_owned!(struct SecondEventsDescriptor { request_id, events });

/// Events to keep while they are not asked for; empty clears.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct EventBufferDescriptor<'a>(pub Vec<EventSpec<'a>>);

impl IntoOwned for EventBufferDescriptor<'_> {
    type Owned = EventBufferDescriptor<'static>;

    fn into_owned(self) -> Self::Owned {
        EventBufferDescriptor(self.0.into_owned())
    }
}

/// An event, the stream it belongs to, and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct EventSpec<'a> {
    /// Which event.
    pub name: PkgdName<'a>,
    /// On which stream.
    pub stream: Option<StreamId>,
    /// Parameters of the package.
    pub parameters: Vec<Parameter<'a>>,
}

impl<'a> EventSpec<'a> {
    /// An event without stream and parameters.
    pub const fn new(name: PkgdName<'a>) -> Self {
        Self { name, stream: None, parameters: Vec::new() }
    }
}

into_owned!(struct EventSpec { name, stream, parameters });

/// Either of what an individual audit of the event buffer may name besides the event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum EventParameterOrStream<'a> {
    /// A parameter of the event.
    Parameter(Name<'a>),
    /// A stream.
    Stream(StreamId),
}

into_owned!(
    enum EventParameterOrStream {
        Parameter(name),
        Stream(id),
    }
);

/// Events that were detected.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ObservedEventsDescriptor<'a> {
    /// The request they answer.
    pub request_id: RequestId,
    /// In order of detection. Never empty in a parsed message.
    pub events: Vec<ObservedEvent<'a>>,
}

into_owned!(struct ObservedEventsDescriptor { request_id, events });

/// A detected event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ObservedEvent<'a> {
    /// When.
    pub time: Option<TimeNotation>,
    /// What.
    pub event: EventSpec<'a>,
}

into_owned!(struct ObservedEvent { time, event });

/// A digit map: by name, by value, or both (which defines the name).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum DigitMapDescriptor<'a> {
    /// One defined before.
    Name(Name<'a>),
    /// This one, without a name.
    Value(DigitMapValue<'a>),
    /// This one, known by the name from now on.
    Named(Name<'a>, DigitMapValue<'a>),
}

into_owned!(
    enum DigitMapDescriptor {
        Name(name),
        Value(value),
        Named(name, value),
    }
);

/// A digit map's timers and patterns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct DigitMapValue<'a> {
    /// T: start timer, 0 to 99 s.
    pub start_timer: Option<u8>,
    /// S: short timer, 0 to 99 s.
    pub short_timer: Option<u8>,
    /// L: long timer, 0 to 99 s.
    pub long_timer: Option<u8>,
    /// Z: duration modifier, 0 to 99 × 100 ms.
    pub duration_modifier: Option<u8>,
    /// The patterns, white space and comments taken out, as in `(0s|[1-7]xlxx)`.
    pub digit_map: Cow<'a, str>,
}

into_owned!(struct DigitMapValue { start_timer, short_timer, long_timer, duration_modifier, digit_map });
