//! The Media descriptor: state of the termination, and its streams (H.248.1 7.1.4 to 7.1.8).

use std::borrow::Cow;

use super::{
    super::{PropertyParm, StreamId, owned::into_owned},
    StatisticsDescriptor,
};

/// State and streams of a termination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct MediaDescriptor<'a> {
    /// What does not belong to a stream.
    pub termination_state: Option<TerminationStateDescriptor<'a>>,
    /// The streams.
    pub streams: Streams<'a>,
}

impl<'a> MediaDescriptor<'a> {
    /// One stream, named.
    pub fn stream(id: StreamId, parms: StreamParms<'a>) -> Self {
        Self { termination_state: None, streams: Streams::Multi(vec![StreamDescriptor { id, parms }]) }
    }

    /// The parameters of stream `id`; a single unnamed stream is stream 1 (H.248.1 7.1.4).
    pub fn parms(&self, id: StreamId) -> Option<&StreamParms<'a>> {
        match &self.streams {
            Streams::One(parms) => (id == StreamId(1)).then_some(parms),
            Streams::Multi(streams) => streams.iter().find(|stream| stream.id == id).map(|stream| &stream.parms),
        }
    }
}

into_owned!(struct MediaDescriptor { termination_state, streams });

/// A termination's streams: `sp, sp …` or `Stream=n{…}, …`, never mixed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Streams<'a> {
    /// One stream without a number, which is stream 1; all absent when nothing is said about media.
    One(StreamParms<'a>),
    /// Numbered streams, each number once. Never empty in a parsed message.
    Multi(Vec<StreamDescriptor<'a>>),
}

impl Default for Streams<'_> {
    fn default() -> Self {
        Self::One(StreamParms::default())
    }
}

into_owned!(
    enum Streams {
        One(parms),
        Multi(streams),
    }
);

/// One numbered stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct StreamDescriptor<'a> {
    /// Its number, the same in all terminations of the context.
    pub id: StreamId,
    /// What is said about it.
    pub parms: StreamParms<'a>,
}

into_owned!(struct StreamDescriptor { id, parms });

/// What is said about a stream. An absent descriptor leaves what was; a present one replaces it whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct StreamParms<'a> {
    /// Mode, reservation and properties.
    pub local_control: Option<LocalControlDescriptor<'a>>,
    /// What the gateway receives: SDP octets as they arrived, `\}` unescaped, leading white space dropped. Empty releases.
    #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::optional_octets"))]
    pub local: Option<Cow<'a, [u8]>>,
    /// What the gateway sends: like `local`.
    #[cfg_attr(feature = "target", serde(serialize_with = "crate::wire::serialize::optional_octets"))]
    pub remote: Option<Cow<'a, [u8]>>,
    /// Statistics of the stream (version 3).
    pub statistics: Option<StatisticsDescriptor<'a>>,
}

impl StreamParms<'_> {
    /// True if nothing is said.
    pub const fn is_empty(&self) -> bool {
        self.local_control.is_none() && self.local.is_none() && self.remote.is_none() && self.statistics.is_none()
    }
}

into_owned!(struct StreamParms { local_control, local, remote, statistics });

/// Mode, reservation and properties of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct LocalControlDescriptor<'a> {
    /// Direction of media; Inactive when it was never given.
    pub mode: Option<StreamMode>,
    /// Reserve resources for all groups (session descriptions) offered.
    pub reserve_group: Option<bool>,
    /// Reserve resources for all values offered.
    pub reserve_value: Option<bool>,
    /// Package properties.
    pub properties: Vec<PropertyParm<'a>>,
}

impl<'a> LocalControlDescriptor<'a> {
    /// Only a mode.
    pub fn mode(mode: StreamMode) -> Self {
        Self { mode: Some(mode), ..Self::default() }
    }

    /// The property `name`, given as `package/item`.
    pub fn property(&self, name: &str) -> Option<&PropertyParm<'a>> {
        self.properties.iter().find(|property| property.name.is(name))
    }
}

into_owned!(struct LocalControlDescriptor { mode, reserve_group, reserve_value, properties });

/// Direction of a stream, seen from the gateway's outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum StreamMode {
    /// Towards the outside only.
    SendOnly,
    /// From the outside only.
    ReceiveOnly,
    /// Both.
    SendReceive,
    /// Neither.
    Inactive,
    /// Back to where it came from.
    Loopback,
}

/// State of a termination apart from its streams.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TerminationStateDescriptor<'a> {
    /// In service, out of service or under test.
    pub service_state: Option<ServiceState>,
    /// How events are buffered.
    pub event_buffer_control: Option<EventBufferControl>,
    /// Package properties.
    pub properties: Vec<PropertyParm<'a>>,
}

into_owned!(struct TerminationStateDescriptor { service_state, event_buffer_control, properties });

/// Service state of a termination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum ServiceState {
    /// Under test.
    Test,
    /// Out of service.
    OutOfService,
    /// In service.
    InService,
}

/// How detected events reach the controller (H.248.1 7.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum EventBufferControl {
    /// At once.
    Off,
    /// One after the other, as the controller sends new Events descriptors.
    LockStep,
}

into_owned!(plain StreamMode, ServiceState, EventBufferControl);
