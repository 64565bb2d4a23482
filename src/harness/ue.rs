//! A UE's bearer endpoint: the far side of the gateway's access or core interface, over real sockets.
//!
//! The TR's two phases are two calls: [`Ue::open`] (I, TCP) and [`Ue::secure`] (II, TLS). A server listens from the moment
//! it is made, accepts when the gateway comes, and records it then. Every operation has a time bound, ends in what was
//! observed ([`Observed`]) and names the frame that shows it. One UE has one connection at a time; after its end the next
//! [`Ue::open`] begins afresh on the same address.
//!
//! Must be made and used inside a tokio runtime; dropping the UE ends its tasks and its connection.

mod connection;
mod engine;
mod observed;
#[cfg(feature = "psk")]
mod psk;
mod pump;
mod settings;
mod shared;
mod tls;

pub use observed::{End, Observed, PortState, TcpEnd, UeError};
pub use settings::{Bounds, Secured, UeSettings};
pub use tls::{Expected, SharedKey, TlsSettings, Versions, client_hello};

use super::transcript::{Event, Transcript};
use crate::{results::Protocol, rules::roles::TcpRole, wire::sdp::Fingerprint};
use connection::{accept, adopt, bind, ended, take};
use pump::{Command, Done};
use shared::{Shared, State, TlsState};
use std::{
    fmt, io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpSocket, sync::oneshot, task::AbortHandle, time::timeout};

/// A UE's bearer endpoint; clones are the same UE.
#[derive(Clone)]
pub struct Ue(Arc<Inner>);

struct Inner {
    address: SocketAddr,
    /// A client's socket, bound so that its address is known, until it is used.
    reserved: Mutex<Option<TcpSocket>>,
    shared: Arc<Shared>,
    tasks: Mutex<Vec<AbortHandle>>,
}

impl fmt::Debug for Ue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ue").field("address", &self.0.address).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        for task in self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

impl Ue {
    /// Binds the UE's address; a server listens on it at once.
    pub fn new(settings: UeSettings, transcript: Transcript) -> io::Result<Self> {
        let socket = bind(SocketAddr::new(settings.ip, 0))?;
        let address = socket.local_addr()?;
        let (listener, reserved) = match settings.tcp_role {
            TcpRole::Server => (Some(socket.listen(16)?), None),
            TcpRole::Client => (None, Some(socket)),
        };
        let inner = Inner {
            address,
            reserved: Mutex::new(reserved),
            shared: Arc::new(Shared::new(settings, transcript)),
            tasks: Mutex::default(),
        };
        let ue = Self(Arc::new(inner));
        if let Some(listener) = listener {
            let accepting = tokio::spawn(accept(listener, Arc::clone(&ue.0.shared)));
            ue.keep(accepting.abort_handle());
        }
        Ok(ue)
    }

    /// Own address: what SDP's `c=` and `m=` carry. A client's is where its first connection comes from.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// How it is set to behave.
    #[must_use]
    pub fn settings(&self) -> UeSettings {
        self.0.shared.settings().clone()
    }

