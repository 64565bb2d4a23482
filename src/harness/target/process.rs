//! A gateway in a process of its own: started, listened to, its death noticed.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt, io,
    net::{IpAddr, SocketAddr},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _},
    process::{Child, Command},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use super::{Launch, Manifest, Readiness, TargetError, Transport};

/// The arguments our own gateway takes.
const OWN_ARGUMENTS: [&str; 11] = [
    "gateway",
    "--interface",
    "{interface}",
    "--control",
    "{transport}:{control}",
    "--mgc",
    "{transport}:{mgc}",
    "--access",
    "{access}",
    "--core",
    "{core}",
];
/// Lines of output kept.
const LINES: usize = 500;
/// Octets of one line kept.
const LINE: usize = 1000;
/// Lines of output told with a death.
const LAST_WORDS: usize = 20;

/// A program to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessTarget {
    command: String,
    arguments: Vec<String>,
    environment: BTreeMap<String, String>,
    readiness: Readiness,
}

impl ProcessTarget {
    /// What `[launch]` says.
    ///
    /// # Errors
    /// `{self}` is asked for and this program does not know where it is.
    pub fn from_launch(launch: &Launch) -> Result<Self, TargetError> {
        let command = launch.command.clone().unwrap_or_else(|| "{self}".into());
        let command = if command.contains("{self}") {
            let own = std::env::current_exe().map_err(TargetError::NoSelf)?;
            command.replace("{self}", &own.to_string_lossy())
        } else {
            command
        };
        let arguments = launch.args.clone().unwrap_or_else(|| OWN_ARGUMENTS.map(str::to_owned).into());
        Ok(Self { command, arguments, environment: launch.environment.clone(), readiness: launch.readiness })
    }

    /// Our own gateway as a program.
    ///
    /// # Errors
    /// This program does not know where it is.
    pub fn own() -> Result<Self, TargetError> {
        Self::from_launch(&Launch::default())
    }

    pub(super) async fn start(&self, mgc: SocketAddr, manifest: &Manifest) -> io::Result<Process> {
        let mut child = Command::new(&self.command)
            .args(filled(&self.arguments, mgc, manifest))
            .envs(&self.environment)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.command)))?;

        let log = Log::default();
        let (first_line, mut spoke) = watch::channel(false);
        let mut readers = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            readers.spawn(log.clone().read(stdout, Some(first_line)));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.spawn(log.clone().read(stderr, None));
        }
        let (stop, stopping) = watch::channel(false);
        let (died, death) = watch::channel(None);
        let watcher = tokio::spawn(watch_over(child, readers, log.clone(), stopping, died, manifest.timers.stop()));
        let process = Process { log, death, stop, watcher: tokio::sync::Mutex::new(Some(watcher)) };
        if self.readiness == Readiness::FirstLine {
            let spoke = tokio::time::timeout(manifest.timers.registration(), spoke.wait_for(|spoke| *spoke)).await;
            // A reader that ended saw no line: the process is dying, which `died` tells with its last words.
            if spoke.is_err() {
                process.stop().await;
                return Err(io::Error::new(io::ErrorKind::TimedOut, format!("{} wrote no first line", self.command)));
            }
        }
        Ok(process)
    }
}

impl fmt::Display for ProcessTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.command, self.arguments.join(" "))
    }
}

/// The arguments with their placeholders filled. One that is all `{access}` or `{core}` is repeated, with the option before it,
/// for every address of that side.
fn filled(arguments: &[String], mgc: SocketAddr, manifest: &Manifest) -> Vec<String> {
    let media = &manifest.media;
    let (access, core) = (&media.access.gateway, &media.core.gateway);
    let first = |addresses: &[IpAddr]| addresses.first().map(IpAddr::to_string).unwrap_or_default();
    let transport = match manifest.control.transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
    };
    let mut filled: Vec<String> = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let option = filled.last().filter(|option| option.starts_with('-')).cloned();
        filled.push(
            argument
                .replace("{transport}", transport)
                .replace("{mgc}", &mgc.to_string())
                .replace("{control}", &SocketAddr::new(mgc.ip(), 0).to_string())
                .replace("{access}", &first(access))
                .replace("{core}", &first(core))
                .replace("{interface}", &manifest.profile.interface.name().to_ascii_lowercase()),
        );
        let others: &[IpAddr] = match argument.as_str() {
            "{access}" => access.get(1..).unwrap_or_default(),
            "{core}" => core.get(1..).unwrap_or_default(),
            _ => &[],
        };
        for other in others {
            filled.extend(option.clone());
            filled.push(other.to_string());
        }
    }
    filled
}

/// A started program. Dropping it kills the program.
#[derive(Debug)]
pub struct Process {
    log: Log,
    death: watch::Receiver<Option<String>>,
    stop: watch::Sender<bool>,
    watcher: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

impl Process {
    /// How it ended and its last words, if it ended without being asked to.
    pub fn crashed(&self) -> Option<String> {
        self.death.borrow().clone()
    }

    /// Waits until it has ended without being asked to; for ever when it was asked.
    pub async fn died(&self) -> String {
        let mut death = self.death.clone();
        let text = match death.wait_for(Option::is_some).await {
            Ok(text) => text.clone(),
            Err(_) => None,
        };
        match text {
            Some(text) => text,
            None => std::future::pending().await,
        }
    }

    /// Asks it to end (SIGTERM), kills it when it does not in time, and waits until it is gone.
    pub async fn stop(&self) {
        let _ = self.stop.send(true);
        if let Some(watcher) = self.watcher.lock().await.take() {
            let _ = watcher.await;
        }
    }

