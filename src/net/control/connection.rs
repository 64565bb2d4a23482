//! One TCP connection of the control plane: TPKT in, TPKT out, and no more patience than a peer deserves.

use super::endpoints::Arrival;
use crate::{
    gateway::Peer,
    wire::{Framed, tpkt},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::mpsc,
    time::{Instant, timeout, timeout_at},
};

/// What became of the control connections so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConnectionCounts {
    /// Accepted or opened.
    pub opened: u64,
    /// Closed because a packet's version or length was wrong (RFC 1006 6).
    pub malformed: u64,
    /// Closed because no whole packet came in time.
    pub silent: u64,
    /// Closed because the peer did not read what it was sent.
    pub slow: u64,
    /// Not served, or closed for others, because there were too many.
    pub displaced: u64,
}

/// The same, while they are counted.
#[derive(Debug, Default)]
pub(in crate::net) struct Tally {
    pub(super) opened: AtomicU64,
    malformed: AtomicU64,
    silent: AtomicU64,
    slow: AtomicU64,
    pub(super) displaced: AtomicU64,
}

impl Tally {
    pub(in crate::net) fn counts(&self) -> ConnectionCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        ConnectionCounts {
            opened: read(&self.opened),
            malformed: read(&self.malformed),
            silent: read(&self.silent),
            slow: read(&self.slow),
            displaced: read(&self.displaced),
        }
    }
}

/// How patient the gateway is with the peers of its TCP connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience {
    /// For the first whole packet of a connection that was accepted.
    pub(super) first: Duration,
    /// For the rest of a packet that has begun.
    pub(super) packet: Duration,
    /// For the peer to take what it is sent.
    pub(super) write: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: Duration::from_secs(30), packet: Duration::from_secs(10), write: Duration::from_secs(10) }
    }
}

/// Octets that wait for one peer; who lets more pile up is closed.
const QUEUE: usize = 1 << 20;
/// Packets that wait for one peer.
const PACKETS: usize = 4096;
/// Read at once.
const CHUNK: usize = 16 << 10;

/// The gateway's end of a connection's queue.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    packets: mpsc::Sender<Vec<u8>>,
    queued: Arc<AtomicUsize>,
    spoken: Arc<AtomicU64>,
}

/// Its other end.
#[derive(Debug)]
pub(super) struct Queue {
    packets: mpsc::Receiver<Vec<u8>>,
    queued: Arc<AtomicUsize>,
    spoken: Arc<AtomicU64>,
}

/// A queue to a peer.
pub(super) fn queue() -> (Sender, Queue) {
    let (sender, packets) = mpsc::channel(PACKETS);
    let (queued, spoken) = <(Arc<AtomicUsize>, Arc<AtomicU64>)>::default();
    let sender = Sender { packets: sender, queued: Arc::clone(&queued), spoken: Arc::clone(&spoken) };
    (sender, Queue { packets, queued, spoken })
}

/// The queue has no room: the peer does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full;

impl Sender {
    /// Queues a message.
    pub(super) fn send(&self, octets: &[u8]) -> Result<(), Full> {
        let mut packet = Vec::with_capacity(octets.len() + 4);
        if let Err(error) = tpkt::encode_into(octets, &mut packet) {
            // The gateway bounds its messages below this.
            tracing::warn!(%error, octets = octets.len(), "control message not sent");
            return Ok(());
        }
        let length = packet.len();
        if self.queued.fetch_add(length, Ordering::Relaxed).saturating_add(length) > QUEUE {
            self.queued.fetch_sub(length, Ordering::Relaxed);
            return Err(Full);
        }
        self.packets.try_send(packet).map_err(|error| {
            self.queued.fetch_sub(length, Ordering::Relaxed);
            match error {
                mpsc::error::TrySendError::Full(_) => Full,
                // It has ended; who serves the table takes it out.
                mpsc::error::TrySendError::Closed(_) => Full,
            }
        })
    }

    /// A whole packet has come from the peer.
    pub(super) fn has_spoken(&self) -> bool {
        self.spoken.load(Ordering::Relaxed) > 0
    }
}

