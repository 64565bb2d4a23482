//! Layer 6: Gherkin wording to harness calls. Thin: a step says what is done or claimed, the harness does it, and every claim
//! becomes a recorded check that names the frame it was judged from.
//!
//! | file | wording about |
//! |---|---|
//! | `party` | who the UEs are and what is odd about them |
//! | `session` | reserving, establishing, subtracting |
//! | `bearer` | connections, handshakes, roles, ends |
//! | `message` | what the UEs say and what arrives |
//! | `msrp` | MSRP that the gateway reads: paths, sessions, reports |
//! | `refusal` | who is let in and who is not |
//! | `conference`, `conversation` | an MRFP, its participants, what they say to each other |
//! | `key` | pre-shared keys between UEs, and what is no conference |
//! | `dialogue` | H.248 written out: requests and whole messages, names for what replies make |
//! | `reply` | what replies and Notifies show; `pattern` compares |
//! | `capability` | what the target has, asked before the first scenario |
//! | `control` | H.248 itself: repetition, errors, audits, statistics |
//!
//! `suite` reads the features, `run` runs them, `world` begins, judges and ends every step.
#![expect(clippy::disallowed_methods, reason = "the suite reads feature files and the clock")]

mod bearer;
mod capability;
mod conference;
mod control;
mod conversation;
mod dialogue;
mod environment;
mod key;
mod message;
mod msrp;
mod party;
mod pattern;
mod peer;
mod refusal;
mod reply;
mod run;
mod session;
mod suite;
mod world;

#[cfg(test)]
pub(crate) use conference::key_octets;
pub use environment::{Environment, Settings};
pub use run::{RunOptions, TraceWish, run};
pub use suite::{Case, Selection, Suite, SuiteError, Wording, built_in};

use crate::results::Catalogue;
use cucumber::step::{Collection, Context};
use futures::future::LocalBoxFuture;
use regex::Regex;
use world::World;

/// The requirement catalogue the binary was built with.
///
/// # Errors
/// None that a test would not have found.
pub fn catalogue() -> Result<Catalogue, crate::results::requirement::CatalogueError> {
    Catalogue::from_toml(include_str!("../../features/requirements.toml"))
}

/// Ties wording to methods of [`World`]. A phrase means the same after Given, When and Then.
macro_rules! wording {
    ($($pattern:literal => $method:ident,)+) => {
        /// Every phrase a feature may use.
        #[cfg(test)]
        const PATTERNS: &[&str] = &[$($pattern),+];

        fn collection() -> Collection<World> {
            let mut steps = Collection::new();
            $({
                fn step(world: &mut World, context: Context) -> LocalBoxFuture<'_, ()> {
                    Box::pin(world.perform(context, |world, words| Box::pin(world.$method(words))))
                }
                let pattern = phrase($pattern);
                steps = steps
                    .given(None, pattern.clone(), step)
                    .when(None, pattern.clone(), step)
                    .then(None, pattern, step);
            })+
            steps
        }
    };
}

/// A pattern that has to match the whole phrase.
fn phrase(pattern: &str) -> Regex {
    match Regex::new(&format!("^{pattern}$")) {
        Ok(regex) => regex,
        Err(error) => panic!("the pattern {pattern:?} is not a regular expression: {error}"),
    }
}

