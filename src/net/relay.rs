//! A relay at work: its sockets, its clock, and one task that serves them.
//!
//! The task holds no octets of its own: what is read goes to the machine at once, and the buffer it is read into belongs to
//! the thread.
//!
//! A leg that goes to another relay takes its sockets along: its task hands them over at once, and the other one obeys nothing
//! else until it has them. What waits was ordered later than what it waits for, so that no two wait for each other.

use super::ports::SocketPool;
use crate::gateway::{
    BearerEvent, FailureCause, LegCommand, LegId, Relay, RelayId,
    bearer::{ConnectionId, DetachedLeg, Output, TcpEnd},
};
use std::{
    cell::RefCell,
    collections::BTreeMap,
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWrite,
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{Sleep, sleep_until},
};

#[cfg(test)]
mod tests;

pub use crate::gateway::RelaySettings;

/// Octets read from a connection at a time.
const READ_LENGTH: usize = 32 * 1024;

/// How long a leg accepts nobody after the system refused to (too many files open).
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

thread_local! {
    static READ: RefCell<[u8; READ_LENGTH]> = const { RefCell::new([0; READ_LENGTH]) };
}

/// What a relay's task is told.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "the large one is nearly every one")]
pub enum RelayCommand {
    /// What its machine is to do.
    Leg(LegCommand),
    /// Hand a leg over; if it is not there, the sender is dropped.
    Depart {
        /// Which leg.
        leg: LegId,
        /// To whom.
        to: oneshot::Sender<Handover>,
    },
    /// A leg comes from another relay, before anything that is told later.
    Expect(oneshot::Receiver<Handover>),
}

/// A leg on its way between the tasks of two relays, with its sockets. Dropped, it resets its connections.
#[derive(Debug)]
pub struct Handover {
    leg: LegId,
    machine: Option<DetachedLeg>,
    belongings: Option<Belongings>,
    pool: Arc<SocketPool>,
}

/// What the system has of a leg.
#[derive(Default)]
struct Belongings {
    port: Option<SocketAddr>,
    listener: Option<Listener>,
    attempts: BTreeMap<ConnectionId, Attempt>,
    links: BTreeMap<ConnectionId, Link>,
}

impl std::fmt::Debug for Belongings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Belongings").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Drop for Handover {
    fn drop(&mut self) {
        let Some(belongings) = self.belongings.take() else { return };
        belongings.links.into_values().for_each(Link::reset);
        if let Some(local) = belongings.port {
            self.pool.release(local);
        }
    }
}

/// Starts a relay. Its task ends when every leg it was given is released and its connections are closed, which takes at
/// most [`LINGER_TIMEOUT`](crate::gateway::bearer::LINGER_TIMEOUT); if the command sender is dropped while a leg is not
/// released, everything is reset and the task ends at once.
pub fn spawn(
    id: RelayId,
    settings: RelaySettings,
    pool: Arc<SocketPool>,
    commands: mpsc::UnboundedReceiver<RelayCommand>,
    events: mpsc::UnboundedSender<(RelayId, BearerEvent)>,
) -> JoinHandle<()> {
    let shell = Shell {
        id,
        relay: Relay::new(settings),
        pool,
        commands,
        commands_closed: false,
        expected: None,
        events,
        ports: BTreeMap::new(),
        listeners: BTreeMap::new(),
        attempts: BTreeMap::new(),
        links: BTreeMap::new(),
        timer: None,
    };
    tokio::spawn(shell.run())
}

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

struct Shell {
    id: RelayId,
    relay: Relay,
    pool: Arc<SocketPool>,
    commands: mpsc::UnboundedReceiver<RelayCommand>,
    commands_closed: bool,
    expected: Option<oneshot::Receiver<Handover>>,
    events: mpsc::UnboundedSender<(RelayId, BearerEvent)>,
    ports: BTreeMap<LegId, SocketAddr>,
    listeners: BTreeMap<LegId, Listener>,
    attempts: BTreeMap<ConnectionId, Attempt>,
    links: BTreeMap<ConnectionId, Link>,
    timer: Option<Pin<Box<Sleep>>>,
}

struct Listener {
    socket: TcpListener,
    paused_until: Option<Instant>,
}

/// One established TCP connection.
struct Link {
    stream: TcpStream,
    /// FIN was read.
    ended: bool,
    /// Writing failed: what the peer sent before is still to be read, then the connection counts as reset.
    broken: bool,
}

impl Link {
    fn new(stream: TcpStream) -> Self {
        // Without it small messages wait for acknowledgements; a socket that refuses is just slower.
        let _ = stream.set_nodelay(true);
        Self { stream, ended: false, broken: false }
    }

