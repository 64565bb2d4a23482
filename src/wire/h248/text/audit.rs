//! Audits and what they return (H.248.1 B.2: auditDescriptor, terminationAudit, indAudterminationAudit).

use super::{
    super::{
        AuditDescriptor, AuditItem, AuditReturnItem, AuditReturnParameter, AuditToken, EventParameterOrStream,
        IndAudEventBufferDescriptor, IndAudEventsDescriptor, IndAudLocalControlParm, IndAudMediaDescriptor,
        IndAudParameter, IndAudSignalsDescriptor, IndAudStreamDescriptor, IndAudStreamParms, IndAudStreams,
        IndAudTerminationStateParm, PropertyParm, StreamId, TerminationAudit,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    media::{mode_token, state_token},
    token::Token,
};
use crate::wire::ErrorKind;

const fn audit_token(token: Token) -> Option<AuditToken> {
    Some(match token {
        Token::Mux => AuditToken::Mux,
        Token::Modem => AuditToken::Modem,
        Token::Media => AuditToken::Media,
        Token::Signals => AuditToken::Signals,
        Token::EventBuffer => AuditToken::EventBuffer,
        Token::DigitMap => AuditToken::DigitMap,
        Token::Statistics => AuditToken::Statistics,
        Token::Events => AuditToken::Events,
        Token::ObservedEvents => AuditToken::ObservedEvents,
        Token::Packages => AuditToken::Packages,
        _ => return None,
    })
}

/// True if an audit may name it.
pub(super) const fn is_audit_token(token: Token) -> bool {
    audit_token(token).is_some()
}

impl<'a> Decoder<'a> {
    /// After `Audit`.
    pub(super) fn audit_descriptor(&mut self) -> Parsed<AuditDescriptor<'a>> {
        let mut items = Vec::new();
        self.expect(b'{', "auditDescriptor")?;
        if self.eat(b'}') {
            return Ok(AuditDescriptor(items));
        }
        loop {
            let (token, at) = self.token("a descriptor", "auditItem")?;
            items.push(self.audit_item_of(token, at)?);
            if !self.eat(b',') {
                self.close(b'}', "auditDescriptor")?;
                return Ok(AuditDescriptor(items));
            }
        }
    }

    /// The audit item that begins with `token`, read at `at`.
    pub(super) fn audit_item_of(&mut self, token: Token, at: usize) -> Parsed<AuditItem<'a>> {
        let Some(whole) = audit_token(token) else {
            return Err(self.fault(at, ErrorKind::Expected("a descriptor"), "auditItem"));
        };
        let part = match token {
            Token::DigitMap if self.eat(b'=') => IndAudParameter::DigitMap(self.name("digitMapName")?),
            Token::Events if self.sees(b'=') || self.sees(b'{') => {
                let request_id = if self.sees(b'=') { Some(self.equals_request_id("requestID")?) } else { None };
                self.expect(b'{', "indAudeventsDescriptor")?;
                let name = self.pkgd_name("indAudrequestedEvent")?;
                self.expect(b'}', "indAudeventsDescriptor")?;
                IndAudParameter::Events(IndAudEventsDescriptor { request_id, name })
            }
            _ if !self.sees(b'{') => return Ok(AuditItem::Token(whole)),
            Token::Media => IndAudParameter::Media(self.ind_aud_media()?),
            Token::EventBuffer => {
                self.expect(b'{', "indAudeventBufferDescriptor")?;
                let buffer = self.ind_aud_event_buffer()?;
                self.expect(b'}', "indAudeventBufferDescriptor")?;
                IndAudParameter::EventBuffer(buffer)
            }
            Token::Signals => {
                self.expect(b'{', "indAudsignalsDescriptor")?;
                if self.eat(b'}') {
                    return Ok(AuditItem::Token(whole));
                }
                let signals = self.ind_aud_signals()?;
                self.expect(b'}', "indAudsignalsDescriptor")?;
                IndAudParameter::Signals(signals)
            }
            Token::Statistics => IndAudParameter::Statistics(self.ind_aud_statistics()?),
            Token::Packages => {
                self.expect(b'{', "indAudpackagesDescriptor")?;
                let item = self.packages_item()?;
                self.expect(b'}', "indAudpackagesDescriptor")?;
                IndAudParameter::Packages(item)
            }
            _ => return Ok(AuditItem::Token(whole)),
        };
        Ok(AuditItem::Individual(part))
    }

    fn ind_aud_statistics(&mut self) -> Parsed<super::super::PkgdName<'a>> {
        self.expect(b'{', "indAudstatisticsDescriptor")?;
        let name = self.pkgd_name("indAudstatisticsDescriptor")?;
        self.expect(b'}', "indAudstatisticsDescriptor")?;
        Ok(name)
    }

    fn ind_aud_event_buffer(&mut self) -> Parsed<IndAudEventBufferDescriptor<'a>> {
        let name = self.pkgd_name("indAudeventSpec")?;
        let mut part = None;
        if self.eat(b'{') {
            let at = self.at();
            let word = self.word("a stream or parameter", "indAudeventSpecParameter")?;
            part = Some(if Token::find(word) == Some(Token::Stream) && self.sees(b'=') {
                EventParameterOrStream::Stream(StreamId(self.equals_u16("eventStream")?))
            } else {
                self.reader.seek(at);
                EventParameterOrStream::Parameter(self.name("eventParameterName")?)
            });
            self.expect(b'}', "indAudeventSpec")?;
        }
        Ok(IndAudEventBufferDescriptor { name, part })
    }

    fn ind_aud_signals(&mut self) -> Parsed<IndAudSignalsDescriptor<'a>> {
        if Token::find(self.peek_word()) != Some(Token::SignalList) {
            return self.signal().map(IndAudSignalsDescriptor::Signal);
        }
        self.word("SignalList", "indAudsignalList")?;
        let id = self.equals_u16("signalListId")?;
        let mut signal = None;
        if self.eat(b'{') {
            signal = Some(self.signal()?);
            self.expect(b'}', "indAudsignalList")?;
        }
        Ok(IndAudSignalsDescriptor::List(id, signal))
    }

    fn ind_aud_media(&mut self) -> Parsed<IndAudMediaDescriptor<'a>> {
        const FIELD: &str = "indAudmediaParm";
        const MIXED: ErrorKind = ErrorKind::Contradiction("numbered and unnumbered streams in one Media descriptor");
        let mut state = None;
        let mut parms = IndAudStreamParms::default();
        let mut streams: Vec<IndAudStreamDescriptor<'a>> = Vec::new();
        self.braces("indAudmediaDescriptor", |decoder| {
            let (token, at) = decoder.token("a stream or TerminationState", FIELD)?;
            match token {
                Token::TerminationState => {
                    let mut items = Vec::new();
                    decoder.braces("indAudterminationStateDescriptor", |decoder| {
                        items.push(decoder.ind_aud_termination_state_parm()?);
                        Ok(())
                    })?;
                    decoder.once(&mut state, items, at, FIELD)
                }
                Token::Stream if !parms.is_empty() => Err(decoder.fault(at, MIXED, FIELD)),
                Token::Stream => {
                    let id = StreamId(decoder.equals_u16("StreamID")?);
                    let mut parms = IndAudStreamParms::default();
                    decoder.braces("indAudstreamDescriptor", |decoder| {
                        let (token, at) = decoder.token("a stream parameter", "indAudstreamParm")?;
                        decoder.ind_aud_stream_parm(token, at, &mut parms)
                    })?;
                    streams.push(IndAudStreamDescriptor { id, parms });
                    Ok(())
                }
                _ if !streams.is_empty() => Err(decoder.fault(at, MIXED, FIELD)),
                _ => decoder.ind_aud_stream_parm(token, at, &mut parms),
            }
        })?;
        let streams = if streams.is_empty() { IndAudStreams::One(parms) } else { IndAudStreams::Multi(streams) };
        Ok(IndAudMediaDescriptor { termination_state: state.unwrap_or_default(), streams })
    }

    fn ind_aud_stream_parm(&mut self, token: Token, at: usize, parms: &mut IndAudStreamParms<'a>) -> Parsed<()> {
        const FIELD: &str = "indAudstreamParm";
        match token {
            Token::LocalControl => {
                if !parms.local_control.is_empty() {
                    return Err(self.fault(at, ErrorKind::Duplicate, FIELD));
                }
                self.braces("indAudlocalControlDescriptor", |decoder| {
                    parms.local_control.push(decoder.ind_aud_local_parm()?);
                    Ok(())
                })
            }
            Token::Local | Token::Remote => {
                let octets = if self.sees(b'{') { self.octet_string(FIELD)? } else { Default::default() };
                let slot = if token == Token::Local { &mut parms.local } else { &mut parms.remote };
                self.once(slot, octets, at, FIELD)
            }
            Token::Statistics => {
                let name = self.ind_aud_statistics()?;
                self.once(&mut parms.statistics, name, at, FIELD)
            }
            _ => Err(self.fault(at, ErrorKind::Expected("a stream parameter"), FIELD)),
        }
    }

    fn ind_aud_local_parm(&mut self) -> Parsed<IndAudLocalControlParm<'a>> {
        const FIELD: &str = "indAudlocalParm";
        let at = self.at();
        let word = self.word("a stream property", FIELD)?;
        Ok(match Token::find(word) {
            Some(Token::Mode) if self.eat(b'=') => IndAudLocalControlParm::ModeIs(self.stream_mode()?),
            Some(Token::Mode) if self.eat(b'#') => IndAudLocalControlParm::ModeIsNot(self.stream_mode()?),
            Some(Token::Mode) => IndAudLocalControlParm::Mode,
            Some(Token::ReservedGroup) => IndAudLocalControlParm::ReservedGroup,
            Some(Token::ReservedValue) => IndAudLocalControlParm::ReservedValue,
            _ => {
                let name = self.split_pkgd_name(word, at, FIELD)?;
                if self.sees_parm_value() {
                    IndAudLocalControlParm::PropertyIs(PropertyParm { name, value: self.parm_value()? })
                } else {
                    IndAudLocalControlParm::Property(name)
                }
            }
        })
    }

    fn ind_aud_termination_state_parm(&mut self) -> Parsed<IndAudTerminationStateParm<'a>> {
        const FIELD: &str = "indAudterminationStateParm";
        let at = self.at();
        let word = self.word("a termination property", FIELD)?;
        Ok(match Token::find(word) {
            Some(Token::ServiceStates) if self.eat(b'=') => {
                IndAudTerminationStateParm::ServiceStatesIs(self.service_state()?)
            }
            Some(Token::ServiceStates) if self.eat(b'#') => {
                IndAudTerminationStateParm::ServiceStatesIsNot(self.service_state()?)
            }
            Some(Token::ServiceStates) => IndAudTerminationStateParm::ServiceStates,
            Some(Token::Buffer) => IndAudTerminationStateParm::Buffer,
            _ => {
                let name = self.split_pkgd_name(word, at, FIELD)?;
                if self.sees_parm_value() {
                    IndAudTerminationStateParm::PropertyIs(PropertyParm { name, value: self.parm_value()? })
                } else {
                    IndAudTerminationStateParm::Property(name)
                }
            }
        })
    }

    /// `{ … }` behind the terminations of a reply, if there.
    pub(super) fn termination_audit(&mut self) -> Parsed<TerminationAudit<'a>> {
        let mut audit = Vec::new();
        if self.sees(b'{') {
            self.braces("terminationAudit", |decoder| {
                audit.push(decoder.audit_return_parameter()?);
                Ok(())
            })?;
        }
        Ok(TerminationAudit(audit))
    }

    fn audit_return_parameter(&mut self) -> Parsed<AuditReturnParameter<'a>> {
        const FIELD: &str = "auditReturnParameter";
        let (token, at) = self.token("a descriptor", FIELD)?;
        let bare = !matches!(self.reader.peek(), Some(b'{' | b'=' | b'['));
        Ok(match token {
            Token::Media if bare => AuditReturnParameter::Empty(AuditReturnItem::Media),
            Token::Modem if bare => AuditReturnParameter::Empty(AuditReturnItem::Modem),
            Token::Mux if bare => AuditReturnParameter::Empty(AuditReturnItem::Mux),
            Token::DigitMap if bare => AuditReturnParameter::Empty(AuditReturnItem::DigitMap),
            Token::ObservedEvents if bare => AuditReturnParameter::Empty(AuditReturnItem::ObservedEvents),
            Token::Packages if bare => AuditReturnParameter::Empty(AuditReturnItem::Packages),
            Token::Error => AuditReturnParameter::Error(self.error_after_token()?),
            Token::Media => AuditReturnParameter::Media(self.media_descriptor()?),
            Token::Modem => AuditReturnParameter::Modem(self.modem_descriptor()?),
            Token::Mux => AuditReturnParameter::Mux(self.mux_descriptor()?),
            Token::DigitMap => {
                self.expect(b'=', "digitMapDescriptor")?;
                AuditReturnParameter::DigitMap(self.digit_map_descriptor()?)
            }
            Token::ObservedEvents => AuditReturnParameter::ObservedEvents(self.observed_events_descriptor()?),
            Token::Packages => AuditReturnParameter::Packages(self.packages_descriptor()?),
            Token::Events => AuditReturnParameter::Events(self.events_descriptor()?),
            Token::Signals => AuditReturnParameter::Signals(self.signals_descriptor()?),
            Token::EventBuffer => AuditReturnParameter::EventBuffer(self.event_buffer_descriptor()?),
            Token::Statistics => AuditReturnParameter::Statistics(self.statistics_descriptor()?),
            _ => return Err(self.fault(at, ErrorKind::Expected("a descriptor"), FIELD)),
        })
    }
}

