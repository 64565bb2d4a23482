//! The H.248 side of the reference gateway without I/O: Add/Modify/Subtract cycles a second of CPU time on one core, and
//! what a context costs in memory.
//!
//! `cargo bench --bench gateway`. A cycle is three transactions of their own, text in and text out: Add of two terminations
//! with a stream each in a new context, Modify with a Remote, Subtract of all. Time stands still meanwhile, as it would for
//! an MGC that fast: what the gateway remembers for LONG-TIMER stays.

use std::{
    collections::BTreeSet,
    env,
    hint::black_box,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use cpu_time::ThreadTime;
use gatecheck::gateway::{
    AssociationId, AssociationSettings, Config, Gateway, Interface, IpVersion, LegCommand, Limits, Output, Peer,
    PortError, Ports, Reference, Timers,
};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// Contexts held at once.
const HELD: u32 = 10_000;
const LOCAL: &str = "v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS/MSRP *\r\na=setup:passive\r\na=fingerprint:sha-256 $\r\n";
const REMOTE: &str = "v=0\r\nc=IN IP4 192.0.2.7\r\nm=message 9 TCP/TLS/MSRP *\r\na=setup:active\r\n\
    a=fingerprint:sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3A:4B:65:2E:7D:46:3F:54:42:CD:54:F1\r\n";

/// Every port of a few addresses.
struct Pool {
    free: BTreeSet<SocketAddr>,
}

impl Pool {
    fn new() -> Self {
        let addresses = (1..=4).flat_map(|host| (1024..=u16::MAX).map(move |port| ([192, 0, 2, host], port).into()));
        Self { free: addresses.collect() }
    }
}

impl Ports for Pool {
    fn reserve(&mut self, _: &str, _: IpVersion) -> Result<SocketAddr, PortError> {
        self.free.pop_first().ok_or(PortError::Exhausted)
    }

    fn release(&mut self, local: SocketAddr) {
        self.free.insert(local);
    }
}

struct Mgc {
    gateway: Gateway,
    peer: Peer,
    now: Instant,
    transaction: u32,
}

impl Mgc {
    #[expect(clippy::disallowed_methods, reason = "any instant serves as the origin of virtual time")]
    fn new() -> Self {
        let config = Config {
            interface: Interface::Iq,
            mid: SocketAddr::from(([192, 0, 2, 1], 2944)).into(),
            realms: vec!["access".into(), "core".into()],
            certificate: vec![7; 500].into(),
            mgcs: Vec::new(),
            association: AssociationSettings::default(),
            timers: Timers::default(),
            limits: Limits::default(),
            first_transaction: 1,
            secret: 7,
        };
        let gateway = Gateway::new(config, Arc::new(Reference), Box::new(Pool::new()));
        let peer = Peer { association: AssociationId(0), address: ([192, 0, 2, 9], 2944).into() };
        Self { gateway, peer, now: Instant::now(), transaction: 0 }
    }

    /// One transaction; its reply. Bearer commands are taken and dropped, as a relay of its own would carry them out.
    fn say(&mut self, actions: &str) -> Vec<u8> {
        self.transaction += 1;
        let message = format!("!/2 [192.0.2.9]:2944 T={}{{{actions}}}", self.transaction);
        self.gateway.handle_h248(self.now, self.peer, message.as_bytes());
        let mut reply = Vec::new();
        while let Some(output) = self.gateway.poll_output() {
            match output {
                Output::Control { octets, .. } => reply = octets,
                Output::Bearer { command: LegCommand::Open { leg, .. }, .. } => drop(black_box(leg)),
                Output::Bearer { .. } => {}
            }
        }
        while self.gateway.poll_event().is_some() {}
        assert!(!reply.windows(3).any(|octets| octets == b"ER="), "{}", String::from_utf8_lossy(&reply));
        reply
    }

    /// A new context with two terminations; its number, and that of its first termination.
    fn add(&mut self) -> (u32, u32) {
        let reply = self.say(&format!(
            "C=${{A=ip/access/${{M{{ST=1{{O{{MO=SR}},L{{{LOCAL}}}}}}},E=1{{g/cause}}}},A=ip/core/${{M{{ST=1{{O{{MO=SR}},L{{{LOCAL}}}}}}}}}}}"
        ));
        let reply = String::from_utf8_lossy(&reply);
        let number = |before: &str| {
            let after = reply.split_once(before).map_or("", |(_, rest)| rest);
            after.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
        };
        (number("C=").expect("a context"), number("A=ip/access/").expect("a termination"))
    }

    fn cycle(&mut self) {
        let (context, termination) = self.add();
        self.say(&format!("C={context}{{MF=ip/access/{termination}{{M{{ST=1{{R{{{REMOTE}}}}}}}}}}}"));
        self.say(&format!("C={context}{{S=*}}"));
    }
}

fn main() {
    // `cargo test --all-targets` only wants to see it work.
    let measured = env::args().any(|argument| argument == "--bench");
    let (cycles, rounds, held) = if measured { (2_000, 30, HELD) } else { (10, 1, 10) };

    let mut mgc = Mgc::new();
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let start = ThreadTime::now();
        (0..cycles).for_each(|_| mgc.cycle());
        best = best.min(start.elapsed());
    }
    let rate = f64::from(cycles) / best.as_secs_f64();
    println!("gateway, Add/Modify/Subtract cycles {rate:>10.0}/s  of three transactions, over {}", cycles * rounds);

    let mut mgc = Mgc::new();
    let before = ALLOCATED.current_usage();
    for _ in 0..held {
        mgc.add();
    }
    let used = ALLOCATED.current_usage() - before;
    let each = used / usize::try_from(held).unwrap_or(1);
    println!(
        "gateway, contexts held {held}: {:.1} MiB, {each} octets each (two terminations, remembered replies)",
        used as f64 / f64::from(1 << 20)
    );
}
