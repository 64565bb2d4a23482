//! Legs that go to another relay, and legs that may not hear each other.

use super::bench::*;
use crate::gateway::{
    BearerEvent, LegCommand, LegId,
    bearer::{BearerState, ConnectionId, Output},
};

const THIRD: LegId = LegId(3);

impl Bench {
    /// Takes a leg from one relay to the other, its peers along; the new names of its connections.
    fn hand_over(&mut self, leg: LegId, to: &mut Self) -> Vec<ConnectionId> {
        let detached = self.relay.detach(self.now, leg).expect("a leg");
        let mut names = Vec::new();
        for (before, id) in to.relay.join(to.now, detached) {
            to.peers.extend(self.peers.remove(&before).map(|peer| (id, peer)));
            names.push(id);
        }
        self.run();
        to.run();
        names
    }

    fn isolate(&mut self, blocked: &[(LegId, LegId)]) {
        self.relay.command(self.now, LegCommand::Topology { blocked: blocked.to_vec() });
        self.run();
    }
}

#[test]
fn octets_continue_to_flow_after_a_move_under_the_same_tls_session() {
    let mut here = Bench::between(secured(), plain());
    let access = here.connect(ACCESS, Peer::alice());
    let core = here.connect(CORE, Peer::plain());
    here.send(access, b"before");
    let mut there = Bench::new();
    there.open(THIRD, plain());
    let third = there.connect(THIRD, Peer::plain());
    let moved = here.hand_over(ACCESS, &mut there);
    let [moved] = moved[..] else { panic!("one connection") };
    there.send(moved, b"after");
    there.send(third, b"back");
    assert_eq!(here.received(core), b"before");
    assert_eq!((there.received(third), there.received(moved)), (&b"after"[..], &b"back"[..]));
    assert!(!here.peer(core).fin && !here.peer(core).reset, "who stays is left alone");
    assert!(!there.peer(moved).close_notify && there.ends(ACCESS).is_empty() && here.ends(ACCESS).is_empty());
}

#[test]
fn octets_that_wait_go_along() {
    let mut here = Bench::new();
    here.open(ACCESS, plain());
    let access = here.connect(ACCESS, Peer::plain());
    here.send(access, b"held");
    let mut there = Bench::new();
    there.open(CORE, plain());
    let core = there.connect(CORE, Peer::plain());
    assert_eq!(there.received(core), b"");
    here.hand_over(ACCESS, &mut there);
    assert_eq!(there.received(core), b"held");
    assert!(here.relay.is_empty());
}

#[test]
fn a_leg_that_waits_for_its_peer_waits_elsewhere() {
    let mut here = Bench::between(secured(), plain());
    let mut there = Bench::new();
    here.hand_over(ACCESS, &mut there);
    assert!(!there.outputs.iter().any(|output| matches!(output, Output::Listen { .. })), "it listens already");
    there.connect(ACCESS, Peer::alice());
    assert!(there.established(ACCESS, BearerState::TlsEstablished));
    there.release(ACCESS);
    assert!(there.outputs.iter().any(|output| matches!(output, Output::StopListening { leg: ACCESS, .. })));
}

#[test]
fn a_handshake_under_way_is_completed_elsewhere() {
    let mut here = Bench::new();
    here.open(ACCESS, secured());
    let id = here.relay.accepted(here.now, ACCESS, remote()).unwrap();
    here.peers.insert(id, Peer::alice());
    let mut there = Bench::new();
    here.hand_over(ACCESS, &mut there);
    assert!(there.events.contains(&BearerEvent::Established { leg: ACCESS, state: BearerState::TlsEstablished }));
}

#[test]
fn the_third_of_three_gone_the_two_are_joined() {
    let mut here = Bench::between(plain(), plain());
    here.open(THIRD, plain());
    let access = here.connect(ACCESS, Peer::plain());
    let core = here.connect(CORE, Peer::plain());
    here.send(access, b"waits");
    assert_eq!(here.received(core), b"");
    here.hand_over(THIRD, &mut Bench::new());
    assert_eq!(here.received(core), b"waits");
}

#[test]
fn isolated_legs_hear_nothing_of_each_other_and_lose_nothing() {
    let mut bench = Bench::between(plain(), plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.isolate(&[(ACCESS, CORE), (CORE, ACCESS)]);
    bench.send(access, b"up");
    bench.send(core, b"down");
    assert_eq!((bench.received(core), bench.received(access)), (&b""[..], &b""[..]));
    bench.isolate(&[(CORE, ACCESS)]);
    assert_eq!((bench.received(core), bench.received(access)), (&b"up"[..], &b""[..]), "one way");
    bench.isolate(&[]);
    assert_eq!(bench.received(access), b"down");
}

#[test]
fn a_leg_isolated_from_a_third_is_joined_to_the_second() {
    let mut bench = Bench::between(plain(), plain());
    bench.open(THIRD, plain());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    let isolated = [ACCESS, CORE].into_iter().flat_map(|leg| [(leg, THIRD), (THIRD, leg)]);
    bench.isolate(&isolated.collect::<Vec<_>>());
    bench.send(access, b"up");
    assert_eq!(bench.received(core), b"up");
    for leg in [ACCESS, CORE, THIRD] {
        bench.release(leg);
        for connection in [access, core] {
            bench.end(connection);
        }
    }
    assert!(bench.relay.is_empty(), "what was said of a leg goes with it");
}
