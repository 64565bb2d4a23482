//! The reference gateway inside this process, faulty on request. The one file of the harness that names the gateway's own code:
//! everything else meets it through octets, like any other.

use super::Manifest;
use crate::{
    faulty::Fault,
    gateway,
    net::{ControlAddress, Mg, MgConfig, Realm},
    results::Interface,
};
use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

/// A running reference gateway.
#[derive(Debug)]
pub(super) struct ReferenceGateway {
    mg: Mutex<Option<Mg>>,
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
        config.mgcs = vec![ControlAddress::udp(mgc)];
        if let Some(fault) = fault {
            (config.policy, config.tap) = fault.parts();
        }
        Ok(Self { mg: Mutex::new(Some(Mg::start(config).await?)) })
    }

    /// What it died of.
    pub(super) fn crashed(&self) -> Option<String> {
        self.mg.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.crashed()
    }

    /// Ends it in order.
    pub(super) async fn stop(&self) {
        let mg = self.mg.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut mg) = mg {
            mg.stop().await;
        }
    }
}
