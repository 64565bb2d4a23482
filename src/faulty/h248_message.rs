//! Gateways that misread messages, or misspell theirs.

use super::rewrite::{commands, message, replies, tap, text};
use crate::wire::h248::{
    self, ActionReply, Command, CommandReply, ErrorCode, ErrorDescriptor, ServiceChangeParm, TransactionId,
    TransactionReply, TransactionResult,
};

tap!(OneVersion, control_out, |octets| message(octets, |message| message.version = 3));

tap!(AnyVersion, control_in, |octets| text(octets, |text| {
    text.replacen("MEGACO/4 ", "MEGACO/2 ", 1).replacen("MEGACO/99 ", "MEGACO/2 ", 1)
}));

tap!(CaseSensitive, control_in, |octets| text(octets, |text| text.replacen("transaction=", "?", 1)));
tap!(NoComments, control_in, |octets| text(octets, |text| text
    .replace("\n; ", "\n% ")
    .replace("; before", "% before")));
tap!(NoWhiteSpace, control_in, |octets| text(octets, |text| text.replace(" \t ", " % ")));
tap!(NoEscape, control_in, |octets| text(octets, |text| text.replace("\\}", "}")));
tap!(LowersSdp, control_in, |octets| text(octets, |text| text.replace("a=X-", "a=x-")));
tap!(RequiresAuthentication, control_in, |octets| text(octets, |text| text.replacen("Authentication", "Nonsense", 1)));

tap!(CommentsInSdp, control_in, |octets| text(octets, |text| {
    text.split_inclusive('\n')
        .map(|line| match line.split_once(';') {
            Some((before, _)) if line.starts_with("a=") => format!("{before}\r\n"),
            _ => line.to_owned(),
        })
        .collect()
}));

tap!(DescriptorsInOrder, control_in, |octets| text(octets, |text| {
    // Audit is to come last, nothing after it.
    if text.contains("Audit { Media }, Events") {
        text.replacen("Audit { Media }, Events", "Nonsense", 1)
    } else {
        text.to_owned()
    }
}));

/// Every error descriptor of a reply changed.
fn errors(reply: &mut TransactionReply<'_>, change: fn(&mut ErrorCode)) {
    let each = |error: &mut ErrorDescriptor<'_>| change(&mut error.code);
    match &mut reply.result {
        TransactionResult::Error(error) => each(error),
        TransactionResult::Actions(actions) => actions.iter_mut().for_each(|action| {
            action.error.iter_mut().for_each(each);
        }),
    }
}

tap!(WrongLevel, control_out, |octets| replies(octets, |reply| {
    errors(reply, |code| {
        *code = match *code {
            ErrorCode::SYNTAX_ERROR_IN_ACTION => ErrorCode::SYNTAX_ERROR_IN_TRANSACTION,
            ErrorCode::SYNTAX_ERROR_IN_COMMAND => ErrorCode::SYNTAX_ERROR_IN_ACTION,
            other => other,
        };
    });
}));

tap!(NothingBeforeError, control_out, |octets| replies(octets, |reply| {
    let TransactionResult::Actions(actions) = &mut reply.result else { return };
    if actions.last().is_some_and(|last| last.error.is_some()) {
        let last = actions.pop();
        actions.clear();
        actions.extend(last.map(|last| ActionReply { commands: Vec::new(), ..last }));
    }
}));

tap!(HidesUnreadable, control_out, |octets| {
    let unreadable = h248::parse(&octets).is_ok_and(|message| {
        message.transactions().iter().any(
            |transaction| matches!(transaction, h248::Transaction::Reply(reply) if reply.id == TransactionId::NONE),
        )
    });
    if unreadable { Vec::new() } else { vec![octets] }
});

tap!(AnswersReplies, control_in, |octets| {
    let is_reply = h248::parse(&octets).is_ok_and(|message| {
        message.transactions().iter().any(|transaction| matches!(transaction, h248::Transaction::Reply(_)))
    });
    let nonsense = is_reply.then(|| b"!/2 [127.0.0.1] T=none{".to_vec());
    std::iter::once(octets).chain(nonsense).collect()
});

tap!(DiesOfJunk, control_in, |octets| {
    assert!(!octets.starts_with(b"INVITE"), "faulty on purpose: that is SIP");
    vec![octets]
});

tap!(FirstOfList, control_in, |octets| commands(octets, |command| {
    if let Command::Modify(request) = &mut command.command {
        request.terminations = request.terminations.first().clone().into();
    }
}));

/// The ServiceChange a gateway registers with changed.
fn registration(octets: Vec<u8>, change: impl for<'m> Fn(&mut ServiceChangeParm<'m>)) -> Vec<Vec<u8>> {
    commands(octets, |command| {
        if let Command::ServiceChange(request) = &mut command.command {
            change(&mut request.parms);
        }
    })
}

tap!(NamesNoVersion, control_out, |octets| registration(octets, |parms| parms.version = None));
tap!(NamesNoProfile, control_out, |octets| registration(octets, |parms| parms.profile = None));

tap!(ForgetsError, control_out, |octets| super::rewrite::command_replies(octets, |reply| {
    // A command on a termination nobody has is done by doing nothing.
    if let CommandReply::Modify(reply) | CommandReply::Subtract(reply) = reply
        && reply.audit.error().is_some_and(|error| error.code == ErrorCode::UNKNOWN_TERMINATION)
    {
        reply.audit.0.clear();
    }
}));
