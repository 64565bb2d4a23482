//! One TCP connection of a UE: moves octets between socket, TLS session and inbox, and records them all.
//!
//! It runs as a task of its own, so that what the gateway does is recorded when it happens and not when a test asks.

mod session;

use super::{
    observed::{Observed, TcpEnd, UeError},
    shared::{INBOX_LIMIT, Shared, State, TcpState},
};
use crate::harness::transcript::{Event, Route, TcpEvent};
use session::Session;
use std::{
    collections::VecDeque,
    io::{self, ErrorKind},
    sync::Arc,
};
use tokio::{
    io::{AsyncWriteExt as _, Interest},
    net::TcpStream,
    sync::{mpsc, oneshot},
};

/// What a caller wants done with the connection.
pub(super) enum Command {
    /// Begin TLS; nothing when it has begun.
    Secure,
    /// Application octets, through TLS when it is up; answered when the kernel has them all.
    Send(Vec<u8>, Done),
    /// Octets past TLS.
    SendRaw(Vec<u8>, Done),
    /// close_notify.
    EndTls(Done),
    /// FIN, once everything before it is sent.
    Fin(Done),
    /// Reset, at once.
    Reset(Done),
}

/// Told the frame that shows the command's effect.
pub(super) type Done = oneshot::Sender<Result<u32, UeError>>;

/// Most octets written at once: keeps frames readable and interruptible.
const WRITE_STEP: usize = 16 << 10;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fin {
    Open,
    Wanted,
    Sent,
}

pub(super) struct Pump {
    stream: TcpStream,
    route: Route,
    connection: u64,
    shared: Arc<Shared>,
    commands: mpsc::UnboundedReceiver<Command>,
    session: Option<Session>,
    /// Octets that came before TLS was begun.
    held: Vec<u8>,
    out: VecDeque<u8>,
    written: u64,
    waiting: VecDeque<(u64, Done)>,
    fin: Fin,
    fin_waiting: Vec<Done>,
    peer_done: bool,
    last_frame: u32,
}

impl Pump {
    /// A pump for an established connection; `route` leads from the UE to its peer.
    pub(super) fn new(
        stream: TcpStream,
        route: Route,
        connection: u64,
        shared: Arc<Shared>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        Self {
            stream,
            route,
            connection,
            shared,
            commands,
            session: None,
            held: Vec::new(),
            out: VecDeque::new(),
            written: 0,
            waiting: VecDeque::new(),
            fin: Fin::Open,
            fin_waiting: Vec::new(),
            peer_done: false,
            last_frame: 0,
        }
    }

    /// Runs until both directions are closed, a reset, or the UE is dropped.
    pub(super) async fn run(mut self) {
        while self.turn().await {}
        let end = self.shared.lock().end.map(|(end, _)| end);
        let observed = if end == Some(TcpEnd::Reset) { Observed::Reset } else { Observed::NotConnected };
        self.change(|state| state.tcp = TcpState::Over);
        let failed: Vec<Done> =
            self.waiting.drain(..).map(|(_, done)| done).chain(self.fin_waiting.drain(..)).collect();
        for done in failed {
            self.answer(done, Err(UeError::new(observed.clone(), self.last_frame)));
        }
    }

