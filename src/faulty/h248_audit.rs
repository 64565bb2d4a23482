//! Gateways whose audits and statistics do not show what is.

use super::rewrite::{action_replies, command_replies, commands, tap};
use crate::wire::h248::{
    AuditDescriptor, AuditItem, AuditReply, AuditReturnParameter, AuditToken, Command, CommandReply, IndAudParameter,
    StatisticsDescriptor, StreamMode, Streams, TerminationAudit, TerminationId, Value,
};

/// What an audit asks for changed.
fn asked(octets: Vec<u8>, change: impl for<'m> Fn(&mut AuditDescriptor<'m>)) -> Vec<Vec<u8>> {
    commands(octets, |command| {
        if let Command::AuditValue(request) = &mut command.command {
            change(&mut request.audit);
        }
    })
}

/// What an audit reports changed.
fn reported(octets: Vec<u8>, change: impl for<'m> Fn(&mut TerminationAudit<'m>)) -> Vec<Vec<u8>> {
    command_replies(octets, |reply| {
        if let CommandReply::AuditValue(AuditReply::Terminations(_, audit)) = reply {
            change(audit);
        }
    })
}

tap!(StaleMode, control_out, |octets| reported(octets, |audit| {
    for item in &mut audit.0 {
        let AuditReturnParameter::Media(media) = item else { continue };
        let Streams::Multi(streams) = &mut media.streams else { continue };
        for control in streams.iter_mut().filter_map(|stream| stream.parms.local_control.as_mut()) {
            control.mode = control.mode.map(|_| StreamMode::Inactive);
        }
    }
}));

tap!(HidesMedia, control_out, |octets| reported(octets, |audit| {
    audit.0.retain(|item| !matches!(item, AuditReturnParameter::Media(_)));
}));

tap!(HidesEmpty, control_out, |octets| reported(octets, |audit| {
    audit.0.retain(|item| match item {
        AuditReturnParameter::Events(events) => !events.events.is_empty(),
        AuditReturnParameter::Signals(signals) => !signals.0.is_empty(),
        _ => true,
    });
}));

tap!(AlwaysMedia, control_in, |octets| asked(octets, |audit| {
    if !audit.asks_for(AuditToken::Media) && !audit.asks_for(AuditToken::Packages) {
        audit.0.push(AuditItem::Token(AuditToken::Media));
    }
}));

tap!(WholeForPart, control_in, |octets| asked(octets, |audit| {
    for item in &mut audit.0 {
        match item {
            AuditItem::Individual(IndAudParameter::Media(_)) => *item = AuditItem::Token(AuditToken::Media),
            AuditItem::Individual(IndAudParameter::Statistics(_)) => *item = AuditItem::Token(AuditToken::Statistics),
            _ => {}
        }
    }
}));

tap!(ListsRoot, control_out, |octets| action_replies(octets, |action| {
    let audits = action.commands.iter().filter(|reply| matches!(reply, CommandReply::AuditValue(_))).count();
    if audits > 1 {
        let root = AuditReply::Terminations(TerminationId::Root.into(), TerminationAudit::default());
        action.commands.push(CommandReply::AuditValue(root));
    }
}));

/// Every statistic changed.
fn statistics(octets: Vec<u8>, change: impl for<'m> Fn(&mut StatisticsDescriptor<'m>)) -> Vec<Vec<u8>> {
    command_replies(octets, |reply| {
        let audit = match reply {
            CommandReply::AuditValue(AuditReply::Terminations(_, audit)) => audit,
            CommandReply::Subtract(reply) => &mut reply.audit,
            _ => return,
        };
        for item in &mut audit.0 {
            if let AuditReturnParameter::Statistics(statistics) = item {
                change(statistics);
            }
        }
    })
}

tap!(StandsStill, control_out, |octets| statistics(octets, |statistics| {
    for statistic in statistics.0.iter_mut().filter(|statistic| statistic.name.is("nt/dur")) {
        statistic.values = vec![Value::plain("0")];
    }
}));

tap!(CountsFromBefore, control_out, |octets| statistics(octets, |statistics| {
    for statistic in statistics.0.iter_mut().filter(|statistic| statistic.name.is("nt/os")) {
        statistic.values = vec![Value::plain("4711")];
    }
}));

tap!(CapabilitiesAreValues, control_in, |octets| commands(octets, |command| {
    if let Command::AuditCapability(request) = &mut command.command {
        // What is asked for of capabilities is left out.
        request.audit.0.retain(|item| !matches!(item, AuditItem::Token(AuditToken::Events | AuditToken::Statistics)));
    }
}));

tap!(HidesMandatory, control_out, |octets| reported(octets, |audit| {
    for item in &mut audit.0 {
        if let AuditReturnParameter::Packages(packages) = item {
            packages.retain(|package| package.name != "tman");
        }
    }
}));
