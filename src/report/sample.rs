//! Synthetic results for the tests of this layer.

use crate::results::{
    Absence, Absent, Audit, Audited, Basis, Check, Decode, Frame, Interface, Lane, Level, Limit, Link, Outcome,
    Parameter, Profile, Protocol, Run, RunResult, Scenario, Step, StepOutcome, Target, Teardown, Tool, Verdict,
};

/// Everything a hostile target could write anywhere.
pub(super) const HOSTILE: &str =
    "</script><img src=x onerror=alert(1)>\"'`&\u{1b}[31m\u{0}\u{202e}]]>{{ 7*7 }}\u{9b}2J";

pub(super) fn run() -> Run {
    let audited = |name: &str, version, assumed| Audited {
        name: name.into(),
        version,
        assumed,
        source: "AuditValue of ROOT".into(),
    };
    Run {
        tool: Tool {
            name: "gatecheck".into(),
            version: "0.1.0".into(),
            revision: "17b97d9".into(),
            catalogue: "1".into(),
            host: "linux x86_64".into(),
        },
        target: Target { name: "reference".into(), role: "mg".into(), version: "0.1.0".into() },
        profile: Profile {
            interface: Some(Interface::Iq),
            name: "threegimsaccess".into(),
            version: "2".into(),
            adopted: true,
        },
        seed: 7,
        started: "2026-01-02T03:04:05Z".into(),
        command: ["gatecheck", "run", "--seed", "7"].map(String::from).to_vec(),
        strict: false,
        audit: Audit {
            packages: vec![
                audited("g", Some(1), false),
                audited("ipdc", Some(1), false),
                audited("nt", Some(2), false),
                audited("tlsbsc", Some(1), true),
                audited("seplink", None, true),
            ],
            limits: vec![Limit { name: "contexts".into(), value: "10000".into() }],
            absences: vec![Absence {
                what: "package seplink".into(),
                evidence: "not in the audit reply".into(),
                switched_off: vec!["4.3.4-c.1".into()],
            }],
            deviations: vec!["the kernel answers a SYN before the far leg is up".into()],
        },
    }
}

const ADD: &str = "MEGACO/3 [127.0.0.1]:2944\nTransaction = 7 {\n Context = $ {\n  Add = ip/1/access/$ {\n   Media {\n    Stream = 1 {\n     LocalControl { Mode = SendReceive, ipdc/realm = \"access\" },\n     Local {\nv=0\nc=IN IP4 $\nm=message $ TCP/TLS/MSRP *\na=setup:passive\na=fingerprint:sha-256 $\n     }\n    }\n   }\n  },\n  Add = ip/1/core/$\n }\n}\n";
const REPLY: &str =
    "MEGACO/3 [127.0.0.1]:2945\nReply = 7 {\n Context = 1 {\n  Add = ip/1/access/1,\n  Add = ip/1/core/2\n }\n}\n";
const SEND: &str = "MSRP a786hjs2 SEND\r\nTo-Path: msrp://b.example:7654/kjhd37s2;tcp\r\nFrom-Path: msrp://a.example:7777/iau39;tcp\r\nMessage-ID: 87652491\r\nByte-Range: 1-12/12\r\nContent-Type: text/plain\r\n\r\nHello, world\r\n-------a786hjs2$\r\n";

