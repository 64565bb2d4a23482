//! Commands and their replies.

use super::{
    AuditDescriptor, DigitMapDescriptor, ErrorDescriptor, EventBufferDescriptor, EventsDescriptor, MediaDescriptor,
    ModemDescriptor, MuxDescriptor, ObservedEventsDescriptor, ServiceChangeParm, ServiceChangeResParm,
    SignalsDescriptor, StatisticsDescriptor, TerminationAudit, TerminationId, TerminationIdList, owned::into_owned,
};

/// A command and how its failure and its reply are treated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct CommandRequest<'a> {
    /// `O-`: if it fails, the transaction goes on.
    pub optional: bool,
    /// `W-`: one reply for all terminations a wildcard matches.
    pub wildcard_return: bool,
    /// The command.
    pub command: Command<'a>,
}

impl<'a> From<Command<'a>> for CommandRequest<'a> {
    fn from(command: Command<'a>) -> Self {
        Self { optional: false, wildcard_return: false, command }
    }
}

into_owned!(struct CommandRequest { optional, wildcard_return, command });

/// A command (H.248.1 7.2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Command<'a> {
    /// Adds a termination to a context.
    Add(AmmRequest<'a>),
    /// Moves a termination to another context.
    Move(AmmRequest<'a>),
    /// Changes a termination.
    Modify(AmmRequest<'a>),
    /// Takes a termination out of its context.
    Subtract(SubtractRequest<'a>),
    /// Reports the state of a termination.
    AuditValue(AuditRequest<'a>),
    /// Reports what a termination could do.
    AuditCapability(AuditRequest<'a>),
    /// Reports events.
    Notify(NotifyRequest<'a>),
    /// Registration, restart, taking out of service.
    ServiceChange(ServiceChangeRequest<'a>),
}

impl<'a> Command<'a> {
    /// The terminations it is for.
    pub const fn terminations(&self) -> &TerminationIdList<'a> {
        match self {
            Self::Add(request) | Self::Move(request) | Self::Modify(request) => &request.terminations,
            Self::Subtract(request) => &request.terminations,
            Self::AuditValue(request) | Self::AuditCapability(request) => &request.terminations,
            Self::Notify(request) => &request.terminations,
            Self::ServiceChange(request) => &request.terminations,
        }
    }

    /// The long token, as in `Add`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Add(_) => "Add",
            Self::Move(_) => "Move",
            Self::Modify(_) => "Modify",
            Self::Subtract(_) => "Subtract",
            Self::AuditValue(_) => "AuditValue",
            Self::AuditCapability(_) => "AuditCapability",
            Self::Notify(_) => "Notify",
            Self::ServiceChange(_) => "ServiceChange",
        }
    }
}

into_owned!(
    enum Command {
        Add(r),
        Move(r),
        Modify(r),
        Subtract(r),
        AuditValue(r),
        AuditCapability(r),
        Notify(r),
        ServiceChange(r),
    }
);

/// Add, Move or Modify. Each descriptor at most once, in any order on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct AmmRequest<'a> {
    /// Which terminations.
    pub terminations: TerminationIdList<'a>,
    /// Media: termination state and streams.
    pub media: Option<MediaDescriptor<'a>>,
    /// Modem, deprecated.
    pub modem: Option<ModemDescriptor<'a>>,
    /// Multiplex.
    pub mux: Option<MuxDescriptor<'a>>,
    /// Events to detect; an empty one clears.
    pub events: Option<EventsDescriptor<'a>>,
    /// Events to buffer; an empty one clears.
    pub event_buffer: Option<EventBufferDescriptor<'a>>,
    /// Signals to apply; an empty one stops all.
    pub signals: Option<SignalsDescriptor<'a>>,
    /// Digit map to define.
    pub digit_map: Option<DigitMapDescriptor<'a>>,
    /// What to report in the reply.
    pub audit: Option<AuditDescriptor<'a>>,
    /// Statistics to collect or set (version 3).
    pub statistics: Option<StatisticsDescriptor<'a>>,
}

impl<'a> AmmRequest<'a> {
    /// A request without descriptors; `..AmmRequest::new(t)` fills up a literal.
    pub fn new(terminations: impl Into<TerminationIdList<'a>>) -> Self {
        Self {
            terminations: terminations.into(),
            media: None,
            modem: None,
            mux: None,
            events: None,
            event_buffer: None,
            signals: None,
            digit_map: None,
            audit: None,
            statistics: None,
        }
    }
}

into_owned!(struct AmmRequest {
    terminations, media, modem, mux, events, event_buffer, signals, digit_map, audit, statistics,
});

/// Subtract.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct SubtractRequest<'a> {
    /// Which terminations.
    pub terminations: TerminationIdList<'a>,
    /// What to report; statistics when absent, nothing when empty.
    pub audit: Option<AuditDescriptor<'a>>,
}

into_owned!(struct SubtractRequest { terminations, audit });

/// AuditValue or AuditCapability.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct AuditRequest<'a> {
    /// Which terminations.
    pub terminations: TerminationIdList<'a>,
    /// What to report.
    pub audit: AuditDescriptor<'a>,
}

into_owned!(struct AuditRequest { terminations, audit });

/// Notify.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct NotifyRequest<'a> {
    /// Where it happened.
    pub terminations: TerminationIdList<'a>,
    /// What happened.
    pub observed_events: ObservedEventsDescriptor<'a>,
    /// What went wrong while reporting it.
    pub error: Option<ErrorDescriptor<'a>>,
}