wording! {
    // Who takes part.
    "the IMS-ALG controls an IMS-AGW over IPv([46])" => connected,
    "(UE-[AB]) is protected end to access edge with TLS (1\\.[23]) and (opens|awaits) the TCP connection" => protected,
    "(UE-[AB]) is unprotected and (opens|awaits) the TCP connection" => unprotected,
    "(UE-[AB]) (opens|awaits) the TCP connection and is TLS (1\\.[23]) (client|server) towards UE-[AB]" => end_to_end,
    "(UE-[AB]) (presents no certificate|presents a certificate other than the one it signalled|signals no fingerprint)" => fault,
    "(UE-[AB]) writes its fingerprint (.+)" => fingerprint_spelling,
    "the fingerprint of (UE-[AB]) is still unknown" => fingerprint_unknown,
    "the IMS-ALG asks for the fingerprint in (\\S+)" => fingerprint_hash,
    "the IMS-ALG orders the IMS-AGW to be TLS (client|server) towards (UE-[AB])" => role_ordered,
    "the IMS-ALG gives no setup attribute towards (UE-[AB])" => setup_absent,
    "the stream of (UE-[AB]) is inactive" => stream_inactive,
    "the IMS-ALG asks to hear of failures" => failures_asked_for,
    "the IMS-ALG writes its requests (.+)" => spelling,
    // Sessions and bearers.
    "the terminations are reserved" => terminations_reserved,
    "the bearers are established" => bearers_established,
    "the session is established" => session_established,
    "a second session between two other UEs is established beside it" => second_session,
    "the IMS-ALG subtracts both terminations" => subtracted,
    "the reply for (UE-[AB]) names an address, a port, the proto \"(\\S+)\" and (a sha-256|no) fingerprint" => reply_names,
    "the announced fingerprint is in (\\S+)" => announced_hash,
    "the IMS-AGW presents (UE-[AB]) the certificate whose fingerprint it announced" => certificate_announced,
    "the IMS-AGW is TLS (client|server) towards (UE-[AB])" => tls_role_taken,
    "the TCP connection of (UE-[AB]) was opened by (UE-[AB]|the IMS-AGW)" => tcp_opened_by,
    "the first octets (UE-[AB]) received were a ClientHello" => client_hello_first,
    "the two TLS sessions share no secret" => secrets_differ,
    "(UE-[AB]) opens its TCP connection but holds TLS back" => tcp_only,
    "(UE-[AB]) completes its TLS handshake" => tls_completed,
    "(UE-[AB]) connects" => connects,
    "(UE-[AB]) starts TLS (1\\.[23]) all the same" => tls_all_the_same,
    "both UEs see their bearers end" => both_end,
    "(UE-[AB]) sees close_notify before the end of TCP" => close_notify_first,
    "the context is gone" => context_gone,
    "nobody answers at the endpoint of (UE-[AB]) any more" => endpoint_gone,
    // What is said.
    "messages pass both ways octet for octet" => messages_pass,
    "messages pass both ways octet for octet in the second session" => messages_pass_second,
    "(UE-[AB]) sends MSRP (.+)" => sends_msrp,
    "(UE-[AB]) sends octets of every value that are no MSRP" => sends_every_octet,
    "(UE-[AB]) receives every octet of it unchanged" => receives_unchanged,
    "(UE-[AB]) connects and sends a message at once" => connects_and_sends,
    "(UE-[AB]) establishes its bearer and sends a message early" => sends_early,
    "(UE-[AB]) sends a message while the stream is inactive" => sends_while_inactive,
    "(UE-[AB]) sends a message while it is apart" => sends_while_inactive,
    "(UE-[AB]) receives the message of UE-[AB] octet for octet" => receives_message,
    "(UE-[AB]) receives the ClientHello octet for octet" => receives_unchanged,
    "(UE-[AB]) has received nothing at all" => nothing_received,
    "(UE-[AB]) receives nothing of it" => nothing_of_it,
    "nothing of the messages can be read between (UE-[AB]) and the IMS-AGW" => unreadable,
    "the messages can be read between the IMS-AGW and (UE-[AB])" => readable,
    "the octets on the access side are the octets on the core side" => same_octets,
    "(UE-[AB]) sends a last message and closes its bearer" => last_message,
    "(UE-[AB]) receives the last message and then the end" => last_message_received,
    // MSRP that the gateway reads.
    "(UE-[AB]) speaks MSRP by (RFC 4975|RFC 6135|sessmatch|CEMA)" => speaks,
    "(UE-[AB]) is behind an MSRP relay" => behind_relay,
    "the IMS-ALG makes the IMS-AGW aware of MSRP( where the UEs need it)?" => aware,
    "the reply for (UE-[AB]) names a path of the IMS-AGW that begins with \"(msrps?)\"" => path_named,
    "messages pass both ways and each UE is addressed as it expects" => messages_pass_addressed,
    "(UE-[AB]) sends in its session (.+)" => sends_in_session,
    "(UE-[AB]) receives it with nothing but the paths changed" => only_paths_changed,
    "(UE-[AB]) sends a request to (a session that the IMS-AGW does not have|the session of the other side)" => sends_elsewhere,
    "the IMS-AGW answers (UE-[AB]) with (\\d+)" => answered_with,
    "(UE-[AB]) receives nothing of it before the next message" => next_message_first,
    "(UE-[AB]) sends a message and asks for a report" => asks_for_report,
    "(UE-[AB]) receives a report of success on all of it" => report_received,
    // Who is let in.
    "(UE-[AB]) tries to establish its bearer and to send a message" => tries,
    "the IMS-AGW refuses (UE-[AB]) in the TLS handshake" => refused_in_handshake,
    "the IMS-AGW ends the connection of (UE-[AB])" => connection_ended,
    "(UE-[AB]) sends a message without TLS" => sends_without_tls,
    "(UE-[AB]) offers nothing newer than TLS 1\\.1" => offers_old_tls,
    "the IMS-ALG hears the cause \"(\\S+)\"" => cause_heard,
    "the IMS-ALG learns the fingerprint of (UE-[AB]) and passes it on( as one that differs)?" => fingerprint_learnt,
    "a stranger with a certificate of its own is refused at the endpoint of (UE-[AB])" => stranger_refused,
    "a stranger connects to the endpoint of (UE-[AB]) and stays silent" => stranger_silent,
    "a stranger connects to the endpoint of (UE-[AB]) and sends a ClientHello one octet at a time" => stranger_slow,
    "the stranger sees its connection end" => stranger_ended,
    // H.248 itself.
    "the IMS-ALG repeats its last request" => repeats,
    "the same reply comes again" => same_reply,
    "the context still holds the same terminations" => same_terminations,
    "the IMS-ALG sends (an? .+)" => sends_request,
    "it is refused with error (\\d+)" => refused_with,
    "the IMS-ALG adds one good termination and one that must be refused in one transaction" => good_and_bad_add,
    "the refused one is told by an error" => bad_add_told,
    "subtracting what was granted leaves no context" => good_add_subtracted,
    "the IMS-ALG audits the media of (UE-[AB])" => audits_media,
    "the audit shows the address, port and stream mode that were granted" => audit_shows_grant,
    "the IMS-ALG audits the packages of ROOT" => audits_packages,
    "the audit lists the packages (.+)" => audit_lists,
    "the statistics of (UE-[AB]) count the octets UE-[AB] sent and received" => statistics_count,
    "the IMS-ALG makes the stream of (UE-[AB]) active after UE-[AB] was silent" => stream_activated,
    "the IMS-ALG (isolates) UE-A and UE-B" => topology_set,
    "the IMS-ALG (joins) (UE-A) and UE-B after (UE-[AB]) was silent" => topology_set,
    "the IMS-ALG moves (UE-[AB]) (back) after UE-[AB] was silent" => moved,
    "the IMS-ALG moves (UE-[AB]) (to a context of its own)" => moved,
    // Pre-shared keys between UEs.
    "(UE-[AB]) (opens|awaits) the TCP connection and is TLS (1\\.[23]) (client|server) towards UE-[AB] by a shared key" => end_to_end_keyed,
    "both UEs start TLS at once" => both_start_tls,
    "each UE receives the ClientHello of the other octet for octet" => client_hellos_cross,
    "both UEs see their handshakes fail" => both_handshakes_fail,
    "the (?:IMS-ALG controls an IMS-AGW|IBCF controls a TrGW) over IPv4 and knows a key" => key_known_elsewhere,
    "it adds a termination with the key" => key_added_elsewhere,
    // The conference at an MRFP.
    "the MRFC controls an MRFP over IPv([46])" => mrfp_controlled,
    "(UE-[ABC]) shares a key with the MRFP, speaks TLS (1\\.[23]) and (opens|awaits) the TCP connection" => keyed,
    "(UE-[ABC]) has a certificate, speaks TLS (1\\.[23]) and (opens|awaits) the TCP connection" => certified_participant,
    "(UE-[ABC]) takes part without TLS and (opens|awaits) the TCP connection" => plain_participant,
    "(UE-[ABC]) (uses another key|uses the key of UE-[ABC]|goes by another name|has a certificate instead of the key)" => key_fault,
    "the conference is established" => conference_established,
    "the others join and (UE-[ABC]) tries to" => tries_to_join,
    "the MRFP refuses (UE-[ABC])" => participant_refused,
    "the MRFC hears the cause \"(\\S+)\"" => cause_heard,
    "the MRFC subtracts (UE-[ABC])" => participant_subtracted,
    "an audit of the termination of (UE-[ABC]) does not show its key" => key_not_audited,
    "what (UE-[ABC]) says reaches the others and nobody else" => says_to_all,
    "everybody hears everybody" => everybody_heard,
    "(UE-[ABC]) asks for reports and gets one of each of the others" => reports_heard,
    "(UE-[ABC]) (releases its bearer|loses its connection)" => participant_leaves,
    "each TLS session of the conference has secrets of its own" => conference_secrets,
    "(nothing that|what) was said can be read on the bearer of (UE-[ABC])" => said_on_the_wire,
    // H.248 written out.
    "a context (C\\d) with terminations? (T\\d)(?: and (T\\d))?" => context_given,
    "the IMS-ALG sends" => sends_text,
    "the IMS-ALG sends the message" => sends_message,
    "the IMS-ALG sends the message without awaiting an answer" => sends_only,
    "the IMS-ALG sends the message with several transactions" => sends_several,
    "the IMS-ALG sends (\\d+) times in one action" => sends_many,
    "the IMS-ALG sends its last request once more without awaiting an answer" => sends_again,
    "the IMS-ALG sends in (\\d+) transactions at once" => sends_at_once,
    "the network loses (\\d+), doubles (\\d+) and delays (\\d+) of a thousand messages" => network_impaired,
    "the network is whole again" => network_whole,
    "a stranger floods the IMS-AGW with (\\d+) messages" => flooded,
    "each of them is granted" => each_granted,
    "each of the transactions is answered" => all_answered,
    "the transaction is answered, whole or by an error" => answered_somehow,
    "nothing but this reply has come since that message" => nothing_else_came,
    "the reply carries (?:the id of its request|transaction id (\\d+))" => reply_id,
    "the registration of the IMS-AGW shows" => registration_shows,
    "the registration of the IMS-AGW names the profile of the target file" => registered_profile,
    "the IMS-AGW registers once more with" => registers_again,
    "the reply lists every package the profile makes mandatory" => mandatory_packages,
    "every command is granted" => all_granted,
    "command (\\d+) is granted" => command_granted,
    "command (\\d+) is refused with error (\\d+(?: or \\d+)*)" => command_refused,
    "the (transaction|action|message) is refused with error (\\d+(?: or \\d+)*)" => whole_refused,
    "the reply has exactly (\\d+) commands?" => reply_count,
    "the reply (does not )?shows?" => reply_shows,
    "the reply is in version ([123])" => reply_version,
    "an audit of (T\\d) (shows|does not show)" => audit_shows,
    "context (C\\d) holds exactly ((?:T\\d)(?:(?:, | and )T\\d)*)" => context_holds,
    "context (C\\d) has gone" => named_context_gone,
    "([CT]\\d) and ([CT]\\d) are different" => differ,
    "(C\\d) is a context id of the ordinary range" => proper_context,
    "the IMS-ALG is notified" => notified,
    "no other Notify has come" => not_notified,
    "the statistic (\\S+) of (T\\d) is (exactly|at least) (\\d+)" => statistic,
    "the statistic (\\S+) of (T\\d) has grown when it is asked again" => statistic_grown,
    "the MGC is killed" => mgc_killed,
    "a new MGC takes the place of the old one" => mgc_replaced,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_step_of_every_feature_has_one_meaning_and_every_phrase_is_used() {
        let phrases: Vec<Regex> = PATTERNS.iter().map(|p| phrase(p)).collect();
        let mut used = BTreeSet::new();
        for case in Suite::embedded().unwrap().cases() {
            for Wording { text, .. } in &case.steps {
                let meanings: Vec<usize> = (0..phrases.len()).filter(|i| phrases[*i].is_match(text)).collect();
                assert_eq!(meanings.len(), 1, "{text:?} of {} means {meanings:?}", case.record.id);
                used.extend(meanings);
            }
        }
        let idle: Vec<_> = (0..phrases.len()).filter(|i| !used.contains(i)).map(|i| PATTERNS[i]).collect();
        assert!(idle.is_empty(), "no feature says {idle:#?}");
    }

    #[test]
    fn every_scenario_judges_requirements_of_the_catalogue() {
        let catalogue = catalogue().unwrap();
        let suite = Suite::embedded().unwrap();
        let judged: BTreeSet<&String> = suite.cases().iter().flat_map(|c| &c.record.requirements).collect();
        for id in &judged {
            assert!(catalogue.get(id).is_some(), "no requirement {id}");
        }
        for requirement in &catalogue.requirements {
            let judged = judged.contains(&requirement.id);
            assert!(judged || requirement.exception.is_some(), "{} has neither scenario nor exception", requirement.id);
        }
    }
}