impl Encoder {
    pub(super) fn audit_descriptor(&mut self, audit: &AuditDescriptor<'_>) {
        self.token(Token::Audit);
        self.open();
        for item in &audit.0 {
            self.item();
            self.audit_item(item);
        }
        self.close();
    }

    pub(super) fn audit_item(&mut self, item: &AuditItem<'_>) {
        match item {
            AuditItem::Token(token) => self.token(match token {
                AuditToken::Mux => Token::Mux,
                AuditToken::Modem => Token::Modem,
                AuditToken::Media => Token::Media,
                AuditToken::Signals => Token::Signals,
                AuditToken::EventBuffer => Token::EventBuffer,
                AuditToken::DigitMap => Token::DigitMap,
                AuditToken::Statistics => Token::Statistics,
                AuditToken::Events => Token::Events,
                AuditToken::ObservedEvents => Token::ObservedEvents,
                AuditToken::Packages => Token::Packages,
            }),
            AuditItem::Individual(part) => self.ind_aud_parameter(part),
        }
    }

    fn ind_aud_parameter(&mut self, part: &IndAudParameter<'_>) {
        match part {
            IndAudParameter::Media(media) => self.ind_aud_media(media),
            IndAudParameter::Events(events) => {
                self.token(Token::Events);
                if let Some(id) = events.request_id {
                    self.equals();
                    self.request_id(id);
                }
                self.in_braces(|pen| pen.pkgd_name(&events.name));
            }
            IndAudParameter::EventBuffer(buffer) => {
                self.token(Token::EventBuffer);
                self.in_braces(|pen| {
                    pen.pkgd_name(&buffer.name);
                    match &buffer.part {
                        None => {}
                        Some(EventParameterOrStream::Stream(id)) => {
                            pen.in_braces(|pen| pen.number_is(Token::Stream, id.0));
                        }
                        Some(EventParameterOrStream::Parameter(name)) => pen.in_braces(|pen| pen.name(name)),
                    }
                });
            }
            IndAudParameter::Signals(signals) => {
                self.token(Token::Signals);
                self.in_braces(|pen| match signals {
                    IndAudSignalsDescriptor::Signal(signal) => pen.signal(signal),
                    IndAudSignalsDescriptor::List(id, signal) => {
                        pen.number_is(Token::SignalList, *id);
                        if let Some(signal) = signal {
                            pen.in_braces(|pen| pen.signal(signal));
                        }
                    }
                });
            }
            IndAudParameter::DigitMap(name) => {
                self.token(Token::DigitMap);
                self.equals();
                self.name(name);
            }
            IndAudParameter::Statistics(name) => {
                self.token(Token::Statistics);
                self.in_braces(|pen| pen.pkgd_name(name));
            }
            IndAudParameter::Packages(item) => {
                self.token(Token::Packages);
                self.in_braces(|pen| pen.packages_item(item));
            }
        }
    }

