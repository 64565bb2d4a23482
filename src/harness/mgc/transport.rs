//! What carries H.248 between our controller and the gateway.

use std::{
    collections::{BTreeMap, HashSet},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Deserialize;
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::{mpsc, watch},
    time::timeout,
};

/// How H.248 messages travel, H.248.1 annex D.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// UDP with application level framing.
    #[default]
    Udp,
    /// TCP with TPKT.
    Tcp,
}

/// The controller's socket.
#[derive(Debug, Clone)]
pub(super) enum Socket {
    Udp(Arc<UdpSocket>),
    Tcp(Arc<Connections>),
}

/// What stands to be written on a connection.
const QUEUED: usize = 1024;
/// How long a gateway may take to answer a call.
const CALL: Duration = Duration::from_secs(2);
/// Former connections remembered.
const FORMER: usize = 1024;

/// A connection that a task is to serve.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) stream: TcpStream,
    pub(super) gateway: SocketAddr,
    pub(super) queue: mpsc::Receiver<Vec<u8>>,
    /// We called.
    pub(super) called: bool,
}

/// The connections of a controller over TCP.
#[derive(Debug)]
pub(super) struct Connections {
    links: Mutex<Links>,
    changed: watch::Sender<u64>,
    fresh: mpsc::UnboundedSender<Fresh>,
}

#[derive(Debug, Default)]
struct Links {
    live: BTreeMap<SocketAddr, Link>,
    /// Addresses connections came from that are gone: nobody listens there.
    former: HashSet<SocketAddr>,
    begun: u64,
}

#[derive(Debug)]
struct Link {
    queue: mpsc::Sender<Vec<u8>>,
    number: u64,
    called: bool,
}

impl Connections {
    /// No connection yet; what comes out of the receiver is to be served. `former`: as of [`Connections::callers`].
    fn new(former: HashSet<SocketAddr>) -> (Self, mpsc::UnboundedReceiver<Fresh>) {
        let (fresh, receiver) = mpsc::unbounded_channel();
        let links = Mutex::new(Links { former, ..Links::default() });
        (Self { links, changed: watch::Sender::new(0), fresh }, receiver)
    }

    /// Where connections came from, those that are there and those that are gone.
    pub(super) fn callers(&self) -> HashSet<SocketAddr> {
        let links = self.links();
        let live = links.live.iter().filter(|(_, link)| !link.called).map(|(address, _)| *address);
        live.chain(links.former.iter().copied()).collect()
    }

    fn links(&self) -> MutexGuard<'_, Links> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a connection in.
    pub(super) fn admit(&self, stream: TcpStream, gateway: SocketAddr, called: bool) -> mpsc::Sender<Vec<u8>> {
        // Messages are small and each is waited for.
        let _ = stream.set_nodelay(true);
        let (sender, queue) = mpsc::channel(QUEUED);
        let mut links = self.links();
        links.begun += 1;
        links.former.remove(&gateway);
        let number = links.begun;
        links.live.insert(gateway, Link { queue: sender.clone(), number, called });
        drop(links);
        let _ = self.fresh.send(Fresh { stream, gateway, queue, called });
        self.changed.send_modify(|count| *count += 1);
        sender
    }

    /// A connection has ended.
    pub(super) fn ended(&self, gateway: SocketAddr, called: bool) {
        let mut links = self.links();
        links.live.remove(&gateway);
        if !called {
            if links.former.len() >= FORMER {
                links.former.clear();
            }
            links.former.insert(gateway);
        }
        drop(links);
        self.changed.send_modify(|count| *count += 1);
    }

    /// The connection to send on for `to`: that with this other end; when it is gone, the newest from the same host, waited for
    /// up to `bound`; a call when there never was one.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn towards(
        &self,
        to: SocketAddr,
        bound: Duration,
    ) -> io::Result<(SocketAddr, mpsc::Sender<Vec<u8>>)> {
        let found = |links: &Links| {
            if let Some(link) = links.live.get(&to) {
                return Some((to, link.queue.clone()));
            }
            let former = links.former.contains(&to);
            let same_host = links.live.iter().filter(|(address, _)| former && address.ip() == to.ip());
            same_host.max_by_key(|(_, link)| link.number).map(|(address, link)| (*address, link.queue.clone()))
        };
        let mut changed = self.changed.subscribe();
        let (known, gone) = {
            let links = self.links();
            (found(&links), links.former.contains(&to))
        };
        match known {
            Some(known) => Ok(known),
            None if gone => timeout(bound, async {
                loop {
                    let _ = changed.changed().await;
                    if let Some(known) = found(&self.links()) {
                        return known;
                    }
                }
            })
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::NotConnected, "the gateway's connection is gone")),
            None => {
                let stream = timeout(CALL, TcpStream::connect(to)).await??;
                Ok((to, self.admit(stream, to, true)))
            }
        }
    }
}

/// A bound socket, and what its reader reads from.
pub(super) enum Reader {
    Udp(Arc<UdpSocket>),
    Tcp(Arc<Connections>, TcpListener, mpsc::UnboundedReceiver<Fresh>),
}

/// Binds an address. `callers`: where gateways had called a predecessor from.
///
/// # Errors
/// It cannot be bound.
pub(super) async fn bind(
    transport: Transport,
    address: SocketAddr,
    callers: HashSet<SocketAddr>,
) -> io::Result<(Socket, SocketAddr, Reader)> {
    match transport {
        Transport::Udp => {
            let socket = Arc::new(UdpSocket::bind(address).await?);
            Ok((Socket::Udp(Arc::clone(&socket)), socket.local_addr()?, Reader::Udp(socket)))
        }
        Transport::Tcp => {
            let listener = TcpListener::bind(address).await?;
            let address = listener.local_addr()?;
            let (connections, fresh) = Connections::new(callers);
            let connections = Arc::new(connections);
            Ok((Socket::Tcp(Arc::clone(&connections)), address, Reader::Tcp(connections, listener, fresh)))
        }
    }
}