impl Queue {
    /// Forgets what waits: whoever wants an answer repeats it.
    pub(super) fn clear(&mut self) {
        while let Ok(packet) = self.packets.try_recv() {
            self.queued.fetch_sub(packet.len(), Ordering::Relaxed);
        }
    }

    /// Waits for a packet and leaves it where it is not lost: none when no sender is left.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        let packet = self.packets.recv().await?;
        self.queued.fetch_sub(packet.len(), Ordering::Relaxed);
        Some(packet)
    }
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The peer closed it, or it broke.
    Peer,
    /// A packet's header is wrong.
    Malformed,
    /// No whole packet in time.
    Silent,
    /// The peer does not read.
    Slow,
    /// The gateway closed it: nobody sends on it or reads from it any more.
    Ours,
}

impl End {
    /// Counts and logs it.
    pub(super) fn note(self, peer: Peer, tally: &Tally) {
        let count = match self {
            Self::Peer | Self::Ours => None,
            Self::Malformed => Some(&tally.malformed),
            Self::Silent => Some(&tally.silent),
            Self::Slow => Some(&tally.slow),
        };
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
        tracing::info!(association = peer.association.0, peer = %peer.address, why = ?self, "connection closed");
    }
}

/// Serves a connection to its end; `first` is sent before what is queued.
pub(super) async fn serve(
    stream: TcpStream,
    peer: Peer,
    first: Option<Vec<u8>>,
    queue: &mut Queue,
    arrivals: &mpsc::Sender<Arrival>,
    patience: &Patience,
    accepted: bool,
) -> End {
    // Messages are small and each is waited for.
    let _ = stream.set_nodelay(true);
    let (reading, writing) = stream.into_split();
    let spoken = Arc::clone(&queue.spoken);
    tokio::select! {
        end = read(reading, peer, arrivals, patience, accepted, &spoken) => end,
        end = write(writing, first, queue, patience) => end,
    }
}

async fn read(
    mut stream: OwnedReadHalf,
    peer: Peer,
    arrivals: &mpsc::Sender<Arrival>,
    patience: &Patience,
    accepted: bool,
    spoken: &AtomicU64,
) -> End {
    let mut buffer: Vec<u8> = Vec::new();
    let mut deadline = accepted.then(|| Instant::now() + patience.first);
    loop {
        let mut taken = 0;
        loop {
            match tpkt::parse(buffer.get(taken..).unwrap_or_default()) {
                Ok(Framed::Complete(payload, length)) => {
                    // Waiting here is what keeps a flood in its own connection: the queue serves who waits in turn.
                    if arrivals.send((peer, payload.to_vec())).await.is_err() {
                        return End::Ours;
                    }
                    spoken.fetch_add(1, Ordering::Relaxed);
                    taken += length;
                }
                Ok(Framed::Incomplete(_)) => break,
                Err(_) => return End::Malformed,
            }
        }
        if taken > 0 {
            buffer.drain(..taken);
            deadline = None;
        }
        if !buffer.is_empty() {
            // From its first octet on: a drop now and then buys no time.
            deadline = deadline.or_else(|| Some(Instant::now() + patience.packet));
        }
        buffer.reserve(CHUNK);
        let read = stream.read_buf(&mut buffer);
        let read = match deadline {
            Some(deadline) => match timeout_at(deadline, read).await {
                Ok(read) => read,
                Err(_) => return End::Silent,
            },
            None => read.await,
        };
        match read {
            Ok(0) | Err(_) => return End::Peer,
            Ok(_) => {}
        }
    }
}

async fn write(mut stream: OwnedWriteHalf, first: Option<Vec<u8>>, queue: &mut Queue, patience: &Patience) -> End {
    let mut next = first;
    loop {
        let packet = match next.take() {
            Some(packet) => packet,
            None => match queue.packets.recv().await {
                Some(packet) => {
                    queue.queued.fetch_sub(packet.len(), Ordering::Relaxed);
                    packet
                }
                None => {
                    let _ = stream.shutdown().await;
                    return End::Ours;
                }
            },
        };
        match timeout(patience.write, stream.write_all(&packet)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return End::Peer,
            Err(_) => return End::Slow,
        }
    }
}
