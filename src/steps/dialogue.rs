//! H.248 written out: what the IMS-ALG sends stands in the feature file as text, with names in braces for what only the
//! gateway's replies can tell.
//!
//! | name | stands for |
//! |---|---|
//! | `{C1}`, `{C2}` … | the contexts replies made, in the order they did |
//! | `{T1}`, `{T2}` … | the terminations replies added, in the order they did |
//! | `{R1}`, `{R2}` … | request ids nobody else on the association uses |
//! | `{tid}` | in whole messages: a fresh transaction id, `{tid1}` and `{tid2}` where there are two, `{high}` one beyond 31 bits |
//! | `{last}` | the transaction id of the request before |
//! | `{mgc}` | the mId our MGC writes |
//! | `{access}`, `{core}` | the realms |
//! | `{local}` | a Local that leaves address and port of a TCP endpoint to the gateway, which waits for the connection |
//! | `{active}`, `{refusing}` | a Local with an endpoint that connects, and a Remote where nobody listens |

use super::{
    party::Side,
    session::error_text,
    world::{Done, Stop, Words, World},
};
use crate::{
    harness::mgc::{Answer, Controller, Network, Stranger, TransactError, Transport, deserted},
    wire::h248::{
        self, ActionRequest, CommandReply, ContextId, ErrorDescriptor, MessageBody, TerminationId, Transaction,
        TransactionId,
    },
};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
};

/// What came of a request: a reply, or an error in place of the whole message.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Reply(Box<Answer>),
    MessageError { error: ErrorDescriptor<'static>, frames: [u32; 2] },
}

impl Outcome {
    /// The request and what answered it.
    pub(super) fn frames(&self) -> [u32; 2] {
        match self {
            Self::Reply(answer) => [answer.request_frame, answer.reply_frame],
            Self::MessageError { frames, .. } => *frames,
        }
    }
}

/// What a scenario that writes out its requests knows.
#[derive(Debug, Default)]
pub(super) struct Dialogue {
    contexts: Vec<ContextId>,
    terminations: Vec<(TerminationId<'static>, ContextId)>,
    requests: BTreeMap<String, u32>,
    /// What the last request came to.
    pub(super) outcome: Option<Outcome>,
    pub(super) last: Option<TransactionId>,
    several: Vec<TransactionId>,
    /// What the transactions of one message came to.
    pub(super) answers: Vec<Answer>,
    /// The last frame before a message that awaits no answer.
    pub(super) mark: u32,
}

impl Dialogue {
    /// A context by its name in the feature.
    pub(super) fn context(&self, name: &str) -> Result<ContextId, Stop> {
        let index = number(name, 'C').ok_or_else(|| unbound(name))?;
        self.contexts.get(index).copied().ok_or_else(|| unbound(name))
    }

    /// A termination by its name in the feature, and its context.
    pub(super) fn termination(&self, name: &str) -> Result<(TerminationId<'static>, ContextId), Stop> {
        let index = number(name, 'T').ok_or_else(|| unbound(name))?;
        self.terminations.get(index).cloned().ok_or_else(|| unbound(name))
    }