    /// The last lines it wrote, standard output and error in order of arrival.
    pub fn log(&self) -> String {
        self.log.last(LINES)
    }
}

/// Sees a process to its end, and tells of one nobody asked for.
async fn watch_over(
    mut child: Child,
    mut readers: JoinSet<()>,
    log: Log,
    mut stopping: watch::Receiver<bool>,
    died: watch::Sender<Option<String>>,
    patience: Duration,
) {
    let ended = tokio::select! {
        ended = child.wait() => Some(ended),
        // A sender that is gone means stop as well.
        _ = stopping.wait_for(|stop| *stop) => None,
    };
    match ended {
        Some(ended) => {
            // Its last words may still be in the pipes; a grandchild that keeps them open must not hold us up.
            let _ = tokio::time::timeout(patience, async { while readers.join_next().await.is_some() {} }).await;
            died.send_replace(Some(epitaph(ended, &log)));
        }
        None => {
            terminate(&child).await;
            if tokio::time::timeout(patience, child.wait()).await.is_err() {
                let _ = child.kill().await;
            }
        }
    }
}

fn epitaph(ended: io::Result<ExitStatus>, log: &Log) -> String {
    let how = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
    let last_words = log.last(LAST_WORDS);
    if last_words.is_empty() { how } else { format!("{how}\n{last_words}") }
}

/// SIGTERM, by way of the shell: the standard library can only kill.
async fn terminate(child: &Child) {
    let Some(id) = child.id() else { return };
    let _ = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id.to_string()]).status().await;
}

/// The last lines of a process's output.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    fn lines(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, line: &[u8]) {
        let mut lines = self.lines();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(String::from_utf8_lossy(line).trim_end().to_owned());
    }

    fn last(&self, count: usize) -> String {
        let lines = self.lines();
        let skipped = lines.len().saturating_sub(count);
        lines.iter().skip(skipped).cloned().collect::<Vec<_>>().join("\n")
    }

    /// Reads to the end; of a line without end only the beginning is kept.
    async fn read(self, mut stream: impl AsyncRead + Unpin, spoke: Option<watch::Sender<bool>>) {
        let mut buffer = [0; 4096];
        let mut line = Vec::new();
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            for octet in buffer.iter().take(count) {
                if *octet == b'\n' {
                    self.push(&line);
                    line.clear();
                    if let Some(spoke) = &spoke {
                        spoke.send_if_modified(|spoke| !std::mem::replace(spoke, true));
                    }
                } else if line.len() < LINE {
                    line.push(*octet);
                }
            }
        }
        if !line.is_empty() {
            self.push(&line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, readiness: Readiness) -> (ProcessTarget, Manifest) {
        let launch = Launch {
            command: Some("sh".into()),
            args: Some(vec!["-c".into(), script.into()]),
            readiness,
            ..Launch::default()
        };
        let manifest = Manifest::parse("role = \"mg\"\n[profile]\ninterface = \"ix\"\n").unwrap();
        (ProcessTarget::from_launch(&launch).unwrap(), manifest)
    }

    async fn start(script: &str, readiness: Readiness) -> io::Result<Process> {
        let (target, manifest) = shell(script, readiness);
        target.start("127.0.0.1:9".parse().unwrap(), &manifest).await
    }

    #[tokio::test]
    async fn a_process_that_dies_is_reported_with_its_last_words() {
        let process = start("echo out; echo boom >&2; exit 3", Readiness::Registered).await.unwrap();
        let text = process.died().await;
        assert!(text.contains("exit status: 3") && text.contains("boom") && text.contains("out"), "{text}");
        assert_eq!(process.crashed(), Some(text));
    }

    #[tokio::test]
    async fn an_end_that_was_asked_for_is_no_crash() {
        let process = start(
            "trap 'echo leaving; exit 0' TERM; echo up; while :; do read x || sleep 0.01; done",
            Readiness::FirstLine,
        );
        let process = process.await.unwrap();
        process.stop().await;
        assert_eq!(process.crashed(), None);
        assert!(process.log().starts_with("up"));
    }

    #[tokio::test]
    async fn placeholders_are_filled() {
        let process = start("echo {mgc} {access} {core} {interface}; exit 0", Readiness::FirstLine).await.unwrap();
        process.died().await;
        assert_eq!(process.log(), "127.0.0.1:9 127.0.0.1 127.0.0.1 ix");
    }

    #[test]
    fn every_address_of_a_side_gets_its_option() {
        let manifest = Manifest::parse(super::super::REFERENCE_TOML).unwrap();
        let arguments = OWN_ARGUMENTS.map(str::to_owned);
        let text = filled(&arguments, "[::1]:9".parse().unwrap(), &manifest).join(" ");
        assert_eq!(
            text,
            "gateway --interface iq --control udp:[::1]:0 --mgc udp:[::1]:9 \
             --access 127.0.0.1 --access ::1 --core 127.0.0.1 --core ::1"
        );
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_an_error() {
        let (mut target, manifest) = shell("", Readiness::Registered);
        target.command = "/no/such/program".into();
        let error = target.start("127.0.0.1:9".parse().unwrap(), &manifest).await.unwrap_err();
        assert!(error.to_string().contains("/no/such/program"), "{error}");
    }

    #[tokio::test]
    async fn output_without_end_is_kept_in_part() {
        let process = start("head -c 100000 /dev/zero | tr '\\0' x; yes | head -n 2000", Readiness::Registered);
        let process = process.await.unwrap();
        process.died().await;
        assert!(process.log().len() <= LINES * (LINE + 1));
        assert_eq!(process.log().lines().count(), LINES);
    }
}
