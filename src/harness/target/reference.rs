//! The reference gateway inside this process, faulty on request. The one file of the harness that names the gateway's own code:
//! everything else meets it through octets, like any other.

use super::{Manifest, Transport};
use crate::{
    faulty::Fault,
    gateway,
    net::{ControlAddress, Mg, MgConfig, Realm},
    results::Interface,
};
use std::{io, net::SocketAddr, time::Duration};
use tokio::sync::RwLock;

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

/// A running reference gateway.
#[derive(Debug)]
pub(super) struct ReferenceGateway(RwLock<Started>);

#[derive(Debug)]
struct Started {
    mg: Mg,
    stopped: bool,
}

impl ReferenceGateway {
    /// Starts one that registers with `mgc`.
    ///
    /// # Errors
    /// Its addresses cannot be bound.
    pub(super) async fn start(fault: Option<&Fault>, mgc: SocketAddr, manifest: &Manifest) -> io::Result<Self> {
        let interface = match manifest.profile.interface {
            Interface::Iq => gateway::Interface::Iq,
            Interface::Ix => gateway::Interface::Ix,
            Interface::Mp => gateway::Interface::Mp,
        };
        let mut config = MgConfig::loopback(interface, mgc.ip());
        let media = &manifest.media;
        config.realms = vec![
            Realm::new(media.access_realm(), media.access.gateway.iter().copied()),
            Realm::new(media.core_realm(), media.core.gateway.iter().copied()),
        ];
        let own = SocketAddr::new(mgc.ip(), 0);
        let (own, mgc) = match manifest.control.transport {
            Transport::Udp => (ControlAddress::udp(own), ControlAddress::udp(mgc)),
            Transport::Tcp => (ControlAddress::tcp(own), ControlAddress::tcp(mgc)),
        };
        (config.control, config.mgcs) = (vec![own], vec![mgc]);
        if let Some(fault) = fault {
            (config.policy, config.tap) = fault.parts();
        }
        Ok(Self(RwLock::new(Started { mg: Mg::start(config).await?, stopped: false })))
    }

    /// The first panic in it, also one while it was being stopped.
    pub(super) fn crashed(&self) -> Option<String> {
        // Locked against readers only while it is being stopped.
        self.0.try_read().ok()?.mg.crashed()
    }

    /// Ends it in order.
    pub(super) async fn stop(&self) {
        let mut started = self.0.write().await;
        if !std::mem::replace(&mut started.stopped, true) {
            started.mg.stop().await;
        }
    }

    /// What it holds, once it holds nothing or `patience` has passed.
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
