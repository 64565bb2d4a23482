//! Phase I: making connections and handing them to a pump.

use super::{
    Observed, PortState, Ue, UeError, UeSettings,
    observed::TcpEnd,
    pump::Pump,
    shared::{Shared, State, TcpState, TlsState},
};
use crate::harness::transcript::{Event, Route, TcpEvent};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
    task::AbortHandle,
    time::timeout,
};

impl Ue {
    /// Tries whether `gateway` accepts a connection, on a socket of its own. `watch` is how long an accepted connection is
    /// observed for being let go again; zero does not look. Returns the frame that shows it.
    pub async fn try_connect(&self, gateway: SocketAddr, watch: Duration) -> Result<(PortState, u32), UeError> {
        let settings = self.settings();
        let socket = bind(SocketAddr::new(settings.ip, 0)).map_err(|e| self.unreachable(&e))?;
        let (stream, route, established) = match self.connect(socket, gateway, settings.bounds.connect).await {
            Ok(connected) => connected,
            Err(UeError { observed: Observed::Refused, frame }) => return Ok((PortState::Refused, frame)),
            Err(UeError { observed: Observed::TimedOut(_), frame }) => return Ok((PortState::Silent, frame)),
            Err(other) => return Err(other),
        };
        let let_go = async {
            loop {
                stream.readable().await?;
                match stream.try_read(&mut [0; 512]) {
                    Ok(0) => return io::Result::Ok(()),
                    Err(e) if e.kind() != io::ErrorKind::WouldBlock => return Err(e),
                    _ => {}
                }
            }
        };
        let (state, frame) = match timeout(watch, let_go).await {
            Err(_) => (PortState::Open, established),
            Ok(end) => {
                let event = if end.is_ok() { TcpEvent::Fin } else { TcpEvent::Reset };
                (PortState::Closed, self.transcript().record(route.reversed(), Event::Tcp(event)))
            }
        };
        self.transcript().record(route, Event::Tcp(TcpEvent::Fin));
        Ok((state, frame))
    }

    pub(super) async fn connect(
        &self,
        socket: TcpSocket,
        gateway: SocketAddr,
        bound: Duration,
    ) -> Result<(TcpStream, Route, u32), UeError> {
        let source = socket.local_addr().map_err(|e| self.unreachable(&e))?;
        let route = route(&self.settings(), source, gateway);
        self.transcript().record(route, Event::Tcp(TcpEvent::Connecting));
        let refused = |event, observed, route| {
            let frame = self.transcript().record(route, Event::Tcp(event));
            UeError::new(observed, frame)
        };
        match timeout(bound, socket.connect(gateway)).await {
            Ok(Ok(stream)) => {
                let frame = self.transcript().record(route, Event::Tcp(TcpEvent::Established));
                Ok((stream, route, frame))
            }
            Ok(Err(e)) if e.kind() == io::ErrorKind::ConnectionRefused => {
                Err(refused(TcpEvent::Refused, Observed::Refused, route.reversed()))
            }
            Ok(Err(e)) => Err(self.unreachable(&e)),
            Err(_) => Err(refused(TcpEvent::TimedOut, Observed::TimedOut("the connection"), route)),
        }
    }
}

pub(super) fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.bind(address)?;
    Ok(socket)
}

fn route(settings: &UeSettings, source: SocketAddr, destination: SocketAddr) -> Route {
    Route { link: settings.link, from: settings.lane, to: settings.peer, source, destination }
}

/// Takes `count` octets from the inbox once they are there, or says why they cannot come.
pub(super) fn take(state: &mut State, count: usize) -> Option<Result<Vec<u8>, UeError>> {
    if state.inbox.len() >= count {
        return Some(Ok(state.inbox.drain(..count).collect()));
    }
    if let TlsState::Failed(error) = &state.tls {
        return Some(Err(error.clone()));
    }
    (state.end.is_some() || state.alert.is_some()).then(|| Err(ended(state)))
}

/// How the connection ended, as an error.
pub(super) fn ended(state: &State) -> UeError {
    let truncated = matches!(state.tls, TlsState::Up(_)) && state.alert.is_none();
    match (&state.alert, state.end) {
        (Some((alert, frame)), _) if alert == "close_notify" => UeError::new(Observed::CloseNotify, *frame),
        (Some((alert, frame)), _) => UeError::new(Observed::Alert(alert.clone()), *frame),
        (None, Some((TcpEnd::Reset, frame))) => UeError::new(Observed::Reset, frame),
        (None, Some((TcpEnd::Fin, frame))) => UeError::new(Observed::Closed { truncated }, frame),
        (None, None) => UeError::new(Observed::NotConnected, 0),
    }
}

/// Makes an established connection the UE's own and starts its pump.
pub(super) fn adopt(stream: TcpStream, route: Route, established: u32, shared: &Arc<Shared>) -> AbortHandle {
    let (commands, receiver) = mpsc::unbounded_channel();
    // Small MSRP frames must not wait for the acknowledgement of earlier ones; failure costs only time.
    let _nodelay: io::Result<()> = stream.set_nodelay(true);
    shared.change(|state| {
        let surplus = state.surplus;
        *state = State {
            tcp: TcpState::Open,
            route: Some(route),
            established,
            commands: Some(commands),
            surplus,
            ..State::idle()
        };
    });
    let pump = Pump::new(stream, route, Arc::clone(shared), receiver);
    tokio::spawn(pump.run()).abort_handle()
}

/// A server's listening task.
pub(super) async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut pump: Option<AbortGuard> = None;
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            // It died in the backlog.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            // Out of descriptors: trying again at once would spin.
            Err(_) => return,
        };
        let Ok(local) = stream.local_addr() else { continue };
        let inward = route(&shared.settings(), local, peer).reversed();
        let established = shared.transcript.record(inward, Event::Tcp(TcpEvent::Established));
        if shared.lock().tcp == TcpState::Open {
            shared.change(|state| state.surplus += 1);
            shared.transcript.record(inward.reversed(), Event::Tcp(TcpEvent::Fin));
            continue;
        }
        let handle = adopt(stream, inward.reversed(), established, &shared);
        pump.replace(AbortGuard(handle));
    }
}

/// Ends a task with its owner.
struct AbortGuard(AbortHandle);

impl Drop for AbortGuard {
    fn drop(&mut self) {
        self.0.abort();
    }
}