    fn reset(self) {
        let _ = self.stream.set_zero_linger();
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // However the task ends: its ports are free, and its peers are told.
        for (_, link) in std::mem::take(&mut self.links) {
            link.reset();
        }
        for local in self.ports.values() {
            self.pool.release(*local);
        }
    }
}

impl Shell {
    async fn run(mut self) {
        let mut commanded = false;
        loop {
            self.carry_out_all();
            let served = (commanded || self.commands_closed) && self.expected.is_none() && self.relay.is_empty();
            let abandoned = self.commands_closed && !self.relay.is_released();
            if served || abandoned {
                return;
            }
            self.set_timer();
            commanded |= poll_fn(|cx| self.poll(cx)).await;
        }
    }

    fn carry_out_all(&mut self) {
        while let Some(output) = self.relay.poll_output() {
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Listen { leg, local } => self.listen(leg, local),
            Output::Connect { leg, connection, local, to } => {
                self.ports.insert(leg, local);
                let socket = self.pool.take(local);
                self.attempts.insert(connection, Box::pin(async move { socket?.connect(to).await }));
            }
            Output::StopListening { leg, local } => {
                self.listeners.remove(&leg);
                self.ports.remove(&leg);
                self.pool.release(local);
            }
            Output::Shutdown(id) => {
                if let Some(link) = self.links.get_mut(&id) {
                    // TCP has no shutdown that waits. A connection that is gone shows on the next read.
                    let _ = Pin::new(&mut link.stream).poll_shutdown(&mut Context::from_waker(Waker::noop()));
                }
            }
            Output::Close(id) => {
                self.links.remove(&id);
            }
            Output::Abort(id) => {
                self.attempts.remove(&id);
                if let Some(link) = self.links.remove(&id) {
                    link.reset();
                }
            }
            Output::Event(event) => self.report(event),
        }
    }

    fn report(&self, event: BearerEvent) {
        // Nobody listens any more: the gateway is going.
        let _ = self.events.send((self.id, event));
    }

    fn listen(&mut self, leg: LegId, local: SocketAddr) {
        self.ports.insert(leg, local);
        match self.pool.take_listener(local) {
            Ok(socket) => {
                self.listeners.insert(leg, Listener { socket, paused_until: None });
            }
            Err(_) => self.report(BearerEvent::Failed { leg, cause: FailureCause::TcpRefused }),
        }
    }

    fn set_timer(&mut self) {
        let pauses = self.listeners.values().filter_map(|listener| listener.paused_until);
        let deadline = pauses.chain(self.relay.poll_timeout()).min().map(tokio::time::Instant::from_std);
        match (&mut self.timer, deadline) {
            (Some(timer), Some(deadline)) if timer.deadline() == deadline => {}
            (Some(timer), Some(deadline)) => timer.as_mut().reset(deadline),
            (timer, deadline) => *timer = deadline.map(|deadline| Box::pin(sleep_until(deadline))),
        }
    }

