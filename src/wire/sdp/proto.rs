//! The transport protocol of an `m=` line, which also tells a gateway whether it is aware of the application.

use super::owned;
use std::{borrow::Cow, fmt};

/// `proto` of an `m=` line (RFC 8866 5.14). Names are case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum Proto<'a> {
    /// `TCP`: octets of an unnamed application (RFC 4145).
    Tcp,
    /// `TCP/TLS` (RFC 8122).
    TcpTls,
    /// `TCP/MSRP` (RFC 4975 8.1).
    TcpMsrp,
    /// `TCP/TLS/MSRP` (RFC 4975 8.1).
    TcpTlsMsrp,
    /// `TCP/BFCP` (RFC 8856 4).
    TcpBfcp,
    /// `TCP/TLS/BFCP` (RFC 8856 4).
    TcpTlsBfcp,
    /// `TCP/DTLS/BFCP` (RFC 8856 4).
    TcpDtlsBfcp,
    /// `UDP/BFCP` (RFC 8856 4).
    UdpBfcp,
    /// `UDP/TLS/BFCP`: DTLS in spite of its name (RFC 8856 4).
    UdpTlsBfcp,
    /// `udp` (RFC 8866 8.2.2).
    Udp,
    /// `udptl` (ITU-T T.38 D.2.3).
    Udptl,
    /// `UDP/TLS/UDPTL` (RFC 7345).
    UdpTlsUdptl,
    /// `RTP/AVP` (RFC 3551).
    RtpAvp,
    /// `RTP/SAVP` (RFC 3711).
    RtpSavp,
    /// `-`: H.248's "of no interest".
    Unspecified,
    /// `$`: the gateway chooses.
    Choose,
    /// Any other name.
    Other(Cow<'a, str>),
}

/// What flows in the bearer, as far as the proto tells: the difference between an agnostic and an aware gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Application {
    /// Bare `TCP` or `TCP/TLS`: the gateway is not told.
    Agnostic,
    /// MSRP (RFC 4975).
    Msrp,
    /// BFCP (RFC 8855).
    Bfcp,
}

/// The transport below security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// The security layer between transport and application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Security {
    /// TLS.
    Tls,
    /// DTLS.
    Dtls,
}

impl<'a> Proto<'a> {
    /// The variant for a name; [`Proto::Other`] keeps one that has none.
    pub fn from_name(name: impl Into<Cow<'a, str>>) -> Self {
        let name = name.into();
        match name.as_ref() {
            "TCP" => Self::Tcp,
            "TCP/TLS" => Self::TcpTls,
            "TCP/MSRP" => Self::TcpMsrp,
            "TCP/TLS/MSRP" => Self::TcpTlsMsrp,
            "TCP/BFCP" => Self::TcpBfcp,
            "TCP/TLS/BFCP" => Self::TcpTlsBfcp,
            "TCP/DTLS/BFCP" => Self::TcpDtlsBfcp,
            "UDP/BFCP" => Self::UdpBfcp,
            "UDP/TLS/BFCP" => Self::UdpTlsBfcp,
            "udp" => Self::Udp,
            "udptl" => Self::Udptl,
            "UDP/TLS/UDPTL" => Self::UdpTlsUdptl,
            "RTP/AVP" => Self::RtpAvp,
            "RTP/SAVP" => Self::RtpSavp,
            "-" => Self::Unspecified,
            "$" => Self::Choose,
            _ => Self::Other(name),
        }
    }

    /// The name as an `m=` line writes it.
    pub fn name(&self) -> &str {
        match self {
            Self::Tcp => "TCP",
            Self::TcpTls => "TCP/TLS",
            Self::TcpMsrp => "TCP/MSRP",
            Self::TcpTlsMsrp => "TCP/TLS/MSRP",
            Self::TcpBfcp => "TCP/BFCP",
            Self::TcpTlsBfcp => "TCP/TLS/BFCP",
            Self::TcpDtlsBfcp => "TCP/DTLS/BFCP",
            Self::UdpBfcp => "UDP/BFCP",
            Self::UdpTlsBfcp => "UDP/TLS/BFCP",
            Self::Udp => "udp",
            Self::Udptl => "udptl",
            Self::UdpTlsUdptl => "UDP/TLS/UDPTL",
            Self::RtpAvp => "RTP/AVP",
            Self::RtpSavp => "RTP/SAVP",
            Self::Unspecified => "-",
            Self::Choose => "$",
            Self::Other(name) => name,
        }
    }

