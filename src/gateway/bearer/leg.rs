//! One leg: what is signalled for it, and who owns it.

use super::{
    BearerState, ConnectionId, Counters, LegSetup,
    conditions::{Bucket, Latched},
    tls::PeerJudge,
};
use crate::gateway::policy::Policy;
use std::{net::SocketAddr, sync::Arc};

/// One stream of one termination.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) local: SocketAddr,
    pub(super) setup: LegSetup,
    pub(super) judge: Arc<PeerJudge>,
    pub(super) counters: Arc<Counters>,
    /// The connection whose peer is the leg's: plain, the first; under TLS, the first that is verified.
    pub(super) owner: Option<ConnectionId>,
    /// What was last reported.
    pub(super) state: BearerState,
    pub(super) listening: bool,
    pub(super) latched: Latched,
    pub(super) bucket: Bucket,
    /// Release was ordered: the leg waits for its connections, then its port goes.
    pub(super) releasing: bool,
}

impl Leg {
    pub(super) fn new(local: SocketAddr, setup: LegSetup, counters: Arc<Counters>, policy: &Arc<dyn Policy>) -> Self {
        let judge = Arc::new(PeerJudge::new(Arc::clone(policy), setup.expected.clone()));
        Self {
            local,
            setup,
            judge,
            counters,
            owner: None,
            state: BearerState::Idle,
            listening: false,
            latched: Latched::default(),
            bucket: Bucket::default(),
            releasing: false,
        }
    }

    /// Changes what is signalled, and returns what was.
    pub(super) fn change(&mut self, setup: LegSetup) -> LegSetup {
        self.judge.expect(setup.expected.clone());
        std::mem::replace(&mut self.setup, setup)
    }
}
