//! `ocp`, H.248.11: the gateway has more to do than it can (the event's name is recalled).

use crate::wire::h248::{EventSpec, PkgdName};

/// Whether the gateway is overloaded, by how many of the requests that may wait do.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Overload {
    raised: bool,
}

impl Overload {
    /// The event, when the queue grows beyond half of what it may hold; once until it has shrunk to a quarter.
    pub(in crate::gateway) fn of(&mut self, waiting: usize, most: usize) -> Option<EventSpec<'static>> {
        let raised = if self.raised { waiting > most / 4 } else { waiting > most / 2 };
        let begins = raised && !self.raised;
        self.raised = raised;
        begins.then(|| EventSpec::new(PkgdName::new("ocp", "mg_overload")))
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{
        Reference,
        testing::{Bench, config},
    };
    use std::{sync::Arc, time::Duration};

    #[test]
    fn an_overloaded_gateway_says_so_once() {
        let mut slow = config();
        slow.timers.execution = Duration::from_secs(1);
        slow.limits.delayed = 4;
        let mut bench = Bench::with(slow, Arc::new(Reference));
        bench.message(b"!/2 [192.0.2.9]:2944 T=1{C=-{MF=ROOT{E=3{ocp/mg_overload}}}}");
        bench.wait(Duration::from_secs(1));
        let mut told = Vec::new();
        for id in 2..6 {
            told.push(
                bench.message(format!("!/2 [192.0.2.9]:2944 T={id}{{C=-{{AV=ROOT{{AT{{}}}}}}}}").as_bytes()).len(),
            );
        }
        assert_eq!(told, [0, 0, 1, 0]);
    }
}
