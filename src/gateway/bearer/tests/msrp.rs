//! MSRP whose paths the relay rewrites, over whole bearers.

use super::bench::*;
use crate::{
    gateway::{Application, BearerEvent, FailureCause, LegSetup, bearer::MsrpPaths},
    wire::msrp::Path,
};

const GATEWAY: [&str; 2] = ["msrps://192.0.2.1:1/gwa;tcp", "msrp://192.0.2.2:2/gwb;tcp"];
const UE: [&str; 2] = ["msrps://198.51.100.1:3/uea;tcp", "msrp://198.51.100.2:4/ueb;tcp"];

fn path(text: &str) -> Path<'static> {
    Path::parse(text).unwrap().into_owned()
}

fn aware(side: usize, setup: LegSetup) -> LegSetup {
    let msrp = Some(MsrpPaths { own: path(GATEWAY[side]), peer: Some(path(UE[side])) });
    LegSetup { application: Application::Msrp, msrp, ..setup }
}

fn message(to: &str, from: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("MSRP t0t0 SEND\r\nTo-Path: {to}\r\nFrom-Path: {from}\r\nMessage-ID: m0m0\r\n\r\n");
    [head.as_bytes(), body, b"\r\n-------t0t0$\r\n"].concat()
}

#[test]
fn paths_are_rewritten_both_ways_and_octets_counted_as_they_cross_each_leg() {
    let mut bench = Bench::between(aware(0, secured()), aware(1, plain()));
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    let (up, down) = (message(GATEWAY[0], UE[0], b"up"), message(GATEWAY[1], UE[1], b"down"));
    bench.send(access, &up);
    bench.send(core, &down);
    assert_eq!(bench.received(core), message(UE[1], GATEWAY[1], b"up"));
    assert_eq!(bench.received(access), message(UE[0], GATEWAY[0], b"down"));
    assert_eq!(bench.counters[&ACCESS].received(), up.len() as u64);
    assert_eq!(bench.counters[&CORE].sent(), bench.received(core).len() as u64);
    assert!(bench.relay.connections.values().all(|connection| connection.msrp.is_none()), "idle");
}

#[test]
fn one_leg_with_a_path_or_another_application_passes_octets_as_they_come() {
    let no_path = LegSetup { application: Application::Msrp, ..plain() };
    let agnostic = LegSetup { application: Application::Agnostic, ..aware(1, plain()) };
    for core_setup in [plain(), no_path, agnostic] {
        let mut bench = Bench::between(aware(0, plain()), core_setup);
        let access = bench.connect(ACCESS, Peer::plain());
        let core = bench.connect(CORE, Peer::plain());
        bench.send(access, b"no MSRP");
        assert_eq!(bench.received(core), b"no MSRP");
    }
}

#[test]
fn octets_wait_for_the_path_of_the_far_peer() {
    let unknown = || {
        let setup = aware(1, plain());
        LegSetup { msrp: setup.msrp.map(|paths| MsrpPaths { peer: None, ..paths }), ..setup }
    };
    let mut bench = Bench::between(aware(0, plain()), unknown());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, &message(GATEWAY[0], UE[0], b"early"));
    assert_eq!(bench.received(core), b"");
    bench.update(CORE, aware(1, plain()));
    assert_eq!(bench.received(core), message(UE[1], GATEWAY[1], b"early"));
}

#[test]
fn a_refusal_goes_back_on_the_connection_the_request_came_on() {
    let mut bench = Bench::between(aware(0, secured()), aware(1, plain()));
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, &message("msrps://192.0.2.1:1/other;tcp", UE[0], b"lost"));
    assert_eq!(bench.received(core), b"");
    assert!(bench.received(access).starts_with(b"MSRP t0t0 481\r\n"));
    assert_eq!(bench.counters[&ACCESS].sent(), bench.received(access).len() as u64);
}

#[test]
fn while_the_mode_lets_nothing_out_no_refusal_goes_out_either() {
    let mut bench = Bench::between(LegSetup { sends: false, ..aware(0, plain()) }, aware(1, plain()));
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.send(access, &message("msrps://192.0.2.1:1/other;tcp", UE[0], b"lost"));
    assert_eq!(bench.received(access), b"");
    bench.update(ACCESS, aware(0, plain()));
    bench.send(core, &message(GATEWAY[1], UE[1], b"down"));
    let down = message(UE[0], GATEWAY[0], b"down");
    assert!(bench.received(access).strip_prefix(&*down).is_some_and(|rest| rest.starts_with(b"MSRP t0t0 481\r\n")));
}

#[test]
fn what_is_no_msrp_releases_both_bearers_and_is_told() {
    let mut bench = Bench::between(aware(0, secured()), aware(1, plain()));
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    let good = message(GATEWAY[0], UE[0], b"good");
    bench.send(access, &[&good[..], b"GET / HTTP/1.1\r\n\r\n"].concat());
    assert_eq!(bench.received(core), message(UE[1], GATEWAY[1], b"good"), "what came before is delivered");
    let ended = |leg, cause| bench.events.contains(&BearerEvent::Ended { leg, cause });
    assert!(ended(ACCESS, FailureCause::MsrpMalformed) && ended(CORE, FailureCause::Released));
}

#[test]
fn a_large_chunk_to_a_slow_peer_is_held_by_flow_control() {
    let mut bench = Bench::between(aware(0, secured()), aware(1, plain()));
    let access = bench.connect(ACCESS, Peer::alice());
    let core = bench.connect(CORE, Peer::plain());
    bench.peer(core).stalled = true;
    let body: Vec<u8> = (0..2_000_000_u32).map(|at| b"\r\n-t0"[at as usize % 5]).collect();
    bench.send(access, &message(GATEWAY[0], UE[0], &body));
    assert!(!bench.relay.wants_read(access));
    assert!(bench.relay.connections.values().all(|connection| connection.owned_octets() <= 512 * 1024));
    bench.peer(core).stalled = false;
    bench.run();
    assert!(bench.received(core) == message(UE[1], GATEWAY[1], &body));
}

#[test]
fn many_short_messages_that_grow_are_written_in_portions() {
    let long = format!("msrp://{}.example:4/ueb;tcp", "x".repeat(4000));
    let core_setup = || {
        let setup = aware(1, plain());
        LegSetup { msrp: setup.msrp.map(|paths| MsrpPaths { peer: Some(path(&long)), ..paths }), ..setup }
    };
    let mut bench = Bench::between(aware(0, plain()), core_setup());
    let access = bench.connect(ACCESS, Peer::plain());
    let core = bench.connect(CORE, Peer::plain());
    bench.peer(core).stalled = true;
    bench.send(access, &message(GATEWAY[0], UE[0], b"x").repeat(300));
    assert!(bench.relay.to_write(core).len() <= 128 * 1024, "bounded memory");
    bench.peer(core).stalled = false;
    bench.run();
    assert!(bench.received(core) == message(&long, GATEWAY[1], b"x").repeat(300));
}
