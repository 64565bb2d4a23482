//! Replies longer than one message, H.248.1 version 3: cut into numbered replies, and put together again.

use crate::wire::h248::{
    self, ActionReply, ContextProperties, IntoOwned, MId, Message, Segmentation, Style, TransactionReply,
    TransactionResult,
};

/// The messages of a reply, each of at most `limit` octets; `None` when a single command reply is longer than that, or the
/// reply would need more segments than can be numbered.
pub(in crate::gateway) fn messages(
    version: u8,
    mid: &MId<'_>,
    reply: TransactionReply<'_>,
    limit: usize,
) -> Option<Vec<Vec<u8>>> {
    let TransactionReply { id, immediate_ack_required, result, .. } = reply;
    let TransactionResult::Actions(actions) = result else { return None };
    let encode = |actions: Vec<ActionReply<'_>>, segmentation: Segmentation| {
        let mut reply = TransactionReply::new(id, actions);
        reply.segmentation = Some(segmentation);
        // Who has the last segment has all, or asks for none again.
        reply.immediate_ack_required = immediate_ack_required && segmentation.last;
        h248::encode(&Message::reply(version, mid.clone(), reply), Style::Compact)
    };
    let longest = Segmentation { number: u16::MAX, last: true };
    let mut segments: Vec<Vec<ActionReply<'_>>> = vec![Vec::new()];
    let mut filled = 0;
    for piece in actions.into_iter().flat_map(pieces) {
        // What a piece costs with a message of its own is a little more than it costs within another.
        let cost = encode(vec![piece.clone()], longest).len();
        if cost > limit {
            return None;
        }
        if filled + cost > limit {
            segments.push(Vec::new());
            filled = 0;
        }
        filled += cost;
        join(segments.last_mut()?, piece);
    }
    let count = u16::try_from(segments.len()).ok()?;
    let numbered = (1..=count).zip(segments);
    Some(numbered.map(|(number, actions)| encode(actions, Segmentation { number, last: number == count })).collect())
}

/// An action's reply, one piece for each command: what is said of the context stands in the first, its error in the last.
fn pieces(action: ActionReply<'_>) -> Vec<ActionReply<'_>> {
    let ActionReply { context, properties, commands, error } = action;
    let mut pieces: Vec<_> = commands.into_iter().map(|reply| ActionReply::new(context, vec![reply])).collect();
    if pieces.is_empty() {
        pieces.push(ActionReply::new(context, Vec::new()));
    }
    if let Some(first) = pieces.first_mut() {
        first.properties = properties;
    }
    if let Some(last) = pieces.last_mut() {
        last.error = error;
    }
    pieces
}

/// Adds a piece; to the action before when it is of the same context and nothing speaks against it.
fn join<'a>(actions: &mut Vec<ActionReply<'a>>, mut piece: ActionReply<'a>) {
    match actions.last_mut() {
        Some(last)
            if last.context == piece.context
                && last.error.is_none()
                && piece.properties == ContextProperties::default() =>
        {
            last.commands.append(&mut piece.commands);
            last.error = piece.error;
        }
        _ => actions.push(piece),
    }
}

/// The segments of a reply to a request of the gateway's own, until all are there.
#[derive(Debug, Default)]
pub(in crate::gateway) struct Parts {
    parts: Vec<Option<Vec<ActionReply<'static>>>>,
    last: Option<usize>,
}

/// Segments of one reply. The gateway asks nothing whose answer would be longer.
const MOST: usize = 16;

