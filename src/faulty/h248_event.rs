//! Gateways that mistake what they were asked to tell, or whom.

use super::rewrite::{commands, tap, transactions};
use crate::wire::h248::{self, Command, Message, MessageBody, RequestId, Style, Transaction, TransactionId};

/// The observed events of a Notify of ours changed.
fn notified(octets: Vec<u8>, change: impl for<'m> Fn(&mut h248::NotifyRequest<'m>)) -> Vec<Vec<u8>> {
    commands(octets, |command| {
        if let Command::Notify(notify) = &mut command.command {
            change(notify);
        }
    })
}

tap!(OtherRequestId, control_out, |octets| notified(octets, |notify| {
    if let RequestId::Id(id) = &mut notify.observed_events.request_id {
        *id = id.wrapping_add(1);
    }
}));

tap!(NoCause, control_out, |octets| notified(octets, |notify| {
    for observed in &mut notify.observed_events.events {
        observed.event.parameters.clear();
    }
}));

fn is_notify(message: &Message<'_>) -> bool {
    let MessageBody::Transactions(transactions) = &message.body else { return false };
    transactions.iter().any(|transaction| match transaction {
        Transaction::Request(request) => {
            request.actions.iter().flat_map(|action| &action.commands).any(|c| matches!(c.command, Command::Notify(_)))
        }
        _ => false,
    })
}

tap!(NotifiesTwice, control_out, |octets| {
    let again = h248::parse(&octets).ok().filter(is_notify).map(|mut message| {
        if let MessageBody::Transactions(transactions) = &mut message.body {
            for transaction in transactions {
                if let Transaction::Request(request) = transaction {
                    request.id = TransactionId(request.id.0 | 1 << 31);
                }
            }
        }
        h248::encode(&message, Style::Compact)
    });
    std::iter::once(octets.clone()).chain(again).collect()
});

tap!(KeepsFirstEvents, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        request.events = request.events.take().filter(|events| events.events.is_empty());
    }
}));

tap!(NeverClearsEvents, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        request.events = request.events.take().filter(|events| !events.events.is_empty());
    }
}));

tap!(AllStreams, control_in, |octets| commands(octets, |command| {
    if let Command::Add(request) = &mut command.command {
        for event in request.events.iter_mut().flat_map(|events| &mut events.events) {
            event.stream = None;
        }
    }
}));

tap!(NoEventWildcard, control_in, |octets| commands(octets, |command| {
    if let Command::Add(request) = &mut command.command
        && let Some(events) = &mut request.events
    {
        events.events.retain(|event| !event.name.item.is_wildcard());
    }
}));

tap!(TakesNotify, control_in, |octets| transactions(octets, |transaction| {
    if let Transaction::Request(request) = transaction {
        for command in request.actions.iter_mut().flat_map(|action| &mut action.commands) {
            if let Command::Notify(notify) = &command.command {
                command.command = Command::Modify(h248::AmmRequest::new(notify.terminations.clone()));
            }
        }
    }
    true
}));

tap!(IgnoresBuffer, control_in, |octets| commands(octets, |command| {
    if let Command::Add(request) | Command::Modify(request) = &mut command.command
        && let Some(state) = request.media.as_mut().and_then(|media| media.termination_state.as_mut())
    {
        state.event_buffer_control = None;
    }
}));

tap!(NoEmbedded, control_in, |octets| commands(octets, |command| {
    if let Command::Add(request) = &mut command.command {
        for event in request.events.iter_mut().flat_map(|events| &mut events.events) {
            event.embed = None;
        }
    }
}));

tap!(NoCompletion, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        for event in request.events.iter_mut().flat_map(|events| &mut events.events).filter(|e| e.name.is("g/sc")) {
            event.name = h248::PkgdName::new("nt", "netfail");
        }
    }
}));

tap!(NeverEndsSignals, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        request.signals = request.signals.take().filter(|signals| !signals.0.is_empty());
    }
}));
