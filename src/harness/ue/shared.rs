//! What a UE's tasks and its handle share.

use super::{
    Secured, UeSettings,
    observed::{TcpEnd, UeError},
    pump::Command,
};
use crate::{
    harness::transcript::{Route, Transcript},
    wire::sdp::Fingerprint,
};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, mpsc};

/// Octets received and not yet taken above which nothing more is read: TCP flow control then holds the gateway.
pub(super) const INBOX_LIMIT: usize = 1 << 20;

/// Phase I of the bearer. TR 4.3.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TcpState {
    /// No connection yet.
    Idle,
    /// Established.
    Open,
    /// Was established, and is no more.
    Over,
}

/// Phase II of the bearer.
#[derive(Debug, Clone)]
pub(super) enum TlsState {
    Off,
    Handshaking,
    Up(Secured),
    Failed(UeError),
}

pub(super) struct State {
    pub(super) tcp: TcpState,
    /// From the UE to its peer.
    pub(super) route: Option<Route>,
    /// Frame in which TCP was established.
    pub(super) established: u32,
    pub(super) tls: TlsState,
    pub(super) presented: Option<Fingerprint<'static>>,
    pub(super) inbox: VecDeque<u8>,
    pub(super) raw_received: u64,
    pub(super) reads: bool,
    pub(super) alert: Option<(String, u32)>,
    pub(super) end: Option<(TcpEnd, u32)>,
    /// Connections let go because there was one already.
    pub(super) surplus: u32,
    pub(super) commands: Option<mpsc::UnboundedSender<Command>>,
}

impl State {
    /// Before, or between, connections.
    pub(super) const fn idle() -> Self {
        Self {
            tcp: TcpState::Idle,
            route: None,
            established: 0,
            tls: TlsState::Off,
            presented: None,
            inbox: VecDeque::new(),
            raw_received: 0,
            reads: true,
            alert: None,
            end: None,
            surplus: 0,
            commands: None,
        }
    }
}

pub(super) struct Shared {
    pub(super) transcript: Transcript,
    settings: Mutex<UeSettings>,
    state: Mutex<State>,
    /// Any change of state: wakes whoever awaits one.
    pub(super) changed: Notify,
    /// The inbox was emptied or reading was resumed: wakes the pump.
    pub(super) taken: Notify,
}

impl Shared {
    pub(super) fn new(settings: UeSettings, transcript: Transcript) -> Self {
        let (settings, state) = (Mutex::new(settings), Mutex::new(State::idle()));
        Self { transcript, settings, state, changed: Notify::new(), taken: Notify::new() }
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, UeSettings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_waiters();
    }

    pub(super) fn wants_octets(&self) -> bool {
        let state = self.lock();
        state.reads && state.inbox.len() < INBOX_LIMIT
    }
}
