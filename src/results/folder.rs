//! The result folder. A file appears whole or not at all: it is written beside its name, then renamed. Two runs into one folder do not mix:
//! what is being written has a name of its own, and the last one to finish stays.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the one file of this layer that touches a disk"
)]

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use super::{Event, EventError, RunResult};

/// A result folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// Why results could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Not an event log.
    #[error("{path}: {source}")]
    Event {
        /// Which.
        path: String,
        /// Why.
        source: EventError,
    },
    /// Not results.
    #[error("{path}: {source}")]
    Json {
        /// Which.
        path: String,
        /// Why.
        source: serde_json::Error,
    },
    /// A schema this version does not know.
    #[error("{path}: schema {found:?}, this version reads {:?}", RunResult::SCHEMA)]
    Schema {
        /// Which.
        path: String,
        /// The schema found.
        found: String,
    },
}

impl Folder {
    /// Makes the folder and its `traces` ready. What an earlier run left stays until this one has something to put in its place.
    ///
    /// # Errors
    /// When the folder cannot be made or written.
    pub fn create(path: impl Into<PathBuf>) -> io::Result<Self> {
        let folder = Self { path: path.into() };
        fs::create_dir_all(folder.path.join("traces"))?;
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Path of a scenario's trace inside the folder, with `/`: what [`Scenario::trace`](super::Scenario::trace) holds.
    #[must_use]
    pub fn trace_name(id: &str) -> String {
        format!("traces/{}.pcapng", file_name(id))
    }

    /// Writes one file, whole or not at all. `name` may have folders in it; they must exist.
    ///
    /// # Errors
    /// When writing or renaming fails; the old file is then untouched.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        write_whole(&path, contents.as_ref())?;
        Ok(path)
    }

    /// Writes `results.json`, and removes the traces of earlier runs that no scenario of this one names.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn write_results(&self, result: &RunResult) -> io::Result<PathBuf> {
        let mut json = serde_json::to_string_pretty(&result.without_frames())?;
        json.push('\n');
        let written = self.write("results.json", json)?;
        let named: BTreeSet<PathBuf> =
            result.scenarios.iter().filter_map(|s| s.trace.as_ref()).map(|trace| self.path.join(trace)).collect();
        for entry in fs::read_dir(self.path.join("traces"))? {
            let trace = entry?.path();
            if trace.extension().is_some_and(|e| e == "pcapng") && !named.contains(&trace) {
                fs::remove_file(trace)
                    .or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) })?;
            }
        }
        Ok(written)
    }

    /// Opens the event log. It grows beside its name, as `events.ndjson.….partial`, and gets it when [`EventLog::finish`] is called.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn event_log(&self) -> io::Result<EventLog> {
        let path = self.path.join("events.ndjson");
        let partial = beside(&path);
        Ok(EventLog { file: io::BufWriter::new(fs::File::create(&partial)?), partial, path })
    }

    /// Reads results: a result folder, an event log, or a `results.json` (then without frames, unless an event log of the same run lies beside
    /// it).
    ///
    /// # Errors
    /// [`ReadError`] with the path.
    pub fn read(path: &Path) -> Result<RunResult, ReadError> {
        if path.is_dir() {
            let events = path.join("events.ndjson");
            return Self::read(&if events.is_file() { events } else { path.join("results.json") });
        }
        let name = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| ReadError::Io { path: name(), source })?;
        if path.extension().is_some_and(|e| e == "ndjson" || e == "partial") {
            return Event::read_log(&text)
                .and_then(RunResult::from_events)
                .map_err(|source| ReadError::Event { path: name(), source });
        }
        let result: RunResult =
            serde_json::from_str(&text).map_err(|source| ReadError::Json { path: name(), source })?;
        if result.schema != RunResult::SCHEMA {
            return Err(ReadError::Schema { path: name(), found: result.schema });
        }
        let same_run = |full: &RunResult| full.run == result.run && full.without_frames() == result;
        let full = Self::read(&path.with_file_name("events.ndjson")).ok().filter(same_run);
        Ok(full.unwrap_or(result))
    }
}

/// An event log being written.
#[derive(Debug)]
pub struct EventLog {
    file: io::BufWriter<fs::File>,
    partial: PathBuf,
    path: PathBuf,
}

impl EventLog {
    /// Appends one event and hands it to the system, so that a killed run keeps what had finished.
    ///
    /// # Errors
    /// When writing fails.
    pub fn append(&mut self, event: &Event) -> io::Result<()> {
        self.file.write_all(event.to_line()?.as_bytes())?;
        self.file.flush()
    }

