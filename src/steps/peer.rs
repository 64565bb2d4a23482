//! A UE in a scenario: its bearer endpoint, what it has said and what it has heard.

use super::{
    party::{Presents, Protection, Side},
    session::Session,
    world::Stop,
};
use crate::{
    harness::{
        certificate::Identity,
        msrp_peer::{MsrpPeer, MsrpSettings},
        transcript::Transcript,
        ue::{Bounds, Expected, TlsSettings, Ue, UeError, UeSettings},
    },
    rules::roles::TcpRole,
    wire::{msrp::Path, sdp::Fingerprint},
};
use std::net::SocketAddr;

/// One UE.
pub(super) struct Peer {
    pub(super) ue: Ue,
    listens: bool,
    behind_relay: bool,
    gateway: Option<SocketAddr>,
    /// Application octets it sent, in order.
    pub(super) sent: Vec<u8>,
    /// Frames they were sent in.
    pub(super) sent_frames: Vec<u32>,
    /// Bodies of the messages it sent.
    pub(super) said: Vec<Vec<u8>>,
    /// Application octets taken from the UE itself.
    pub(super) taken: usize,
    msrp: Option<MsrpPeer>,
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("address", &self.ue.address()).field("gateway", &self.gateway).finish()
    }
}

impl Peer {
    /// The UE of one side as the scenario describes it; a TCP server listens from now on.
    pub(super) fn new(side: Side, session: &Session, transcript: &Transcript, bounds: Bounds) -> Result<Self, Stop> {
        let party = session.party(side);
        let mut settings = UeSettings::new(side.link(), session.address(side), party.tcp_role);
        settings.bounds = bounds;
        let role = match party.protection {
            Protection::None => None,
            Protection::EndToAccessEdge => Some(party.gateway_tls_role().opposite()),
            Protection::EndToEnd(role) => Some(role),
        };
        if let Some(role) = role {
            let mut tls = match (&party.identity, &party.key) {
                (_, Some(key)) => TlsSettings::keyed(role, key.clone()),
                (Some(own), None) => TlsSettings::new(role, own.clone()),
                (None, None) => return Err(Stop::Harness("a TLS party without certificate".into())),
            };
            tls.versions = party.versions;
            match party.presents {
                Presents::Signalled => {}
                Presents::Another => tls.identity = Some(Identity::generate("another").map_err(Stop::harness)?),
                Presents::Nothing => tls.identity = None,
            }
            settings.tls = Some(tls);
        }
        let listens = party.tcp_role == TcpRole::Server;
        let ue = Ue::new(settings, transcript.clone())?;
        Ok(Self {
            ue,
            listens,
            behind_relay: party.behind_relay,
            gateway: None,
            sent: Vec::new(),
            sent_frames: Vec::new(),
            said: Vec::new(),
            taken: 0,
            msrp: None,
        })
    }

    /// Where it waits for the gateway; `None` if it opens the connection itself.
    pub(super) fn listening(&self) -> Option<SocketAddr> {
        self.listens.then(|| self.ue.address())
    }

    /// What the SDP answer tells it: where the gateway is, and which certificate it will present.
    pub(super) fn expect_gateway(&mut self, address: SocketAddr, fingerprint: Option<Fingerprint<'static>>) {
        self.gateway = Some(address);
        if let Some(fingerprint) = fingerprint {
            self.ue.expect(Expected::Fingerprints(vec![fingerprint]));
        }
    }

    /// Where the gateway said it is.
    pub(super) fn gateway(&self) -> Result<SocketAddr, Stop> {
        self.gateway.ok_or_else(|| Stop::Harness("the UE does not know the gateway's address".into()))
    }

    /// Phase I and, with TLS, phase II. The frames that show it.
    pub(super) async fn establish(&self) -> Result<[u32; 2], UeError> {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
        let opened = self.ue.open(self.gateway.unwrap_or(nowhere)).await?;
        if self.ue.settings().tls.is_none() {
            return Ok([opened, opened]);
        }
        Ok([opened, self.ue.secure().await?.frame])
    }

    /// Its MSRP path as its SDP says it. The scheme follows its own leg; an agnostic gateway leaves both alone.
    pub(super) fn path(&self, side: Side) -> Result<Path<'static>, Stop> {
        let scheme = if self.ue.settings().tls.is_some() { "msrps" } else { "msrp" };
        let name = side.lane().name().to_ascii_lowercase();
        let relay =
            if self.behind_relay { format!("{scheme}://relay.example.net:2855/{name};tcp ") } else { String::new() };
        let text = format!("{relay}{scheme}://{}/{name};tcp", self.ue.address());
        Path::parse(&text).map(Path::into_owned).map_err(Stop::harness)
    }

    /// Speaks MSRP from now on, if it does not already.
    pub(super) fn start_msrp(&mut self, settings: MsrpSettings) {
        if self.msrp.is_none() {
            self.msrp = Some(MsrpPeer::start(self.ue.clone(), settings));
        }
    }

    /// It speaks MSRP.
    pub(super) const fn has_msrp(&self) -> bool {
        self.msrp.is_some()
    }

    /// Its MSRP endpoint.
    pub(super) fn msrp(&self) -> Result<&MsrpPeer, Stop> {
        self.msrp.as_ref().ok_or_else(|| Stop::Harness("the UE does not speak MSRP yet".into()))
    }
}
