//! Our controller and a running target that has registered with it.

use std::io;

use super::{Manifest, Running, Target};
use crate::harness::mgc::{Mgc, Registration, RegistrationError};

/// A control association: a controller of ours, and the target registered with it. Shared by all scenarios of a run, or made
/// afresh for each.
#[derive(Debug)]
pub struct Association {
    mgc: Mgc,
    running: Running,
    registration: Registration,
}

/// Why there is no association.
#[derive(Debug, thiserror::Error)]
pub enum AssociationError {
    /// Our controller's address cannot be bound.
    #[error("the controller cannot listen on {address}: {error}")]
    Bind {
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The target could not be started.
    #[error("the target cannot be started: {0}")]
    Start(#[source] io::Error),
    /// The target died before it registered.
    #[error("the target died before it registered: {0}")]
    Died(String),
    /// The target did not register.
    #[error(transparent)]
    NotRegistered(#[from] RegistrationError),
}

impl Association {
    /// Opens a controller, starts the target, waits for its registration.
    ///
    /// # Errors
    /// One of the three fails; nothing is left running then.
    pub async fn start(target: &Target, manifest: &Manifest) -> Result<Self, AssociationError> {
        let address = manifest.control.address;
        let mgc = Mgc::bind(address, manifest.mgc_options());
        let mgc = mgc.await.map_err(|error| AssociationError::Bind { address, error })?;
        let running = target.start(mgc.address(), manifest).await.map_err(AssociationError::Start)?;
        let registered = tokio::select! {
            biased;
            registered = mgc.registered(manifest.timers.registration()) => registered,
            // It may have registered with an earlier run, or wait to be called.
            found = mgc.find(manifest.control.gateway), if matches!(target, Target::Remote(_)) => Ok(found),
            death = running.died() => return Err(AssociationError::Died(death)),
        };
        match (registered, running.crashed()) {
            (Ok(registration), _) => Ok(Self { mgc, running, registration }),
            (Err(_), Some(crash)) => Err(AssociationError::Died(crash)),
            (Err(error), None) => {
                running.stop().await;
                Err(error.into())
            }
        }
    }

    /// Our controller.
    pub const fn mgc(&self) -> &Mgc {
        &self.mgc
    }

    /// The target.
    pub const fn target(&self) -> &Running {
        &self.running
    }

    /// The registration it began with.
    pub const fn registration(&self) -> &Registration {
        &self.registration
    }

    /// What the target died of, if it did without being asked to.
    pub fn crashed(&self) -> Option<String> {
        self.running.crashed()
    }

    /// Ends the target, if we started it, and then our controller, so that the target can take leave.
    pub async fn stop(&self) {
        self.running.stop().await;
        self.mgc.kill().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        harness::{
            mgc::{CommandError, TransactError},
            target::{Holdings, Launch, ProcessTarget},
            transcript::Transcript,
        },
        wire::h248::{AmmRequest, AuditDescriptor, ContextId, TerminationId},
    };
    use std::{collections::HashSet, time::Duration};

    fn manifest() -> Manifest {
        Manifest::parse(super::super::REFERENCE_TOML).unwrap()
    }

    async fn with(name: &str) -> Association {
        Association::start(&Target::named(name).unwrap(), &manifest()).await.unwrap()
    }

    #[tokio::test]
    async fn the_reference_registers_and_takes_leave() {
        let association = with("reference").await;
        assert_eq!(association.registration().number, 1);
        // Whoever answers has seen that it is registered.
        let controller = association.mgc().controller(Transcript::new());
        controller.audit(ContextId::Null, TerminationId::Root, AuditDescriptor::default()).await.unwrap();
        association.target().stop().await;
        assert!(association.mgc().deregistered(Duration::from_secs(10)).await);
        assert_eq!(association.crashed(), None);
        association.stop().await;
    }

    #[tokio::test]
    async fn scenarios_that_share_the_reference_do_not_meet_and_leave_nothing() {
        let association = with("reference").await;
        let scenarios = (0..32).map(|_| async {
            let controller = association.mgc().controller(Transcript::new());
            let first = controller.add(ContextId::Choose, AmmRequest::new(TerminationId::choose())).await.unwrap();
            let second = controller.add(first.context, AmmRequest::new(TerminationId::choose())).await.unwrap();
            let again = controller.repeat(&second.answer).await.unwrap();
            assert_eq!(again.octets, second.answer.octets);
            assert_eq!(controller.held()[0].1.len(), 2);
            let release = controller.release().await;
            assert!(release.is_clean(), "{release:?}");
            first.context
        });
        let contexts: HashSet<_> = futures::future::join_all(scenarios).await.into_iter().collect();
        assert_eq!(contexts.len(), 32);
        assert_eq!(association.mgc().strays(), []);
        let left = association.target().drained(Duration::from_secs(10)).await;
        assert_eq!(left, Some(Holdings::default()));
        association.stop().await;
    }

    #[tokio::test]
    async fn a_null_gateway_that_accepts_is_found_leaking() {
        let association = with("null-accept").await;
        let controller = association.mgc().controller(Transcript::new());
        let added = controller.add(ContextId::Choose, AmmRequest::new(TerminationId::choose())).await.unwrap();
        assert_eq!(added.context, ContextId::Id(1));
        let release = controller.release().await;
        assert_eq!(release.leaked.len(), 1);
        association.stop().await;
    }

    #[tokio::test]
    async fn a_null_gateway_that_refuses_is_heard() {
        let association = with("null-501").await;
        let controller = association.mgc().controller(Transcript::new());
        let error = controller.add(ContextId::Choose, AmmRequest::new(TerminationId::choose())).await.unwrap_err();
        assert_eq!(error.descriptor().map(|error| error.code.0), Some(501));
    }

    #[tokio::test]
    async fn an_echo_never_grants_anything() {
        let association = with("null-echo").await;
        let controller = association.mgc().controller(Transcript::new());
        let error = controller.add(ContextId::Choose, AmmRequest::new(TerminationId::choose())).await.unwrap_err();
        assert!(
            matches!(error, CommandError::Refused { .. } | CommandError::Transact(TransactError::TimedOut { .. })),
            "{error}"
        );
        assert_eq!(controller.held(), []);
    }

    #[tokio::test]
    async fn a_target_that_dies_before_it_registers_is_told_with_its_last_words() {
        let launch = Launch {
            command: Some("sh".into()),
            args: Some(vec!["-c".into(), "echo no licence >&2; exit 7".into()]),
            ..Launch::default()
        };
        let target = Target::Process(ProcessTarget::from_launch(&launch).unwrap());
        let error = Association::start(&target, &manifest()).await.unwrap_err();
        let AssociationError::Died(text) = error else { panic!("{error}") };
        assert!(text.contains("exit status: 7") && text.contains("no licence"), "{text}");
    }

    #[tokio::test]
    async fn two_associations_do_not_meet() {
        let (one, two) = (with("null-accept").await, with("null-501").await);
        assert_ne!(one.mgc().address(), two.mgc().address());
        assert_ne!(one.registration().mid, two.registration().mid);
    }

    #[test]
    fn an_unknown_gateway_is_told_with_the_known_ones() {
        let error = Target::named("nul").unwrap_err().to_string();
        assert!(error.contains("reference, null-accept"), "{error}");
    }
}
