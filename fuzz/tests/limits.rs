//! What the worst inputs cost: time grows with the size and no faster, memory stays a small multiple of it.

use std::{sync::Mutex, time::Duration};

use cpu_time::ThreadTime;
use peak_alloc::PeakAlloc;

#[path = "../worst_case.rs"]
mod worst_case;

use worst_case::{CASES, WorstCase};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// The allocator counts for the whole process: one measure at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Where the slope starts.
const FROM: usize = 32 * 1024;
const SIZE: usize = 64 * 1024;
/// Memory an input of [`SIZE`] may take.
const MEMORY: usize = 64 * 1024 * 1024;

/// The least of several runs: what the work costs when nothing else is in its way.
fn cpu(case: &WorstCase, octets: &[u8]) -> Duration {
    let run = || {
        let start = ThreadTime::now();
        (case.read)(octets);
        start.elapsed()
    };
    (0..3).map(|_| run()).min().unwrap_or_default()
}

/// Twice the input costs about twice the time. A quadratic parser needs 4 and 16 times: 3 and 9 tell them apart and forgive the
/// machine; a first suspicion is measured again.
#[test]
fn time_grows_with_the_size_and_no_faster() {
    let _alone = ALONE.lock();
    let mut steep = Vec::new();
    for case in CASES {
        let sizes = [FROM, 2 * FROM, 4 * FROM].map(|size| (case.grow)(size));
        let linear = || {
            let [once, twice, four] = [0, 1, 2].map(|index| cpu(case, &sizes[index]));
            // Below this the clock and the caches are all that is measured.
            let floor = Duration::from_micros(200);
            let once = once.max(floor);
            (twice < once * 3 && four < once * 9, [once, twice, four])
        };
        let measured: Vec<_> = (0..4).map(|_| linear()).take_while(|(linear, _)| !linear).collect();
        if measured.len() == 4 {
            steep.push(format!("{}: {:?}", case.name, measured.last()));
        }
    }
    assert!(steep.is_empty(), "{}", steep.join("\n"));
}

#[test]
fn memory_of_the_worst_inputs_is_bounded() {
    let _alone = ALONE.lock();
    let mut large = Vec::new();
    for case in CASES {
        let octets = (case.grow)(SIZE);
        let before = ALLOCATOR.current_usage();
        ALLOCATOR.reset_peak_usage();
        (case.read)(&octets);
        let peak = ALLOCATOR.peak_usage().saturating_sub(before);
        println!("{:8} kB  {}", peak / 1024, case.name);
        if peak > MEMORY {
            large.push(format!("{}: {peak} octets", case.name));
        }
    }
    assert!(large.is_empty(), "{}", large.join("\n"));
}