    /// `{ one item }`
    fn in_braces(&mut self, write: impl FnOnce(&mut Self)) {
        self.open();
        self.item();
        write(self);
        self.close();
    }

    fn ind_aud_media(&mut self, media: &IndAudMediaDescriptor<'_>) {
        self.token(Token::Media);
        let nothing = media.termination_state.is_empty()
            && match &media.streams {
                IndAudStreams::One(parms) => parms.is_empty(),
                IndAudStreams::Multi(streams) => streams.iter().all(|stream| stream.parms.is_empty()),
            };
        if nothing {
            return;
        }
        self.open();
        if !media.termination_state.is_empty() {
            self.item();
            self.token(Token::TerminationState);
            self.open();
            for parm in &media.termination_state {
                self.item();
                self.ind_aud_termination_state_parm(parm);
            }
            self.close();
        }
        match &media.streams {
            IndAudStreams::One(parms) => self.ind_aud_stream_parms(parms),
            IndAudStreams::Multi(streams) => {
                for stream in streams.iter().filter(|stream| !stream.parms.is_empty()) {
                    self.item();
                    self.number_is(Token::Stream, stream.id.0);
                    self.open();
                    self.ind_aud_stream_parms(&stream.parms);
                    self.close();
                }
            }
        }
        self.close();
    }

