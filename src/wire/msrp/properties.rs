//! Claims about all frames: the corpus, round trips, and cuts that change nothing.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::wire::{Framed, corpus};

#[test]
fn the_corpus_decodes_as_expected_and_what_is_valid_reads_back_equal() {
    let cases = corpus::cases("msrp");
    assert!(cases.len() >= 80);
    for (file, octets, expected) in cases {
        let result = parse(&octets);
        assert_eq!(corpus::verdict(result.clone(), &octets), expected, "{file}: {result:?}");
        if let Ok(Framed::Complete(frame, _)) = result {
            let written = encode(&frame);
            assert_eq!(parse(&written), Ok(Framed::Complete(frame, written.len())), "{file}");
        }
        same_however_cut(&octets, &[1, 2, 3, 5, 8, 13]);
    }
}

/// What a framer says about a stream: heads, joined bodies and flags, and how it ended.
#[derive(Debug, Default, PartialEq)]
struct Transcript {
    frames: Vec<(Head<'static>, bool, Vec<u8>, Option<ContinuationFlag>)>,
    error: Option<ParseError>,
}

fn transcript<'a>(pieces: impl Iterator<Item = &'a [u8]>, limits: Limits) -> Transcript {
    let (mut framer, mut said) = (Framer::new(limits), Transcript::default());
    for mut input in pieces {
        loop {
            match framer.next(&mut input) {
                Ok(Some(Event::HeadComplete { head, has_body })) => {
                    said.frames.push((head.into_owned(), has_body, Vec::new(), None));
                }
                Ok(Some(Event::BodyPart(part))) => {
                    assert!(!part.is_empty());
                    said.frames.last_mut().unwrap().2.extend_from_slice(part);
                }
                Ok(Some(Event::End(flag))) => said.frames.last_mut().unwrap().3 = Some(flag),
                Ok(None) => break,
                Err(error) => {
                    said.error = Some(error);
                    return said;
                }
            }
        }
        assert!(input.is_empty() && framer.held() <= limits.head.max(44));
    }
    said
}

/// Pieces of the given sizes, over and over.
fn cut<'a>(octets: &'a [u8], sizes: &'a [usize]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = octets;
    sizes.iter().cycle().map_while(move |size| {
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        rest = after;
        (!piece.is_empty()).then_some(piece)
    })
}

fn same_however_cut(octets: &[u8], sizes: &[usize]) {
    for limits in [Limits::default(), Limits { head: 200 }] {
        let whole = transcript([octets].into_iter(), limits);
        assert_eq!(transcript(cut(octets, &[1]), limits), whole);
        assert_eq!(transcript(cut(octets, sizes), limits), whole);
    }
}

fn ident() -> impl Strategy<Value = Ident<'static>> {
    "[A-Za-z0-9][A-Za-z0-9.+%=-]{3,31}".prop_map(|text| Ident::new(text).unwrap())
}

fn text() -> impl Strategy<Value = Text<'static>> {
    "[\t -~é☂]{0,20}".prop_map(|text| Text::new(text).unwrap())
}

fn uri() -> impl Strategy<Value = MsrpUri<'static>> {
    let host = prop_oneof![
        "[a-z][a-z0-9.-]{0,20}".prop_map(|name| Host::Name(name.into())),
        "([a-z]|%4[0-9A-F]){1,5}".prop_map(|name| Host::Name(name.into())),
        any::<[u8; 4]>().prop_map(|octets| Host::V4(octets.into())),
        any::<[u8; 16]>().prop_map(|octets| Host::V6(octets.into())),
    ];
    let params = vec("[!#-'*+.0-9A-Z^-~-]{1,5}(=[a-z]{1,3})?", 0..3).prop_map(|params| params.join(";"));
    (
        any::<bool>(),
        option::of("[a-z!$;:&=+]{1,8}"),
        host,
        option::of(any::<u16>()),
        option::of("[A-Za-z0-9._~+=/-]{1,20}"),
        select(&["tcp", "TCP", "sctp2"][..]),
        params,
    )
        .prop_map(|(secure, userinfo, host, port, session_id, transport, params)| MsrpUri {
            secure,
            userinfo: userinfo.map(Into::into),
            host,
            port,
            session_id: session_id.map(Into::into),
            transport: transport.into(),
            params: params.into(),
        })
}

fn path() -> impl Strategy<Value = Path<'static>> {
    vec(uri(), 1..4).prop_map(|uris| Path::from_uris(&uris).unwrap())
}