    /// What the bearer carries; `None` for protos outside this crate's subject.
    pub const fn application(&self) -> Option<Application> {
        match self {
            Self::Tcp | Self::TcpTls => Some(Application::Agnostic),
            Self::TcpMsrp | Self::TcpTlsMsrp => Some(Application::Msrp),
            Self::TcpBfcp | Self::TcpTlsBfcp | Self::TcpDtlsBfcp | Self::UdpBfcp | Self::UdpTlsBfcp => {
                Some(Application::Bfcp)
            }
            _ => None,
        }
    }

    /// The transport, when the proto is one of the named ones.
    pub const fn transport(&self) -> Option<Transport> {
        match self {
            Self::Tcp
            | Self::TcpTls
            | Self::TcpMsrp
            | Self::TcpTlsMsrp
            | Self::TcpBfcp
            | Self::TcpTlsBfcp
            | Self::TcpDtlsBfcp => Some(Transport::Tcp),
            Self::UdpBfcp
            | Self::UdpTlsBfcp
            | Self::Udp
            | Self::Udptl
            | Self::UdpTlsUdptl
            | Self::RtpAvp
            | Self::RtpSavp => Some(Transport::Udp),
            Self::Unspecified | Self::Choose | Self::Other(_) => None,
        }
    }

    /// The security layer; `None` for a plain bearer.
    pub const fn security(&self) -> Option<Security> {
        match self {
            Self::TcpTls | Self::TcpTlsMsrp | Self::TcpTlsBfcp => Some(Security::Tls),
            Self::TcpDtlsBfcp | Self::UdpTlsBfcp | Self::UdpTlsUdptl => Some(Security::Dtls),
            _ => None,
        }
    }

    /// True for TLS over TCP.
    pub const fn is_tls(&self) -> bool {
        matches!(self.security(), Some(Security::Tls))
    }

    /// The proto for an application over TCP, with or without TLS.
    pub const fn over_tcp(application: Application, tls: bool) -> Self {
        match (application, tls) {
            (Application::Agnostic, false) => Self::Tcp,
            (Application::Agnostic, true) => Self::TcpTls,
            (Application::Msrp, false) => Self::TcpMsrp,
            (Application::Msrp, true) => Self::TcpTlsMsrp,
            (Application::Bfcp, false) => Self::TcpBfcp,
            (Application::Bfcp, true) => Self::TcpTlsBfcp,
        }
    }

    /// The same value, independent of the input it was read from.
    pub fn into_owned(self) -> Proto<'static> {
        match self {
            Self::Other(name) => Proto::Other(owned(name)),
            named => Proto::from_name(named.name().to_owned()),
        }
    }
}

impl fmt::Display for Proto<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_proto_reads_back_from_its_name() {
        let named = [
            Proto::Tcp,
            Proto::TcpTls,
            Proto::TcpMsrp,
            Proto::TcpTlsMsrp,
            Proto::TcpBfcp,
            Proto::TcpTlsBfcp,
            Proto::TcpDtlsBfcp,
            Proto::UdpBfcp,
            Proto::UdpTlsBfcp,
            Proto::Udp,
            Proto::Udptl,
            Proto::UdpTlsUdptl,
            Proto::RtpAvp,
            Proto::RtpSavp,
            Proto::Unspecified,
            Proto::Choose,
        ];
        for proto in named {
            assert_eq!(Proto::from_name(proto.name().to_owned()), proto);
            assert_eq!(proto.clone().into_owned(), proto);
        }
    }

    #[test]
    fn a_proto_over_tcp_says_its_application_and_security() {
        for application in [Application::Agnostic, Application::Msrp, Application::Bfcp] {
            for tls in [false, true] {
                let proto = Proto::over_tcp(application, tls);
                assert_eq!((proto.application(), proto.is_tls()), (Some(application), tls));
                assert_eq!(proto.transport(), Some(Transport::Tcp));
            }
        }
        assert_eq!(Proto::UdpTlsBfcp.security(), Some(Security::Dtls));
    }
}
