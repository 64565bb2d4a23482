//! A TCP connection the gateway opens: to its MGC, again and again while somebody is to hear something.

use super::{
    connection::{End, Patience, Queue, Tally, serve},
    endpoints::Arrival,
};
use crate::gateway::Peer;
use std::{io, net::SocketAddr, sync::atomic::Ordering, time::Duration};
use tokio::{
    net::{TcpSocket, TcpStream},
    sync::mpsc,
    time::{Instant, sleep, timeout},
};

/// Between the first two attempts; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// Between two attempts at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long an attempt may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a peer that is gone is called when there is nothing to tell it: the MGC may have restarted and wait for us.
const PERSISTENCE: Duration = Duration::from_secs(60);

/// Keeps a connection from `local` to `peer` for as long as there is something to send or hear.
pub(super) async fn keep(
    local: SocketAddr,
    peer: Peer,
    mut queue: Queue,
    arrivals: mpsc::Sender<Arrival>,
    patience: Patience,
    tally: &Tally,
) {
    let mut pause = FIRST_PAUSE;
    let mut idle_since = None;
    loop {
        // Called for the first time because there is something to say, later to be there for a restarted MGC.
        let first = match idle_since {
            None => match queue.next().await {
                Some(packet) => Some(packet),
                None => return,
            },
            Some(_) => None,
        };
        match timeout(CONNECT, connect(local, peer.address)).await {
            Ok(Ok(stream)) => {
                tally.opened.fetch_add(1, Ordering::Relaxed);
                pause = FIRST_PAUSE;
                let end = serve(stream, peer, first, &mut queue, &arrivals, &patience, false).await;
                end.note(peer, tally);
                if end == End::Ours {
                    return;
                }
                queue.clear();
                idle_since = Some(Instant::now());
            }
            Ok(Err(error)) => tracing::debug!(peer = %peer.address, %error, "not connected"),
            Err(_) => tracing::debug!(peer = %peer.address, "not connected in time"),
        }
        // What could not be sent now will be repeated by whoever wants an answer (annex D.1's timers hold on TCP too).
        if idle_since.is_some_and(|since| since.elapsed() > PERSISTENCE) {
            idle_since = None;
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = arrivals.closed() => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// From the control address, so that the MGC sees the host it knows; the port is the system's choice.
async fn connect(local: SocketAddr, peer: SocketAddr) -> io::Result<TcpStream> {
    let socket = if peer.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    if !local.ip().is_unspecified() {
        socket.bind(SocketAddr::new(local.ip(), 0))?;
    }
    socket.connect(peer).await
}