    fn ind_aud_termination_state_parm(&mut self, parm: &IndAudTerminationStateParm<'_>) {
        match parm {
            IndAudTerminationStateParm::ServiceStates => self.token(Token::ServiceStates),
            IndAudTerminationStateParm::ServiceStatesIs(state) => {
                self.token_is(Token::ServiceStates, state_token(*state));
            }
            IndAudTerminationStateParm::ServiceStatesIsNot(state) => {
                self.token(Token::ServiceStates);
                self.punctuation(b'#');
                self.token(state_token(*state));
            }
            IndAudTerminationStateParm::Buffer => self.token(Token::Buffer),
            IndAudTerminationStateParm::Property(name) => self.pkgd_name(name),
            IndAudTerminationStateParm::PropertyIs(property) => self.property_parm(property),
        }
    }

    fn ind_aud_stream_parms(&mut self, parms: &IndAudStreamParms<'_>) {
        if !parms.local_control.is_empty() {
            self.item();
            self.token(Token::LocalControl);
            self.open();
            for parm in &parms.local_control {
                self.item();
                match parm {
                    IndAudLocalControlParm::Mode => self.token(Token::Mode),
                    IndAudLocalControlParm::ModeIs(mode) => self.token_is(Token::Mode, mode_token(*mode)),
                    IndAudLocalControlParm::ModeIsNot(mode) => {
                        self.token(Token::Mode);
                        self.punctuation(b'#');
                        self.token(mode_token(*mode));
                    }
                    IndAudLocalControlParm::ReservedGroup => self.token(Token::ReservedGroup),
                    IndAudLocalControlParm::ReservedValue => self.token(Token::ReservedValue),
                    IndAudLocalControlParm::Property(name) => self.pkgd_name(name),
                    IndAudLocalControlParm::PropertyIs(property) => self.property_parm(property),
                }
            }
            self.close();
        }
        self.octets_of(Token::Local, parms.local.as_ref());
        self.octets_of(Token::Remote, parms.remote.as_ref());
        self.optional(parms.statistics.as_ref(), |pen, name| {
            pen.token(Token::Statistics);
            pen.in_braces(|pen| pen.pkgd_name(name));
        });
    }

