//! Commands and their replies (H.248.1 B.2: commandRequest, commandReply).

use super::{
    super::{
        AmmRequest, AmmsReply, AuditDescriptor, AuditReply, AuditRequest, Command, CommandReply, CommandRequest,
        NotifyReply, NotifyRequest, ServiceChangeReply, ServiceChangeRequest, ServiceChangeResParm,
        ServiceChangeResult, SubtractRequest, TerminationAudit, TerminationId, TerminationIdList,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    token::Token,
};
use crate::wire::ErrorKind;

impl<'a> Decoder<'a> {
    /// The command that begins with `word`, read at `at`, which is `token` unless `O-` or `W-` stand before it.
    pub(super) fn command_request(
        &mut self,
        word: &'a str,
        token: Option<Token>,
        at: usize,
    ) -> Parsed<CommandRequest<'a>> {
        let (optional, rest) = strip(word, b'O');
        let (wildcard_return, name) = strip(rest, b'W');
        let token = token.or_else(|| Token::find(name));
        let token = token.ok_or_else(|| self.fault(at, ErrorKind::Expected("a command"), "commandRequest"))?;
        let command = match token {
            Token::Add => Command::Add(self.amm_request()?),
            Token::Move => Command::Move(self.amm_request()?),
            Token::Modify => Command::Modify(self.amm_request()?),
            Token::Subtract => {
                let terminations = self.equals_terminations("subtractRequest")?;
                Command::Subtract(SubtractRequest { terminations, audit: self.audit_in_braces()? })
            }
            Token::AuditValue => Command::AuditValue(self.audit_request()?),
            Token::AuditCapability => Command::AuditCapability(self.audit_request()?),
            Token::Notify => Command::Notify(self.notify_request()?),
            Token::ServiceChange => {
                let terminations = self.equals_terminations("serviceChangeRequest")?;
                self.expect(b'{', "serviceChangeRequest")?;
                let parms = self.service_change_parm()?;
                self.expect(b'}', "serviceChangeRequest")?;
                Command::ServiceChange(ServiceChangeRequest { terminations, parms })
            }
            _ => return Err(self.fault(at, ErrorKind::Expected("a command"), "commandRequest")),
        };
        Ok(CommandRequest { optional, wildcard_return, command })
    }

    fn equals_terminations(&mut self, field: &'static str) -> Parsed<TerminationIdList<'a>> {
        self.expect(b'=', field)?;
        self.termination_id_list()
    }

    fn amm_request(&mut self) -> Parsed<AmmRequest<'a>> {
        const FIELD: &str = "ammParameter";
        let mut request = AmmRequest::new(self.equals_terminations("ammRequest")?);
        if !self.sees(b'{') {
            return Ok(request);
        }
        self.braces("ammRequest", |decoder| {
            let (token, at) = decoder.token("a descriptor", FIELD)?;
            match token {
                Token::Media => {
                    let media = decoder.media_descriptor()?;
                    decoder.once(&mut request.media, media, at, FIELD)
                }
                Token::Modem => {
                    let modem = decoder.modem_descriptor()?;
                    decoder.once(&mut request.modem, modem, at, FIELD)
                }
                Token::Mux => {
                    let mux = decoder.mux_descriptor()?;
                    decoder.once(&mut request.mux, mux, at, FIELD)
                }
                Token::Events => {
                    let events = decoder.events_descriptor()?;
                    decoder.once(&mut request.events, events, at, FIELD)
                }
                Token::EventBuffer => {
                    let buffer = decoder.event_buffer_descriptor()?;
                    decoder.once(&mut request.event_buffer, buffer, at, FIELD)
                }
                Token::Signals => {
                    let signals = decoder.signals_descriptor()?;
                    decoder.once(&mut request.signals, signals, at, FIELD)
                }
                Token::DigitMap => {
                    decoder.expect(b'=', "digitMapDescriptor")?;
                    let digit_map = decoder.digit_map_descriptor()?;
                    decoder.once(&mut request.digit_map, digit_map, at, FIELD)
                }
                Token::Audit => {
                    let audit = decoder.audit_descriptor()?;
                    decoder.once(&mut request.audit, audit, at, FIELD)
                }
                Token::Statistics => {
                    let statistics = decoder.statistics_descriptor()?;
                    decoder.once(&mut request.statistics, statistics, at, FIELD)
                }
                _ => Err(decoder.fault(at, ErrorKind::Expected("a descriptor"), FIELD)),
            }
        })?;
        Ok(request)
    }

    /// `{ Audit{…} }`, if there.
    fn audit_in_braces(&mut self) -> Parsed<Option<AuditDescriptor<'a>>> {
        if !self.eat(b'{') {
            return Ok(None);
        }
        let (token, at) = self.token("`Audit`", "auditDescriptor")?;
        if token != Token::Audit {
            return Err(self.fault(at, ErrorKind::Expected("`Audit`"), "auditDescriptor"));
        }
        let audit = self.audit_descriptor()?;
        self.expect(b'}', "auditDescriptor")?;
        Ok(Some(audit))
    }

    fn audit_request(&mut self) -> Parsed<AuditRequest<'a>> {
        let terminations = self.equals_terminations("auditRequest")?;
        // Version 3 made the descriptor optional.
        let audit = self.audit_in_braces()?.unwrap_or_default();
        Ok(AuditRequest { terminations, audit })
    }

    fn notify_request(&mut self) -> Parsed<NotifyRequest<'a>> {
        let terminations = self.equals_terminations("notifyRequest")?;
        self.expect(b'{', "notifyRequest")?;
        let (token, at) = self.token("`ObservedEvents`", "notifyRequest")?;
        if token != Token::ObservedEvents {
            return Err(self.fault(at, ErrorKind::Expected("`ObservedEvents`"), "notifyRequest"));
        }
        let observed_events = self.observed_events_descriptor()?;
        let error = if self.eat(b',') { Some(self.error_descriptor()?) } else { None };
        self.close(b'}', "notifyRequest")?;
        Ok(NotifyRequest { terminations, observed_events, error })
    }

    /// The reply that begins with `token`, read at `at`.
    pub(super) fn command_reply(&mut self, token: Token, at: usize) -> Parsed<CommandReply<'a>> {
        Ok(match token {
            Token::Add => CommandReply::Add(self.amms_reply()?),
            Token::Move => CommandReply::Move(self.amms_reply()?),
            Token::Modify => CommandReply::Modify(self.amms_reply()?),
            Token::Subtract => CommandReply::Subtract(self.amms_reply()?),
            Token::AuditValue => CommandReply::AuditValue(self.audit_reply()?),
            Token::AuditCapability => CommandReply::AuditCapability(self.audit_reply()?),
            Token::Notify => {
                let terminations = self.equals_terminations("notifyReply")?;
                let mut error = None;
                if self.eat(b'{') {
                    error = Some(self.error_descriptor()?);
                    self.expect(b'}', "notifyReply")?;
                }
                CommandReply::Notify(NotifyReply { terminations, error })
            }
            Token::ServiceChange => CommandReply::ServiceChange(self.service_change_reply()?),
            _ => return Err(self.fault(at, ErrorKind::Expected("a command reply"), "commandReply")),
        })
    }

    fn amms_reply(&mut self) -> Parsed<AmmsReply<'a>> {
        let terminations = self.equals_terminations("ammsReply")?;
        Ok(AmmsReply { terminations, audit: self.termination_audit()? })
    }

    fn audit_reply(&mut self) -> Parsed<AuditReply<'a>> {
        self.expect(b'=', "auditReply")?;
        let context = Token::find(self.peek_word()) == Some(Token::Context);
        let back = self.at();
        if context {
            self.word("Context", "auditReply")?;
            if self.eat(b'{') {
                return self.context_termination_audit();
            }
            // A termination of that name.
            self.reader.seek(back);
        }
        let terminations = self.termination_id_list()?;
        Ok(AuditReply::Terminations(terminations, self.termination_audit()?))
    }

    fn context_termination_audit(&mut self) -> Parsed<AuditReply<'a>> {
        let back = self.at();
        let first = self.termination_id()?;
        if self.sees(b'=') && Token::find(first.as_str()) == Some(Token::Error) {
            self.reader.seek(back);
            let error = self.error_descriptor()?;
            self.expect(b'}', "contextTerminationAudit")?;
            return Ok(AuditReply::ContextError(error));
        }
        let mut terminations = vec![first];
        while self.eat(b',') {
            terminations.push(self.termination_id()?);
        }
        self.close(b'}', "terminationIDList")?;
        Ok(AuditReply::Context(terminations))
    }

    fn service_change_reply(&mut self) -> Parsed<ServiceChangeReply<'a>> {
        let terminations = self.equals_terminations("serviceChangeReply")?;
        if !self.eat(b'{') {
            let result = ServiceChangeResult::Parms(ServiceChangeResParm::default());
            return Ok(ServiceChangeReply { terminations, result });
        }
        let result = if Token::find(self.peek_word()) == Some(Token::Error) {
            ServiceChangeResult::Error(self.error_descriptor()?)
        } else {
            ServiceChangeResult::Parms(self.service_change_res_parm()?)
        };
        self.expect(b'}', "serviceChangeReply")?;
        Ok(ServiceChangeReply { terminations, result })
    }
}