into_owned!(struct NotifyRequest { terminations, observed_events, error });

/// ServiceChange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ServiceChangeRequest<'a> {
    /// ROOT for the gateway as a whole.
    pub terminations: TerminationIdList<'a>,
    /// What changes.
    pub parms: ServiceChangeParm<'a>,
}

into_owned!(struct ServiceChangeRequest { terminations, parms });

/// The reply to one command.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum CommandReply<'a> {
    /// To Add.
    Add(AmmsReply<'a>),
    /// To Move.
    Move(AmmsReply<'a>),
    /// To Modify.
    Modify(AmmsReply<'a>),
    /// To Subtract.
    Subtract(AmmsReply<'a>),
    /// To AuditValue.
    AuditValue(AuditReply<'a>),
    /// To AuditCapability.
    AuditCapability(AuditReply<'a>),
    /// To Notify.
    Notify(NotifyReply<'a>),
    /// To ServiceChange.
    ServiceChange(ServiceChangeReply<'a>),
}

impl<'a> CommandReply<'a> {
    /// The error it reports, if any.
    pub fn error(&self) -> Option<&ErrorDescriptor<'a>> {
        match self {
            Self::Add(reply) | Self::Move(reply) | Self::Modify(reply) | Self::Subtract(reply) => reply.audit.error(),
            Self::AuditValue(reply) | Self::AuditCapability(reply) => match reply {
                AuditReply::ContextError(error) => Some(error),
                AuditReply::Terminations(_, audit) => audit.error(),
                AuditReply::Context(_) => None,
            },
            Self::Notify(reply) => reply.error.as_ref(),
            Self::ServiceChange(reply) => match &reply.result {
                ServiceChangeResult::Error(error) => Some(error),
                ServiceChangeResult::Parms(_) => None,
            },
        }
    }

    /// The terminations it is about; none for the audit of a context.
    pub const fn terminations(&self) -> Option<&TerminationIdList<'a>> {
        match self {
            Self::Add(reply) | Self::Move(reply) | Self::Modify(reply) | Self::Subtract(reply) => {
                Some(&reply.terminations)
            }
            Self::AuditValue(AuditReply::Terminations(list, _))
            | Self::AuditCapability(AuditReply::Terminations(list, _)) => Some(list),
            Self::AuditValue(_) | Self::AuditCapability(_) => None,
            Self::Notify(reply) => Some(&reply.terminations),
            Self::ServiceChange(reply) => Some(&reply.terminations),
        }
    }
}

into_owned!(
    enum CommandReply {
        Add(r),
        Move(r),
        Modify(r),
        Subtract(r),
        AuditValue(r),
        AuditCapability(r),
        Notify(r),
        ServiceChange(r),
    }
);

/// The reply to Add, Move, Modify or Subtract; a failure is an Error descriptor among what is returned.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct AmmsReply<'a> {
    /// The terminations, chosen ones by their new name.
    pub terminations: TerminationIdList<'a>,
    /// What was asked for, chosen or went wrong.
    pub audit: TerminationAudit<'a>,
}

impl<'a> AmmsReply<'a> {
    /// Done, nothing to report.
    pub fn new(terminations: impl Into<TerminationIdList<'a>>) -> Self {
        Self { terminations: terminations.into(), audit: TerminationAudit::default() }
    }
}

into_owned!(struct AmmsReply { terminations, audit });

/// The reply to an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum AuditReply<'a> {
    /// `Context{…}`: the terminations of the context. Never empty in a parsed message.
    Context(Vec<TerminationId<'a>>),
    /// `Context{Error…}`: the context could not be audited.
    ContextError(ErrorDescriptor<'a>),
    /// What terminations reported.
    Terminations(TerminationIdList<'a>, TerminationAudit<'a>),
}

into_owned!(
    enum AuditReply {
        Context(terminations),
        ContextError(error),
        Terminations(terminations, audit),
    }
);

/// The reply to Notify.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct NotifyReply<'a> {
    /// The request's terminations.
    pub terminations: TerminationIdList<'a>,
    /// Why it was not taken.
    pub error: Option<ErrorDescriptor<'a>>,
}

into_owned!(struct NotifyReply { terminations, error });

/// The reply to ServiceChange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ServiceChangeReply<'a> {
    /// The request's terminations.
    pub terminations: TerminationIdList<'a>,
    /// What came of it.
    pub result: ServiceChangeResult<'a>,
}

into_owned!(struct ServiceChangeReply { terminations, result });

/// What came of a ServiceChange.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum ServiceChangeResult<'a> {
    /// Refused.
    Error(ErrorDescriptor<'a>),
    /// Accepted; all absent when there is nothing to say.
    Parms(ServiceChangeResParm<'a>),
}

into_owned!(
    enum ServiceChangeResult {
        Error(error),
        Parms(parms),
    }
);
