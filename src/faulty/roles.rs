//! Gateways that take another role or another bearer type than they are told.

use crate::{
    gateway::{LegSetup, Policy},
    rules::roles::{TcpRole, TlsRole},
};

#[derive(Debug)]
pub(super) struct SwapsTlsRole;

impl Policy for SwapsTlsRole {
    fn tls_role(&self, ruled: TlsRole) -> TlsRole {
        ruled.opposite()
    }
}

#[derive(Debug)]
pub(super) struct AlwaysTlsServer;

impl Policy for AlwaysTlsServer {
    fn tls_role(&self, _: TlsRole) -> TlsRole {
        TlsRole::Server
    }
}

#[derive(Debug)]
pub(super) struct SwapsTcpRole;

impl Policy for SwapsTcpRole {
    fn tcp_role(&self, ruled: TcpRole) -> TcpRole {
        ruled.opposite()
    }
}

#[derive(Debug)]
pub(super) struct AlwaysPassive;

impl Policy for AlwaysPassive {
    fn tcp_role(&self, _: TcpRole) -> TcpRole {
        TcpRole::Server
    }
}

#[derive(Debug)]
pub(super) struct IgnoresTls;

impl Policy for IgnoresTls {
    fn leg_setup(&self, setup: LegSetup) -> LegSetup {
        LegSetup { secured: false, ..setup }
    }
}

#[derive(Debug)]
pub(super) struct AlwaysTls;

impl Policy for AlwaysTls {
    fn leg_setup(&self, setup: LegSetup) -> LegSetup {
        LegSetup { secured: true, ..setup }
    }
}