fn frames() -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut push = |from, to, link, protocol, secured, summary: &str, octets: &[u8], decode: Vec<Decode>| {
        let number = frames.len() as u32 + 1;
        let frame = Frame {
            number,
            time_us: u64::from(number) * 1_317,
            from,
            to,
            link,
            protocol,
            secured,
            summary: summary.into(),
            octets: Vec::new(),
            length: 0,
            decode,
        };
        frames.push(frame.with_octets(octets));
    };
    use Lane::{Mg, Mgc, UeA, UeB};
    use Link::{Access, Control, Core};
    use Protocol::{H248, Msrp, Tcp, Tls};
    let leaf = Decode::leaf;
    let node = |label: &str, start, end, children| Decode { children, ..Decode::leaf(label, start, end) };
    let add = ADD.len() as u32;
    let at = |needle: &str| ADD.find(needle).unwrap_or(0) as u32;
    push(
        Mgc,
        Mg,
        Control,
        H248,
        false,
        "Transaction 7 C$ Add access, Add core",
        ADD.as_bytes(),
        vec![
            leaf("MEGACO/3, mId [127.0.0.1]:2944", 0, 26),
            node(
                "Transaction 7",
                26,
                add,
                vec![node(
                    "Context $",
                    at("Context"),
                    add - 2,
                    vec![
                        node(
                            "Add ip/1/access/$",
                            at("Add"),
                            at("  Add = ip/1/core") - 1,
                            vec![
                                leaf("Mode SendReceive", at("Mode"), at("Mode") + 18),
                                leaf("ipdc/realm access", at("ipdc"), at("ipdc") + 21),
                                leaf("m= message $ TCP/TLS/MSRP", at("m="), at("m=") + 27),
                                leaf("a=setup:passive", at("a=setup"), at("a=setup") + 15),
                            ],
                        ),
                        leaf("Add ip/1/core/$", at("Add = ip/1/core"), add - 4),
                    ],
                )],
            ),
        ],
    );
    push(Mg, Mgc, Control, H248, false, "Reply 7 C1 Add, Add", REPLY.as_bytes(), vec![leaf("Reply 7", 26, 90)]);
    push(UeA, Mg, Access, Tcp, false, "connected 127.0.0.1:41822 → :50004", b"", vec![]);
    let hello = [&[0x16, 3, 1, 0, 0x30, 1, 0, 0, 0x2c, 3, 3][..], &[0xa5; 42]].concat();
    push(
        UeA,
        Mg,
        Access,
        Tls,
        false,
        "ClientHello TLS 1.3",
        &hello,
        vec![leaf("record: handshake", 0, 5), leaf("ClientHello", 5, 53)],
    );
    push(
        Mg,
        UeB,
        Core,
        Msrp,
        false,
        "SEND a786hjs2 1-12/12 $",
        SEND.as_bytes(),
        vec![
            leaf("SEND a786hjs2", 0, 18),
            leaf("To-Path msrp://b.example:7654/kjhd37s2;tcp", 20, 63),
            leaf("Byte-Range 1-12/12", SEND.find("Byte").unwrap_or(0) as u32, SEND.find("Content").unwrap_or(0) as u32),
            leaf("end-line $", SEND.find("-------").unwrap_or(0) as u32, SEND.len() as u32),
        ],
    );
    push(UeA, Mg, Access, Tls, false, "Finished", &[0x17, 3, 3, 0, 2, 9, 9], vec![]);
    push(UeA, Mg, Access, Msrp, true, "SEND a786hjs2 1-12/12 $", SEND.as_bytes(), vec![]);
    push(UeB, Mg, Core, Msrp, false, "200 OK a786hjs2", b"MSRP a786hjs2 200 OK\r\n-------a786hjs2$\r\n", vec![]);
    push(
        Mgc,
        Mg,
        Control,
        H248,
        false,
        "Transaction 8 C1 Subtract *",
        b"MEGACO/3 [127.0.0.1]:2944\nT=8{C=1{S=*}}",
        vec![],
    );
    push(
        Mg,
        Mgc,
        Control,
        H248,
        false,
        "Reply 8 C1 Subtract, Subtract",
        b"MEGACO/3 [127.0.0.1]:2945\nP=8{C=1{S=ip/1/access/1,S=ip/1/core/2}}",
        vec![],
    );
    frames
}

fn step(keyword: &str, text: &str, n: u64, outcome: StepOutcome, checks: Vec<Check>) -> Step {
    let (keyword, text, doc) = (keyword.into(), text.into(), None);
    Step { keyword, text, doc, outcome, started_us: n * 1_300, duration_us: 1_250, checks }
}