/// Takes `O-` or `W-` off a command.
fn strip(word: &str, letter: u8) -> (bool, &str) {
    match word.as_bytes() {
        [first, b'-', ..] if first.eq_ignore_ascii_case(&letter) => (true, word.get(2..).unwrap_or_default()),
        _ => (false, word),
    }
}

impl Encoder {
    pub(super) fn command_request(&mut self, request: &CommandRequest<'_>) {
        if request.optional {
            self.text("O-");
        }
        if request.wildcard_return {
            self.text("W-");
        }
        match &request.command {
            Command::Add(amm) => self.amm_request(Token::Add, amm),
            Command::Move(amm) => self.amm_request(Token::Move, amm),
            Command::Modify(amm) => self.amm_request(Token::Modify, amm),
            Command::Subtract(subtract) => {
                self.command(Token::Subtract, &subtract.terminations);
                if let Some(audit) = &subtract.audit {
                    self.open();
                    self.item();
                    self.audit_descriptor(audit);
                    self.close();
                }
            }
            Command::AuditValue(audit) => self.audit_request(Token::AuditValue, audit),
            Command::AuditCapability(audit) => self.audit_request(Token::AuditCapability, audit),
            Command::Notify(notify) => {
                self.command(Token::Notify, &notify.terminations);
                self.open();
                self.item();
                self.observed_events_descriptor(&notify.observed_events);
                if let Some(error) = &notify.error {
                    self.item();
                    self.error_descriptor(error);
                }
                self.close();
            }
            Command::ServiceChange(change) => {
                self.command(Token::ServiceChange, &change.terminations);
                self.open();
                self.item();
                self.service_change_parm(&change.parms);
                self.close();
            }
        }
    }

