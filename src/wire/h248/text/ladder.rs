//! The ladder of answers to a syntax error (H.248.1 8.2.2), and the named leniencies.

use super::{
    super::{ContextId, ErrorCode, Fault, FaultLevel, MId, MessageBody, TransactionId},
    Leniency, Style, encode, parse, parse_with,
};

fn fault(text: &str) -> Fault<'_> {
    match parse(text.as_bytes()) {
        Ok(_) => panic!("accepted: {text}"),
        Err(fault) => *fault,
    }
}

fn answer(text: &str) -> String {
    let answer = fault(text).answer(MId::domain("mg")).map(|message| encode(&message, Style::Compact));
    let text = String::from_utf8_lossy(&answer.unwrap_or_default()).into_owned();
    // Only what the ladder decides: the explanation is for people.
    text.split('"').step_by(2).collect()
}

#[test]
fn an_unreadable_header_is_answered_by_400_for_the_message() {
    assert_eq!(answer("MEGACO/2 [1.2.3 T=1{}"), "!/2 <mg> ER=400{}");
    assert_eq!(answer("hello"), "!/1 <mg> ER=400{}");
}

#[test]
fn an_unreadable_transaction_is_answered_by_403_with_id_0() {
    assert_eq!(answer("!/2 <a> X=1{}"), "!/2 <mg> P=0{ER=403{}}");
    assert_eq!(answer("!/2 <a> T=x{C=1{S=a}}"), "!/2 <mg> P=0{ER=403{}}");
}

#[test]
fn an_unreadable_context_is_answered_by_422_for_the_transaction() {
    assert_eq!(answer("!/2 <a> T=7{C=0{S=a}}"), "!/2 <mg> P=7{ER=422{}}");
}

#[test]
fn a_missing_end_of_an_action_is_answered_by_422_in_its_context() {
    let text = "!/2 <a> T=7{C=1{S=a,S=b";
    assert_eq!(answer(text), "!/2 <mg> P=7{C=1{ER=422{}}}");
    let fault = fault(text);
    let commands: Vec<_> = fault.broken.iter().flat_map(|request| &request.actions).map(|a| a.commands.len()).collect();
    assert_eq!((fault.level, fault.context, commands), (FaultLevel::Action, Some(ContextId::Id(1)), vec![2]));
}

#[test]
fn a_broken_command_is_answered_by_442_after_those_before_it() {
    let text = "!/2 <a> T=6{C=9{S=z}}T=7{C=1{S=a},C=2{S=b,MF=c{Foo}}}";
    assert_eq!(answer(text), "!/2 <mg> P=7{C=2{ER=442{}}}");
    let fault = fault(text);
    assert_eq!(fault.transactions.len(), 1, "the good request before it is kept");
    assert_eq!(fault.transaction_id(), TransactionId(7));
    let commands: Vec<_> = fault.broken.iter().flat_map(|request| &request.actions).map(|a| a.commands.len()).collect();
    assert_eq!((fault.level, commands), (FaultLevel::Command, vec![1, 1]));
}

#[test]
fn a_missing_end_of_a_transaction_is_answered_by_403_after_its_actions() {
    let fault = fault("!/2 <a> T=7{C=1{S=a}");
    assert_eq!((fault.error_code(), fault.context), (ErrorCode::SYNTAX_ERROR_IN_TRANSACTION, None));
    assert_eq!(fault.broken.map(|request| request.actions.len()), Some(1));
}

#[test]
fn a_broken_reply_is_not_answered() {
    let fault = fault("!/2 <a> P=7{C=1{S=a}");
    assert_eq!((fault.level, fault.reply()), (FaultLevel::Response, None));
    assert_eq!(fault.answer(MId::domain("mg")), None);
}

#[test]
fn every_leniency_is_refused_by_default_and_has_its_switch() {
    let strict = Leniency::STRICT;
    let cases = [
        (Leniency { missing_transaction_id: true, ..strict }, "!/2 <a> T{C=1{S=a}}"),
        (Leniency { missing_transaction_id: true, ..strict }, "!/2 <a> T = {C=1{S=a}}"),
        (Leniency { context_properties_anywhere: true, ..strict }, "!/2 <a> T=1{C=1{S=a,PR=1,CA{TP},EG}}"),
        (Leniency { context_properties_anywhere: true, ..strict }, "!/2 <a> P=1{C=1{S=a,PR=1}}"),
        (Leniency { unquoted_reason: true, ..strict }, "!/2 <a> T=1{C=-{SC=ROOT{SV{MT=RS,RE=901}}}}"),
        (Leniency { missing_separator: true, ..strict }, "!/2[1.2.3.4]T=1{C=1{S=a}}"),
        (Leniency { unterminated_comment: true, ..strict }, "!/2 <a> T=1{C=1{S=a}};the end"),
        (Leniency { any_termination_id: true, ..strict }, "!/2 <a> T=1{C=1{S=ip/access-1}}"),
    ];
    for (leniency, text) in cases {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
        let lenient = parse_with(text.as_bytes(), &leniency);
        let read = lenient.unwrap_or_else(|fault| panic!("{fault}: {text}"));
        assert!(matches!(read.body, MessageBody::Transactions(_)));
        assert!(parse_with(text.as_bytes(), &Leniency::ALL).is_ok());
    }
}

#[test]
fn cost_is_linear_in_hostile_input() {
    // A quadratic reader would take minutes over any of these.
    let many = 200_000;
    let inputs = [
        format!("!/2 <a> T=1{{C=1{{MF=a{{M{{L{{{}", "\\}".repeat(many)),
        format!("!/2 <a> {}", ";x\n".repeat(many)),
        format!("!/2 <a> {}", ";".repeat(many)),
        format!("!/2 <a> T=1{{C=1{{{}", "{".repeat(many)),
        format!("!/2 <a> T=1{{C=1{{S=[{}", "a,".repeat(many)),
        format!("!/2 <a> T=1{{C=1{{MF=a{{M{{{}", "ST=1{R{}},".repeat(many)),
        format!("!/2 <a> T=1{{C=1{{MF=a{{DM=d{{{}", " 1".repeat(many)),
        format!("!/2 <a> T=1{{C=1{{TP{{{}", "a,b,OW,OWB,".repeat(many)),
        format!("!/2 <a> T={}", "1".repeat(many)),
        format!("!/2 <a> {}", "PN=1{}".repeat(many)),
    ];
    for text in inputs {
        let _ = parse(text.as_bytes());
    }
}
