//! `conformance.html`: one self-contained file that works offline and without script.
//!
//! The page may run exactly one script, the one named by hash in its content security policy, and may load nothing: whatever a
//! target manages to write into it stays text twice over.

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tera::{Context, Tera};

use crate::results::{RunResult, Scenario, Verdict};

use super::{
    card::{self, Card, Room},
    escape::{anchor, href, one_line, visible},
    overview::{self, ClauseRow, MatrixRow},
    triage::{self, Group},
    words,
};

const TEMPLATE: &str = include_str!("templates/conformance.html");
const STYLE: &str = include_str!("templates/conformance.css");
const SCRIPT: &str = include_str!("templates/conformance.js");

/// Octets of HTML spent on octets and decode trees: what fails first, the rest shares what is left. With ladders and text this keeps 300 scenarios
/// under 5 MB.
const OCTETS_FAILING: usize = 1_500_000;
const OCTETS_OTHERS: usize = 700_000;
/// Messages drawn in all, and in one scenario at most.
const MESSAGES: usize = 6_000;
const MESSAGES_EACH: usize = 60;

/// One result and where its folder is, seen from the report.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The result, with frames where ladders are wanted.
    pub result: &'a RunResult,
    /// Relative path of its folder with a closing `/`; empty when the report lies in it.
    pub folder: &'a str,
}

#[derive(Serialize)]
struct Page {
    title: String,
    style: &'static str,
    script: &'static str,
    script_hash: String,
    several: bool,
    runs: Vec<RunView>,
    targets: Vec<String>,
    clauses: Vec<ClauseRow>,
    matrix: Vec<MatrixRow>,
    triage: Vec<Group>,
    cards: Vec<Card>,
    facets: Facets,
    glossary: Vec<(&'static str, &'static str)>,
    schema: &'static str,
}