    fn command(&mut self, token: Token, terminations: &TerminationIdList<'_>) {
        self.token(token);
        self.equals();
        self.termination_id_list(terminations);
    }

    fn amm_request(&mut self, token: Token, request: &AmmRequest<'_>) {
        let AmmRequest { terminations, media, modem, mux, events, event_buffer, signals, digit_map, audit, statistics } =
            request;
        self.command(token, terminations);
        let media = media.as_ref().filter(|media| !Self::is_empty_media(media));
        let bare = media.is_none()
            && modem.is_none()
            && mux.is_none()
            && events.is_none()
            && event_buffer.is_none()
            && signals.is_none()
            && digit_map.is_none()
            && audit.is_none()
            && statistics.is_none();
        if bare {
            return;
        }
        self.open();
        for part in self.order::<9>() {
            match part {
                0 => self.optional(media, Self::media_descriptor),
                1 => self.optional(modem.as_ref(), Self::modem_descriptor),
                2 => self.optional(mux.as_ref(), Self::mux_descriptor),
                3 => self.optional(events.as_ref(), Self::events_descriptor),
                4 => self.optional(event_buffer.as_ref(), Self::event_buffer_descriptor),
                5 => self.optional(signals.as_ref(), Self::signals_descriptor),
                6 => self.optional(digit_map.as_ref(), Self::digit_map_descriptor),
                7 => self.optional(audit.as_ref(), Self::audit_descriptor),
                _ => self.optional(statistics.as_ref(), Self::statistics_descriptor),
            }
        }
        self.close();
    }

