//! MSRP that the gateway reads: whose paths it writes, and for whom it forwards.

use crate::{
    gateway::{LegSetup, Policy},
    wire::msrp::{Head, Method, Path, Start},
};

#[derive(Debug)]
pub(super) struct StaysAgnostic;

impl Policy for StaysAgnostic {
    fn leg_setup(&self, setup: LegSetup) -> LegSetup {
        LegSetup { msrp: None, ..setup }
    }
}

#[derive(Debug)]
pub(super) struct RewritesNoResponse;

impl Policy for RewritesNoResponse {
    fn msrp_paths<'p>(&self, came: &Head<'_>, to_path: Path<'p>, from_path: Path<'p>) -> (Path<'p>, Path<'p>) {
        match came.start {
            Start::Response { .. } => as_it_came(came),
            Start::Request(_) => (to_path, from_path),
        }
    }
}

#[derive(Debug)]
pub(super) struct RewritesNoReport;

impl Policy for RewritesNoReport {
    fn msrp_paths<'p>(&self, came: &Head<'_>, to_path: Path<'p>, from_path: Path<'p>) -> (Path<'p>, Path<'p>) {
        if came.method() == Some(&Method::Report) { as_it_came(came) } else { (to_path, from_path) }
    }
}

#[derive(Debug)]
pub(super) struct RewritesToPathOnly;

impl Policy for RewritesToPathOnly {
    fn msrp_paths<'p>(&self, came: &Head<'_>, to_path: Path<'p>, _: Path<'p>) -> (Path<'p>, Path<'p>) {
        (to_path, came.from_path.clone().into_owned())
    }
}

#[derive(Debug)]
pub(super) struct KeepsScheme;

impl Policy for KeepsScheme {
    fn msrp_paths<'p>(&self, came: &Head<'_>, to_path: Path<'p>, from_path: Path<'p>) -> (Path<'p>, Path<'p>) {
        let secure = came.to_path.as_str().starts_with("msrps:");
        let (right, wrong) = if secure { ("msrp:", "msrps:") } else { ("msrps:", "msrp:") };
        let kept = |path: &Path<'_>| {
            Path::parse(&path.as_str().replace(right, wrong))
                .map_or_else(|_| path.clone().into_owned(), Path::into_owned)
        };
        (kept(&to_path), kept(&from_path))
    }
}

#[derive(Debug)]
pub(super) struct ForwardsAnySession;

impl Policy for ForwardsAnySession {
    fn accepts_msrp_session(&self, _: bool) -> bool {
        true
    }
}

#[derive(Debug)]
pub(super) struct EndsEveryChunk;

impl Policy for EndsEveryChunk {
    fn forward(&self, octets: &mut Vec<u8>) {
        super::forwarding::replace(octets, b"+\r\n", b"$\r\n");
    }
}

#[derive(Debug)]
pub(super) struct CompletesAbortedMessages;

impl Policy for CompletesAbortedMessages {
    fn forward(&self, octets: &mut Vec<u8>) {
        super::forwarding::replace(octets, b"#\r\n", b"$\r\n");
    }
}

#[derive(Debug)]
pub(super) struct DropsMessageRange;

impl Policy for DropsMessageRange {
    fn forward(&self, octets: &mut Vec<u8>) {
        super::forwarding::replace(octets, b"Byte-Range", b"X-Old-Range");
    }
}

fn as_it_came(came: &Head<'_>) -> (Path<'static>, Path<'static>) {
    (came.to_path.clone().into_owned(), came.from_path.clone().into_owned())
}
