//! What a run was started with, and the association with the target that scenarios share or have each for themselves.

use super::{party::Side, suite::Case, world::Stop};
use crate::{
    harness::{
        target::{Association, Holdings, Manifest, Profile, Restart, Sharing, Target, has_ipv6_loopback},
        ue::Bounds,
    },
    results::{Audit, Interface},
};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::{Mutex, OnceCell};

/// How a run treats its target.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The target.
    pub target: Target,
    /// What its file says.
    pub manifest: Manifest,
    /// One association for all scenarios, or one for each.
    pub sharing: Sharing,
    /// Seed of everything random.
    pub seed: u64,
    /// Year, month and day, for known failures that expire.
    pub today: (u16, u8, u8),
}

/// Shared by every scenario of a run.
#[derive(Debug)]
pub struct Environment {
    settings: Settings,
    shared: Mutex<BTreeMap<Interface, Arc<Association>>>,
    /// The target has registered at least once.
    met: AtomicBool,
    /// Why the target is not waited for again.
    gone: OnceLock<String>,
    log: std::sync::Mutex<String>,
    /// What the target can do, once it was asked.
    pub(super) audited: OnceCell<Audit>,
    ipv6: bool,
}

impl Environment {
    /// An environment nothing was started in yet.
    pub fn new(settings: Settings) -> Self {
        let ipv6 = has_ipv6_loopback();
        let (shared, met, gone, log) = Default::default();
        Self { settings, shared, met, gone, log, audited: OnceCell::new(), ipv6 }
    }

    /// The association a scenario is to use: the shared one, started when first asked for and again after a crash, or one of
    /// its own.
    ///
    /// # Errors
    /// The target could not be started, or did not register.
    pub(super) async fn association(&self, own: bool) -> Result<Arc<Association>, Stop> {
        self.association_on(own, self.settings.manifest.profile.interface).await
    }

    /// The same on an interface: a target we start ourselves serves each by a gateway of its own.
    ///
    /// # Errors
    /// As [`Environment::association`], or the target serves another interface.
    pub(super) async fn association_on(&self, own: bool, interface: Interface) -> Result<Arc<Association>, Stop> {
        let served = self.settings.manifest.profile.interface;
        if interface != served && !self.settings.target.serves_any_interface() {
            return Err(Stop::Skipped(format!("the target serves {}, not {}", served.name(), interface.name())));
        }
        let restart = self.settings.manifest.launch.as_ref().map(|launch| launch.restart);
        let mut shared = self.shared.lock().await;
        if let Some(dead) = shared.get(&interface).filter(|association| association.crashed().is_some()) {
            self.keep_log(dead);
            // Whoever uses it finds it dead, and the target is not started again.
            if restart == Some(Restart::Never) {
                return Ok(Arc::clone(dead));
            }
        }
        if own || self.settings.sharing == Sharing::Private {
            // A port the target file names cannot be had twice: who runs alone takes the place of what the others share.
            if own && self.settings.manifest.control.address.port() != 0 {
                for former in std::mem::take(&mut *shared).into_values() {
                    former.stop().await;
                    self.keep_log(&former);
                }
            }
            drop(shared);
            return self.start(interface).await;
        }
        match shared.get(&interface) {
            Some(association) if association.crashed().is_none() => Ok(Arc::clone(association)),
            _ => {
                let fresh = self.start(interface).await?;
                shared.insert(interface, Arc::clone(&fresh));
                Ok(fresh)
            }
        }
    }

    async fn start(&self, interface: Interface) -> Result<Arc<Association>, Stop> {
        if let Some(cause) = self.gone.get() {
            return Err(Stop::Inconclusive(cause.clone()));
        }
        let mut manifest = self.settings.manifest.clone();
        if interface != manifest.profile.interface {
            manifest.profile = Profile { interface, name: None, version: None, ..manifest.profile };
        }
        match Association::start(&self.settings.target, &manifest).await {
            Ok(association) => {
                self.met.store(true, Ordering::Relaxed);
                Ok(Arc::new(association))
            }
            Err(error) => {
                let cause = format!("preamble: {error}");
                // A target that never came, or does not come back, is waited for once, not once a scenario.
                if !self.is_private() || !self.met.load(Ordering::Relaxed) {
                    self.gone.get_or_init(|| cause.clone());
                }
                Err(Stop::Inconclusive(cause))
            }
        }
    }

