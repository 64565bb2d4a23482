use super::*;
use crate::gateway::{Expected, Policy, Reference};

const KEY: [u8; 16] = [7; 16];

#[derive(Debug)]
struct AnyIdentity;

impl Policy for AnyIdentity {
    fn accepts_identity(&self, _: bool) -> bool {
        true
    }
}

fn judge(identity: &str, key: &[u8]) -> Arc<PeerJudge> {
    let key = PreSharedKey::new(identity, key).unwrap();
    Arc::new(PeerJudge::new(Arc::new(Reference), Expected::Key(key)))
}

/// A stack that speaks one version only.
fn only(version: SslVersion) -> OpenSsl {
    let mut stack = OpenSsl::new().unwrap();
    let judge = stack.judge;
    let mut context = SslContextBuilder::new(SslMethod::tls()).unwrap();
    context.set_min_proto_version(Some(version)).unwrap();
    context.set_max_proto_version(Some(version)).unwrap();
    context.set_cipher_list("PSK:@SECLEVEL=0").unwrap();
    context.set_psk_client_callback(move |ssl: &mut SslRef, _, identity, key| {
        let own = ssl.ex_data(judge).unwrap().key().unwrap();
        fill(identity, own.identity().as_bytes());
        Ok(give(key, &own))
    });
    stack.context = context.build();
    stack
}

type End = Box<dyn TlsSession>;

fn session(stack: &OpenSsl, role: TlsRole, judge: Arc<PeerJudge>) -> End {
    stack.session(role, ([192, 0, 2, 1], 1).into(), judge).unwrap()
}

/// Carries records to and fro until neither has any more; the first failure of each end.
fn carry(client: &mut End, server: &mut End, octet_by_octet: bool) -> [Option<FailureCause>; 2] {
    let mut failed = [None, None];
    loop {
        let mut moved = false;
        for index in 0..2 {
            let (from, to) = if index == 0 { (&mut *client, &mut *server) } else { (&mut *server, &mut *client) };
            let mut records = Vec::new();
            from.flush(&mut records);
            moved |= !records.is_empty();
            let pieces = if octet_by_octet { 1 } else { records.len().max(1) };
            for piece in records.chunks(pieces) {
                let taken = to.receive(piece, &mut Vec::new());
                failed[1 - index] = failed[1 - index].or(taken.err());
            }
        }
        if !moved {
            return failed;
        }
    }
}

#[test]
fn both_ends_agree_when_they_share_the_key() {
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        for octet_by_octet in [false, true] {
            let gateway = OpenSsl::new().unwrap();
            let mut client = session(&only(version), TlsRole::Client, judge("alice", &KEY));
            let mut server = session(&gateway, TlsRole::Server, judge("alice", &KEY));
            assert_eq!(carry(&mut client, &mut server, octet_by_octet), [None, None]);
            assert!(client.proves_key() && server.proves_key() && server.peer_certificate().is_none());
            server.send(b"hello").unwrap();
            let (mut records, mut plain) = (Vec::new(), Vec::new());
            server.flush(&mut records);
            client.receive(&records, &mut plain).unwrap();
            assert_eq!(plain, b"hello");
            server.close();
            assert_eq!(carry(&mut client, &mut server, false), [None, None]);
            assert!(client.peer_has_closed() && !server.peer_has_closed());
        }
    }
}

#[test]
fn a_wrong_key_or_another_name_is_refused() {
    for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
        for stranger in [judge("alice", &[8; 16]), judge("mallory", &KEY)] {
            let mut client = session(&only(version), TlsRole::Client, stranger);
            let mut server = session(&OpenSsl::new().unwrap(), TlsRole::Server, judge("alice", &KEY));
            let [_, failed] = carry(&mut client, &mut server, false);
            assert_eq!(failed, Some(FailureCause::TlsProtocol));
            assert!(!server.proves_key());
        }
    }
}

#[test]
fn a_policy_may_let_other_names_in() {
    let key = PreSharedKey::new("alice", &KEY).unwrap();
    let lax = Arc::new(PeerJudge::new(Arc::new(AnyIdentity), Expected::Key(key)));
    let stack = OpenSsl::new().unwrap();
    let mut client = session(&stack, TlsRole::Client, judge("mallory", &KEY));
    let mut server = session(&stack, TlsRole::Server, lax);
    assert_eq!(carry(&mut client, &mut server, false), [None, None]);
    assert!(server.proves_key());
}

#[test]
fn a_gateway_that_is_client_finds_a_wrong_key_out() {
    let stack = OpenSsl::new().unwrap();
    let mut client = session(&stack, TlsRole::Client, judge("alice", &KEY));
    let mut server = session(&stack, TlsRole::Server, judge("alice", &[8; 16]));
    let failed = carry(&mut client, &mut server, false);
    assert_eq!(failed, [Some(FailureCause::TlsProtocol); 2]);
}

#[test]
fn what_is_no_tls_and_what_is_too_old_are_told_apart() {
    let mut server = session(&OpenSsl::new().unwrap(), TlsRole::Server, judge("alice", &KEY));
    assert_eq!(server.receive(b"MSRP abcd SEND\r\n", &mut Vec::new()), Err(FailureCause::TlsProtocol));
    let mut client = session(&only(SslVersion::TLS1_1), TlsRole::Client, judge("alice", &KEY));
    let mut server = session(&OpenSsl::new().unwrap(), TlsRole::Server, judge("alice", &KEY));
    assert_eq!(carry(&mut client, &mut server, false)[1], Some(FailureCause::TlsVersion));
}