fn headers() -> impl Strategy<Value = Vec<Header<'static>>> {
    let status = (0..=999_u16, option::of(text())).prop_map(|(c, t)| Status::new(StatusCode::new(c).unwrap(), t));
    let range = (any::<u64>(), any::<Option<u64>>(), any::<Option<u64>>()).prop_map(|(start, end, total)| ByteRange {
        start,
        end,
        total,
    });
    let reports = select(&[FailureReport::Yes, FailureReport::No, FailureReport::Partial][..]);
    let once = (
        option::of(ident().prop_map(Header::MessageId)),
        option::of(range.prop_map(Header::ByteRange)),
        option::of(any::<bool>().prop_map(Header::SuccessReport)),
        option::of(reports.prop_map(Header::FailureReport)),
        option::of(status.prop_map(Header::Status)),
        option::of(
            select(&["a/b", "text/plain; charset=utf-8"][..])
                .prop_map(|t| ContentType::new(t).map(Header::ContentType).unwrap()),
        ),
    );
    let extension = ("X[a-z-]{0,8}", text())
        .prop_map(|(name, value)| Header::Extension(ExtensionHeader::new(name, value.as_str()).unwrap()));
    (once, vec(extension, 0..3))
        .prop_map(|((a, b, c, d, e, f), more)| [a, b, c, d, e, f].into_iter().flatten().chain(more).collect::<Vec<_>>())
        .prop_shuffle()
}

fn head() -> impl Strategy<Value = Head<'static>> {
    let start = prop_oneof![
        select(&[Method::Send, Method::Report, Method::Auth, Method::Nickname][..]).prop_map(Start::Request),
        "X[A-Z]{0,8}".prop_map(|name| Start::Request(Method::Other(Token::new(name).unwrap()))),
        (0..=999_u16, option::of(text()))
            .prop_map(|(code, comment)| Start::Response { code: StatusCode::new(code).unwrap(), comment }),
    ];
    (ident(), start, path(), path(), headers()).prop_map(|(transaction_id, start, to_path, from_path, headers)| Head {
        transaction_id,
        start,
        to_path,
        from_path,
        headers,
    })
}

/// Bodies that try to look like the end of the frame.
fn body(id: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let piece = prop_oneof![
        Just(b"\r\n-------".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"-".to_vec()),
        Just(b"$\r\n".to_vec()),
        Just(id.as_bytes().to_vec()),
        Just(id.as_bytes()[..3].to_vec()),
        vec(any::<u8>(), 0..40),
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// A frame and its body, as its owner.
fn frame() -> impl Strategy<Value = (Head<'static>, Option<Vec<u8>>, ContinuationFlag)> {
    let flags = select(&[ContinuationFlag::More, ContinuationFlag::Last, ContinuationFlag::Aborted][..]);
    (head(), flags).prop_flat_map(|(head, flag)| {
        let body = option::of(body(head.transaction_id.as_str()));
        (Just(head), body, Just(flag)).prop_map(|(head, body, flag)| {
            let ends = format!("-------{}", head.transaction_id);
            let body =
                body.filter(|body| head.method().is_some() && memchr::memmem::find(body, ends.as_bytes()).is_none());
            (head, body, flag)
        })
    })
}

fn octets(frames: &[(Head<'static>, Option<Vec<u8>>, ContinuationFlag)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (head, body, flag) in frames {
        encode_into(&Frame { head: head.clone(), body: body.as_deref(), flag: *flag }, &mut out);
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_reads_back_equal((head, body, flag) in frame()) {
        let frame = Frame { head, body: body.as_deref(), flag };
        let written = encode(&frame);
        prop_assert_eq!(parse(&written), Ok(Framed::Complete(frame, written.len())));
    }

    #[test]
    fn no_proper_prefix_is_a_frame_or_an_error((head, body, flag) in frame()) {
        let written = octets(&[(head, body, flag)]);
        for length in (0..written.len()).step_by(1 + written.len() / 64) {
            prop_assert_eq!(parse(&written[..length]), Ok(Framed::Incomplete(1)));
        }
    }

    #[test]
    fn a_stream_says_the_same_however_it_is_cut(frames in vec(frame(), 1..4), sizes in vec(1..60_usize, 1..8)) {
        let stream = octets(&frames);
        same_however_cut(&stream, &sizes);
        let said = transcript(cut(&stream, &sizes), Limits { head: 64 * 1024 });
        let sent = frames.into_iter().map(|(head, body, flag)| (head, body.is_some(), body.unwrap_or_default(), Some(flag)));
        prop_assert_eq!(said, Transcript { frames: sent.collect(), error: None });
    }

    #[test]
    fn a_damaged_stream_says_the_same_however_it_is_cut(
        frames in vec(frame(), 1..3), at in any::<prop::sample::Index>(), octet in any::<u8>(), sizes in vec(1..60_usize, 1..8),
    ) {
        let mut stream = octets(&frames);
        let at = at.index(stream.len());
        stream[at] = octet;
        same_however_cut(&stream, &sizes);
    }

    #[test]
    fn a_fresh_transaction_id_is_not_in_the_body(ids in vec(ident(), 1..5), pick in any::<prop::sample::Index>()) {
        let body = format!("a-------{}", ids[pick.index(ids.len())]);
        let fresh = fresh_transaction_id(body.as_bytes(), ids.clone());
        prop_assert!(fresh.is_none_or(|id| !body.contains(id.as_str())));
    }
}