    /// An item, if there is a value.
    pub(super) fn optional<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Self, &T)) {
        if let Some(value) = value {
            self.item();
            write(self, value);
        }
    }

    fn audit_request(&mut self, token: Token, request: &AuditRequest<'_>) {
        self.command(token, &request.terminations);
        self.open();
        self.item();
        self.audit_descriptor(&request.audit);
        self.close();
    }

    pub(super) fn command_reply(&mut self, reply: &CommandReply<'_>) {
        match reply {
            CommandReply::Add(reply) => self.amms_reply(Token::Add, reply),
            CommandReply::Move(reply) => self.amms_reply(Token::Move, reply),
            CommandReply::Modify(reply) => self.amms_reply(Token::Modify, reply),
            CommandReply::Subtract(reply) => self.amms_reply(Token::Subtract, reply),
            CommandReply::AuditValue(reply) => self.audit_reply(Token::AuditValue, reply),
            CommandReply::AuditCapability(reply) => self.audit_reply(Token::AuditCapability, reply),
            CommandReply::Notify(reply) => {
                self.command(Token::Notify, &reply.terminations);
                self.error_in_braces(reply.error.as_ref());
            }
            CommandReply::ServiceChange(reply) => {
                self.command(Token::ServiceChange, &reply.terminations);
                match &reply.result {
                    ServiceChangeResult::Error(error) => self.error_in_braces(Some(error)),
                    ServiceChangeResult::Parms(parms) if *parms == ServiceChangeResParm::default() => {}
                    ServiceChangeResult::Parms(parms) => {
                        self.open();
                        self.item();
                        self.service_change_res_parm(parms);
                        self.close();
                    }
                }
            }
        }
    }

    fn error_in_braces(&mut self, error: Option<&super::super::ErrorDescriptor<'_>>) {
        if let Some(error) = error {
            self.open();
            self.item();
            self.error_descriptor(error);
            self.close();
        }
    }

    fn amms_reply(&mut self, token: Token, reply: &AmmsReply<'_>) {
        self.command(token, &reply.terminations);
        self.termination_audit(&reply.audit);
    }

    fn audit_reply(&mut self, token: Token, reply: &AuditReply<'_>) {
        match reply {
            AuditReply::Context(terminations) => {
                self.token_is(token, Token::Context);
                self.termination_ids(b'{', terminations.iter(), b'}');
            }
            AuditReply::ContextError(error) => {
                self.token_is(token, Token::Context);
                self.error_in_braces(Some(error));
            }
            AuditReply::Terminations(terminations, audit) => {
                // A termination called `C` in front of a brace would read as the context: a list of one does not.
                match terminations.single() {
                    Some(id @ TerminationId::Path(name)) if Token::find(name) == Some(Token::Context) => {
                        self.token(token);
                        self.equals();
                        self.termination_ids(b'[', std::iter::once(id), b']');
                    }
                    _ => self.command(token, terminations),
                }
                self.termination_audit(audit);
            }
        }
    }

    /// `{ … }` unless there is nothing to report.
    fn termination_audit(&mut self, audit: &TerminationAudit<'_>) {
        if audit.is_empty() {
            return;
        }
        self.open();
        for parameter in &audit.0 {
            self.item();
            self.audit_return_parameter(parameter);
        }
        self.close();
    }
}
