//! Gateways that let the wrong peer in, or the right one out.

use crate::gateway::Policy;

#[derive(Debug)]
pub(super) struct AcceptsAnyCertificate;

impl Policy for AcceptsAnyCertificate {
    fn accepts_peer(&self, matches: bool, certificate: Option<&[u8]>) -> bool {
        matches || certificate.is_some()
    }
}

#[derive(Debug)]
pub(super) struct AcceptsNoCertificate;

impl Policy for AcceptsNoCertificate {
    fn accepts_peer(&self, matches: bool, certificate: Option<&[u8]>) -> bool {
        matches || certificate.is_none()
    }
}

#[derive(Debug)]
pub(super) struct AcceptsUnsignalled;

impl Policy for AcceptsUnsignalled {
    fn wants_client_certificate(&self) -> bool {
        false
    }
}

#[derive(Debug)]
pub(super) struct RefusesEveryone;

impl Policy for RefusesEveryone {
    fn accepts_peer(&self, _: bool, _: Option<&[u8]>) -> bool {
        false
    }
}