#[derive(Serialize)]
struct RunView {
    target: String,
    role: String,
    version: String,
    profile: String,
    adopted: bool,
    sentence: String,
    /// `good`, `bad`, `unclear`: the banner's style.
    tone: &'static str,
    counts: Vec<(&'static str, u64)>,
    total: usize,
    duration: String,
    seed: u64,
    started: String,
    command: String,
    tool: String,
    catalogue: String,
    host: String,
    strict: bool,
    interrupted: bool,
    untidy: usize,
    packages: Vec<PackageView>,
    limits: Vec<(String, String)>,
    absences: Vec<(String, String, Vec<String>)>,
    deviations: Vec<String>,
    links: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct PackageView {
    name: String,
    version: String,
    assumed: bool,
    source: String,
}

#[derive(Serialize)]
struct Facets {
    verdicts: Vec<(&'static str, usize)>,
    clauses: Vec<String>,
    packages: Vec<String>,
    interfaces: Vec<&'static str>,
}

/// The report of one run, or of several side by side.
///
/// # Errors
/// When the template fails, which a test with every field filled rules out.
pub fn html(shown: &[Shown<'_>]) -> tera::TeraResult<String> {
    let results: Vec<&RunResult> = shown.iter().map(|s| s.result).collect();
    let several = results.len() > 1;
    // Ids are unique in a run, not among runs.
    let anchors = |n: usize, s: &Scenario| if several { anchor(&format!("{}.{}", n + 1, s.id)) } else { anchor(&s.id) };
    let scenarios: Vec<&Scenario> = results.iter().flat_map(|r| &r.scenarios).collect();
    let placed = || results.iter().enumerate().flat_map(|(n, r)| r.scenarios.iter().map(move |s| (n, s)));
    let page = Page {
        title: one_line(&format!(
            "{} conformance: {}",
            results.iter().map(|r| r.run.target.name.as_str()).collect::<Vec<_>>().join(", "),
            results.first().map(|r| words::sentence(r)).unwrap_or_default()
        )),
        style: STYLE,
        script: SCRIPT,
        script_hash: format!("sha256-{}", base64(&Sha256::digest(SCRIPT.as_bytes()))),
        several,
        runs: shown.iter().map(run_view).collect(),
        targets: results.iter().map(|r| one_line(&r.run.target.name)).collect(),
        clauses: overview::clauses(&scenarios),
        matrix: overview::matrix(&results, &anchors),
        triage: triage::groups(placed().map(|(n, s)| (anchors(n, s), s))),
        cards: cards(shown, several, &anchors),
        facets: facets(&scenarios),
        glossary: Verdict::WORST_FIRST.into_iter().rev().map(|v| (v.word(), words::meaning(v))).collect(),
        schema: RunResult::SCHEMA,
    };
    let mut tera = Tera::default();
    // The name ends in .html, or nothing would be escaped.
    tera.add_raw_template("conformance.html", TEMPLATE)?;
    tera.render("conformance.html", &Context::from_serialize(&page)?)
}

fn cards(shown: &[Shown<'_>], several: bool, anchors: &dyn Fn(usize, &Scenario) -> String) -> Vec<Card> {
    let all: usize = shown.iter().map(|s| s.result.scenarios.len()).sum();
    let fails = |s: &Scenario| s.verdict > Verdict::Info;
    let failing = shown.iter().flat_map(|s| &s.result.scenarios).filter(|s| fails(s)).count();
    let room = |s: &Scenario| {
        let (octets, others) = if fails(s) { (OCTETS_FAILING, failing) } else { (OCTETS_OTHERS, all - failing) };
        Room { rows: (MESSAGES / all.max(1)).clamp(8, MESSAGES_EACH), octets: octets / others.max(1) }
    };
    shown
        .iter()
        .enumerate()
        .flat_map(|(n, shown)| {
            let run = &shown.result.run;
            shown
                .result
                .scenarios
                .iter()
                .map(move |s| card::card(anchors(n, s), run, several, shown.folder, s, room(s)))
        })
        .collect()
}

fn run_view(shown: &Shown<'_>) -> RunView {
    let result = shown.result;
    let run = &result.run;
    let join = |parts: &[&str]| one_line(parts.join(" ").trim());
    RunView {
        target: one_line(&run.target.name),
        role: one_line(&run.target.role),
        version: one_line(&run.target.version),
        profile: join(&[run.profile.interface.map_or("", |i| i.name()), &run.profile.name, &run.profile.version]),
        adopted: run.profile.adopted,
        sentence: words::sentence(result),
        tone: match result.exit_code() {
            0 => "good",
            1 => "bad",
            _ => "unclear",
        },
        counts: Verdict::WORST_FIRST
            .into_iter()
            .filter(|v| result.count(*v) > 0)
            .map(|v| (v.word(), result.count(v)))
            .collect(),
        total: result.scenarios.len(),
        duration: words::duration(result.duration_ms),
        seed: run.seed,
        started: one_line(&run.started),
        command: one_line(&words::command(run)),
        tool: join(&[&run.tool.name, &run.tool.version, &run.tool.revision]),
        catalogue: one_line(&run.tool.catalogue),
        host: one_line(&run.tool.host),
        strict: run.strict,
        interrupted: result.interrupted,
        untidy: result.scenarios.iter().filter(|s| s.teardown != crate::results::Teardown::Clean).count(),
        packages: run
            .audit
            .packages
            .iter()
            .map(|p| PackageView {
                name: one_line(&p.name),
                version: p.version.map_or_else(|| "absent".to_owned(), |v| v.to_string()),
                assumed: p.assumed,
                source: one_line(&p.source),
            })
            .collect(),
        limits: run.audit.limits.iter().map(|l| (one_line(&l.name), one_line(&l.value))).collect(),
        absences: run
            .audit
            .absences
            .iter()
            .map(|a| (one_line(&a.what), one_line(&a.evidence), a.switched_off.iter().map(|s| one_line(s)).collect()))
            .collect(),
        deviations: run.audit.deviations.iter().map(|d| visible(d)).collect(),
        links: [
            ("results.json", "results.json"),
            ("JUnit", "junit.xml"),
            ("event log", "events.ndjson"),
            ("traces", "traces/"),
        ]
        .map(|(name, file)| (name, href(&format!("{}{file}", shown.folder))))
        .to_vec(),
    }
}

fn facets(scenarios: &[&Scenario]) -> Facets {
    let sorted = |all: Vec<&str>| {
        let mut all: Vec<String> = all.into_iter().map(one_line).collect();
        all.sort();
        all.dedup();
        all
    };
    let mut interfaces: Vec<_> = scenarios.iter().filter_map(|s| s.interface).collect();
    interfaces.sort();
    interfaces.dedup();
    Facets {
        verdicts: Verdict::WORST_FIRST
            .into_iter()
            .map(|v| (v.word(), scenarios.iter().filter(|s| s.verdict == v).count()))
            .filter(|(_, n)| *n > 0)
            .collect(),
        clauses: sorted(scenarios.iter().map(|s| s.clause.as_str()).collect()),
        packages: sorted(scenarios.iter().flat_map(|s| &s.packages).map(String::as_str).collect()),
        interfaces: interfaces.into_iter().map(|i| i.name()).collect(),
    }
}

/// RFC 4648, clause 4.
fn base64(octets: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in octets.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, o| bits << 8 | u32::from(*o)) << (8 * (3 - group.len()));
        for n in 0..4 {
            let digit = ALPHABET.get((bits >> (18 - 6 * n)) as usize & 63).copied().unwrap_or(b'=');
            text.push(if n > group.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::report::sample;

    fn page(result: &RunResult) -> String {
        html(&[Shown { result, folder: "" }]).unwrap()
    }

    /// Names of all elements that open in `html`, script and style contents left out.
    fn elements(html: &str) -> BTreeSet<String> {
        let html = html.replace(SCRIPT, "").replace(STYLE, "");
        html.split('<')
            .skip(1)
            .map(|tag| tag.chars().take_while(|c| c.is_ascii_alphanumeric() || "/!".contains(*c)).collect::<String>())
            .collect()
    }

    #[test]
    fn a_hostile_target_cannot_break_out() {
        let html = page(&sample::hostile());
        let plain = page(&sample::result(&Verdict::WORST_FIRST));
        let new: Vec<_> = elements(&html).difference(&elements(&plain)).cloned().collect();
        assert!(new.is_empty(), "{new:?}");
        assert_eq!(html.matches("<script").count(), 1);
        assert_eq!(html.matches("</script").count(), 1);
        assert!(!html.contains(" onerror=alert(1)>") && !html.contains("href=\"javascript"));
        assert!(!html.contains("{{ 49 }}") && html.contains("{{ 7*7 }}"));
        assert!(html.replace(SCRIPT, "").chars().all(|c| c == '\n' || c == '\t' || !c.is_control()));
        assert!(!html.contains('\u{202e}'));
    }

    #[test]
    fn nothing_is_requested() {
        let html = page(&sample::result(&Verdict::WORST_FIRST));
        assert!(html.contains("default-src &#39;none&#39;") || html.contains("default-src 'none'"));
        for request in [" src=", "@import", "url(", "http://", "https://", "<link", "<iframe", "<object"] {
            assert!(!html.contains(request), "{request}");
        }
    }

    #[test]
    fn every_verdict_is_shown_by_word_and_shape() {
        let html = page(&sample::result(&Verdict::WORST_FIRST));
        for verdict in Verdict::WORST_FIRST {
            let word = verdict.word();
            assert!(html.contains(&format!("<symbol id=\"v-{word}\"")), "{word}");
            assert!(html.contains(&format!("<use href=\"#v-{word}\"")), "{word}");
            assert!(html.contains(&format!(".v-{word}")), "{word}");
        }
    }

    #[test]
    fn every_link_into_the_page_has_its_place() {
        for html in [page(&sample::result(&Verdict::WORST_FIRST)), page(&sample::hostile()), page(&sample::result(&[]))]
        {
            let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|t| t.split('"').next()).collect();
            assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id occurs twice");
            for link in html.split(" href=\"#").skip(1).filter_map(|t| t.split('"').next()) {
                assert!(ids.contains(&link), "#{link}");
            }
        }
    }

    #[test]
    fn a_failed_card_is_open_and_a_passed_one_is_closed() {
        let html = page(&sample::result(&[Verdict::Pass, Verdict::Fail]));
        let card = |id: &str| html.split(&format!("id=\"s-{id}\"")).nth(1).and_then(|c| c.split('>').next()).unwrap();
        assert!(!card("4.1.3-a.1").contains(" open"));
        assert!(card("4.1.3-a.2").contains(" open"));
    }

    #[test]
    fn two_targets_share_one_matrix() {
        let one = sample::result(&[Verdict::Pass]);
        let mut two = sample::result(&[Verdict::Fail]);
        two.run.target.name = "other".into();
        let html =
            html(&[Shown { result: &one, folder: "reference/" }, Shown { result: &two, folder: "other/" }]).unwrap();
        assert!(html.contains("id=\"s-1.4.1.3-a.1\"") && html.contains("id=\"s-2.4.1.3-a.1\""));
        assert!(html.contains("href=\"./other/results.json\""));
    }

    #[test]
    fn a_page_keeps_its_budget() {
        let empty = page(&sample::result(&[])).len();
        let verdicts: Vec<Verdict> =
            (0..300).map(|n| if n % 10 == 3 { Verdict::Fail } else { Verdict::Pass }).collect();
        let mut result = sample::result(&verdicts);
        for scenario in &mut result.scenarios {
            // 30 messages each.
            let first = scenario.frames.clone();
            for round in 1..3_u32 {
                scenario.frames.extend(first.iter().map(|f| {
                    let mut frame = f.clone();
                    frame.number += round * 10;
                    frame.time_us += u64::from(round) * 20_000;
                    frame
                }));
            }
        }
        let full = page(&result).len();
        println!("empty {empty} octets, 300 scenarios {full} octets");
        assert!(empty <= 150_000, "{empty}");
        assert!(full <= 5_000_000, "{full}");
    }

    #[test]
    fn the_script_is_named_by_its_hash() {
        assert_eq!(
            [base64(b"f"), base64(b"fo"), base64(b"foo"), base64(b"foob")],
            ["Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
        assert!(!SCRIPT.contains("</") && !STYLE.contains("</"));
    }

    /// Writes the pages to look at; `GATECHECK_PAGES` says where.
    #[test]
    #[ignore = "for looking at"]
    fn pages_to_look_at() {
        let Some(folder) = std::env::var_os("GATECHECK_PAGES").map(std::path::PathBuf::from) else { return };
        let folder = crate::results::Folder::create(folder).unwrap();
        let mut verdicts = vec![Verdict::Pass; 24];
        verdicts.extend(Verdict::WORST_FIRST);
        verdicts.extend([Verdict::Fail, Verdict::Fail]);
        folder.write("varied.html", page(&sample::result(&verdicts))).unwrap();
        folder.write("hostile.html", page(&sample::hostile())).unwrap();
        folder.write("empty.html", page(&sample::result(&[]))).unwrap();
        folder.write("green.html", page(&sample::result(&[Verdict::Pass; 34]))).unwrap();
        let mut other = sample::result(&verdicts[5..]);
        other.run.target.name = "vendor-x".into();
        let both = [Shown { result: &sample::result(&verdicts), folder: "" }, Shown { result: &other, folder: "x/" }];
        folder.write("two.html", html(&both).unwrap()).unwrap();
        let many: Vec<Verdict> = (0..300).map(|n| if n % 10 == 3 { Verdict::Fail } else { Verdict::Pass }).collect();
        folder.write("many.html", page(&sample::result(&many))).unwrap();
    }
}