    pub(super) fn audit_return_parameter(&mut self, parameter: &AuditReturnParameter<'_>) {
        match parameter {
            AuditReturnParameter::Media(media) if Self::is_empty_media(media) => self.token(Token::Media),
            AuditReturnParameter::Media(media) => self.media_descriptor(media),
            AuditReturnParameter::Modem(modem) => self.modem_descriptor(modem),
            AuditReturnParameter::Mux(mux) => self.mux_descriptor(mux),
            AuditReturnParameter::Events(events) => self.events_descriptor(events),
            AuditReturnParameter::Signals(signals) => self.signals_descriptor(signals),
            AuditReturnParameter::DigitMap(digit_map) => self.digit_map_descriptor(digit_map),
            AuditReturnParameter::ObservedEvents(observed) => self.observed_events_descriptor(observed),
            AuditReturnParameter::EventBuffer(buffer) => self.event_buffer_descriptor(buffer),
            AuditReturnParameter::Statistics(statistics) => self.statistics_descriptor(statistics),
            AuditReturnParameter::Packages(packages) => self.packages_descriptor(packages),
            AuditReturnParameter::Error(error) => self.error_descriptor(error),
            AuditReturnParameter::Empty(item) => self.token(match item {
                AuditReturnItem::Mux => Token::Mux,
                AuditReturnItem::Modem => Token::Modem,
                AuditReturnItem::Media => Token::Media,
                AuditReturnItem::DigitMap => Token::DigitMap,
                AuditReturnItem::ObservedEvents => Token::ObservedEvents,
                AuditReturnItem::Packages => Token::Packages,
            }),
        }
    }
}
