//! One command, one typed reply.

use super::{Answer, Controller, TransactError};
use crate::wire::h248::{
    ActionRequest, AmmRequest, AmmsReply, AuditDescriptor, AuditReply, AuditRequest, Command, CommandReply, ContextId,
    ErrorDescriptor, SubtractRequest, TerminationId, TerminationIdList,
};

/// A command that succeeded.
#[derive(Debug, Clone)]
pub struct Answered<T> {
    /// Its reply.
    pub reply: T,
    /// Its context: the one asked for, or the one that was made.
    pub context: ContextId,
    /// The transaction it was in.
    pub answer: Answer,
}

impl Answered<AmmsReply<'static>> {
    /// The only or first termination it was about.
    pub const fn termination(&self) -> &TerminationId<'static> {
        self.reply.terminations.first()
    }
}

/// Why a command has no good reply.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommandError {
    /// The gateway answered with an error, at whatever level.
    #[error("error {}{}", error.code, error.text.as_ref().map(|text| format!(" {text}")).unwrap_or_default())]
    Refused {
        /// The error.
        error: ErrorDescriptor<'static>,
        /// The transaction.
        answer: Box<Answer>,
    },
    /// The reply holds no error and no reply to this command.
    #[error("the reply in frame {} does not answer {command}", answer.reply_frame)]
    Unanswered {
        /// The command.
        command: &'static str,
        /// The transaction.
        answer: Box<Answer>,
    },
    /// No reply at all.
    #[error(transparent)]
    Transact(#[from] TransactError),
}

impl CommandError {
    /// The error descriptor, when that is what the gateway answered.
    pub fn descriptor(&self) -> Option<&ErrorDescriptor<'static>> {
        match self {
            Self::Refused { error, .. } | Self::Transact(TransactError::MessageError { error, .. }) => Some(error),
            Self::Unanswered { .. } | Self::Transact(_) => None,
        }
    }

    /// The frame that shows it best, if one was recorded.
    pub fn frame(&self) -> Option<u32> {
        match self {
            Self::Refused { answer, .. } | Self::Unanswered { answer, .. } => Some(answer.reply_frame),
            Self::Transact(error) => error.frame(),
        }
    }
}

impl Controller {
    /// Adds a termination; `$` makes context or termination.
    ///
    /// # Errors
    /// The gateway refuses or does not answer.
    pub async fn add(
        &self,
        context: ContextId,
        request: AmmRequest<'_>,
    ) -> Result<Answered<AmmsReply<'static>>, CommandError> {
        self.command(context, Command::Add(request), |reply| match reply {
            CommandReply::Add(reply) => Some(reply),
            _ => None,
        })
        .await
    }

    /// Changes a termination.
    ///
    /// # Errors
    /// The gateway refuses or does not answer.
    pub async fn modify(
        &self,
        context: ContextId,
        request: AmmRequest<'_>,
    ) -> Result<Answered<AmmsReply<'static>>, CommandError> {
        self.command(context, Command::Modify(request), |reply| match reply {
            CommandReply::Modify(reply) => Some(reply),
            _ => None,
        })
        .await
    }

    /// Moves a termination into a context.
    ///
    /// # Errors
    /// The gateway refuses or does not answer.
    pub async fn move_to(
        &self,
        context: ContextId,
        request: AmmRequest<'_>,
    ) -> Result<Answered<AmmsReply<'static>>, CommandError> {
        self.command(context, Command::Move(request), |reply| match reply {
            CommandReply::Move(reply) => Some(reply),
            _ => None,
        })
        .await
    }

    /// Takes a termination out of its context; without `audit` the reply brings its statistics.
    ///
    /// # Errors
    /// The gateway refuses or does not answer.
    pub async fn subtract(
        &self,
        context: ContextId,
        terminations: impl Into<TerminationIdList<'_>>,
        audit: Option<AuditDescriptor<'_>>,
    ) -> Result<Answered<AmmsReply<'static>>, CommandError> {
        let request = SubtractRequest { terminations: terminations.into(), audit };
        self.command(context, Command::Subtract(request), |reply| match reply {
            CommandReply::Subtract(reply) => Some(reply),
            _ => None,
        })
        .await
    }

    /// Asks for the state of a termination.
    ///
    /// # Errors
    /// The gateway refuses or does not answer.
    pub async fn audit(
        &self,
        context: ContextId,
        terminations: impl Into<TerminationIdList<'_>>,
        audit: AuditDescriptor<'_>,
    ) -> Result<Answered<AuditReply<'static>>, CommandError> {
        let request = AuditRequest { terminations: terminations.into(), audit };
        self.command(context, Command::AuditValue(request), |reply| match reply {
            CommandReply::AuditValue(reply) => Some(reply),
            _ => None,
        })
        .await
    }

    async fn command<T: Clone>(
        &self,
        context: ContextId,
        command: Command<'_>,
        wanted: impl for<'r> Fn(&'r CommandReply<'static>) -> Option<&'r T>,
    ) -> Result<Answered<T>, CommandError> {
        let name = command.name();
        let answer = self.transact(vec![ActionRequest::new(context, vec![command])]).await?;
        if let Some(error) = answer.error().cloned() {
            return Err(CommandError::Refused { error, answer: Box::new(answer) });
        }
        let found = answer.actions().iter().find_map(|action| {
            let reply = action.commands.iter().find_map(&wanted)?;
            Some((action.context, reply.clone()))
        });
        match found {
            Some((context, reply)) => Ok(Answered { reply, context, answer }),
            None => Err(CommandError::Unanswered { command: name, answer: Box::new(answer) }),
        }
    }
}
