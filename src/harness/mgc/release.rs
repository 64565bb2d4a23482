//! The end of a scenario: nothing of it may stay in the gateway.

use super::{CommandError, Controller, TransactError};
use crate::wire::h248::{AuditDescriptor, ContextId, ErrorCode, TerminationId};

/// A context that outlived its scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// The context.
    pub context: ContextId,
    /// What shows that it is still there.
    pub why: String,
    /// The frame that shows it.
    pub frame: Option<u32>,
}

/// What a scenario left behind.
#[derive(Debug, Clone, Default)]
pub struct Release {
    /// Contexts the scenario had not released itself, with the terminations in them; subtracted now.
    pub held: Vec<(ContextId, Vec<TerminationId<'static>>)>,
    /// Contexts that are still there after every termination was subtracted.
    pub leaked: Vec<Leak>,
    /// Set when the gateway no longer answered: what it still holds is unknown.
    pub unanswered: Option<TransactError>,
}

impl Release {
    /// Nothing is left, as far as the gateway's answers tell.
    pub fn is_clean(&self) -> bool {
        self.leaked.is_empty() && self.unanswered.is_none()
    }
}

impl Controller {
    /// Subtracts every context the scenario still holds, then asks the gateway whether any context it ever had is still there.
    /// Stops at the first request that is not answered.
    pub async fn release(&self) -> Release {
        let mut release = Release { held: self.held(), ..Release::default() };
        for (context, _) in release.held.clone() {
            match self.subtract(context, TerminationId::All, Some(AuditDescriptor::default())).await {
                Err(CommandError::Transact(error)) => {
                    release.unanswered = Some(error);
                    return release;
                }
                // Refused or not, the audit that follows shows what is there.
                Ok(_) | Err(_) => {}
            }
        }
        let made = self.0.shared.routes().made(self.0.scenario);
        for context in made {
            match self.remains(context).await {
                Ok(None) => {}
                Ok(Some(leak)) => release.leaked.push(leak),
                Err(error) => {
                    release.unanswered = Some(error);
                    return release;
                }
            }
        }
        release
    }

    /// Is a context still in the gateway? It is gone when an audit of all its terminations fails with 411 (unknown context)
    /// or 431 (none matches).
    ///
    /// # Errors
    /// The gateway does not answer.
    pub async fn remains(&self, context: ContextId) -> Result<Option<Leak>, TransactError> {
        let leak = |why: String, frame| Ok(Some(Leak { context, why, frame }));
        match self.audit(context, TerminationId::All, AuditDescriptor::default()).await {
            Ok(audited) => leak("an audit of its terminations succeeds".into(), Some(audited.answer.reply_frame)),
            Err(CommandError::Transact(TransactError::MessageError { error, frame, .. })) => {
                leak(format!("an audit of it is answered by message error {}", error.code), Some(frame))
            }
            Err(CommandError::Transact(error)) => Err(error),
            Err(CommandError::Refused { error, .. })
                if [ErrorCode::UNKNOWN_CONTEXT, ErrorCode::NO_TERMINATION_MATCHED].contains(&error.code) =>
            {
                Ok(None)
            }
            Err(error) => leak(format!("an audit of it is answered by {error}"), error.frame()),
        }
    }
}
