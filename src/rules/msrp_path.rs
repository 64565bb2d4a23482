//! When two MSRP URIs name the same session (RFC 4975 6.1, RFC 6714).
