//! Signals (H.248.1 B.2: signalsDescriptor).

use super::{
    super::{
        NotifyCompletion, SeqSigList, Signal, SignalDirection, SignalRequest, SignalType, SignalsDescriptor, StreamId,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    token::Token,
};
use crate::wire::ErrorKind;

impl<'a> Decoder<'a> {
    /// After `Signals`.
    pub(super) fn signals_descriptor(&mut self) -> Parsed<SignalsDescriptor<'a>> {
        let mut signals = Vec::new();
        if self.eat(b'{') {
            if self.eat(b'}') {
                return Ok(SignalsDescriptor(signals));
            }
            signals.push(self.signal_request()?);
            while self.eat(b',') {
                signals.push(self.signal_request()?);
            }
            self.close(b'}', "signalsDescriptor")?;
        }
        Ok(SignalsDescriptor(signals))
    }

    fn signal_request(&mut self) -> Parsed<SignalRequest<'a>> {
        if Token::find(self.peek_word()) != Some(Token::SignalList) {
            return self.signal().map(SignalRequest::Signal);
        }
        self.word("SignalList", "signalList")?;
        let id = self.equals_u16("signalListId")?;
        let mut signals = Vec::new();
        self.braces("signalList", |decoder| {
            signals.push(decoder.signal()?);
            Ok(())
        })?;
        Ok(SignalRequest::List(SeqSigList { id, signals }))
    }

    pub(super) fn signal(&mut self) -> Parsed<Signal<'a>> {
        let mut signal = Signal::new(self.pkgd_name("signalName")?);
        if self.sees(b'{') {
            self.braces("signalRequest", |decoder| decoder.signal_parameter(&mut signal))?;
        }
        Ok(signal)
    }

    fn signal_parameter(&mut self, signal: &mut Signal<'a>) -> Parsed<()> {
        const FIELD: &str = "sigParameter";
        let at = self.at();
        let word = self.word("a signal parameter", FIELD)?;
        match Token::find(word) {
            Some(Token::Stream) => {
                let stream = StreamId(self.equals_u16("sigStream")?);
                self.once(&mut signal.stream, stream, at, FIELD)
            }
            Some(Token::SignalType) => {
                self.expect(b'=', "sigSignalType")?;
                let kind = match self.token("a signal type", "signalType")? {
                    (Token::OnOff, _) => SignalType::OnOff,
                    (Token::TimeOut, _) => SignalType::TimeOut,
                    (Token::Brief, _) => SignalType::Brief,
                    (_, at) => return Err(self.fault(at, ErrorKind::Expected("a signal type"), "signalType")),
                };
                self.once(&mut signal.signal_type, kind, at, FIELD)
            }
            Some(Token::Duration) => {
                let duration = self.equals_u16("sigDuration")?;
                self.once(&mut signal.duration, duration, at, FIELD)
            }
            Some(Token::NotifyCompletion) => {
                let completion = self.notify_completion()?;
                self.once(&mut signal.notify_completion, completion, at, FIELD)
            }
            Some(Token::KeepActive) => self.flag(&mut signal.keep_active, at, FIELD),
            Some(Token::SpaDirection) => {
                self.expect(b'=', "sigDirection")?;
                let direction = match self.token("a direction", "direction")? {
                    (Token::External, _) => SignalDirection::External,
                    (Token::Internal, _) => SignalDirection::Internal,
                    (Token::Both, _) => SignalDirection::Both,
                    (_, at) => return Err(self.fault(at, ErrorKind::Expected("a direction"), "direction")),
                };
                self.once(&mut signal.direction, direction, at, FIELD)
            }
            Some(Token::SpaRequestId) => {
                let id = self.equals_request_id("sigRequestID")?;
                self.once(&mut signal.request_id, id, at, FIELD)
            }
            Some(Token::Intersignal) => {
                let duration = self.equals_u16("sigIntsigDelay")?;
                self.once(&mut signal.intersignal, duration, at, FIELD)
            }
            _ => {
                signal.parameters.push(self.parameter(word, at, FIELD)?);
                Ok(())
            }
        }
    }

    fn notify_completion(&mut self) -> Parsed<NotifyCompletion> {
        const FIELD: &str = "notificationReason";
        let mut set = NotifyCompletion::default();
        self.expect(b'=', "notifyCompletion")?;
        self.braces("notifyCompletion", |decoder| {
            let (token, at) = decoder.token("a reason", FIELD)?;
            let reason = match token {
                Token::TimeOut => &mut set.time_out,
                Token::IntByEvent => &mut set.interrupted_by_event,
                Token::IntBySigDescr => &mut set.interrupted_by_signals,
                Token::OtherReason => &mut set.other_reason,
                Token::Iteration => &mut set.iteration,
                _ => return Err(decoder.fault(at, ErrorKind::Expected("a reason"), FIELD)),
            };
            decoder.flag(reason, at, FIELD)
        })?;
        Ok(set)
    }
}

