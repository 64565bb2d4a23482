//! Gateways that carry out commands wrongly, or report wrongly what they did.

use super::rewrite::{action_replies, actions, command_replies, commands, tap};
use crate::gateway::Policy;
use crate::wire::h248::{
    AmmRequest, AuditDescriptor, AuditReturnParameter, AuditToken, Command, CommandReply, CommandRequest,
    LocalControlDescriptor, MediaDescriptor, ServiceChangeMethod, StreamId, StreamMode, StreamParms, Streams,
    TerminationId,
};
use std::borrow::Cow;

/// Add, Move or Modify.
fn amm<'r, 'm>(request: &'r mut CommandRequest<'m>) -> Option<&'r mut AmmRequest<'m>> {
    match &mut request.command {
        Command::Add(request) | Command::Move(request) | Command::Modify(request) => Some(request),
        _ => None,
    }
}

/// The streams a command speaks of.
fn streams<'r, 'm>(request: &'r mut AmmRequest<'m>) -> Vec<&'r mut StreamParms<'m>> {
    match request.media.as_mut().map(|media| &mut media.streams) {
        Some(Streams::One(parms)) => vec![parms],
        Some(Streams::Multi(streams)) => streams.iter_mut().map(|stream| &mut stream.parms).collect(),
        None => Vec::new(),
    }
}

tap!(StopsAtOptional, control_in, |octets| commands(octets, |command| command.optional = false));
tap!(NeverStops, control_in, |octets| commands(octets, |command| command.optional = true));
tap!(AnswersEach, control_in, |octets| commands(octets, |command| command.wildcard_return = false));
tap!(AnswersOnce, control_in, |octets| commands(octets, |command| command.wildcard_return = true));

tap!(AddsRoot, control_in, |octets| commands(octets, |command| {
    if let Command::Add(request) = &mut command.command
        && *request.terminations.first() == TerminationId::Root
    {
        request.terminations = TerminationId::Choose.into();
    }
}));

tap!(ForgetsContextProperties, control_in, |octets| actions(octets, |action| {
    action.properties.priority = None;
    action.properties.emergency = None;
}));

tap!(ReversesCommands, control_in, |octets| actions(octets, |action| {
    if action.commands.iter().all(|command| matches!(command.command, Command::Modify(_))) {
        action.commands.reverse();
    }
}));

tap!(AddsInactive, control_in, |octets| commands(octets, |command| {
    if let Command::Add(request) = &mut command.command {
        for control in streams(request).into_iter().filter_map(|stream| stream.local_control.as_mut()) {
            control.mode = Some(StreamMode::Inactive);
        }
    }
}));

tap!(AddsActive, control_in, |octets| commands(octets, |command| {
    if let Command::Add(request) = &mut command.command {
        for stream in streams(request) {
            let control = stream.local_control.get_or_insert_with(LocalControlDescriptor::default);
            control.mode.get_or_insert(StreamMode::SendReceive);
        }
    }
}));

tap!(LosesSecondStream, control_in, |octets| commands(octets, |command| {
    if let Some(media) = amm(command).and_then(|request| request.media.as_mut())
        && let Streams::Multi(streams) = &mut media.streams
    {
        streams.truncate(1);
    }
}));

tap!(ReleasesUnnamed, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        for stream in streams(request) {
            stream.local.get_or_insert(Cow::Borrowed(b""));
        }
    }
}));

tap!(ReportsUnasked, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        request.audit.get_or_insert_with(|| AuditDescriptor::of([AuditToken::Media]));
    }
}));

tap!(ReportsNothing, control_in, |octets| commands(octets, |command| {
    if let Some(request) = amm(command) {
        request.audit = None;
    }
}));

tap!(KeepsOldRemote, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        streams(request).into_iter().for_each(|stream| stream.remote = None);
    }
}));

tap!(ModifiesOneOfAll, control_in, |octets| commands(octets, |command| {
    // What a wildcard names is looked at and not changed.
    if let Command::Modify(request) = &mut command.command
        && request.terminations.first().has_wildcard()
    {
        request.media = None;
    }
}));

tap!(ReportsOneOfAll, control_out, |octets| action_replies(octets, |action| {
    action
        .commands
        .dedup_by(|later, earlier| matches!((later, earlier), (CommandReply::Modify(_), CommandReply::Modify(_))));
}));

tap!(SwallowsUnknown, control_in, |octets| commands(octets, |command| {
    if let Some(request) = amm(command) {
        let unknown = |package: &str| package.eq_ignore_ascii_case("nosuchpkg");
        for control in streams(request).into_iter().filter_map(|stream| stream.local_control.as_mut()) {
            control.properties.retain(|property| !unknown(&property.name.package));
        }
    }
}));

tap!(IgnoresServiceState, control_in, |octets| commands(octets, |command| {
    if let Some(state) = amm(command).and_then(|request| request.media.as_mut()?.termination_state.as_mut()) {
        state.service_state = None;
    }
}));

tap!(NeverOutOfService, control_in, |octets| commands(octets, |command| {
    if let Command::ServiceChange(request) = &mut command.command
        && request.parms.method == ServiceChangeMethod::Forced
    {
        request.parms.method = ServiceChangeMethod::Restart;
    }
}));

tap!(SubtractsSilently, control_in, |octets| commands(octets, |command| {
    if let Command::Subtract(request) = &mut command.command {
        request.audit.get_or_insert_with(AuditDescriptor::default);
    }
}));

tap!(SubtractsLoudly, control_in, |octets| commands(octets, |command| {
    if let Command::Subtract(request) = &mut command.command {
        request.audit = None;
    }
}));

tap!(LeavesChoice, control_out, |octets| command_replies(octets, |reply| {
    if let CommandReply::Add(reply) = reply {
        for item in &mut reply.audit.0 {
            let AuditReturnParameter::Media(media) = item else { continue };
            let Streams::Multi(streams) = &mut media.streams else { continue };
            for stream in streams {
                stream.parms.local = stream.parms.local.take().map(|local| Cow::Owned(unchosen(&local)));
            }
        }
    }
}));

tap!(MovesInactive, control_in, |octets| commands(octets, |command| {
    if let Command::Move(request) = &mut command.command
        && request.media.is_none()
    {
        request.media = Some(MediaDescriptor::stream(
            StreamId(1),
            StreamParms {
                local_control: Some(LocalControlDescriptor::mode(StreamMode::Inactive)),
                ..StreamParms::default()
            },
        ));
    }
}));

tap!(MoveCopies, control_in, |octets| commands(octets, |command| {
    if let Command::Move(request) = &mut command.command {
        request.terminations = TerminationId::Choose.into();
        command.command = Command::Add(request.clone());
    }
}));

#[derive(Debug)]
pub(super) struct IgnoresTopology;

impl Policy for IgnoresTopology {
    fn isolates(&self, _: bool) -> bool {
        false
    }
}

/// SDP with the port left open again.
fn unchosen(sdp: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(sdp);
    let line = |line: &str| match line.split(' ').collect::<Vec<_>>().as_slice() {
        [media, _, rest @ ..] if media.starts_with("m=") => format!("{media} $ {}", rest.join(" ")),
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(line).collect::<String>().into_bytes()
}