/// Scenario `n` of clause 4.1.3 with evidence that fits `verdict`.
pub(super) fn scenario(n: u32, verdict: Verdict) -> Scenario {
    let basis = match verdict {
        Verdict::Info => Basis::Open { what: "how TLS release spreads (4.3.4)".into() },
        _ => Basis::Normative { source: "TR 4.3.1".into() },
    };
    let (outcome, level) = match verdict {
        Verdict::Fail | Verdict::KnownFail | Verdict::Crash => (Outcome::Missed, Level::Shall),
        Verdict::NonStrict => (Outcome::Missed, Level::Should),
        Verdict::Inconclusive => (Outcome::NotObserved, Level::Shall),
        _ => (Outcome::Met, Level::Shall),
    };
    let met = outcome == Outcome::Met;
    let order = Check {
        level,
        requirement: "4.3.1-b".into(),
        ..Check::new("nothing is forwarded before TLS ends", "TR 4.3.1", outcome)
    }
    .from_frames([5])
    .compare(
        "no application octet on the core side before frame 6 (Finished)",
        "207 octets on the core side in frame 5, before Finished",
    );
    let mut notify =
        Check::new("the MGC is told that the bearer is established", "TR 4.3.3.2", outcome).from_frames([6]);
    notify.level = level;
    if !met {
        notify.absent = Some(Absent {
            from: Lane::Mg,
            to: Lane::Mgc,
            protocol: Protocol::H248,
            summary: "Notify g/cause".into(),
            after: 6,
        });
    }
    let done = if met { StepOutcome::Passed } else { StepOutcome::Failed };
    let ran = !matches!(verdict, Verdict::Skipped | Verdict::Unsupported);
    let steps = vec![
        step(
            "Given",
            "an e2ae MSRP session with TLS towards access and TCP towards core",
            0,
            StepOutcome::Passed,
            vec![],
        ),
        step("When", "UE-A connects and completes the handshake", 3, StepOutcome::Passed, vec![]),
        step("Then", "nothing is forwarded before TLS ends", 5, done, vec![order]),
        step("And", "the MGC is told", 6, done, vec![notify]),
    ];
    let tls = ["1.2", "1.3"][n as usize % 2];
    let mut scenario =
        Scenario::new(format!("4.1.3-a.{n}"), "TLS towards access, TCP towards core", "4.1.3", Level::Shall, basis);
    scenario.purpose = "The gateway ends TLS at the access edge and forwards MSRP over plain TCP.".into();
    scenario.requirements = vec!["4.1.3-a".into(), "4.3.1-b".into()];
    scenario.interface = Some(Interface::Iq);
    scenario.packages = vec!["ipdc".into(), "g".into()];
    scenario.parameters = vec![
        Parameter { name: "TLS".into(), value: tls.into() },
        Parameter { name: "TCP role".into(), value: ["passive", "active"][n as usize / 2 % 2].into() },
        Parameter { name: "IP".into(), value: "IPv4".into() },
    ];
    scenario.feature = "4-design/4.1.3a-e2ae-tls-interworking.feature".into();
    scenario.line = 10 + n;
    scenario.duration_ms = 12 + u64::from(n);
    scenario.trace = Some(format!("traces/4.1.3-a.{n}.pcapng"));
    scenario.steps = if ran { steps } else { vec![] };
    scenario.frames = if ran { frames() } else { vec![] };
    scenario.verdict = verdict;
    scenario.teardown = if verdict == Verdict::Fail { Teardown::Unclean } else { Teardown::Clean };
    scenario.cause = match verdict {
        Verdict::Pass => "",
        Verdict::Fail => "nothing is forwarded before TLS ends: expected no octet, saw 207",
        Verdict::Crash => "the gateway process ended with signal 6",
        Verdict::Skipped => "this machine has no IPv6",
        Verdict::Unsupported => "the audit shows no package seplink",
        Verdict::Inconclusive => "UE-B could not bind its address",
        Verdict::Error => "no step definition for: pigs fly",
        Verdict::Info => "the core leg is released 4 ms after TLS",
        Verdict::KnownFail => "bug 7 (as listed; fail: nothing is forwarded before TLS ends)",
        Verdict::StaleKnown => "listed as a known failure (bug 8) but passes",
        Verdict::NonStrict => "the MGC is told that the bearer is established: expected a Notify, saw nothing",
    }
    .into();
    if verdict == Verdict::Crash {
        scenario.log = "thread 'relay' panicked at relay.rs:10:\nindex out of bounds".into();
    }
    scenario
}

/// A run with one scenario for each verdict.
pub(super) fn result(verdicts: &[Verdict]) -> RunResult {
    let scenarios = verdicts.iter().zip(1..).map(|(verdict, n)| scenario(n, *verdict)).collect();
    RunResult::new(run(), scenarios, 4_230, false)
}

/// A failing run in which every text a target controls is hostile.
pub(super) fn hostile() -> RunResult {
    let mut result = result(&[Verdict::Fail, Verdict::Crash]);
    let h = || HOSTILE.to_owned();
    result.run.target = Target { name: h(), role: h(), version: h() };
    result.run.profile.name = h();
    result.run.command.push(h());
    result.run.tool.host = h();
    result.run.started = h();
    for package in &mut result.run.audit.packages {
        (package.name, package.source) = (h(), h());
    }
    result.run.audit.deviations = vec![h()];
    result.run.audit.limits = vec![Limit { name: h(), value: h() }];
    result.run.audit.absences = vec![Absence { what: h(), evidence: h(), switched_off: vec![h()] }];
    for scenario in &mut result.scenarios {
        scenario.id.push_str(HOSTILE);
        (scenario.title, scenario.purpose, scenario.cause, scenario.log, scenario.feature) = (h(), h(), h(), h(), h());
        scenario.clause = h();
        (scenario.requirements, scenario.packages) = (vec![h()], vec![h()]);
        scenario.parameters = vec![Parameter { name: h(), value: h() }];
        scenario.trace = Some(format!("javascript:{HOSTILE}"));
        scenario.basis = Basis::Assumed { what: h() };
        for step in &mut scenario.steps {
            (step.keyword, step.text, step.doc) = (h(), h(), Some(h()));
            for check in &mut step.checks {
                (check.text, check.clause, check.requirement, check.expected, check.actual) =
                    (h(), h(), h(), h(), format!("x{HOSTILE}"));
                check.off_wire = Some(h());
                check.basis = Some(Basis::Open { what: h() });
                if let Some(absent) = &mut check.absent {
                    absent.summary = h();
                }
            }
        }
        for frame in &mut scenario.frames {
            frame.summary = h();
            frame.decode = vec![Decode::leaf(h(), 0, 20)];
            *frame = frame.clone().with_octets(HOSTILE.as_bytes());
        }
    }
    result
}
