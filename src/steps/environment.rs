//! What a run was started with, and the association with the target that scenarios share or have each for themselves.

use super::{party::Side, suite::Case, world::Stop};
use crate::{
    harness::{
        target::{Association, Holdings, Manifest, Profile, Sharing, Target, has_ipv6_loopback},
        transcript::Transcript,
        ue::Bounds,
    },
    results::{Absence, Audit, Audited, Interface},
    wire::h248::{AuditDescriptor, AuditReply, AuditToken, ContextId, TerminationId, package::Registry},
};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;

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
    ipv6: bool,
}

impl Environment {
    /// An environment nothing was started in yet.
    pub fn new(settings: Settings) -> Self {
        let ipv6 = has_ipv6_loopback();
        Self { settings, shared: Mutex::default(), met: AtomicBool::new(false), gone: OnceLock::new(), ipv6 }
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
        if own || self.settings.sharing == Sharing::Private {
            return self.start(interface).await;
        }
        let mut shared = self.shared.lock().await;
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

impl Environment {
    /// What the target says it can do, asked once before the first scenario. Silence and refusals are no fault here: the
    /// scenarios will judge them.
    pub async fn audit(&self) -> Audit {
        let Ok(association) = self.association(false).await else { return Audit::default() };
        let controller = association.mgc().controller(Transcript::new());
        let asked =
            controller.audit(ContextId::Null, TerminationId::Root, AuditDescriptor::of([AuditToken::Packages])).await;
        if self.is_private() {
            association.stop().await;
        }
        let answered = match asked {
            Ok(answered) => answered,
            Err(error) => {
                let evidence = format!("AuditValue of ROOT: {error}");
                let absence = Absence { what: "list of packages".into(), evidence, switched_off: Vec::new() };
                return Audit { absences: vec![absence], ..Audit::default() };
            }
        };
        let AuditReply::Terminations(_, audit) = answered.reply else { return Audit::default() };
        let registry = Registry::default();
        let mut packages: Vec<Audited> = audit
            .packages()
            .into_iter()
            .flatten()
            .map(|item| Audited {
                name: item.name.to_string(),
                version: Some(item.version.into()),
                assumed: registry.package(&item.name).is_none_or(|package| package.assumed),
                source: "AuditValue of ROOT".into(),
            })
            .collect();
        packages.sort_by(|a, b| a.name.cmp(&b.name));
        Audit { packages, ..Audit::default() }
    }
}
