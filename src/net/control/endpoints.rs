//! Every way in and out of the gateway's control plane: bound UDP sockets, listeners, connections.

use super::{
    ControlAddress, Transport,
    connection::{self, Patience, Sender, Tally},
    dial,
};
use crate::gateway::{AssociationId, Peer};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

/// A message and where it came from.
pub(in crate::net) type Arrival = (Peer, Vec<u8>);

/// Connections accepted at most; more displace those that never said anything.
const CONNECTIONS: usize = 128;
/// Connections opened at most: one for each MGC.
const DIALLED: usize = 64;

/// One control address.
#[derive(Debug)]
enum Endpoint {
    Udp(Arc<UdpSocket>),
    Tcp(Arc<TcpListener>),
}

/// What of the connections the gateway and their tasks both know.
#[derive(Debug, Default)]
struct Table {
    /// Accepted ones; what arrives on one is answered on it, so that each is an association of its own.
    accepted: HashMap<AssociationId, Accepted>,
    next: u32,
}

#[derive(Debug)]
struct Accepted {
    address: SocketAddr,
    sender: Sender,
    task: AbortHandle,
}

/// The bound control addresses. Association ids below their number are theirs, in order: over UDP the socket, over TCP the
/// connections opened from there. Every accepted connection has an id of its own above. Dropping it closes everything.
#[derive(Debug)]
pub(in crate::net) struct Endpoints {
    endpoints: Vec<(ControlAddress, Endpoint)>,
    dialled: HashMap<Peer, Sender>,
    table: Arc<Mutex<Table>>,
    tally: Arc<Tally>,
    patience: Patience,
    arrivals: mpsc::Sender<Arrival>,
    tasks: JoinSet<()>,
}

impl Endpoints {
    /// Binds addresses; nothing is read before [`Endpoints::listen`].
    pub(in crate::net) async fn bind(
        addresses: &[ControlAddress],
        arrivals: mpsc::Sender<Arrival>,
    ) -> io::Result<Self> {
        let mut endpoints = Vec::new();
        for ControlAddress { transport, address } in addresses {
            endpoints.push(match transport {
                Transport::Udp => {
                    let socket = UdpSocket::bind(address).await?;
                    (ControlAddress::udp(socket.local_addr()?), Endpoint::Udp(Arc::new(socket)))
                }
                Transport::Tcp => {
                    let listener = TcpListener::bind(address).await?;
                    (ControlAddress::tcp(listener.local_addr()?), Endpoint::Tcp(Arc::new(listener)))
                }
            });
        }
        let table = Table { next: u32::try_from(endpoints.len()).unwrap_or(u32::MAX), ..Table::default() };
        Ok(Self {
            endpoints,
            dialled: HashMap::new(),
            table: Arc::new(Mutex::new(table)),
            tally: Arc::default(),
            patience: Patience::default(),
            arrivals,
            tasks: JoinSet::new(),
        })
    }

    /// The addresses bound, ports that were the system's choice filled in.
    pub(in crate::net) fn addresses(&self) -> Vec<ControlAddress> {
        self.endpoints.iter().map(|(address, _)| *address).collect()
    }

    /// Where the connections are counted.
    pub(in crate::net) fn tally(&self) -> Arc<Tally> {
        Arc::clone(&self.tally)
    }

    /// Begins to read.
    pub(in crate::net) fn listen(&mut self) {
        for (association, (_, endpoint)) in (0..).map(AssociationId).zip(&self.endpoints) {
            match endpoint {
                Endpoint::Udp(socket) => {
                    self.tasks.spawn(datagrams(Arc::clone(socket), association, self.arrivals.clone()));
                }
                Endpoint::Tcp(listener) => {
                    let door = Door {
                        table: Arc::clone(&self.table),
                        tally: Arc::clone(&self.tally),
                        patience: self.patience,
                        arrivals: self.arrivals.clone(),
                    };
                    self.tasks.spawn(door.accept(Arc::clone(listener)));
                }
            }
        }
    }

    /// Sends one message the way its peer names. What cannot be sent is left to whoever repeats it.
    pub(in crate::net) fn send(&mut self, to: Peer, octets: &[u8]) {
        let endpoint = usize::try_from(to.association.0).ok().and_then(|index| self.endpoints.get(index));
        match endpoint {
            Some((_, Endpoint::Udp(socket))) => {
                if let Err(error) = socket.try_send_to(octets, to.address) {
                    tracing::debug!(to = %to.address, %error, "control message not sent");
                }
            }
            Some((local, Endpoint::Tcp(_))) => {
                let local = local.address;
                self.dial(local, to, octets);
            }
            None => self.answer(to, octets),
        }
    }

