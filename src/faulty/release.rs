//! Gateways that hold on, or hold their tongue.

use crate::gateway::Policy;

#[derive(Debug)]
pub(super) struct KeepsAfterSubtract;

impl Policy for KeepsAfterSubtract {
    fn subtract_releases(&self) -> bool {
        false
    }
}

#[derive(Debug)]
pub(super) struct KeepsFarLeg;

impl Policy for KeepsFarLeg {
    fn spreads_release(&self) -> bool {
        false
    }
}

#[derive(Debug)]
pub(super) struct NeverNotifies;

impl Policy for NeverNotifies {
    fn notifies(&self) -> bool {
        false
    }
}
