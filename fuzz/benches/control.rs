//! How soon the reference gateway answers: Add, Modify and Subtract over loopback UDP, a thousand transactions a second.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a benchmark of sockets reads the clock")]

use gatecheck::{
    gateway::Interface,
    net::{Mg, MgConfig},
};
use std::{
    net::{Ipv4Addr, UdpSocket},
    time::{Duration, Instant},
};

/// Transactions measured, and those before them that warm up.
const MEASURED: usize = 10_000;
const WARM_UP: usize = 1_000;
/// Between two transactions.
const INTERVAL: Duration = Duration::from_millis(1);
const LOCAL: &str = "v=0\r\nc=IN IP4 $\r\nm=message $ TCP/TLS/MSRP *\r\na=setup:passive\r\na=fingerprint:sha-256 $\r\n";

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let config = MgConfig::loopback(Interface::Iq, Ipv4Addr::LOCALHOST.into());
    let mg = runtime.block_on(Mg::start(config)).expect("a gateway");
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    socket.connect(mg.control_addresses()[0].address).expect("connected");
    socket.set_read_timeout(Some(Duration::from_secs(5))).expect("a timeout");
    let mut buffer = vec![0; 65_536];
    let mut context = 0_u32;
    let mut waits = Vec::with_capacity(MEASURED);
    let began = Instant::now();
    for number in 0..WARM_UP + MEASURED {
        let due = began + INTERVAL * u32::try_from(number).expect("few");
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let actions = match number % 3 {
            0 => format!("C=${{A=${{M{{ST=1{{O{{MO=SR}},L{{{LOCAL}}}}}}}}}}}"),
            1 => format!("C={context}{{MF=*{{M{{ST=1{{O{{MO=IN}}}}}}}}}}"),
            _ => format!("C={context}{{S=*}}"),
        };
        let request = format!("!/2 [127.0.0.1]:2944 T={}{{{actions}}}", number + 1);
        // From when it was due: a gateway that falls behind must not look quick.
        socket.send(request.as_bytes()).expect("sent");
        let length = socket.recv(&mut buffer).expect("an answer");
        let wait = due.elapsed();
        let reply = String::from_utf8_lossy(&buffer[..length]);
        assert!(!reply.contains("ER="), "{request}\n{reply}");
        if number % 3 == 0 {
            let id = reply.split_once("{C=").and_then(|(_, rest)| rest.split_once('{')).expect("a context").0;
            context = id.parse().expect("a number");
        }
        if number >= WARM_UP {
            waits.push(wait);
        }
    }
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    println!(
        "control: {MEASURED} transactions at 1000/s over UDP: p50 {:?}, p99 {:?}, max {:?}",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}
