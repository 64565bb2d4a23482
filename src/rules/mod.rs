//! Layer 2: judgements on typed messages, each cited by clause; used by steps and by capture replay alike.

pub mod h248;