impl Encoder {
    pub(super) fn signals_descriptor(&mut self, signals: &SignalsDescriptor<'_>) {
        self.token(Token::Signals);
        // Without braces when empty: some stacks refuse `Signals{}`, none the bare word.
        if signals.0.is_empty() {
            return;
        }
        self.open();
        for request in &signals.0 {
            match request {
                SignalRequest::Signal(signal) => {
                    self.item();
                    self.signal(signal);
                }
                SignalRequest::List(list) if list.signals.is_empty() => {}
                SignalRequest::List(list) => {
                    self.item();
                    self.number_is(Token::SignalList, list.id);
                    self.open();
                    for signal in &list.signals {
                        self.item();
                        self.signal(signal);
                    }
                    self.close();
                }
            }
        }
        self.close();
    }

    pub(super) fn signal(&mut self, signal: &Signal<'_>) {
        self.pkgd_name(&signal.name);
        let completion = signal.notify_completion.filter(|set| *set != NotifyCompletion::default());
        if completion.is_none() && is_bare(signal) {
            return;
        }
        self.open();
        for part in self.order::<9>() {
            match part {
                0 => self.optional(signal.stream.as_ref(), |pen, id| pen.number_is(Token::Stream, id.0)),
                1 => self.optional(signal.signal_type.as_ref(), |pen, kind| {
                    pen.token_is(
                        Token::SignalType,
                        match kind {
                            SignalType::OnOff => Token::OnOff,
                            SignalType::TimeOut => Token::TimeOut,
                            SignalType::Brief => Token::Brief,
                        },
                    );
                }),
                2 => self.optional(signal.duration.as_ref(), |pen, time| pen.number_is(Token::Duration, *time)),
                3 => self.optional(completion.as_ref(), Self::notify_completion),
                4 if signal.keep_active => {
                    self.item();
                    self.token(Token::KeepActive);
                }
                5 => self.optional(signal.direction.as_ref(), |pen, direction| {
                    pen.token_is(
                        Token::SpaDirection,
                        match direction {
                            SignalDirection::External => Token::External,
                            SignalDirection::Internal => Token::Internal,
                            SignalDirection::Both => Token::Both,
                        },
                    );
                }),
                6 => self.optional(signal.request_id.as_ref(), |pen, id| {
                    pen.token(Token::SpaRequestId);
                    pen.equals();
                    pen.request_id(*id);
                }),
                7 => self.optional(signal.intersignal.as_ref(), |pen, time| pen.number_is(Token::Intersignal, *time)),
                8 => {
                    for parameter in &signal.parameters {
                        self.item();
                        self.parameter(parameter);
                    }
                }
                _ => {}
            }
        }
        self.close();
    }

    fn notify_completion(&mut self, set: &NotifyCompletion) {
        self.token(Token::NotifyCompletion);
        self.equals();
        self.open();
        let reasons = [
            (set.time_out, Token::TimeOut),
            (set.interrupted_by_event, Token::IntByEvent),
            (set.interrupted_by_signals, Token::IntBySigDescr),
            (set.other_reason, Token::OtherReason),
            (set.iteration, Token::Iteration),
        ];
        for (_, token) in reasons.iter().filter(|(wanted, _)| *wanted) {
            self.item();
            self.token(*token);
        }
        self.close();
    }
}

/// True if nothing but possibly the set of reasons is said about the signal.
fn is_bare(signal: &Signal<'_>) -> bool {
    signal.stream.is_none()
        && signal.signal_type.is_none()
        && signal.duration.is_none()
        && !signal.keep_active
        && signal.direction.is_none()
        && signal.request_id.is_none()
        && signal.intersignal.is_none()
        && signal.parameters.is_empty()
}
