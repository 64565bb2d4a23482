//! Local bearer ports: bound when the gateway reserves them, handed to the relay that opens the leg.

use crate::gateway::{IpVersion, PortError, Ports};
use std::{
    collections::HashMap,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::net::{TcpListener, TcpSocket};

/// The ports of a gateway, each bound to an address of its realm; the system chooses the numbers. Shared by the gateway,
/// which reserves, and the relays, which take and release.
#[derive(Debug)]
pub struct SocketPool {
    realms: HashMap<String, Vec<IpAddr>>,
    sockets: Mutex<HashMap<SocketAddr, Socket>>,
}

/// A port in use.
#[derive(Debug)]
enum Socket {
    /// Reserved.
    Bound(TcpSocket),
    /// Waits for the relay that opens the leg; peers can connect.
    Listening(TcpListener),
    /// A relay has it.
    Taken,
}

/// Connections the system may hold for a leg before they are accepted.
const BACKLOG: u32 = 16;

impl SocketPool {
    /// A pool over realms by name and the addresses they have.
    pub fn new(realms: impl IntoIterator<Item = (String, Vec<IpAddr>)>) -> Self {
        Self { realms: realms.into_iter().collect(), sockets: Mutex::default() }
    }

    /// The socket bound to a reserved address. A leg that changes its TCP role asks again, and gets another.
    ///
    /// # Errors
    /// The address cannot be bound again.
    pub fn take(&self, local: SocketAddr) -> io::Result<TcpSocket> {
        match self.lock().insert(local, Socket::Taken) {
            Some(Socket::Bound(socket)) => Ok(socket),
            _ => {
                let socket = new_socket(IpVersion::of(&local))?;
                // Earlier connections of the leg may still be dying on it.
                socket.set_reuseaddr(true)?;
                socket.bind(local)?;
                Ok(socket)
            }
        }
    }

    /// Marks what a reserved port will send with a code point of differentiated services (`ds/dscp`): accepted connections
    /// inherit it. One that the system refuses is sent unmarked.
    pub fn mark(&self, local: SocketAddr, code_point: u8) {
        if let Some(Socket::Bound(socket)) = self.lock().get(&local) {
            let octet = u32::from(code_point) << 2;
            let _ = match IpVersion::of(&local) {
                IpVersion::V4 => socket.set_tos_v4(octet),
                IpVersion::V6 => socket.set_tclass_v6(octet),
            };
        }
    }

    /// Lets peers connect to a reserved address from now on, before its relay runs: once the MGC knows the address, nobody
    /// may be turned away from it. A failure shows again when the relay takes the listener.
    pub fn listen(&self, local: SocketAddr) {
        let mut sockets = self.lock();
        if let Some(Socket::Bound(socket)) =
            sockets.get_mut(&local).map(|socket| std::mem::replace(socket, Socket::Taken))
            && let Ok(listener) = socket.listen(BACKLOG)
        {
            sockets.insert(local, Socket::Listening(listener));
        }
    }

    /// A listener on a reserved address.
    ///
    /// # Errors
    /// As [`SocketPool::take`], or the system does not let it listen.
    pub fn take_listener(&self, local: SocketAddr) -> io::Result<TcpListener> {
        let listening = match self.lock().get_mut(&local) {
            Some(socket @ Socket::Listening(_)) => Some(std::mem::replace(socket, Socket::Taken)),
            _ => None,
        };
        match listening {
            Some(Socket::Listening(listener)) => Ok(listener),
            _ => self.take(local)?.listen(BACKLOG),
        }
    }

    /// How many ports are in use.
    pub fn reserved(&self) -> usize {
        self.lock().len()
    }

    /// Gives a port back.
    pub fn release(&self, local: SocketAddr) {
        self.lock().remove(&local);
    }

    fn reserve(&self, realm: &str, version: IpVersion) -> Result<SocketAddr, PortError> {
        let addresses = self.realms.get(realm).ok_or(PortError::UnknownRealm)?;
        let wanted = |address: &&IpAddr| address.is_ipv4() == (version == IpVersion::V4);
        let address = *addresses.iter().find(wanted).ok_or(PortError::NoAddress)?;
        let (local, socket) = bind(address, version).map_err(|_| PortError::Exhausted)?;
        self.lock().insert(local, Socket::Bound(socket));
        Ok(local)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SocketAddr, Socket>> {
        self.sockets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ports for Arc<SocketPool> {
    fn reserve(&mut self, realm: &str, version: IpVersion) -> Result<SocketAddr, PortError> {
        SocketPool::reserve(self, realm, version)
    }

    fn release(&mut self, local: SocketAddr) {
        SocketPool::release(self, local);
    }
}

fn bind(address: IpAddr, version: IpVersion) -> io::Result<(SocketAddr, TcpSocket)> {
    let socket = new_socket(version)?;
    socket.bind(SocketAddr::new(address, 0))?;
    // Not before: the system must not choose a port that anybody shares.
    socket.set_reuseaddr(true)?;
    Ok((socket.local_addr()?, socket))
}

fn new_socket(version: IpVersion) -> io::Result<TcpSocket> {
    match version {
        IpVersion::V4 => TcpSocket::new_v4(),
        IpVersion::V6 => TcpSocket::new_v6(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn pool() -> Arc<SocketPool> {
        Arc::new(SocketPool::new([("access".to_owned(), vec![IpAddr::from(Ipv4Addr::LOCALHOST)])]))
    }

    #[test]
    fn reserved_ports_differ_and_are_counted_until_released() {
        let mut pool = pool();
        let first = Ports::reserve(&mut pool, "access", IpVersion::V4).unwrap();
        let second = Ports::reserve(&mut pool, "access", IpVersion::V4).unwrap();
        assert_ne!(first, second);
        assert_eq!(pool.reserved(), 2);
        assert_eq!(pool.take(first).unwrap().local_addr().unwrap(), first);
        assert_eq!(pool.reserved(), 2);
        pool.release(first);
        Ports::release(&mut pool, second);
        assert_eq!(pool.reserved(), 0);
    }

    #[test]
    fn what_a_marked_port_sends_bears_the_code_point() {
        let mut pool = pool();
        let local = Ports::reserve(&mut pool, "access", IpVersion::V4).unwrap();
        pool.mark(local, 46);
        assert_eq!(pool.take(local).unwrap().tos_v4().unwrap(), 46 << 2);
    }

    #[test]
    fn a_taken_address_is_bound_again_when_asked_again() {
        let mut pool = pool();
        let local = Ports::reserve(&mut pool, "access", IpVersion::V4).unwrap();
        drop(pool.take(local).unwrap());
        assert_eq!(pool.take(local).unwrap().local_addr().unwrap(), local);
        assert_eq!(pool.reserved(), 1);
    }

    #[tokio::test]
    async fn a_port_answers_before_its_relay_runs() {
        let mut pool = pool();
        let local = Ports::reserve(&mut pool, "access", IpVersion::V4).unwrap();
        pool.listen(local);
        let (connected, listener) =
            (tokio::net::TcpStream::connect(local).await.unwrap(), pool.take_listener(local).unwrap());
        assert_eq!(listener.accept().await.unwrap().1, connected.local_addr().unwrap());
        assert_eq!(pool.reserved(), 1);
    }

    #[test]
    fn unknown_realms_and_missing_versions_are_told_apart() {
        let mut pool = pool();
        assert_eq!(Ports::reserve(&mut pool, "moon", IpVersion::V4), Err(PortError::UnknownRealm));
        assert_eq!(Ports::reserve(&mut pool, "access", IpVersion::V6), Err(PortError::NoAddress));
    }
}