    /// What the target of the shared association still holds once everything had time to go, in words; empty when nothing.
    /// `None` where that cannot be known from outside.
    pub async fn holdings(&self) -> Option<String> {
        let shared: Vec<_> = self.shared.lock().await.values().cloned().collect();
        let mut text = None;
        for association in shared {
            let held = association.target().drained(self.settings.manifest.timers.stop()).await?;
            let shown = if held == Holdings::default() { String::new() } else { format!("{held:?}") };
            text = Some(text.unwrap_or_else(String::new) + &shown);
        }
        text
    }

    /// Ends the shared associations.
    pub async fn stop(&self) {
        for association in std::mem::take(&mut *self.shared.lock().await).into_values() {
            association.stop().await;
            self.keep_log(&association);
        }
    }

    /// What a target we started wrote to its standard output and error, oldest first: the end of it for each process. Whole only
    /// after [`Environment::stop`].
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what an association's target wrote; of many that crash the first are shown.
    pub(super) fn keep_log(&self, association: &Association) {
        const MOST: usize = 4 << 20;
        let text = association.target().log();
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        if !text.is_empty() && log.len() + text.len() < MOST {
            log.push_str(&text);
            log.push('\n');
        }
    }

    /// Does this machine have an IPv6 loopback?
    pub(super) const fn has_ipv6(&self) -> bool {
        self.ipv6
    }

    /// Every scenario has an association of its own.
    pub(super) fn is_private(&self) -> bool {
        self.settings.sharing == Sharing::Private
    }

    /// Why the target file lists this case as a known failure, if it does and that has not expired.
    pub(super) fn known_failure(&self, case: &Case) -> Option<String> {
        let listed = &self.settings.manifest.known_failures;
        let found = listed.iter().find(|k| case.matches(&k.selector) && !k.has_expired(self.settings.today))?;
        Some(found.reason.clone())
    }

    /// What the target's file says.
    pub(super) const fn manifest(&self) -> &Manifest {
        &self.settings.manifest
    }

    /// What the target's file declares of a capability, by its key.
    pub(super) fn declares(&self, key: &str) -> Option<bool> {
        self.settings.manifest.capabilities.named(key).flatten()
    }

    /// Seed of everything random.
    pub(super) const fn seed(&self) -> u64 {
        self.settings.seed
    }

    /// The target adopts the signalling model and is judged by it in full.
    pub(super) fn adopted(&self) -> bool {
        self.settings.manifest.adopts_model()
    }

    /// The realm's name on one side, as `ipdc/realm` carries it.
    pub(super) fn realm(&self, side: Side) -> &str {
        let media = &self.settings.manifest.media;
        match side {
            Side::A => media.access_realm(),
            Side::B => media.core_realm(),
        }
    }

    /// The address our UE on one side uses; `None` where the target file gives none of that IP version.
    pub(super) fn address(&self, side: Side, v6: bool) -> Option<IpAddr> {
        let media = &self.settings.manifest.media;
        let peers = match side {
            Side::A => &media.access.peers,
            Side::B => &media.core.peers,
        };
        peers.iter().copied().find(|ip| ip.is_ipv6() == v6)
    }

    /// Time bounds of the UEs: what a correct target never meets.
    pub(super) fn bounds(&self) -> Bounds {
        let bound = self.settings.manifest.timers.bearer();
        Bounds { connect: bound, handshake: bound, transfer: bound }
    }

    /// How long silence is waited for where nothing on the wire can prove it.
    pub(super) const fn silence(&self) -> Duration {
        Duration::from_millis(150)
    }
}