    /// Gives names to what a reply made.
    fn learn(&mut self, answer: &Answer) {
        for action in answer.actions() {
            for reply in action.commands.iter().filter(|reply| reply.error().is_none()) {
                let (CommandReply::Add(made) | CommandReply::Move(made)) = reply else { continue };
                if matches!(action.context, ContextId::Id(_)) && !self.contexts.contains(&action.context) {
                    self.contexts.push(action.context);
                }
                for id in made.terminations.iter().filter(|id| id.is_concrete()) {
                    let id = h248::IntoOwned::into_owned(id.clone());
                    match self
                        .terminations
                        .iter_mut()
                        .find(|(known, _)| known.as_str().eq_ignore_ascii_case(id.as_str()))
                    {
                        Some((_, context)) => *context = action.context,
                        None => self.terminations.push((id, action.context)),
                    }
                }
            }
        }
    }
}

/// A transaction id nobody else uses, beyond 31 bits where the text asks for that.
fn fresh(controller: &Controller, text: &str) -> TransactionId {
    let id = controller.next_transaction();
    if text.contains("{high}") { TransactionId(id.0 | 1 << 31) } else { id }
}

/// `T2` is number 1 of its kind.
fn number(name: &str, kind: char) -> Option<usize> {
    name.strip_prefix(kind)?.parse::<usize>().ok()?.checked_sub(1)
}

fn unbound(name: &str) -> Stop {
    Stop::Harness(format!("no reply has made {name} yet"))
}

/// Every `{name}` replaced by what `value` has for it; what it has nothing for is no name but H.248.
pub(super) fn filled(text: &str, mut value: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let name: &str = from.get(1..).and_then(|inner| inner.split_once('}')).map_or("", |(name, _)| name);
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        match Some(name).filter(|_| is_name).and_then(&mut value) {
            Some(value) => {
                out.push_str(&value);
                rest = from.get(name.len() + 2..).unwrap_or_default();
            }
            None => {
                out.push('{');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    out + rest
}

/// The SDP of `{local}` and its like.
fn sdp(name: &str, own: IpAddr, closed: Option<SocketAddr>) -> Option<String> {
    let family = if own.is_ipv6() { "IP6" } else { "IP4" };
    Some(match name {
        "local" => format!("v=0\r\nc=IN {family} $\r\nm=message $ TCP *\r\na=setup:passive\r\n"),
        "active" => format!("v=0\r\nc=IN {family} $\r\nm=message $ TCP *\r\na=setup:active\r\n"),
        "refusing" => {
            let closed = closed?;
            format!("v=0\r\nc=IN {family} {}\r\nm=message {} TCP *\r\na=setup:passive\r\n", closed.ip(), closed.port())
        }
        _ => return None,
    })
}

/// The actions a text block spells: the inside of a Transaction.
pub(super) fn actions(text: &str) -> Result<Vec<ActionRequest<'static>>, String> {
    let whole = format!("MEGACO/3 [0.0.0.0]\nTransaction = 1 {{\n{text}\n}}");
    let message = h248::parse(whole.as_bytes()).map_err(|fault| format!("{}: {whole}", fault.error))?;
    match message.body {
        MessageBody::Transactions(mut all) => match all.pop() {
            Some(Transaction::Request(request)) if all.is_empty() => Ok(h248::IntoOwned::into_owned(request.actions)),
            _ => Err("no single request".into()),
        },
        MessageBody::Error(_) => Err("an error".into()),
    }
}

impl World {
    /// The text block below the step, names filled in.
    pub(super) fn text(&mut self) -> Result<String, Stop> {
        let doc = self.doc.clone().ok_or_else(|| Stop::Harness("the step has no text block".into()))?;
        self.filled(&doc, None)
    }

    fn filled(&mut self, text: &str, tid: Option<TransactionId>) -> Result<String, Stop> {
        let controller = self.controller()?.clone();
        let mid = self.association.as_ref().map(|association| association.mgc().mid().to_string());
        let (access, core) = (self.session.realms[0].clone(), self.session.realms[1].clone());
        let own = self.session.address(Side::A);
        let closed = deserted(own);
        let dialogue = &mut self.dialogue;
        Ok(filled(text, |name| match name {
            "tid" | "high" => tid.map(|id| id.to_string()),
            "tid1" | "tid2" => Some(dialogue.several.get(usize::from(name == "tid2"))?.to_string()),
            "last" => dialogue.last.map(|id| id.to_string()),
            "mgc" => mid.clone(),
            "access" => Some(access.clone()),
            "core" => Some(core.clone()),
            _ if name.starts_with('C') && number(name, 'C').is_some() => {
                dialogue.context(name).ok().map(|context| context.to_string())
            }
            _ if name.starts_with('T') && number(name, 'T').is_some() => {
                dialogue.termination(name).ok().map(|(id, _)| id.as_str().to_owned())
            }
            _ if name.starts_with('R') && number(name, 'R').is_some() => {
                let id = dialogue.requests.entry(name.to_owned()).or_insert_with(|| controller.next_request());
                Some(id.to_string())
            }
            _ => sdp(name, own, closed).map(|text| format!("{{{text}}}")),
        }))
    }

    /// `the IMS-ALG sends` and actions as text
    pub(super) async fn sends_text(&mut self, _: Words) -> Done {
        let text = self.text()?;
        let actions = actions(&text).map_err(Stop::Harness)?;
        self.ask(actions).await
    }

    async fn ask(&mut self, actions: Vec<ActionRequest<'static>>) -> Done {
        let controller = self.controller()?.clone();
        let id = controller.next_transaction();
        let octets = controller.compose(id, actions);
        let mut answered = controller.transact_composed(id, octets.clone()).await;
        // An error without a transaction may be about what was sent before without awaiting an answer.
        if self.dialogue.mark != 0 && matches!(answered, Err(TransactError::MessageError { .. })) {
            answered = controller.transact_composed(id, octets).await;
        }
        self.heard(Some(id), answered)
    }

    /// `the IMS-ALG sends the message` and a whole message as text
    pub(super) async fn sends_message(&mut self, _: Words) -> Done {
        let controller = self.controller()?.clone();
        let doc = self.doc.clone().unwrap_or_default();
        let named = doc.contains("{tid}") || doc.contains("{high}") || doc.contains("{last}");
        let id = match (doc.contains("{last}"), self.dialogue.last) {
            (true, Some(last)) => last,
            _ => fresh(&controller, &doc),
        };
        let text = self.filled(&doc, Some(id))?;
        let answered = controller.transact_octets(named.then_some(id), text.as_bytes()).await;
        self.heard(named.then_some(id), answered)
    }

    /// `the IMS-ALG sends the message without awaiting an answer` and a whole message as text
    pub(super) async fn sends_only(&mut self, _: Words) -> Done {
        let controller = self.controller()?.clone();
        let doc = self.doc.clone().unwrap_or_default();
        let text = self.filled(&doc, Some(fresh(&controller, &doc)))?;
        self.dialogue.mark = self.transcript.last();
        controller.send_octets(text.as_bytes()).await.map(|_| ()).map_err(|error| self.transaction_failed(error))
    }

    /// `the IMS-ALG sends the message with several transactions` and a whole message as text
    pub(super) async fn sends_several(&mut self, _: Words) -> Done {
        let controller = self.controller()?.clone();
        let ids = [controller.next_transaction(), controller.next_transaction()];
        self.dialogue.several = ids.to_vec();
        let text = self.text()?;
        self.dialogue.answers.clear();
        for answered in controller.transact_several(&ids, text.as_bytes()).await {
            match answered {
                Ok(answer) => self.dialogue.answers.push(answer),
                Err(error) => return Err(self.transaction_failed(error)),
            }
        }
        Ok(())
    }

    /// `the IMS-ALG sends 100 times in one action` and an action as text
    pub(super) async fn sends_many(&mut self, words: Words) -> Done {
        let times: usize = words.at(0).parse().map_err(Stop::harness)?;
        let text = self.text()?;
        let mut actions = actions(&text).map_err(Stop::Harness)?;
        for action in &mut actions {
            let commands = std::mem::take(&mut action.commands);
            action.commands = commands.iter().cycle().take(times * commands.len()).cloned().collect();
        }
        self.ask(actions).await
    }

    /// `the IMS-ALG sends in 20 transactions at once` and an action as text: each transaction the same
    pub(super) async fn sends_at_once(&mut self, words: Words) -> Done {
        let times: usize = words.at(0).parse().map_err(Stop::harness)?;
        let text = self.text()?;
        let actions = actions(&text).map_err(Stop::Harness)?;
        let controller = self.controller()?.clone();
        let asked = (0..times).map(|_| controller.transact(actions.clone()));
        self.dialogue.answers.clear();
        for answered in futures::future::join_all(asked).await {
            match answered {
                Ok(answer) => self.dialogue.answers.push(answer),
                Err(error) => return Err(self.transaction_failed(error)),
            }
        }
        Ok(())
    }

    /// `the network loses 200, doubles 100 and delays 100 of a thousand messages`
    pub(super) async fn network_impaired(&mut self, words: Words) -> Done {
        let share = |at: usize| words.at(at).parse::<u16>().map_err(Stop::harness);
        let seed = self.environment()?.seed();
        let network = Network { seed, loss: share(0)?, duplicate: share(1)?, reorder: share(2)? };
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        if association.mgc().transport() != Transport::Udp {
            return Err(Stop::Skipped("TCP loses, doubles and reorders nothing".into()));
        }
        association.mgc().impair(Some(network));
        Ok(())
    }

    /// `the network is whole again`
    pub(super) async fn network_whole(&mut self, _: Words) -> Done {
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        let fates = association.mgc().fates();
        association.mgc().impair(None);
        match fates.lost + fates.doubled + fates.delayed {
            0 => Err(Stop::Inconclusive("the network did no harm".into())),
            _ => Ok(()),
        }
    }

    /// `a stranger floods the IMS-AGW with 5000 messages`, each the same text
    pub(super) async fn flooded(&mut self, words: Words) -> Done {
        let times: usize = words.at(0).parse().map_err(Stop::harness)?;
        let text = self.text()?;
        let association = self.association.clone().ok_or_else(|| Stop::Harness("no association".into()))?;
        let known = self.environment()?.manifest().control.gateway;
        let gateway = association.mgc().gateway_address(known);
        let gateway = gateway.ok_or_else(|| Stop::Harness("the gateway's control address is not known".into()))?;
        let stranger = Stranger::open(association.mgc().transport(), gateway, None, &self.transcript).await;
        // A gateway that takes no connection but its own is out of a stranger's reach.
        let mut stranger = stranger.map_err(|e| Stop::Inconclusive(format!("a stranger cannot connect: {e}")))?;
        match stranger.flood(text.as_bytes(), times).await {
            0 => Err(Stop::Inconclusive("nothing could be sent".into())),
            _ => Ok(()),
        }
    }

    /// `the IMS-ALG sends its last request once more without awaiting an answer`
    pub(super) async fn sends_again(&mut self, _: Words) -> Done {
        let last = self.session.last.clone().ok_or_else(|| Stop::Harness("nothing was asked yet".into()))?;
        let sent = self.controller()?.send_octets(&last.request).await;
        sent.map(|_| ()).map_err(|error| self.transaction_failed(error))
    }

    fn heard(&mut self, id: Option<TransactionId>, answered: Result<Answer, TransactError>) -> Done {
        self.dialogue.last = id.or(self.dialogue.last);
        let outcome = match answered {
            Ok(answer) => {
                self.dialogue.learn(&answer);
                self.session.last = Some(answer.clone());
                Outcome::Reply(Box::new(answer))
            }
            Err(TransactError::MessageError { error, request_frame, frame, .. }) => {
                Outcome::MessageError { error, frames: [request_frame, frame] }
            }
            Err(error) => return Err(self.transaction_failed(error)),
        };
        self.dialogue.outcome = Some(outcome);
        Ok(())
    }

    /// `a context C1 with terminations T1 and T2`: in the access and the core realm, media inactive
    pub(super) async fn context_given(&mut self, words: Words) -> Done {
        let wanted: Vec<String> = (1..=2).map(|at| words.at(at).to_owned()).filter(|name| !name.is_empty()).collect();
        let adds: Vec<String> = wanted
            .iter()
            .zip(["{access}", "{core}"])
            .map(|(_, realm)| {
                format!(
                    "Add = $ {{ Media {{ Stream = 1 {{ LocalControl {{ Mode = Inactive, ipdc/realm = \"{realm}\" }}, \
                     Local {{local}} }} }} }}"
                )
            })
            .collect();
        let text = self.filled(&format!("Context = $ {{ {} }}", adds.join(", ")), None)?;
        self.ask(actions(&text).map_err(Stop::Harness)?).await?;
        let outcome = self.dialogue.outcome.clone();
        let (granted, shown) = match &outcome {
            Some(Outcome::Reply(answer)) => (
                answer.commands().filter(|reply| reply.error().is_none()).count(),
                answer.error().map_or_else(|| "granted".to_owned(), |error| error_text(Some(error))),
            ),
            Some(Outcome::MessageError { error, .. }) => (0, error_text(Some(error))),
            None => (0, "nothing".into()),
        };
        let bound = self.dialogue.context(words.at(0)).is_ok()
            && wanted.iter().all(|name| self.dialogue.termination(name).is_ok());
        let frames = outcome.map_or([0; 2], |outcome| outcome.frames());
        let holds = granted == wanted.len() && bound;
        let expected = format!("{} granted", wanted.len());
        self.ground("the gateway grants what the scenario stands on", "H.248.1 7.2.1", holds, expected, shown, frames)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_and_h248_is_left_alone() {
        let value = |name: &str| (name == "T1").then(|| "ip/1".to_owned());
        let text = "Context = 1 { Subtract = {T1} { Audit{T2} } }";
        assert_eq!(filled(text, value), "Context = 1 { Subtract = ip/1 { Audit{T2} } }");
        assert_eq!(filled("{", value), "{");
        assert_eq!(filled("{T1}{T1}{}{é}", value), "ip/1ip/1{}{é}");
    }

    #[test]
    fn every_request_written_out_in_the_suite_can_be_read() {
        for case in super::super::Suite::embedded().unwrap().cases() {
            for step in case.steps.iter().filter(|step| step.text == "the IMS-ALG sends") {
                let text = filled(step.doc.as_deref().unwrap_or_default(), |name| match name {
                    _ if number(name, 'C').is_some() || number(name, 'R').is_some() => Some("7".to_owned()),
                    _ if number(name, 'T').is_some() => Some("ip/access/1".to_owned()),
                    "access" | "core" => Some(name.to_owned()),
                    "mgc" => Some("[127.0.0.1]:2944".to_owned()),
                    _ => sdp(name, [127, 0, 0, 1].into(), Some(([127, 0, 0, 1], 9).into())).map(|t| format!("{{{t}}}")),
                });
                if let Err(error) = actions(&text) {
                    panic!("{}: {error}", case.record.id);
                }
            }
        }
    }
}
