//! Signals (H.248.1 7.1.11).

use super::super::{IntoOwned, Parameter, PkgdName, RequestId, StreamId, owned::into_owned};

/// Signals to apply; empty stops all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct SignalsDescriptor<'a>(pub Vec<SignalRequest<'a>>);

impl IntoOwned for SignalsDescriptor<'_> {
    type Owned = SignalsDescriptor<'static>;

    fn into_owned(self) -> Self::Owned {
        SignalsDescriptor(self.0.into_owned())
    }
}

/// A signal or a list played in order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum SignalRequest<'a> {
    /// One signal.
    Signal(Signal<'a>),
    /// Several, one after the other.
    List(SeqSigList<'a>),
}

into_owned!(
    enum SignalRequest {
        Signal(signal),
        List(list),
    }
);

/// Signals played one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct SeqSigList<'a> {
    /// Names the list.
    pub id: u16,
    /// In order. Never empty in a parsed message.
    pub signals: Vec<Signal<'a>>,
}

into_owned!(struct SeqSigList { id, signals });

/// One signal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct Signal<'a> {
    /// Which signal.
    pub name: PkgdName<'a>,
    /// On which stream.
    pub stream: Option<StreamId>,
    /// Overrides the package's type.
    pub signal_type: Option<SignalType>,
    /// In units of 10 ms.
    pub duration: Option<u16>,
    /// When to report its end.
    pub notify_completion: Option<NotifyCompletion>,
    /// Goes on when an event is detected.
    pub keep_active: bool,
    /// Towards which side (version 3).
    pub direction: Option<SignalDirection>,
    /// Repeated in the completion event (version 3).
    pub request_id: Option<RequestId>,
    /// Silence between signals of a list, in units of 10 ms (version 3).
    pub intersignal: Option<u16>,
    /// Parameters of the package.
    pub parameters: Vec<Parameter<'a>>,
}

impl<'a> Signal<'a> {
    /// A signal without parameters.
    pub const fn new(name: PkgdName<'a>) -> Self {
        Self {
            name,
            stream: None,
            signal_type: None,
            duration: None,
            notify_completion: None,
            keep_active: false,
            direction: None,
            request_id: None,
            intersignal: None,
            parameters: Vec::new(),
        }
    }
}

into_owned!(struct Signal {
    name, stream, signal_type, duration, notify_completion, keep_active, direction, request_id, intersignal, parameters,
});

/// How a signal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum SignalType {
    /// When it is turned off.
    OnOff,
    /// When its time is over.
    TimeOut,
    /// By itself.
    Brief,
}

/// Side of the termination a signal goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum SignalDirection {
    /// Out of the context.
    External,
    /// Into the context.
    Internal,
    /// Both.
    Both,
}

/// Which ends of a signal are reported; a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct NotifyCompletion {
    /// Its time was over.
    pub time_out: bool,
    /// An event interrupted it.
    pub interrupted_by_event: bool,
    /// A new Signals descriptor interrupted it.
    pub interrupted_by_signals: bool,
    /// Anything else.
    pub other_reason: bool,
    /// An iteration ended (version 3).
    pub iteration: bool,
}

into_owned!(plain SignalType, SignalDirection, NotifyCompletion);