    /// Serves everything that is ready once. Ready when something was; `true` if a command was among it.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let commanded = self.poll_commands(cx);
        // Each, always: the one that is not asked is not woken for.
        let ready =
            [commanded, self.poll_timer(cx), self.poll_listeners(cx), self.poll_attempts(cx), self.poll_links(cx)];
        if ready.contains(&true) { Poll::Ready(commanded) } else { Poll::Pending }
    }

    fn poll_commands(&mut self, cx: &mut Context<'_>) -> bool {
        let mut ready = false;
        loop {
            if let Some(expected) = &mut self.expected {
                let Poll::Ready(arrived) = Pin::new(expected).poll(cx) else { return ready };
                self.expected = None;
                ready = true;
                if let Ok(handover) = arrived {
                    self.take_in(handover);
                }
            }
            if self.commands_closed {
                return ready;
            }
            let Poll::Ready(command) = self.commands.poll_recv(cx) else { return ready };
            ready = true;
            match command {
                Some(RelayCommand::Leg(command)) => self.relay.command(Instant::now(), command),
                Some(RelayCommand::Depart { leg, to }) => self.hand_over(leg, to),
                Some(RelayCommand::Expect(leg)) => self.expected = Some(leg),
                None => self.commands_closed = true,
            }
        }
    }

    fn hand_over(&mut self, leg: LegId, to: oneshot::Sender<Handover>) {
        // What is still to be done for the leg is done with the sockets that are here.
        self.carry_out_all();
        let Some(machine) = self.relay.detach(Instant::now(), leg) else { return };
        let mut belongings = Belongings {
            port: self.ports.remove(&leg),
            listener: self.listeners.remove(&leg),
            ..Belongings::default()
        };
        for id in machine.connections() {
            belongings.attempts.extend(self.attempts.remove_entry(&id));
            belongings.links.extend(self.links.remove_entry(&id));
        }
        let pool = Arc::clone(&self.pool);
        // One that is not taken resets its connections when it is dropped.
        let _ = to.send(Handover { leg, machine: Some(machine), belongings: Some(belongings), pool });
    }

    fn take_in(&mut self, mut handover: Handover) {
        let leg = handover.leg;
        let (Some(machine), Some(mut belongings)) = (handover.machine.take(), handover.belongings.take()) else {
            return;
        };
        self.ports.extend(belongings.port.map(|local| (leg, local)));
        self.listeners.extend(belongings.listener.map(|listener| (leg, listener)));
        for (before, id) in self.relay.join(Instant::now(), machine) {
            self.attempts.extend(belongings.attempts.remove(&before).map(|attempt| (id, attempt)));
            self.links.extend(belongings.links.remove(&before).map(|link| (id, link)));
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(timer) = &mut self.timer else { return false };
        let fired = timer.as_mut().poll(cx).is_ready();
        if fired {
            self.timer = None;
            self.relay.handle_timeout(Instant::now());
        }
        fired
    }

    fn poll_listeners(&mut self, cx: &mut Context<'_>) -> bool {
        let mut ready = false;
        for (leg, listener) in &mut self.listeners {
            if listener.paused_until.is_some_and(|until| until > Instant::now()) {
                continue;
            }
            listener.paused_until = None;
            match listener.socket.poll_accept(cx) {
                Poll::Ready(Ok((stream, from))) => {
                    ready = true;
                    if let Some(id) = self.relay.accepted(Instant::now(), *leg, from) {
                        self.links.insert(id, Link::new(stream));
                    }
                }
                Poll::Ready(Err(_)) => {
                    ready = true;
                    listener.paused_until = Some(Instant::now() + ACCEPT_PAUSE);
                }
                Poll::Pending => {}
            }
        }
        ready
    }

    fn poll_attempts(&mut self, cx: &mut Context<'_>) -> bool {
        let mut ready = false;
        self.attempts.retain(|id, attempt| {
            let Poll::Ready(result) = attempt.as_mut().poll(cx) else { return true };
            ready = true;
            match result {
                Ok(stream) => {
                    self.links.insert(*id, Link::new(stream));
                    self.relay.connected(Instant::now(), *id);
                }
                Err(error) => self.relay.connect_failed(Instant::now(), *id, cause(&error)),
            }
            false
        });
        ready
    }

    fn poll_links(&mut self, cx: &mut Context<'_>) -> bool {
        let mut ready = false;
        for (id, link) in &mut self.links {
            ready |= link.poll_write(cx, &mut self.relay, *id);
            ready |= link.poll_read(cx, &mut self.relay, *id);
        }
        ready
    }
}

impl Link {
    fn poll_write(&mut self, cx: &mut Context<'_>, relay: &mut Relay, id: ConnectionId) -> bool {
        let mut ready = false;
        loop {
            let octets = relay.to_write(id);
            if octets.is_empty() {
                return ready;
            }
            let written = if self.broken {
                Ok(octets.len())
            } else {
                match self.stream.poll_write_ready(cx) {
                    Poll::Pending => return ready,
                    Poll::Ready(writable) => writable.and_then(|()| self.stream.try_write(octets)),
                }
            };
            match written {
                Ok(octets) => relay.wrote(Instant::now(), id, octets),
                // The readiness was stale: the next turn waits for a new one.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                Err(_) => {
                    self.broken = true;
                    if self.ended {
                        relay.ended(Instant::now(), id, TcpEnd::Reset);
                    }
                }
            }
            ready = true;
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, relay: &mut Relay, id: ConnectionId) -> bool {
        while relay.wants_read(id) {
            match self.stream.poll_read_ready(cx) {
                Poll::Pending => return false,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => {
                    relay.ended(Instant::now(), id, TcpEnd::Reset);
                    return true;
                }
            }
            let read = READ.with_borrow_mut(|buffer| match self.stream.try_read(buffer) {
                Ok(0) if self.broken => Err(io::ErrorKind::ConnectionReset.into()),
                Ok(0) => {
                    self.ended = true;
                    relay.ended(Instant::now(), id, TcpEnd::Fin);
                    Ok(())
                }
                Ok(octets) => {
                    relay.received(Instant::now(), id, buffer.get(..octets).unwrap_or_default());
                    Ok(())
                }
                Err(error) => Err(error),
            });
            match read {
                Ok(()) => return true,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => {
                    relay.ended(Instant::now(), id, TcpEnd::Reset);
                    return true;
                }
            }
        }
        false
    }
}

/// Why a connection attempt failed. What is neither silence nor a reset is a refusal, be it by the network.
fn cause(error: &io::Error) -> FailureCause {
    match error.kind() {
        io::ErrorKind::TimedOut => FailureCause::TcpTimeout,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => FailureCause::TcpReset,
        _ => FailureCause::TcpRefused,
    }
}
