//! `tcpbcc` and `tlsbsc`, H.248.89 and H.248.90: TCP and TLS established and released by signals, and each change told by an
//! event. Names and contents are assumed, after the generic bearer package of Q.1950.

use super::{Observed, word};
use crate::{
    gateway::bearer::{BearerEvent, BearerState, FailureCause},
    wire::h248::PkgdName,
};

/// `tcpbcc/bncchange` and `tlsbsc/bncchange`, as a bearer event on a leg that was in `before` has them.
pub(super) fn changes(event: &BearerEvent, before: BearerState, secured: bool) -> Vec<Observed> {
    match *event {
        BearerEvent::Established { state: BearerState::TlsEstablished, .. } => vec![change("tlsbsc", "est", None)],
        BearerEvent::Established { state: BearerState::TcpEstablished, .. } => vec![change("tcpbcc", "est", None)],
        BearerEvent::Established { .. } => Vec::new(),
        BearerEvent::Failed { cause, .. } => {
            let package = if cause.word().starts_with("tls") { "tlsbsc" } else { "tcpbcc" };
            vec![change(package, "fail", Some(cause))]
        }
        BearerEvent::Ended { cause, .. } => {
            let kind = if cause == FailureCause::Released { "rel" } else { "fail" };
            // TLS goes before the TCP that carries it.
            let tls = (secured && before == BearerState::TlsEstablished).then(|| change("tlsbsc", kind, Some(cause)));
            tls.into_iter().chain([change("tcpbcc", kind, Some(cause))]).collect()
        }
    }
}

fn change(package: &'static str, kind: &'static str, cause: Option<FailureCause>) -> Observed {
    let cause = cause.map(|cause| word("cause", cause.word()));
    (PkgdName::new(package, "bncchange"), [word("type", kind)].into_iter().chain(cause).collect())
}

#[cfg(test)]
mod tests {
    use crate::gateway::{BearerEvent, BearerState, FailureCause, testing::Bench};

    const SECURED: &str = "v=0\nc=IN IP4 $\nm=message $ TCP/TLS *\n";

    #[test]
    fn each_change_of_tcp_and_tls_is_told_where_it_was_asked_for() {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", SECURED, ",E=7{tcpbcc/bncchange,tlsbsc/bncchange}");
        let (relay, leg) = bench.opened();
        let mut told = Vec::new();
        for (id, event) in [
            BearerEvent::Established { leg, state: BearerState::TcpEstablished },
            BearerEvent::Established { leg, state: BearerState::TlsEstablished },
            BearerEvent::Ended { leg, cause: FailureCause::TlsTruncated },
            BearerEvent::Failed { leg, cause: FailureCause::TcpRefused },
            BearerEvent::Failed { leg, cause: FailureCause::TlsFingerprint },
        ]
        .into_iter()
        .enumerate()
        {
            let sent = bench.report(relay, event);
            let (_, events) = sent[0].split_once("OE=7{").expect("observed events");
            told.push(events.trim_end_matches('}').replace("/bncchange{ST=1,", " "));
            bench.message(format!("!/2 [192.0.2.9]:2944 P={}{{C=1{{N=ip/access/1}}}}", id + 1).as_bytes());
        }
        assert_eq!(
            told,
            [
                "tcpbcc type=est",
                "tlsbsc type=est",
                "tlsbsc type=fail,cause=tls-truncated},tcpbcc type=fail,cause=tls-truncated",
                "tcpbcc type=fail,cause=tcp-refused",
                "tlsbsc type=fail,cause=tls-fingerprint",
            ]
        );
    }
}
