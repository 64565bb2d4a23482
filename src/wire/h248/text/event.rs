//! Events, observed events, event buffer, digit maps (H.248.1 B.2: eventsDescriptor to digitMapDescriptor).

use std::borrow::Cow;

use super::{
    super::{
        DigitMapDescriptor, DigitMapValue, Embedded, EventBufferDescriptor, EventSpec, EventsDescriptor,
        NotifyBehaviour, ObservedEvent, ObservedEventsDescriptor, RequestId, RequestedEvent, SecondEventsDescriptor,
        SignalsDescriptor, StreamId,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    token::Token,
};
use crate::wire::ErrorKind;

/// Request id and events of an Events descriptor whose events embed `E`.
type Requested<'a, E> = (Option<RequestId>, Vec<RequestedEvent<'a, E>>);

impl<'a> Decoder<'a> {
    /// After `Events`.
    pub(super) fn events_descriptor(&mut self) -> Parsed<EventsDescriptor<'a>> {
        let (request_id, events) = self.requested_events(Self::embedded)?;
        Ok(EventsDescriptor { request_id, events })
    }

    fn requested_events<E>(&mut self, embed: fn(&mut Self) -> Parsed<E>) -> Parsed<Requested<'a, E>> {
        let mut events = Vec::new();
        if !self.sees(b'=') {
            return Ok((None, events));
        }
        let id = self.equals_request_id("eventsDescriptor")?;
        self.braces("eventsDescriptor", |decoder| {
            events.push(decoder.requested_event(embed)?);
            Ok(())
        })?;
        Ok((Some(id), events))
    }

    fn requested_event<E>(&mut self, embed: fn(&mut Self) -> Parsed<E>) -> Parsed<RequestedEvent<'a, E>> {
        let mut event = RequestedEvent::new(self.pkgd_name("requestedEvent")?);
        if self.sees(b'{') {
            self.braces("requestedEvent", |decoder| decoder.event_parameter(&mut event, embed))?;
        }
        Ok(event)
    }

    fn event_parameter<E>(
        &mut self,
        event: &mut RequestedEvent<'a, E>,
        embed: fn(&mut Self) -> Parsed<E>,
    ) -> Parsed<()> {
        const FIELD: &str = "eventParameter";
        let at = self.at();
        let word = self.word("an event parameter", FIELD)?;
        match Token::find(word) {
            Some(Token::KeepActive) => self.flag(&mut event.keep_active, at, FIELD),
            Some(Token::Stream) => {
                let stream = StreamId(self.equals_u16("eventStream")?);
                self.once(&mut event.stream, stream, at, FIELD)
            }
            Some(Token::DigitMap) => {
                self.expect(b'=', "eventDM")?;
                let digit_map = self.digit_map_descriptor()?;
                self.once(&mut event.digit_map, digit_map, at, FIELD)
            }
            Some(Token::Embed) => {
                let embedded = embed(self)?;
                self.once(&mut event.embed, Box::new(embedded), at, FIELD)
            }
            Some(Token::ImmediateNotify) => self.once(&mut event.notify, NotifyBehaviour::Immediate, at, FIELD),
            Some(Token::NeverNotify) => self.once(&mut event.notify, NotifyBehaviour::Never, at, FIELD),
            Some(Token::RegulatedNotify) => {
                let mut embedded = None;
                if self.eat(b'{') {
                    let (token, at) = self.token("`Embed`", "notifyRegulated")?;
                    if token != Token::Embed {
                        return Err(self.fault(at, ErrorKind::Expected("`Embed`"), "notifyRegulated"));
                    }
                    embedded = Some(Box::new(embed(self)?));
                    self.expect(b'}', "notifyRegulated")?;
                }
                self.once(&mut event.notify, NotifyBehaviour::Regulated(embedded), at, FIELD)
            }
            Some(Token::ResetEventsDescriptor) => self.flag(&mut event.reset_events, at, FIELD),
            _ => {
                event.parameters.push(self.parameter(word, at, FIELD)?);
                Ok(())
            }
        }
    }

    /// After `Embed` of the first level: signals, events, or both in this order.
    fn embedded(&mut self) -> Parsed<Embedded<'a>> {
        let mut embedded = Embedded::default();
        self.expect(b'{', "embed")?;
        let (mut token, mut at) = self.token("Signals or Events", "embed")?;
        if token == Token::Signals {
            embedded.signals = Some(self.signals_descriptor()?);
            if !self.eat(b',') {
                self.close(b'}', "embed")?;
                return Ok(embedded);
            }
            (token, at) = self.token("Events", "embed")?;
        }
        if token != Token::Events {
            return Err(self.fault(at, ErrorKind::Expected("Signals or Events"), "embed"));
        }
        let (request_id, events) = self.requested_events(Self::second_embedded)?;
        embedded.events = Some(SecondEventsDescriptor { request_id, events });
        self.expect(b'}', "embed")?;
        Ok(embedded)
    }

    /// After `Embed` of the second level: signals only.
    fn second_embedded(&mut self) -> Parsed<SignalsDescriptor<'a>> {
        self.expect(b'{', "embedSig")?;
        let (token, at) = self.token("Signals", "embedSig")?;
        if token != Token::Signals {
            return Err(self.fault(at, ErrorKind::Expected("Signals"), "embedSig"));
        }
        let signals = self.signals_descriptor()?;
        self.expect(b'}', "embedSig")?;
        Ok(signals)
    }

    /// After `EventBuffer`.
    pub(super) fn event_buffer_descriptor(&mut self) -> Parsed<EventBufferDescriptor<'a>> {
        let mut events = Vec::new();
        if self.sees(b'{') {
            self.braces("eventBufferDescriptor", |decoder| {
                events.push(decoder.event_spec()?);
                Ok(())
            })?;
        }
        Ok(EventBufferDescriptor(events))
    }

    fn event_spec(&mut self) -> Parsed<EventSpec<'a>> {
        const FIELD: &str = "observedEventParameter";
        let mut event = EventSpec::new(self.pkgd_name("eventSpec")?);
        if self.sees(b'{') {
            self.braces("eventSpec", |decoder| {
                let at = decoder.at();
                let word = decoder.word("an event parameter", FIELD)?;
                if Token::find(word) == Some(Token::Stream) {
                    let stream = StreamId(decoder.equals_u16("eventStream")?);
                    return decoder.once(&mut event.stream, stream, at, FIELD);
                }
                event.parameters.push(decoder.parameter(word, at, FIELD)?);
                Ok(())
            })?;
        }
        Ok(event)
    }

    /// After `ObservedEvents`.
    pub(super) fn observed_events_descriptor(&mut self) -> Parsed<ObservedEventsDescriptor<'a>> {
        let request_id = self.equals_request_id("observedEventsDescriptor")?;
        let mut events = Vec::new();
        self.braces("observedEventsDescriptor", |decoder| {
            let mut time = None;
            let word = decoder.peek_word();
            if let Some(stamp) = Self::time_stamp(word) {
                decoder.word("a time stamp", "observedEvent")?;
                decoder.expect(b':', "observedEvent")?;
                time = Some(stamp);
            }
            events.push(ObservedEvent { time, event: decoder.event_spec()? });
            Ok(())
        })?;
        Ok(ObservedEventsDescriptor { request_id, events })
    }

    /// After `DigitMap =`: a name, a map, or both.
    pub(super) fn digit_map_descriptor(&mut self) -> Parsed<DigitMapDescriptor<'a>> {
        if self.sees(b'{') {
            return self.digit_map_value().map(DigitMapDescriptor::Value);
        }
        let name = self.name("digitMapName")?;
        if self.sees(b'{') {
            return Ok(DigitMapDescriptor::Named(name, self.digit_map_value()?));
        }
        Ok(DigitMapDescriptor::Name(name))
    }

    fn digit_map_value(&mut self) -> Parsed<DigitMapValue<'a>> {
        const FIELD: &str = "digitMapValue";
        let mut value = DigitMapValue::default();
        self.expect(b'{', FIELD)?;
        while let Some(timer) = self.digit_map_timer()? {
            let (letter, seconds, at) = timer;
            let slot = match letter {
                b'T' => &mut value.start_timer,
                b'S' => &mut value.short_timer,
                b'L' => &mut value.long_timer,
                _ => &mut value.duration_modifier,
            };
            self.once(slot, seconds, at, FIELD)?;
        }
        value.digit_map = self.digit_map()?;
        self.expect(b'}', FIELD)?;
        Ok(value)
    }

    /// `T:nn,` and its like; nothing is consumed when there is none.
    fn digit_map_timer(&mut self) -> Parsed<Option<(u8, u8, usize)>> {
        let at = self.at();
        let letter = self.reader.peek().unwrap_or_default().to_ascii_uppercase();
        if !matches!(letter, b'T' | b'S' | b'L' | b'Z') || self.reader.peek_at(1) != Some(b':') {
            return Ok(None);
        }
        self.reader.advance(2);
        let number = self.at();
        let word = self.word("a timer", "digitMapValue")?;
        let seconds = self.number(word, number, 99, "digitMapValue")?;
        self.expect(b',', "digitMapValue")?;
        Ok(Some((letter, u8::try_from(seconds).unwrap_or_default(), at)))
    }

    /// The patterns up to the closing brace, white space and comments taken out.
    fn digit_map(&mut self) -> Parsed<Cow<'a, str>> {
        let mut map: Cow<'a, str> = Cow::Borrowed("");
        loop {
            let run = self.reader.take_while(is_digit_map);
            let run = std::str::from_utf8(run).unwrap_or_default();
            if map.is_empty() {
                map = Cow::Borrowed(run);
            } else if !run.is_empty() {
                map.to_mut().push_str(run);
            }
            if !self.lwsp() {
                break;
            }
        }
        if map.is_empty() { Err(self.expected("a digit map", "digitMap")) } else { Ok(map) }
    }
}

