//! A target that can be started, and one that was.

use std::{fmt, io, net::SocketAddr, sync::PoisonError, time::Duration};

use super::{Holdings, Manifest, Process, ProcessTarget, RemoteTarget, Transport, reference::ReferenceGateway};
use crate::faulty::{
    ALL, Fault,
    null::{Null, NullGateway},
};

/// A gateway under test that can be started.
#[derive(Debug, Clone)]
pub enum Target {
    /// The reference gateway, with a fault if one is named.
    Reference(Option<&'static Fault>),
    /// A null gateway: it registers and does nothing.
    Null(Null),
    /// A program of its own.
    Process(ProcessTarget),
    /// Somebody else started it.
    Remote(RemoteTarget),
}

/// Why a manifest names no target.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// `launch.in_process` is no gateway in this program.
    #[error("no gateway `{name}` in this program; there are {known}")]
    Unknown {
        /// The name.
        name: String,
        /// The names there are.
        known: String,
    },
    /// This program does not know where it is, so `{{self}}` stands for nothing.
    #[error("`{{self}}` cannot be resolved: {0}")]
    NoSelf(#[source] io::Error),
}

impl Target {
    /// The target a file means.
    ///
    /// # Errors
    /// The file names a gateway this program does not hold.
    pub fn from_manifest(manifest: &Manifest) -> Result<Self, TargetError> {
        let Some(launch) = &manifest.launch else { return Ok(Self::Remote(RemoteTarget)) };
        match &launch.in_process {
            Some(name) => Self::named(name),
            None => Ok(Self::Process(ProcessTarget::from_launch(launch)?)),
        }
    }

    /// The gateway inside this program with this name.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<Self, TargetError> {
        if name == "reference" {
            return Ok(Self::Reference(None));
        }
        let null = || name.parse().map(Self::Null).ok();
        let faulty = || Fault::named(name.strip_prefix("faulty:")?).map(|fault| Self::Reference(Some(fault)));
        null().or_else(faulty).ok_or_else(|| {
            let nulls = Null::ALL.iter().map(|null| null.name().to_owned());
            let faults = ALL.iter().map(|fault| format!("faulty:{}", fault.name));
            let known: Vec<_> = std::iter::once("reference".to_owned()).chain(nulls).chain(faults).collect();
            TargetError::Unknown { name: name.into(), known: known.join(", ") }
        })
    }

    /// Starts it and points it at our controller. Returns before it has registered.
    ///
    /// # Errors
    /// It could not be started.
    pub async fn start(&self, mgc: SocketAddr, manifest: &Manifest) -> io::Result<Running> {
        let over_tcp = manifest.control.transport == Transport::Tcp;
        let kind = match self {
            Self::Reference(fault) => Kind::Reference(ReferenceGateway::start(*fault, mgc, manifest).await?),
            Self::Null(null) => {
                Kind::Null(std::sync::Mutex::new(Some(NullGateway::start(*null, over_tcp, mgc).await?)))
            }
            Self::Process(target) => Kind::Process(target.start(mgc, manifest).await?),
            Self::Remote(_) => Kind::Remote,
        };
        Ok(Running(kind))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(None) => f.write_str("reference"),
            Self::Reference(Some(fault)) => write!(f, "faulty:{}", fault.name),
            Self::Null(null) => f.write_str(null.name()),
            Self::Process(target) => target.fmt(f),
            Self::Remote(_) => f.write_str("remote"),
        }
    }
}

/// A target that was started.
#[derive(Debug)]
pub struct Running(Kind);

#[derive(Debug)]
enum Kind {
    Reference(ReferenceGateway),
    Null(std::sync::Mutex<Option<NullGateway>>),
    Process(Process),
    Remote,
}

impl Running {
    /// What it died of, if it did without being asked to. A remote target's end shows only as silence.
    pub fn crashed(&self) -> Option<String> {
        match &self.0 {
            Kind::Reference(gateway) => gateway.crashed(),
            Kind::Process(process) => process.crashed(),
            Kind::Null(_) | Kind::Remote => None,
        }
    }

    /// Waits for its end without being asked to; for ever where that cannot be awaited (see [`Running::crashed`]).
    pub async fn died(&self) -> String {
        match &self.0 {
            Kind::Process(process) => process.died().await,
            Kind::Reference(_) | Kind::Null(_) | Kind::Remote => std::future::pending().await,
        }
    }

    /// Ends it, if we started it: at leisure first, by force when it does not go.
    pub async fn stop(&self) {
        match &self.0 {
            Kind::Null(null) => drop(null.lock().unwrap_or_else(PoisonError::into_inner).take()),
            Kind::Reference(gateway) => gateway.stop().await,
            Kind::Process(process) => process.stop().await,
            Kind::Remote => {}
        }
    }

    /// The last of what it wrote to its standard output and error.
    pub fn log(&self) -> String {
        match &self.0 {
            Kind::Process(process) => process.log(),
            Kind::Reference(_) | Kind::Null(_) | Kind::Remote => String::new(),
        }
    }

    /// What it holds, once it holds nothing or `patience` has passed; `None` where that shows only in its answers.
    pub async fn drained(&self, patience: Duration) -> Option<Holdings> {
        match &self.0 {
            Kind::Reference(gateway) => Some(gateway.drained(patience).await),
            Kind::Null(_) | Kind::Process(_) | Kind::Remote => None,
        }
    }
}
