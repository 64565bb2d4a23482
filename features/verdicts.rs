//! The verdicts themselves on trial: a broken gateway is caught by name, a null gateway passes nothing it should not, and the
//! same gateway gets the same verdicts however it is run.

use gatecheck::{
    faulty::{self, Fault},
    harness::target::{Launch, Manifest, REFERENCE_TOML, Sharing, Target, Transport},
    results::{Event, Level, Scenario, Verdict},
    steps::{self, Environment, RunOptions, Selection, Settings, Suite, TraceWish},
};
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, sync::Arc};

/// Runs what is selected (everything, when nothing is) on a target; the records, and what the target still held at the end.
fn run(manifest: Manifest, target: Target, selectors: &[&str]) -> (Vec<Scenario>, String) {
    let selectors = selectors.iter().map(|s| (*s).to_owned()).collect();
    let suite = Suite::embedded().and_then(|s| s.select(&Selection { selectors, ..Selection::default() }));
    let suite = suite.unwrap_or_else(|error| panic!("{error}"));
    let sharing = manifest.control.sharing;
    let environment = Arc::new(Environment::new(Settings { target, manifest, sharing, seed: 1, today: (2026, 1, 1) }));
    let options = RunOptions { jobs: 8, trace: TraceWish::None, folder: None };
    let records = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&records);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let held = runtime.block_on(async {
        let tell = move |event| {
            if let Event::ScenarioFinished { scenario } = event {
                kept.borrow_mut().push(*scenario);
            }
        };
        steps::run(&suite, &environment, &options, tell).await;
        let held = environment.holdings().await;
        environment.stop().await;
        held
    });
    assert_eq!(records.borrow().len(), suite.cases().len(), "every selected scenario has a record");
    (records.take(), held.unwrap_or_default())
}

fn reference() -> Manifest {
    Manifest::parse(REFERENCE_TOML).unwrap()
}

fn verdicts(records: &[Scenario]) -> BTreeMap<String, Verdict> {
    records.iter().map(|r| (r.id.clone(), r.verdict)).collect()
}

fn causes(records: &[Scenario]) -> String {
    let bad = records.iter().filter(|r| r.verdict != Verdict::Pass);
    bad.map(|r| format!("{} {}: {}\n", r.verdict.word(), r.id, r.cause)).collect()
}

#[test]
fn every_faulty_gateway_is_caught_by_the_scenario_that_claims_it() {
    let caught = |fault: &'static Fault| {
        let (records, _) = run(reference(), Target::Reference(Some(fault)), &[fault.caught_by]);
        let verdict = records.first().map_or(Verdict::Error, |r| r.verdict);
        let seen = matches!(verdict, Verdict::Fail | Verdict::Crash | Verdict::NonStrict);
        println!("{:28} {:10} {}", fault.name, verdict.word(), fault.caught_by);
        if seen { None } else { Some(format!("{}: {} by {}\n", fault.name, verdict.word(), fault.caught_by)) }
    };
    // Most of their time is waiting for what a faulty gateway does not do.
    let missed: Vec<String> = std::thread::scope(|scope| {
        let shares = faulty::ALL.chunks(faulty::ALL.len().div_ceil(8));
        let shares: Vec<_> =
            shares.map(|share| scope.spawn(move || share.iter().filter_map(caught).collect())).collect();
        shares.into_iter().flat_map(|share| -> Vec<String> { share.join().unwrap() }).collect()
    });
    assert!(missed.is_empty(), "not caught:\n{}", missed.concat());
}

#[test]
fn the_reference_passes_whatever_catches_a_faulty_gateway_and_keeps_nothing() {
    let killers: Vec<&str> = faulty::ALL.iter().map(|fault| fault.caught_by).collect();
    let (records, held) = run(reference(), Target::Reference(None), &killers);
    assert_eq!(causes(&records), "");
    assert_eq!(held, "", "the gateway still holds something");
}

