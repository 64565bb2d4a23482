//! The built-in gateway, inside this process: the one place of the harness that knows it as more than octets.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::sync::RwLock;

use super::Manifest;
use crate::{
    gateway::{self, Policy, Reference},
    net::{ControlAddress, Mg, MgConfig, NoTap, Realm, Tap},
    results::Interface,
};

/// The reference gateway, or one that is the reference but for some of its decisions or octets.
#[derive(Debug, Clone)]
pub struct ReferenceTarget {
    name: String,
    policy: Arc<dyn Policy>,
    tap: Arc<dyn Tap>,
}

impl Default for ReferenceTarget {
    fn default() -> Self {
        Self::faulty(Self::NAME, Arc::new(Reference), Arc::new(NoTap))
    }
}

impl ReferenceTarget {
    /// The name the reference itself is chosen by.
    pub const NAME: &'static str = "reference";

    /// The reference with other decisions, and with something done to its control octets.
    pub fn faulty(name: &str, policy: Arc<dyn Policy>, tap: Arc<dyn Tap>) -> Self {
        Self { name: name.to_owned(), policy, tap }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn start(&self, mgc: SocketAddr, manifest: &Manifest) -> io::Result<ReferenceGateway> {
        let interface = match manifest.profile.interface {
            Interface::Iq => gateway::Interface::Iq,
            Interface::Ix => gateway::Interface::Ix,
            Interface::Mp => gateway::Interface::Mp,
        };
        let media = &manifest.media;
        let config = MgConfig {
            mgcs: vec![ControlAddress::udp(mgc)],
            realms: vec![
                Realm::new(media.access_realm(), media.access.gateway.iter().copied()),
                Realm::new(media.core_realm(), media.core.gateway.iter().copied()),
            ],
            policy: Arc::clone(&self.policy),
            tap: Arc::clone(&self.tap),
            ..MgConfig::loopback(interface, mgc.ip())
        };
        let mg = Mg::start(config).await?;
        Ok(ReferenceGateway(RwLock::new(Started { mg, stopped: false })))
    }
}

/// What a gateway holds: all zero when nothing leaked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Holdings {
    /// Contexts, the null context not counted.
    pub contexts: usize,
    /// Terminations, ROOT not counted.
    pub terminations: usize,
    /// Relay tasks.
    pub relays: usize,
    /// Local ports.
    pub ports: usize,
}

/// A gateway of ours that runs in this process.
#[derive(Debug)]
pub(super) struct ReferenceGateway(RwLock<Started>);

#[derive(Debug)]
struct Started {
    mg: Mg,
    stopped: bool,
}

impl ReferenceGateway {
    /// The first panic in it.
    pub(super) fn crashed(&self) -> Option<String> {
        // Locked only while it is being stopped; what it dies of then is seen afterwards.
        self.0.try_read().ok()?.mg.crashed()
    }

    pub(super) async fn stop(&self) {
        let mut started = self.0.write().await;
        if !std::mem::replace(&mut started.stopped, true) {
            started.mg.stop().await;
        }
    }

    pub(super) async fn drained(&self, patience: Duration) -> Holdings {
        let counts = self.0.read().await.mg.drained(patience).await;
        Holdings {
            contexts: counts.contexts,
            terminations: counts.terminations,
            relays: counts.relays,
            ports: counts.ports,
        }
    }
}
