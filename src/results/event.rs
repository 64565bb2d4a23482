//! The run's event log, `events.ndjson`: one JSON object a line, each with the version of the format.
//!
//! ```text
//! {"v":1,"event":"run-started","selected":34,"tool":…}
//! {"v":1,"event":"scenario-started","id":"4.1.3-a.1"}
//! {"v":1,"event":"scenario-finished","scenario":{… frames and all …}}
//! {"v":1,"event":"run-finished","duration_ms":4210,"interrupted":false}
//! ```

use serde::{Deserialize, Serialize};

use super::{run::Run, scenario::Scenario};

/// Version of the line format.
pub const VERSION: u32 = 1;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// First line.
    RunStarted {
        /// How many scenarios will run.
        selected: u64,
        /// What is known at the start.
        #[serde(flatten)]
        run: Box<Run>,
    },
    /// A scenario began; without a matching finish it was cut off.
    ScenarioStarted {
        /// Its id.
        id: String,
    },
    /// A scenario ended, with all its evidence.
    ScenarioFinished {
        /// The record.
        scenario: Box<Scenario>,
    },
    /// Last line; a log without it is of an interrupted run.
    RunFinished {
        /// How long, in ms.
        duration_ms: u64,
        /// Ended by the user before every selected scenario had run.
        interrupted: bool,
    },
}

/// Why an event log could not be read.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// A line that is not an event of this version.
    #[error("event log line {line}: {source}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// Written by a later version.
    #[error("event log line {line}: version {version}, this version reads {VERSION}")]
    Version {
        /// From 1.
        line: usize,
        /// The version found.
        version: u32,
    },
    /// The first event is not `run-started`.
    #[error("event log does not begin with run-started")]
    NotStarted,
}

#[derive(Serialize)]
struct WriteLine<'a> {
    v: u32,
    #[serde(flatten)]
    event: &'a Event,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl Event {
    /// The line, newline included.
    ///
    /// # Errors
    /// Never in practice: the types have no map with keys other than strings.
    pub fn to_line(&self) -> serde_json::Result<String> {
        let mut line = serde_json::to_string(&WriteLine { v: VERSION, event: self })?;
        line.push('\n');
        Ok(line)
    }

    /// Reads a whole log. A last line without newline is one a killed run did not finish, and is left out.
    ///
    /// # Errors
    /// [`EventError::Line`] and [`EventError::Version`] with the line number.
    pub fn read_log(text: &str) -> Result<Vec<Self>, EventError> {
        text.split_inclusive('\n')
            .enumerate()
            .filter(|(_, line)| line.ends_with('\n') && !line.trim().is_empty())
            .map(|(n, line)| {
                let line_error = |source| EventError::Line { line: n + 1, source };
                let Version { v } = serde_json::from_str(line).map_err(line_error)?;
                if v != VERSION {
                    return Err(EventError::Version { line: n + 1, version: v });
                }
                serde_json::from_str(line).map_err(line_error)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{
        RunResult,
        run::tests::run,
        verdict::{Basis, Level},
    };

    fn log() -> Vec<Event> {
        let scenario = |id: &str, line| {
            let basis = Basis::Normative { source: "TR 4.1.3".into() };
            Scenario { line, ..Scenario::new(id, "t", "4.1.3", Level::Shall, basis) }
        };
        vec![
            Event::RunStarted { selected: 2, run: Box::new(run()) },
            Event::ScenarioStarted { id: "b".into() },
            Event::ScenarioFinished { scenario: Box::new(scenario("b", 9)) },
            Event::ScenarioFinished { scenario: Box::new(scenario("a", 3)) },
            Event::RunFinished { duration_ms: 12, interrupted: false },
        ]
    }

    #[test]
    fn a_log_reads_back_as_written() {
        let text: String = log().iter().map(|e| e.to_line().unwrap()).collect();
        assert_eq!(Event::read_log(&text).unwrap(), log());
        assert!(text.lines().all(|l| l.starts_with("{\"v\":1,\"event\":")), "{text}");
    }

    #[test]
    fn a_log_cut_anywhere_is_an_interrupted_run() {
        let text: String = log().iter().map(|e| e.to_line().unwrap()).collect();
        let first = text.find('\n').unwrap() + 1;
        for cut in first..text.len() {
            let result = RunResult::from_events(Event::read_log(&text[..cut]).unwrap()).unwrap();
            assert!(result.interrupted);
        }
        let whole = RunResult::from_events(log()).unwrap();
        assert!(!whole.interrupted && whole.duration_ms == 12);
        assert_eq!(whole.scenarios.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn a_later_version_is_refused_by_number() {
        let line = log()[1].to_line().unwrap().replace("\"v\":1", "\"v\":2");
        assert!(matches!(Event::read_log(&line), Err(EventError::Version { line: 1, version: 2 })));
        assert!(matches!(RunResult::from_events([]), Err(EventError::NotStarted)));
    }
}