#[test]
fn a_null_gateway_passes_nothing_about_bearers_or_state() {
    // Refusing what cannot be read takes a parser and nothing else, and these have ours.
    let only_syntax = |id: &str| id.starts_with("h248-error.a-request-with-an-unreadable");
    // Where any refusal will do, one that refuses everything comes close.
    let judges_error_codes = |id: &str| id.starts_with("h248-error") || id.starts_with("4.1.3c-key-at");
    let over_udp = ["null-accept", "null-501", "null-echo"].map(|name| (name, "udp"));
    for (name, transport) in over_udp.into_iter().chain([("null-accept", "tcp"), ("null-501", "tcp")]) {
        let path = format!("targets/{name}.toml");
        let mut manifest = Manifest::parse(steps::built_in(&path).unwrap()).unwrap();
        if transport == "tcp" {
            manifest.control.transport = Transport::Tcp;
        }
        let target = Target::from_manifest(&manifest).unwrap();
        let (records, _) = run(manifest, target, &[]);
        let wrong: Vec<_> = records
            .iter()
            .filter(|r| matches!(r.verdict, Verdict::Pass | Verdict::NonStrict | Verdict::Error) && !only_syntax(&r.id))
            .filter(|r| !(r.verdict == Verdict::NonStrict && (judges_error_codes(&r.id) || r.level == Level::Should)))
            .map(|r| format!("{} {}: {}", r.verdict.word(), r.id, r.cause))
            .collect();
        assert!(wrong.is_empty(), "{name} over {transport}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn shared_private_and_a_process_of_its_own_give_equal_verdicts() {
    let (shared, held) = run(reference(), Target::Reference(None), &[]);
    assert_eq!(causes(&shared), "");
    assert_eq!(held, "", "the gateway still holds something");
    let mut manifest = reference();
    manifest.control.sharing = Sharing::Private;
    let (private, _) = run(manifest, Target::Reference(None), &[]);
    assert_eq!(causes(&private), "");
    let process = REFERENCE_TOML
        .replace("in_process = \"reference\"", &format!("command = {:?}", env!("CARGO_BIN_EXE_gatecheck")));
    let manifest = Manifest::parse(&process).unwrap();
    let target = Target::from_manifest(&manifest).unwrap();
    let (process, _) = run(manifest, target, &[]);
    assert_eq!(causes(&process), "");
    assert_eq!(verdicts(&shared), verdicts(&private));
    assert_eq!(verdicts(&shared), verdicts(&process));
}

#[test]
fn udp_and_tcp_give_equal_verdicts_and_a_process_of_its_own_too() {
    let (udp, _) = run(reference(), Target::Reference(None), &[]);
    let manifest = Manifest::parse(steps::built_in("targets/reference-tcp.toml").unwrap()).unwrap();
    let target = Target::from_manifest(&manifest).unwrap();
    let (mut tcp, held) = run(manifest.clone(), target, &[]);
    // What only UDP does, losing messages above all, is left out over TCP, and says so.
    let over_udp: Vec<Scenario> = tcp.extract_if(.., |r| r.verdict == Verdict::Skipped).collect();
    assert!(over_udp.iter().all(|r| r.cause.contains("TCP")), "{}", causes(&over_udp));
    assert_eq!(causes(&tcp), "");
    assert_eq!(held, "", "the gateway still holds something");
    let udp: Vec<Scenario> = udp.into_iter().filter(|r| over_udp.iter().all(|skipped| skipped.id != r.id)).collect();
    assert_eq!(verdicts(&udp), verdicts(&tcp));
    let mut process = manifest;
    process.launch = Some(Launch { command: Some(env!("CARGO_BIN_EXE_gatecheck").into()), ..Launch::default() });
    let target = Target::from_manifest(&process).unwrap();
    let (mut process, _) = run(process, target, &[]);
    process.retain(|r| r.verdict != Verdict::Skipped);
    assert_eq!(causes(&process), "");
    assert_eq!(verdicts(&udp), verdicts(&process));
}

#[test]
fn a_target_that_never_comes_is_inconclusive_and_waited_for_once() {
    let remote = REFERENCE_TOML.replace("[launch]\nin_process = \"reference\"", "[timers]\nregistration = 200");
    let manifest = Manifest::parse(&remote).unwrap();
    let target = Target::from_manifest(&manifest).unwrap();
    let (records, _) = run(manifest, target, &[]);
    // Nobody waits for what the target does not claim to serve.
    let waited = records.iter().filter(|r| r.verdict != Verdict::Skipped);
    let causes: Vec<_> = waited.map(|r| (r.verdict, r.cause.as_str())).collect();
    assert!(causes.iter().all(|(verdict, _)| *verdict == Verdict::Inconclusive), "{causes:?}");
    // Ports differ from one attempt to the next: one cause is one attempt.
    assert!(causes.iter().all(|(_, cause)| *cause == causes[0].1), "{causes:?}");
}
