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
            registered = mgc.registered(manifest.timers.registration()) => registered,
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