/// Letters, digits and signs of a digit map. `#` and `*` are not in the ABNF, and in every dial plan.
pub(super) const fn is_digit_map(octet: u8) -> bool {
    octet.is_ascii_alphanumeric()
        || matches!(octet, b'(' | b')' | b'[' | b']' | b'|' | b'.' | b'-' | b',' | b'#' | b'*' | b':')
}

impl Encoder {
    pub(super) fn events_descriptor(&mut self, events: &EventsDescriptor<'_>) {
        self.requested_events(events.request_id, &events.events, Self::embedded);
    }

    fn requested_events<E>(
        &mut self,
        id: Option<RequestId>,
        events: &[RequestedEvent<'_, E>],
        embed: fn(&mut Self, &E),
    ) {
        self.token(Token::Events);
        if events.is_empty() {
            return;
        }
        self.equals();
        self.request_id(id.unwrap_or(RequestId::Id(0)));
        self.open();
        for event in events {
            self.item();
            self.requested_event(event, embed);
        }
        self.close();
    }

    fn requested_event<E>(&mut self, event: &RequestedEvent<'_, E>, embed: fn(&mut Self, &E)) {
        self.pkgd_name(&event.name);
        let bare = !event.keep_active
            && event.stream.is_none()
            && event.digit_map.is_none()
            && event.embed.is_none()
            && event.notify.is_none()
            && !event.reset_events
            && event.parameters.is_empty();
        if bare {
            return;
        }
        self.open();
        for part in self.order::<7>() {
            match part {
                0 => self.optional(event.stream.as_ref(), |pen, id| pen.number_is(Token::Stream, id.0)),
                1 if event.keep_active => {
                    self.item();
                    self.token(Token::KeepActive);
                }
                2 => self.optional(event.digit_map.as_ref(), Self::digit_map_descriptor),
                3 => self.optional(event.embed.as_deref(), embed),
                4 => self.optional(event.notify.as_ref(), |pen, notify| match notify {
                    NotifyBehaviour::Immediate => pen.token(Token::ImmediateNotify),
                    NotifyBehaviour::Never => pen.token(Token::NeverNotify),
                    NotifyBehaviour::Regulated(embedded) => {
                        pen.token(Token::RegulatedNotify);
                        if let Some(embedded) = embedded {
                            pen.open();
                            pen.item();
                            embed(pen, embedded);
                            pen.close();
                        }
                    }
                }),
                5 if event.reset_events => {
                    self.item();
                    self.token(Token::ResetEventsDescriptor);
                }
                6 => {
                    for parameter in &event.parameters {
                        self.item();
                        self.parameter(parameter);
                    }
                }
                _ => {}
            }
        }
        self.close();
    }

    fn embedded(&mut self, embedded: &Embedded<'_>) {
        self.token(Token::Embed);
        self.open();
        self.optional(embedded.signals.as_ref(), Self::signals_descriptor);
        // One of the two has to be there.
        let events = match (&embedded.signals, &embedded.events) {
            (None, None) => Some(&const { SecondEventsDescriptor { request_id: None, events: Vec::new() } }),
            (_, events) => events.as_ref(),
        };
        self.optional(events, |pen, events| {
            pen.requested_events(events.request_id, &events.events, Self::second_embedded);
        });
        self.close();
    }

    fn second_embedded(&mut self, signals: &SignalsDescriptor<'_>) {
        self.token(Token::Embed);
        self.open();
        self.item();
        self.signals_descriptor(signals);
        self.close();
    }

    pub(super) fn event_buffer_descriptor(&mut self, buffer: &EventBufferDescriptor<'_>) {
        self.token(Token::EventBuffer);
        if buffer.0.is_empty() {
            return;
        }
        self.open();
        for event in &buffer.0 {
            self.item();
            self.event_spec(event);
        }
        self.close();
    }

    fn event_spec(&mut self, event: &EventSpec<'_>) {
        self.pkgd_name(&event.name);
        if event.stream.is_none() && event.parameters.is_empty() {
            return;
        }
        self.open();
        self.optional(event.stream.as_ref(), |pen, id| pen.number_is(Token::Stream, id.0));
        for parameter in &event.parameters {
            self.item();
            self.parameter(parameter);
        }
        self.close();
    }

    pub(super) fn observed_events_descriptor(&mut self, observed: &ObservedEventsDescriptor<'_>) {
        self.token(Token::ObservedEvents);
        self.equals();
        self.request_id(observed.request_id);
        self.open();
        for event in &observed.events {
            self.item();
            if let Some(time) = event.time {
                self.time_stamp(time);
                self.punctuation(b':');
            }
            self.event_spec(&event.event);
        }
        self.close();
    }

    pub(super) fn digit_map_descriptor(&mut self, digit_map: &DigitMapDescriptor<'_>) {
        self.token(Token::DigitMap);
        self.equals();
        let value = match digit_map {
            DigitMapDescriptor::Name(name) => return self.name(name),
            DigitMapDescriptor::Value(value) => value,
            DigitMapDescriptor::Named(name, value) => {
                self.name(name);
                value
            }
        };
        self.open();
        let timers = [
            ("T:", value.start_timer),
            ("S:", value.short_timer),
            ("L:", value.long_timer),
            ("Z:", value.duration_modifier),
        ];
        for (letter, seconds) in timers {
            self.optional(seconds.as_ref(), |pen, seconds| {
                pen.text(letter);
                pen.number((*seconds).min(99));
            });
        }
        self.item();
        let legal = value.digit_map.bytes().filter(|&octet| is_digit_map(octet));
        let before = self.out.len();
        self.out.extend(legal);
        if self.out.len() == before {
            self.text("()");
        }
        self.close();
    }
}
