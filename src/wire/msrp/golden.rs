//! Octets written from the clauses by hand, beside the values they stand for: encoder and parser cannot share a mistake here.

use super::*;
use crate::wire::Framed;

const B: &str = "msrps://b.example:7777/bob5;tcp";
const A: &str = "msrps://a.example:8888/al1c;tcp";

fn path(text: &str) -> Path<'_> {
    Path::parse(text).unwrap()
}

fn request(method: Method<'static>) -> Head<'static> {
    Head::request(Ident::new("d93k").unwrap(), method, path(B), path(A))
}

fn response(code: StatusCode, comment: Option<&'static str>) -> Head<'static> {
    Head::response(Ident::new("d93k").unwrap(), code, comment.map(|text| Text::new(text).unwrap()), path(A), path(B))
}

fn send() -> Head<'static> {
    request(Method::Send).with(message_id())
}

fn message_id() -> Header<'static> {
    Header::MessageId(Ident::new("m001").unwrap())
}

fn range(start: u64, end: Option<u64>, total: Option<u64>) -> Header<'static> {
    Header::ByteRange(ByteRange { start, end, total })
}

fn kind(text: &'static str) -> Header<'static> {
    Header::ContentType(ContentType::new(text).unwrap())
}

fn extension(name: &'static str, value: &str) -> Header<'static> {
    Header::Extension(ExtensionHeader::new(name, value).unwrap())
}

fn status(code: StatusCode, reason: Option<&'static str>) -> Header<'static> {
    Header::Status(Status::new(code, reason.map(|text| Text::new(text).unwrap())))
}

/// What each head adds to the start line, the paths and the end-line.
#[test]
fn golden_requests_without_body() {
    for (method, name, headers, lines) in [
        (Method::Send, "SEND", vec![message_id()], "Message-ID: m001\r\n"),
        (
            Method::Send,
            "SEND",
            vec![message_id(), range(1, Some(0), Some(0))],
            "Message-ID: m001\r\nByte-Range: 1-0/0\r\n",
        ),
        (Method::Send, "SEND", vec![range(1, None, None)], "Byte-Range: 1-*/*\r\n"),
        (Method::Send, "SEND", vec![range(2049, None, Some(4385))], "Byte-Range: 2049-*/4385\r\n"),
        (Method::Send, "SEND", vec![range(1, Some(u64::MAX), None)], "Byte-Range: 1-18446744073709551615/*\r\n"),
        (Method::Send, "SEND", vec![Header::SuccessReport(true)], "Success-Report: yes\r\n"),
        (Method::Send, "SEND", vec![Header::SuccessReport(false)], "Success-Report: no\r\n"),
        (Method::Send, "SEND", vec![Header::FailureReport(FailureReport::Yes)], "Failure-Report: yes\r\n"),
        (Method::Send, "SEND", vec![Header::FailureReport(FailureReport::No)], "Failure-Report: no\r\n"),
        (Method::Send, "SEND", vec![Header::FailureReport(FailureReport::Partial)], "Failure-Report: partial\r\n"),
        (Method::Report, "REPORT", vec![status(StatusCode::OK, Some("OK"))], "Status: 000 200 OK\r\n"),
        (Method::Report, "REPORT", vec![status(StatusCode::TIMEOUT, None)], "Status: 000 408\r\n"),
        (Method::Report, "REPORT", vec![status(StatusCode::new(7).unwrap(), None)], "Status: 000 007\r\n"),
        (Method::Auth, "AUTH", vec![], ""),
        (Method::Auth, "AUTH", vec![extension("Expires", "3600")], "Expires: 3600\r\n"),
        (Method::Nickname, "NICKNAME", vec![extension("Use-Nickname", "\"Alice\"")], "Use-Nickname: \"Alice\"\r\n"),
        (Method::Other(Token::new("FROB").unwrap()), "FROB", vec![extension("X-A", "é")], "X-A: é\r\n"),
    ] {
        let octets = format!("MSRP d93k {name}\r\nTo-Path: {B}\r\nFrom-Path: {A}\r\n{lines}-------d93k$\r\n");
        let head = Head { headers, ..request(method) };
        check(Frame { head, body: None, flag: ContinuationFlag::Last }, octets.as_bytes());
    }
}

#[test]
fn golden_responses() {
    for (code, comment, line) in [
        (StatusCode::OK, Some("OK"), "200 OK"),
        (StatusCode::NO_SESSION, None, "481"),
        (StatusCode::STOP_SENDING, Some("enough, thanks"), "413 enough, thanks"),
        (StatusCode::WRONG_CONNECTION, Some(""), "506 "),
    ] {
        let octets = format!("MSRP d93k {line}\r\nTo-Path: {A}\r\nFrom-Path: {B}\r\n-------d93k$\r\n");
        check(Frame { head: response(code, comment), body: None, flag: ContinuationFlag::Last }, octets.as_bytes());
    }
}

#[test]
fn golden_bodies() {
    for (body, flag, end) in [
        (&b"hello"[..], ContinuationFlag::Last, "-------d93k$"),
        (b"", ContinuationFlag::More, "-------d93k+"),
        (b"\r\n", ContinuationFlag::Aborted, "-------d93k#"),
        (b"-------d93k", ContinuationFlag::Last, "-------d93k$"),
        (b"\0\xff\r\n-------d93$\r\n", ContinuationFlag::More, "-------d93k+"),
    ] {
        let start = format!(
            "MSRP d93k SEND\r\nTo-Path: {B}\r\nFrom-Path: {A}\r\nMessage-ID: m001\r\nContent-Type: text/plain\r\n\r\n"
        );
        let octets = [start.as_bytes(), body, b"\r\n", end.as_bytes(), b"\r\n"].concat();
        check(Frame { head: send().with(kind("text/plain")), body: Some(body), flag }, &octets);
    }
}

#[test]
fn golden_uris() {
    let name = |host: &'static str| Host::Name(host.into());
    let plain = MsrpUri::tcp(false, name("h"), 2855, "s".into());
    for (uri, text) in [
        (plain.clone(), "msrp://h:2855/s;tcp"),
        (MsrpUri { secure: true, ..plain.clone() }, "msrps://h:2855/s;tcp"),
        (MsrpUri { port: None, session_id: None, ..plain.clone() }, "msrp://h;tcp"),
        (MsrpUri { userinfo: Some("al:pw".into()), ..plain.clone() }, "msrp://al:pw@h:2855/s;tcp"),
        (MsrpUri { params: "lr;a=b".into(), ..plain.clone() }, "msrp://h:2855/s;tcp;lr;a=b"),
        (MsrpUri { host: Host::V4([192, 0, 2, 1].into()), ..plain.clone() }, "msrp://192.0.2.1:2855/s;tcp"),
        (
            MsrpUri { host: Host::V6([0x2001, 0xDB8, 0, 0, 0, 0, 0, 1].into()), ..plain },
            "msrp://[2001:db8::1]:2855/s;tcp",
        ),
    ] {
        assert_eq!(uri.to_string(), text);
        assert_eq!(MsrpUri::parse(text), Ok(uri));
    }
}

fn check(frame: Frame<'_>, octets: &[u8]) {
    assert_eq!(String::from_utf8_lossy(&encode(&frame)), String::from_utf8_lossy(octets));
    assert_eq!(parse(octets), Ok(Framed::Complete(frame, octets.len())));
}