    /// One step; false ends the connection.
    async fn turn(&mut self) -> bool {
        self.flush_tls();
        if self.out.is_empty() {
            self.announce();
            if self.fin == Fin::Wanted && !self.send_fin().await {
                return false;
            }
        }
        if self.peer_done && self.fin == Fin::Sent {
            return false;
        }
        let reads = !self.peer_done && self.held.len() < INBOX_LIMIT && self.shared.wants_octets();
        let interest = match (reads, !self.out.is_empty()) {
            (true, true) => Some(Interest::READABLE | Interest::WRITABLE),
            (true, false) => Some(Interest::READABLE),
            (false, true) => Some(Interest::WRITABLE),
            (false, false) => None,
        };
        let shared = Arc::clone(&self.shared);
        let ready = async {
            match interest {
                Some(interest) => self.stream.ready(interest).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            command = self.commands.recv() => match command {
                Some(command) => self.obey(command),
                None => false,
            },
            () = shared.taken.notified() => true,
            ready = ready => match ready {
                Ok(ready) => (!ready.is_writable() || self.write()) && (!(reads && ready.is_readable()) || self.read()),
                Err(_) => self.peer_reset(),
            },
        }
    }

    fn obey(&mut self, command: Command) -> bool {
        match command {
            Command::Secure => self.begin_tls(),
            Command::Send(octets, done) => match &mut self.session {
                Some(session) => {
                    let taken = session.engine.write(&octets);
                    self.flush_tls();
                    match taken {
                        Ok(()) => self.wait_for_write(done),
                        Err(observed) => {
                            let frame = self.last_frame;
                            self.answer(done, Err(UeError::new(observed, frame)));
                        }
                    }
                }
                None => self.send_raw(&octets, done),
            },
            Command::SendRaw(octets, done) => self.send_raw(&octets, done),
            Command::EndTls(done) => {
                self.close_notify();
                self.flush_tls();
                self.wait_for_write(done);
            }
            Command::Fin(done) => {
                if self.fin == Fin::Open {
                    self.fin = Fin::Wanted;
                }
                if self.fin == Fin::Sent {
                    self.answer(done, Ok(self.last_frame));
                } else {
                    self.fin_waiting.push(done);
                }
            }
            Command::Reset(done) => {
                // Zero linger makes the kernel reset when the socket is dropped.
                let set = self.stream.set_zero_linger();
                self.last_frame = self.record(Event::Tcp(TcpEvent::Reset));
                self.answer(done, set.map(|()| self.last_frame).map_err(|e| self.unreachable(&e)));
                return false;
            }
        }
        true
    }

    fn send_raw(&mut self, octets: &[u8], done: Done) {
        self.out.extend(octets);
        self.wait_for_write(done);
    }

    /// Answers `done` when everything now in `out` has left.
    fn wait_for_write(&mut self, done: Done) {
        let due = self.written + self.out.len() as u64;
        if self.out.is_empty() {
            self.answer(done, Ok(self.last_frame));
        } else {
            self.waiting.push_back((due, done));
        }
    }

    fn write(&mut self) -> bool {
        while !self.out.is_empty() {
            let (front, _) = self.out.as_slices();
            let step = front.get(..front.len().min(WRITE_STEP)).unwrap_or(front);
            match self.stream.try_write(step) {
                Ok(count) => {
                    let octets: Vec<u8> = self.out.drain(..count).collect();
                    self.written += count as u64;
                    self.last_frame = self.record(Event::octets(&octets));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return self.peer_reset(),
            }
        }
        while self.waiting.front().is_some_and(|(due, _)| *due <= self.written) {
            if let Some((_, done)) = self.waiting.pop_front() {
                self.answer(done, Ok(self.last_frame));
            }
        }
        true
    }

    fn read(&mut self) -> bool {
        let mut buffer = [0; 16 << 10];
        match self.stream.try_read(&mut buffer) {
            Ok(0) => {
                self.peer_done = true;
                let frame = self.shared.transcript.record(self.route.reversed(), Event::Tcp(TcpEvent::Fin));
                self.change(|state| state.end = Some((TcpEnd::Fin, frame)));
                if self.shared.settings().closes_with_peer && self.fin == Fin::Open {
                    self.close_notify();
                    self.fin = Fin::Wanted;
                }
                true
            }
            Ok(count) => {
                let octets = buffer.get(..count).unwrap_or_default();
                self.last_frame = self.shared.transcript.record(self.route.reversed(), Event::octets(octets));
                self.change(|state| state.raw_received += count as u64);
                self.take_in(octets);
                true
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => true,
            Err(_) => self.peer_reset(),
        }
    }

    async fn send_fin(&mut self) -> bool {
        self.fin = Fin::Sent;
        if self.stream.shutdown().await.is_err() {
            return self.peer_reset();
        }
        self.last_frame = self.record(Event::Tcp(TcpEvent::Fin));
        for done in std::mem::take(&mut self.fin_waiting) {
            self.answer(done, Ok(self.last_frame));
        }
        true
    }

    fn peer_reset(&mut self) -> bool {
        let frame = self.shared.transcript.record(self.route.reversed(), Event::Tcp(TcpEvent::Reset));
        self.last_frame = frame;
        self.change(|state| state.end = Some((TcpEnd::Reset, frame)));
        false
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        self.shared.change_of(self.connection, change);
    }

    fn record(&self, event: Event) -> u32 {
        self.shared.transcript.record(self.route, event)
    }

    fn unreachable(&self, error: &io::Error) -> UeError {
        UeError::new(Observed::Unreachable(error.to_string()), self.last_frame)
    }

    fn answer(&self, done: Done, result: Result<u32, UeError>) {
        // The caller may have stopped waiting at its time bound.
        let _gone: Result<(), _> = done.send(result);
    }
}
