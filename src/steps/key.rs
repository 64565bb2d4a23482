//! Steps about pre-shared keys where the gateway has no part in them.

use super::{
    bearer::{joined, octets_from, octets_to},
    message::difference,
    party::{Protection, Side, tcp_role, tls_role, versions},
    session::STREAM,
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::ue::{Observed, UeError},
    results::Interface,
    wire::h248::{
        ActionRequest, AmmRequest, Command, ContextId, LocalControlDescriptor, MediaDescriptor, PkgdName, PropertyParm,
        StreamMode, StreamParms, TerminationId, Value,
    },
};

impl World {
    /// `UE-A opens the TCP connection and is TLS 1.3 client towards UE-B by a shared key`
    pub(super) async fn end_to_end_keyed(&mut self, words: Words) -> Done {
        if cfg!(not(feature = "psk")) {
            return Err(Stop::Skipped("this program was built without pre-shared keys".into()));
        }
        let role = tls_role(words.at(3))?;
        // Whoever is described second has the key of the first.
        let known = Side::BOTH.iter().find_map(|side| self.session.party(*side).key.clone());
        let key = match known {
            Some(key) => key,
            None => self.new_key("session")?,
        };
        let party = self.party(words.at(0));
        party.tcp_role = tcp_role(words.at(1));
        party.versions = versions(words.at(2));
        party.protection = Protection::EndToEnd(role);
        party.key = Some(key);
        Ok(())
    }

    /// `both UEs start TLS at once`
    pub(super) async fn both_start_tls(&mut self, _: Words) -> Done {
        for side in Side::BOTH {
            let peer = self.session.peer(side)?;
            let opened = peer.ue.open(peer.gateway()?).await;
            let claim = format!("TCP of {} is established", side.lane().name());
            match opened {
                Ok(frame) => self.check(&claim, true, "established", "established", [frame])?,
                Err(error) => self.check(&claim, false, "established", &error.observed, [error.frame])?,
            }
        }
        let [a, b] = &self.session.peers;
        let (Some(a), Some(b)) = (a, b) else { return Err(Stop::Harness("the UEs are not there yet".into())) };
        let (a, b) = futures::join!(a.ue.secure(), b.ue.secure());
        self.collision = [a, b].map(Result::err).into_iter().collect();
        Ok(())
    }

    /// `each UE receives the ClientHello of the other octet for octet`
    pub(super) async fn client_hellos_cross(&mut self, _: Words) -> Done {
        let entries = self.transcript.entries();
        for (from, to) in [(Side::A, Side::B), (Side::B, Side::A)] {
            let sent: Vec<_> = octets_from(&entries, from.lane()).collect();
            let came: Vec<_> = octets_to(&entries, to.lane()).collect();
            let frames: Vec<u32> = sent.first().into_iter().chain(came.first()).map(|entry| entry.number).collect();
            let (sent, came) = (joined(&sent), joined(&came));
            let hello = record(&sent).to_vec();
            let shown = difference(&hello, came.get(..hello.len()).unwrap_or(&came));
            let claim = format!("the ClientHello of {} reaches {}", from.lane().name(), to.lane().name());
            let holds = matches!(hello[..], [22, 3, _, _, _, 1, ..]) && came.starts_with(&hello);
            self.check(&claim, holds, format!("{} octets", hello.len()), shown, frames)?;
        }
        Ok(())
    }

    /// `both UEs see their handshakes fail`
    pub(super) async fn both_handshakes_fail(&mut self, _: Words) -> Done {
        let failures = std::mem::take(&mut self.collision);
        // A time-out would be a gateway that swallows what it should forward.
        let clear = |error: &Option<UeError>| match error {
            Some(UeError { observed: Observed::TimedOut(_) | Observed::NotConnected, .. }) | None => false,
            Some(_) => true,
        };
        let shown: Vec<String> = failures
            .iter()
            .map(|error| error.as_ref().map_or_else(|| "a session".to_owned(), |error| error.observed.to_string()))
            .collect();
        let frames: Vec<u32> = failures.iter().flatten().map(|error| error.frame).collect();
        let holds = failures.len() == 2 && failures.iter().all(clear);
        self.check("two TLS clients come to no session and notice", holds, "two failures", shown.join("; "), frames)
    }

    /// `the IMS-ALG controls an IMS-AGW over IPv4 and knows a key`, `the IBCF controls a TrGW …`
    pub(super) async fn key_known_elsewhere(&mut self, _: Words) -> Done {
        let environment = self.environment()?;
        let interface = self.case.as_ref().and_then(|case| case.record.interface).unwrap_or(Interface::Iq);
        let association = environment.association_on(false, interface).await?;
        self.controller = Some(association.mgc().controller(self.transcript.clone()));
        self.association = Some(association);
        Ok(())
    }

    /// `it adds a termination with the key`
    pub(super) async fn key_added_elsewhere(&mut self, _: Words) -> Done {
        let key = self.new_key("UE-A")?;
        let mut control = LocalControlDescriptor::mode(StreamMode::SendReceive);
        control.properties.push(PropertyParm::equal(PkgdName::new("tlspsk", "key"), Value::plain(key.digits())));
        control.properties.push(PropertyParm::equal(PkgdName::new("tlspsk", "identity"), Value::quoted(key.identity)));
        let parms = StreamParms { local_control: Some(control), ..StreamParms::default() };
        let request = AmmRequest {
            media: Some(MediaDescriptor::stream(STREAM, parms)),
            ..AmmRequest::new(TerminationId::Choose)
        };
        let add = ActionRequest::new(ContextId::Choose, vec![Command::Add(request)]);
        let outcome = self.controller()?.transact(vec![add]).await;
        self.session.refusal = Some(outcome);
        Ok(())
    }
}

/// The TLS record at the front of some octets.
fn record(octets: &[u8]) -> &[u8] {
    let length = match octets {
        [_, _, _, high, low, ..] => 5 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => 0,
    };
    octets.get(..length).unwrap_or(octets)
}