impl Parts {
    /// Takes a segment; the whole reply once nothing is missing. `Err` for a segment that no reply has, which is not to be
    /// acknowledged.
    pub(in crate::gateway) fn add(
        &mut self,
        segmentation: Segmentation,
        result: TransactionResult<'_>,
    ) -> Result<Option<TransactionResult<'static>>, ()> {
        let index = usize::from(segmentation.number).checked_sub(1).filter(|index| *index < MOST).ok_or(())?;
        let actions = match result {
            TransactionResult::Actions(actions) => actions,
            // The transaction failed: whatever came before, no more will.
            error => return Ok(Some(error.into_owned())),
        };
        if self.last.is_some_and(|last| index > last) || (segmentation.last && index + 1 < self.parts.len()) {
            return Err(());
        }
        if segmentation.last {
            self.last.get_or_insert(index);
        }
        if self.parts.len() <= index {
            self.parts.resize_with(index + 1, || None);
        }
        if let Some(part) = self.parts.get_mut(index).filter(|part| part.is_none()) {
            *part = Some(actions.into_owned());
        }
        let complete =
            self.last.is_some_and(|last| self.parts.len() == last + 1) && self.parts.iter().all(Option::is_some);
        Ok(complete.then(|| {
            let mut whole = Vec::new();
            for piece in std::mem::take(&mut self.parts).into_iter().flatten().flatten() {
                join(&mut whole, piece);
            }
            TransactionResult::Actions(whole)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::h248::{ContextId, ErrorCode, ErrorDescriptor, MessageBody, Transaction, TransactionId};

    const MID: MId<'_> = MId::Ip(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), Some(2944));

    fn reply(text: &str) -> TransactionReply<'static> {
        let message = h248::parse(text.as_bytes()).expect("legal").into_owned();
        let MessageBody::Transactions(mut transactions) = message.body else { panic!("transactions") };
        let Some(Transaction::Reply(reply)) = transactions.pop() else { panic!("a reply") };
        reply
    }

    fn long() -> TransactionReply<'static> {
        let commands: Vec<_> = (0..100).map(|n| format!("AV=ip/access/{n}{{SA{{nt/os={n}}}}}")).collect();
        let half = commands.len() / 2;
        let (one, two) = (commands[..half].join(","), commands[half..].join(","));
        reply(&format!("!/3 [127.0.0.1]:2944 P=7{{IA,C=1{{PR=3,{one}}},C=2{{{two},ER=500{{\"end\"}}}}}}"))
    }

    #[test]
    fn segments_are_numbered_short_enough_and_make_the_whole_again() {
        let whole = long();
        let cut = messages(3, &MID, whole.clone(), 700).expect("commands are short");
        assert!(cut.len() > 5 && cut.iter().all(|octets| octets.len() <= 700), "{}", cut.len());
        let mut parts = Parts::default();
        let mut put_together = None;
        // In any order, and twice.
        for (index, octets) in cut.iter().enumerate().rev().chain(cut.iter().enumerate().take(1)) {
            let TransactionReply { id, segmentation, immediate_ack_required, result } =
                reply(std::str::from_utf8(octets).expect("text"));
            let segmentation = segmentation.expect("numbered");
            let last = index + 1 == cut.len();
            assert_eq!((id, usize::from(segmentation.number), segmentation.last), (TransactionId(7), index + 1, last));
            assert_eq!(immediate_ack_required, last);
            put_together = put_together.or(parts.add(segmentation, result).expect("in order"));
        }
        assert_eq!(put_together, Some(whole.result));
    }

    #[test]
    fn a_command_reply_longer_than_a_message_has_no_segments() {
        let text = format!("!/3 [127.0.0.1]:2944 P=7{{C=1{{AV=a{{ER=500{{\"{}\"}}}}}}}}", "x".repeat(500));
        assert_eq!(messages(3, &MID, reply(&text), 400), None);
        let error = TransactionReply::error(TransactionId(1), ErrorDescriptor::new(ErrorCode::INTERNAL_FAILURE));
        assert_eq!(messages(3, &MID, error, 400), None);
    }

    #[test]
    fn segments_that_no_reply_has_are_not_taken() {
        let actions = || TransactionResult::Actions(vec![ActionReply::new(ContextId::Null, Vec::new())]);
        let at = |number, last| Segmentation { number, last };
        let mut parts = Parts::default();
        assert_eq!(parts.add(at(0, false), actions()), Err(()));
        assert_eq!(parts.add(at(17, true), actions()), Err(()));
        assert_eq!(parts.add(at(3, true), actions()), Ok(None));
        assert_eq!(parts.add(at(4, false), actions()), Err(()));
        assert_eq!(parts.add(at(2, true), actions()), Err(()));
        assert_eq!(parts.add(at(1, false), actions()), Ok(None));
        assert!(matches!(parts.add(at(2, false), actions()), Ok(Some(_))));
    }
}