    /// Gives the log its name.
    ///
    /// # Errors
    /// When writing or renaming fails.
    pub fn finish(mut self) -> io::Result<PathBuf> {
        self.file.flush()?;
        fs::rename(&self.partial, &self.path)?;
        Ok(self.path)
    }
}

/// Writes `contents` to `path`, whole or not at all.
///
/// # Errors
/// When writing or renaming fails; an old file is then untouched.
pub fn write_whole(path: &Path, contents: &[u8]) -> io::Result<()> {
    let partial = beside(path);
    fs::write(&partial, contents).and_then(|()| fs::rename(&partial, path)).inspect_err(|_| {
        // Whatever went wrong is the error to tell, not that its half could not be removed.
        fs::remove_file(&partial).ok();
    })
}

/// A name of its own beside `path`, in this process and among others.
fn beside(path: &Path) -> PathBuf {
    static WRITTEN: AtomicU64 = AtomicU64::new(0);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}-{}.partial", std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed)));
    name.into()
}

/// `id` as a file name that stays inside its folder on any system: letters, digits, `-`, `_` and inner dots survive.
fn file_name(id: &str) -> String {
    let kept: String =
        id.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).take(120).collect();
    match kept.trim_matches('.') {
        "" => "_".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::{Basis, Level, Run, Scenario, run::tests::run};

    /// A folder of its own for each test, gone afterwards.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("gatecheck-{name}-{}", std::process::id()));
            fs::remove_dir_all(&path).ok();
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn a_run_reads_back_from_folder_log_and_json() {
        let scratch = Scratch::new("read-back");
        let folder = Folder::create(&scratch.0).unwrap();
        let mut log = folder.event_log().unwrap();
        log.append(&Event::RunStarted { selected: 0, run: Box::new(run()) }).unwrap();
        log.append(&Event::RunFinished { duration_ms: 3, interrupted: false }).unwrap();
        assert!(!scratch.0.join("events.ndjson").exists(), "the log has its name only when whole");
        log.finish().unwrap();
        let result = Folder::read(folder.path()).unwrap();
        folder.write_results(&result).unwrap();
        assert_eq!(Folder::read(&scratch.0.join("results.json")).unwrap(), result);
        assert!(
            fs::read_dir(&scratch.0).unwrap().flatten().all(|e| e.path().extension().is_none_or(|x| x != "partial"))
        );
    }

    #[test]
    fn a_trace_no_scenario_names_goes_away() {
        let scratch = Scratch::new("old-trace");
        let folder = Folder::create(&scratch.0).unwrap();
        folder.write("traces/old.pcapng", b"x").unwrap();
        folder.write(&Folder::trace_name("new"), b"x").unwrap();
        let basis = Basis::Normative { source: "TR 4.1.3".into() };
        let mut scenario = Scenario::new("new", "t", "4.1.3", Level::Shall, basis);
        scenario.trace = Some(Folder::trace_name("new"));
        folder.write_results(&RunResult::new(run(), vec![scenario], 1, false)).unwrap();
        assert!(!scratch.0.join("traces/old.pcapng").exists());
        assert!(scratch.0.join("traces/new.pcapng").exists());
    }

    #[test]
    fn two_runs_into_one_folder_do_not_mix() {
        let scratch = Scratch::new("two-runs");
        let folder = Folder::create(&scratch.0).unwrap();
        let logs = [folder.event_log().unwrap(), folder.event_log().unwrap()];
        for (seed, mut log) in (1..).zip(logs) {
            log.append(&Event::RunStarted { selected: 0, run: Box::new(Run { seed, ..run() }) }).unwrap();
            log.finish().unwrap();
            assert_eq!(Folder::read(folder.path()).unwrap().run.seed, seed);
        }
    }

    #[test]
    fn a_write_that_fails_leaves_nothing_behind() {
        let scratch = Scratch::new("failed-write");
        let folder = Folder::create(&scratch.0).unwrap();
        assert!(folder.write("traces", b"a folder is in the way").is_err());
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1);
    }

    #[test]
    fn an_id_cannot_leave_the_folder() {
        assert_eq!(Folder::trace_name("4.1.3-a.1"), "traces/4.1.3-a.1.pcapng");
        assert_eq!(Folder::trace_name("../../etc/passwd"), "traces/_.._etc_passwd.pcapng");
        assert_eq!(Folder::trace_name(".."), "traces/_.pcapng");
        assert_eq!(Folder::trace_name("a\u{1b}[31m\0"), "traces/a__31m_.pcapng");
    }
}