    fn answer(&mut self, to: Peer, octets: &[u8]) {
        let accepted =
            lock(&self.table).accepted.get(&to.association).map(|a| (a.address, a.sender.clone(), a.task.clone()));
        match accepted {
            Some((address, sender, task)) if address == to.address => {
                if sender.send(octets).is_err() {
                    connection::End::Slow.note(to, &self.tally);
                    task.abort();
                    lock(&self.table).accepted.remove(&to.association);
                }
            }
            // The MGC of that connection has sent the gateway on to another address.
            Some(_) => {
                let own = self.endpoints.iter().enumerate().find(|(_, (own, _))| {
                    own.transport == Transport::Tcp && own.address.is_ipv4() == to.address.is_ipv4()
                });
                let Some((index, (local, _))) = own else { return };
                let association = AssociationId(u32::try_from(index).unwrap_or_default());
                let local = local.address;
                self.dial(local, Peer { association, ..to }, octets);
            }
            None => tracing::debug!(to = %to.address, "control message not sent: the connection is gone"),
        }
    }

    fn dial(&mut self, local: SocketAddr, to: Peer, octets: &[u8]) {
        while self.tasks.try_join_next().is_some() {}
        if !self.dialled.contains_key(&to) && self.dialled.len() >= DIALLED {
            self.dialled.clear();
        }
        let (patience, arrivals, tally, tasks) = (self.patience, &self.arrivals, &self.tally, &mut self.tasks);
        let sender = self.dialled.entry(to).or_insert_with(|| {
            let (sender, queue) = connection::queue();
            let (arrivals, tally) = (arrivals.clone(), Arc::clone(tally));
            tasks.spawn(async move { dial::keep(local, to, queue, arrivals, patience, &tally).await });
            sender
        });
        if sender.send(octets).is_err() {
            // Its task ends when it finds that nobody sends any more.
            self.dialled.remove(&to);
            connection::End::Slow.note(to, &self.tally);
        }
    }
}

fn lock(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads until nobody wants it. When the reader is slow the kernel drops datagrams: memory stays bounded.
async fn datagrams(socket: Arc<UdpSocket>, association: AssociationId, arrivals: mpsc::Sender<Arrival>) {
    let mut buffer = vec![0; 65_536];
    loop {
        let received = tokio::select! {
            () = arrivals.closed() => return,
            received = socket.recv_from(&mut buffer) => received,
        };
        // An error here is an ICMP answer to something sent earlier; the socket goes on.
        let Ok((length, address)) = received else { continue };
        let octets = buffer.get(..length).unwrap_or_default().to_vec();
        if arrivals.send((Peer { association, address }, octets)).await.is_err() {
            return;
        }
    }
}

/// Where connections come in.
struct Door {
    table: Arc<Mutex<Table>>,
    tally: Arc<Tally>,
    patience: Patience,
    arrivals: mpsc::Sender<Arrival>,
}

impl Door {
    async fn accept(self, listener: Arc<TcpListener>) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = self.arrivals.closed() => return,
                Some(_) = connections.join_next() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, address)) => self.admit(stream, address, &mut connections),
                    // Out of descriptors: others must end before one can begin.
                    Err(error) => {
                        tracing::warn!(%error, "connection not accepted");
                        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    }
                },
            }
        }
    }

    fn admit(&self, stream: TcpStream, address: SocketAddr, connections: &mut JoinSet<()>) {
        let mut table = lock(&self.table);
        if table.accepted.len() >= CONNECTIONS {
            self.tally.displaced.fetch_add(1, Ordering::Relaxed);
            let silent = table.accepted.iter().filter(|(_, other)| !other.sender.has_spoken());
            let Some(oldest) = silent.map(|(association, _)| *association).min() else {
                return tracing::warn!(peer = %address, "connection refused: too many");
            };
            if let Some(displaced) = table.accepted.remove(&oldest) {
                displaced.task.abort();
            }
        }
        let association = AssociationId(table.next);
        let Some(next) = table.next.checked_add(1) else { return };
        table.next = next;
        self.tally.opened.fetch_add(1, Ordering::Relaxed);
        let peer = Peer { association, address };
        let (sender, mut queue) = connection::queue();
        let (arrivals, patience) = (self.arrivals.clone(), self.patience);
        let (shared, tally) = (Arc::clone(&self.table), Arc::clone(&self.tally));
        let task = connections.spawn(async move {
            let end = connection::serve(stream, peer, None, &mut queue, &arrivals, &patience, true).await;
            end.note(peer, &tally);
            lock(&shared).accepted.remove(&association);
        });
        table.accepted.insert(association, Accepted { address, sender, task });
    }
}
