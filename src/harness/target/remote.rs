//! A gateway that runs already and registers by itself: nothing to start, nothing to stop.

/// A target that is already running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RemoteTarget;