    /// The evidence it records into.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        &self.0.shared.transcript
    }

    /// Sets what the gateway must present, usually once its SDP is known; from the next session on. A server whose
    /// gateway may come earlier sets it before the gateway knows its address.
    pub fn expect(&self, expected: Expected) {
        if let Some(tls) = &mut self.0.shared.settings().tls {
            tls.expected = expected;
        }
    }

    /// Phase I. A client connects to `gateway`; a server waits until somebody has connected (`gateway` is then not used).
    /// Returns the frame that shows it established.
    pub async fn open(&self, gateway: SocketAddr) -> Result<u32, UeError> {
        let settings = self.settings();
        if settings.tcp_role == TcpRole::Server {
            let bound = settings.bounds.connect;
            let connected = self.until(bound, "a connection", |state| {
                // One that has come and gone since is still the one that was waited for.
                let found = state.is_open() || state.fresh;
                state.fresh = false;
                found.then_some(state.established)
            });
            return connected.await;
        }
        let reserved = self.0.reserved.lock().unwrap_or_else(PoisonError::into_inner).take();
        let socket = match reserved {
            Some(socket) => socket,
            None => bind(SocketAddr::new(settings.ip, 0)).map_err(|e| self.unreachable(&e))?,
        };
        let (stream, route, established) = self.connect(socket, gateway, settings.bounds.connect).await?;
        let handle = adopt(stream, route, established, &self.0.shared);
        self.keep(handle);
        Ok(established)
    }

    /// Phase II, in whichever role; a client begins the handshake now, and the call ends when it is complete and the
    /// gateway verified. In TLS 1.3 a client learns only later, from an alert, that the gateway refused *it*.
    pub async fn secure(&self) -> Result<Secured, UeError> {
        self.begin_tls()?;
        let bound = self.settings().bounds.handshake;
        let outcome = self.until(bound, "the end of the TLS handshake", |state| match (&state.tls, state.end) {
            (TlsState::Up(secured), _) => Some(Ok(secured.clone())),
            (TlsState::Failed(error), _) => Some(Err(error.clone())),
            (_, Some(_)) => Some(Err(ended(state))),
            _ => None,
        });
        outcome.await?
    }

    /// Phase II on a bearer that was plain until now (TCP to TCP/TLS by Modify), with these settings.
    pub async fn upgrade(&self, tls: TlsSettings) -> Result<Secured, UeError> {
        self.0.shared.settings().tls = Some(tls);
        self.secure().await
    }

    /// Both phases, or phase I alone on a plain bearer. Returns the frame that completes it.
    pub async fn establish(&self, gateway: SocketAddr) -> Result<u32, UeError> {
        let opened = self.open(gateway).await?;
        if self.settings().tls.is_none() {
            return Ok(opened);
        }
        self.secure().await.map(|secured| secured.frame)
    }

    /// Awaits that the gateway refuses this UE's TLS: a fatal alert, a FIN or a reset, during the handshake or right after
    /// it (TLS 1.3). Ok is the refusal; an error says that none was observed, or that this UE refused first.
    pub async fn refused(&self, bound: Duration) -> Result<UeError, UeError> {
        self.begin_tls()?;
        let refusal = self.until(bound, "the gateway's refusal", |state| match &state.tls {
            TlsState::Failed(error) if matches!(error.observed, Observed::Alert(_)) => Some(Ok(error.clone())),
            TlsState::Failed(error) => Some(Err(error.clone())),
            _ => state.end.map(|_| Ok(ended(state))),
        });
        refusal.await?
    }

    /// The TLS session, when it is up.
    #[must_use]
    pub fn secured(&self) -> Option<Secured> {
        match &self.0.shared.lock().tls {
            TlsState::Up(secured) => Some(secured.clone()),
            _ => None,
        }
    }

    /// SHA-256 fingerprint of the certificate the gateway presented, accepted or not.
    #[must_use]
    pub fn presented(&self) -> Option<Fingerprint<'static>> {
        self.0.shared.lock().presented.clone()
    }

    /// Octets that crossed the socket towards this UE on this connection, TLS records included.
    #[must_use]
    pub fn raw_received(&self) -> u64 {
        self.0.shared.lock().raw_received
    }

    /// Connections this server let go at once because it had one.
    #[must_use]
    pub fn surplus_connections(&self) -> u32 {
        self.0.shared.lock().surplus
    }

    /// Is TCP established, as far as this UE has seen?
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.shared.lock().is_open()
    }

    /// Sends application octets, through TLS when the bearer has it. Returns their frame once the kernel has them all;
    /// a gateway that does not read makes it time out.
    pub async fn send(&self, octets: &[u8]) -> Result<u32, UeError> {
        self.send_as(Protocol::Data, octets).await
    }

    /// As [`Ue::send`], recorded as one message of `protocol`.
    pub async fn send_as(&self, protocol: Protocol, octets: &[u8]) -> Result<u32, UeError> {
        let (route, secured) = {
            let state = self.0.shared.lock();
            (state.route, matches!(state.tls, TlsState::Up(_)))
        };
        let route = route.ok_or_else(|| self.error(Observed::NotConnected))?;
        if self.settings().tls.is_some() && !secured {
            return Err(self.error(Observed::Configuration("TLS is not up".into())));
        }
        let frame = self.transcript().record(route, Event::message(protocol, secured, octets));
        self.await_done("octets to leave", |done| Command::Send(octets.to_vec(), done)).await?;
        Ok(frame)
    }

    /// Sends octets past TLS: plain text where TLS was agreed, a bare ClientHello, one octet at a time. Returns their frame.
    pub async fn send_raw(&self, octets: &[u8]) -> Result<u32, UeError> {
        let route = self.0.shared.lock().route.ok_or_else(|| self.error(Observed::NotConnected))?;
        let frame = self.transcript().record(route, Event::message(Protocol::Data, false, octets));
        self.await_done("octets to leave", |done| Command::SendRaw(octets.to_vec(), done)).await?;
        Ok(frame)
    }

    /// A ClientHello of this UE's versions, for [`Ue::send_raw`].
    pub fn client_hello(&self) -> Result<Vec<u8>, UeError> {
        client_hello(self.settings().tls.as_ref()).map_err(|observed| self.error(observed))
    }

    /// A ClientHello that offers TLS 1.1 at most, for [`Ue::send_raw`]: no stack makes one any more.
    #[must_use]
    pub fn outdated_client_hello() -> Vec<u8> {
        tls::outdated_client_hello()
    }

    /// Receives exactly `count` application octets. Returns them and their frame.
    pub async fn receive(&self, count: usize) -> Result<(Vec<u8>, u32), UeError> {
        let bound = self.settings().bounds.transfer;
        let taken = self.until(bound, "application octets", |state| take(state, count)).await??;
        Ok(self.record_received(taken))
    }

    /// Receives everything until the gateway ends the connection (or TLS).
    pub async fn receive_until_end(&self, bound: Duration) -> Result<(Vec<u8>, u32), UeError> {
        self.until(bound, "the end of the connection", |state| {
            (state.end.is_some() || state.alert.is_some()).then_some(())
        })
        .await?;
        let taken = self.0.shared.lock().inbox.drain(..).collect();
        Ok(self.record_received(taken))
    }

    /// Whatever application octets have come, at least one; not recorded as a message: the caller finds those.
    pub(super) async fn receive_some(&self, bound: Duration) -> Result<Vec<u8>, UeError> {
        let taken = self.until(bound, "application octets", |state| {
            let count = state.inbox.len().max(1);
            take(state, count)
        });
        let octets = taken.await??;
        self.0.shared.taken.notify_one();
        Ok(octets)
    }

    /// Records a message found in what [`Ue::receive_some`] gave.
    pub(super) fn record_message(&self, protocol: Protocol, octets: &[u8]) -> u32 {
        let (route, secured) = {
            let state = self.0.shared.lock();
            (state.route, matches!(state.tls, TlsState::Up(_)))
        };
        let Some(route) = route else { return self.transcript().last() };
        self.transcript().record(route.reversed(), Event::message(protocol, secured, octets))
    }

    fn record_received(&self, octets: Vec<u8>) -> (Vec<u8>, u32) {
        self.0.shared.taken.notify_one();
        let frame = self.record_message(Protocol::Data, &octets);
        (octets, frame)
    }

    /// Awaits that no application octet arrives within `bound`; the connection's end does not count.
    pub async fn silence(&self, bound: Duration) -> Result<u32, UeError> {
        let heard = self.until(bound, "silence", |state| (!state.inbox.is_empty()).then_some(state.inbox.len()));
        match heard.await {
            Ok(count) => Err(self.error(Observed::Unexpected(count))),
            Err(_) => Ok(self.transcript().last()),
        }
    }

    /// Stops reading the socket, so that TCP flow control holds the gateway; or goes on.
    pub fn read(&self, on: bool) {
        self.0.shared.change(|state| state.reads = on);
        self.0.shared.taken.notify_one();
    }

    /// Sends close_notify and leaves TCP as it is.
    pub async fn end_tls(&self) -> Result<u32, UeError> {
        self.await_done("close_notify to leave", Command::EndTls).await
    }

    /// Sends FIN without close_notify: a half-close, and under TLS a truncation. Octets are still received.
    pub async fn half_close(&self) -> Result<u32, UeError> {
        self.await_done("FIN to leave", Command::Fin).await
    }

    /// Orderly release: close_notify when TLS is up, then FIN. TR 4.3.4.
    pub async fn close(&self) -> Result<u32, UeError> {
        if self.secured().is_some() {
            self.end_tls().await?;
        }
        match self.half_close().await {
            // The peer answered close_notify by closing everything: released is what it is.
            Err(error) if !self.is_open() => Ok(error.frame),
            closed => closed,
        }
    }

    /// Gives the connection up with a reset.
    pub async fn reset(&self) -> Result<u32, UeError> {
        self.await_done("the reset to leave", Command::Reset).await
    }

    /// Awaits the gateway's FIN or reset, and says what alert came before it.
    pub async fn await_end(&self, bound: Duration) -> Result<End, UeError> {
        self.until(bound, "FIN or reset", |state| {
            state.end.map(|(tcp, frame)| End { alert: state.alert.clone(), tcp, frame })
        })
        .await
    }

    /// Awaits close_notify or another alert of the gateway: its name and frame.
    pub async fn await_alert(&self, bound: Duration) -> Result<(String, u32), UeError> {
        self.until(bound, "a TLS alert", |state| state.alert.clone()).await
    }

    /// Begins phase II unless it has begun; it may even be over, connection and all, when a server answers by itself.
    fn begin_tls(&self) -> Result<(), UeError> {
        self.command(Command::Secure).or_else(|error| match self.0.shared.lock().tls {
            TlsState::Off => Err(error),
            _ => Ok(()),
        })
    }

    fn command(&self, command: Command) -> Result<(), UeError> {
        let state = self.0.shared.lock();
        let sent = state.commands.as_ref().is_some_and(|commands| commands.send(command).is_ok());
        if sent { Ok(()) } else { Err(ended(&state)) }
    }

    async fn await_done(&self, what: &'static str, command: impl FnOnce(Done) -> Command) -> Result<u32, UeError> {
        let (done, answer) = oneshot::channel();
        self.command(command(done))?;
        match timeout(self.settings().bounds.transfer, answer).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(ended(&self.0.shared.lock())),
            Err(_) => Err(self.error(Observed::TimedOut(what))),
        }
    }

    /// Awaits the state in which `found` finds something.
    async fn until<T>(
        &self,
        bound: Duration,
        what: &'static str,
        mut found: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T, UeError> {
        let shared = &self.0.shared;
        let search = async {
            loop {
                let changed = shared.changed.notified();
                tokio::pin!(changed);
                // Registered before the look, so that a change between the two is not missed.
                changed.as_mut().enable();
                if let Some(found) = found(&mut shared.lock()) {
                    return found;
                }
                changed.await;
            }
        };
        timeout(bound, search).await.map_err(|_| self.error(Observed::TimedOut(what)))
    }

    fn error(&self, observed: Observed) -> UeError {
        UeError::new(observed, self.transcript().last())
    }

    fn unreachable(&self, error: &io::Error) -> UeError {
        self.error(Observed::Unreachable(error.to_string()))
    }

    fn keep(&self, task: AbortHandle) {
        let mut tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.retain(|task| !task.is_finished());
        tasks.push(task);
    }
}

#[cfg(test)]
mod tests;
