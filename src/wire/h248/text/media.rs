//! Media: termination state, streams, octet strings (H.248.1 B.2: mediaDescriptor, octetString).

use std::borrow::Cow;

use super::{
    super::{
        EventBufferControl, LocalControlDescriptor, MediaDescriptor, ServiceState, StreamDescriptor, StreamId,
        StreamMode, StreamParms, Streams, TerminationStateDescriptor,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    token::Token,
};
use crate::wire::ErrorKind;

const MIXED: ErrorKind = ErrorKind::Contradiction("numbered and unnumbered streams in one Media descriptor");

impl<'a> Decoder<'a> {
    /// After `Media`.
    pub(super) fn media_descriptor(&mut self) -> Parsed<MediaDescriptor<'a>> {
        const FIELD: &str = "mediaParm";
        let mut state = None;
        let mut parms = StreamParms::default();
        let mut streams: Vec<StreamDescriptor<'a>> = Vec::new();
        self.braces("mediaDescriptor", |decoder| {
            let (token, at) = decoder.token("a stream or TerminationState", FIELD)?;
            match token {
                Token::TerminationState => {
                    let value = decoder.termination_state()?;
                    decoder.once(&mut state, value, at, FIELD)
                }
                Token::Stream if !parms.is_empty() => Err(decoder.fault(at, MIXED, FIELD)),
                Token::Stream => {
                    let id = StreamId(decoder.equals_u16("StreamID")?);
                    if streams.iter().any(|stream| stream.id == id) {
                        return Err(decoder.fault(at, ErrorKind::Duplicate, "streamDescriptor"));
                    }
                    let mut parms = StreamParms::default();
                    decoder.braces("streamDescriptor", |decoder| {
                        let (token, at) = decoder.token("a stream parameter", "streamParm")?;
                        decoder.stream_parm(token, at, &mut parms)
                    })?;
                    if streams.len() >= MAX_STREAMS {
                        return Err(decoder.fault(at, ErrorKind::TooLong { limit: MAX_STREAMS }, "mediaDescriptor"));
                    }
                    streams.push(StreamDescriptor { id, parms });
                    Ok(())
                }
                _ if !streams.is_empty() => Err(decoder.fault(at, MIXED, FIELD)),
                _ => decoder.stream_parm(token, at, &mut parms),
            }
        })?;
        let streams = if streams.is_empty() { Streams::One(parms) } else { Streams::Multi(streams) };
        Ok(MediaDescriptor { termination_state: state, streams })
    }

    fn stream_parm(&mut self, token: Token, at: usize, parms: &mut StreamParms<'a>) -> Parsed<()> {
        const FIELD: &str = "streamParm";
        match token {
            Token::LocalControl => {
                let control = self.local_control()?;
                self.once(&mut parms.local_control, control, at, FIELD)
            }
            Token::Local => {
                let local = self.octet_string("localDescriptor")?;
                self.once(&mut parms.local, local, at, FIELD)
            }
            Token::Remote => {
                let remote = self.octet_string("remoteDescriptor")?;
                self.once(&mut parms.remote, remote, at, FIELD)
            }
            Token::Statistics => {
                let statistics = self.statistics_descriptor()?;
                self.once(&mut parms.statistics, statistics, at, FIELD)
            }
            _ => Err(self.fault(at, ErrorKind::Expected("a stream parameter"), FIELD)),
        }
    }

    /// `{ octetString }`, white space in front of it dropped, `\}` unescaped.
    pub(super) fn octet_string(&mut self, field: &'static str) -> Parsed<Cow<'a, [u8]>> {
        self.lwsp();
        if !self.reader.eat(b'{') {
            return Err(self.expected("`{`", field));
        }
        // No comments here: `;` is data.
        self.reader.take_while(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n'));
        let rest = self.reader.rest();
        let start = self.at();
        let mut unescaped: Option<Vec<u8>> = None;
        let mut copied = 0;
        for at in memchr::memchr2_iter(b'}', 0, rest) {
            let run = rest.get(copied..at).unwrap_or_default();
            if rest.get(at) == Some(&0) {
                return Err(self.fault(start + at, ErrorKind::InvalidOctet(0), "octetString"));
            }
            if run.last() == Some(&b'\\') {
                let text = unescaped.get_or_insert_with(Vec::new);
                text.extend(run.get(..run.len() - 1).unwrap_or_default());
                copied = at;
                continue;
            }
            self.reader.advance(at + 1);
            self.lwsp();
            return Ok(match unescaped {
                None => Cow::Borrowed(run),
                Some(mut text) => {
                    text.extend(run);
                    Cow::Owned(text)
                }
            });
        }
        self.reader.advance(rest.len());
        Err(self.expected("`}`", field))
    }

    fn local_control(&mut self) -> Parsed<LocalControlDescriptor<'a>> {
        const FIELD: &str = "localParm";
        let mut control = LocalControlDescriptor::default();
        self.braces("localControlDescriptor", |decoder| {
            let at = decoder.at();
            let word = decoder.word("a stream property", FIELD)?;
            match Token::find(word) {
                Some(Token::Mode) => {
                    decoder.expect(b'=', "streamMode")?;
                    let mode = decoder.stream_mode()?;
                    decoder.once(&mut control.mode, mode, at, FIELD)
                }
                Some(Token::ReservedGroup) => {
                    let on = decoder.equals_on_off("reservedGroupMode")?;
                    decoder.once(&mut control.reserve_group, on, at, FIELD)
                }
                Some(Token::ReservedValue) => {
                    let on = decoder.equals_on_off("reservedValueMode")?;
                    decoder.once(&mut control.reserve_value, on, at, FIELD)
                }
                _ => {
                    let name = decoder.split_pkgd_name(word, at, FIELD)?;
                    let value = decoder.parm_value()?;
                    control.properties.push(super::super::PropertyParm { name, value });
                    Ok(())
                }
            }
        })?;
        Ok(control)
    }

    pub(super) fn stream_mode(&mut self) -> Parsed<StreamMode> {
        match self.token("a mode", "streamModes")? {
            (Token::SendOnly, _) => Ok(StreamMode::SendOnly),
            (Token::ReceiveOnly, _) => Ok(StreamMode::ReceiveOnly),
            (Token::SendReceive, _) => Ok(StreamMode::SendReceive),
            (Token::Inactive, _) => Ok(StreamMode::Inactive),
            (Token::Loopback, _) => Ok(StreamMode::Loopback),
            (_, at) => Err(self.fault(at, ErrorKind::Expected("a mode"), "streamModes")),
        }
    }

    fn termination_state(&mut self) -> Parsed<TerminationStateDescriptor<'a>> {
        const FIELD: &str = "terminationStateParm";
        let mut state = TerminationStateDescriptor::default();
        self.braces("terminationStateDescriptor", |decoder| {
            let at = decoder.at();
            let word = decoder.word("a termination property", FIELD)?;
            match Token::find(word) {
                Some(Token::ServiceStates) => {
                    decoder.expect(b'=', "serviceStates")?;
                    let value = decoder.service_state()?;
                    decoder.once(&mut state.service_state, value, at, FIELD)
                }
                Some(Token::Buffer) => {
                    decoder.expect(b'=', "eventBufferControl")?;
                    let control = match decoder.token("OFF or LockStep", "eventBufferControl")? {
                        (Token::Off, _) => EventBufferControl::Off,
                        (Token::LockStep, _) => EventBufferControl::LockStep,
                        (_, at) => {
                            let kind = ErrorKind::Expected("OFF or LockStep");
                            return Err(decoder.fault(at, kind, "eventBufferControl"));
                        }
                    };
                    decoder.once(&mut state.event_buffer_control, control, at, FIELD)
                }
                _ => {
                    let name = decoder.split_pkgd_name(word, at, FIELD)?;
                    let value = decoder.parm_value()?;
                    state.properties.push(super::super::PropertyParm { name, value });
                    Ok(())
                }
            }
        })?;
        Ok(state)
    }

    pub(super) fn service_state(&mut self) -> Parsed<ServiceState> {
        match self.token("a service state", "serviceStates")? {
            (Token::Test, _) => Ok(ServiceState::Test),
            (Token::OutOfService, _) => Ok(ServiceState::OutOfService),
            (Token::InService, _) => Ok(ServiceState::InService),
            (_, at) => Err(self.fault(at, ErrorKind::Expected("a service state"), "serviceStates")),
        }
    }
}

/// Streams of one termination. Far more than any gateway has, and few enough to look for duplicates one by one.
const MAX_STREAMS: usize = 256;

impl Encoder {
    /// True if nothing would stand inside the braces, which the grammar does not allow.
    pub(super) fn is_empty_media(media: &MediaDescriptor<'_>) -> bool {
        let streams = match &media.streams {
            Streams::One(parms) => Self::is_empty_stream(parms),
            Streams::Multi(streams) => streams.iter().all(|stream| Self::is_empty_stream(&stream.parms)),
        };
        streams && media.termination_state.as_ref().is_none_or(|state| *state == TerminationStateDescriptor::default())
    }

    fn is_empty_stream(parms: &StreamParms<'_>) -> bool {
        parms.local.is_none()
            && parms.remote.is_none()
            && parms.statistics.is_none()
            && parms.local_control.as_ref().is_none_or(|control| *control == LocalControlDescriptor::default())
    }

    pub(super) fn media_descriptor(&mut self, media: &MediaDescriptor<'_>) {
        self.token(Token::Media);
        self.open();
        let state_first = self.order::<2>()[0] == 0;
        if state_first {
            self.termination_state(media.termination_state.as_ref());
        }
        match &media.streams {
            Streams::One(parms) => self.stream_parms(parms),
            Streams::Multi(streams) => {
                for stream in streams.iter().filter(|stream| !Self::is_empty_stream(&stream.parms)) {
                    self.item();
                    self.number_is(Token::Stream, stream.id.0);
                    self.open();
                    self.stream_parms(&stream.parms);
                    self.close();
                }
            }
        }
        if !state_first {
            self.termination_state(media.termination_state.as_ref());
        }
        self.close();
    }

    fn stream_parms(&mut self, parms: &StreamParms<'_>) {
        for part in self.order::<4>() {
            match part {
                0 => self.local_control(parms.local_control.as_ref()),
                1 => self.octets_of(Token::Local, parms.local.as_ref()),
                2 => self.octets_of(Token::Remote, parms.remote.as_ref()),
                _ => self.optional(parms.statistics.as_ref(), Self::statistics_descriptor),
            }
        }
    }

    pub(super) fn octets_of(&mut self, token: Token, octets: Option<&Cow<'_, [u8]>>) {
        if let Some(octets) = octets {
            self.item();
            self.token(token);
            self.octet_string(octets);
        }
    }

    fn local_control(&mut self, control: Option<&LocalControlDescriptor<'_>>) {
        let Some(control) = control.filter(|control| **control != LocalControlDescriptor::default()) else { return };
        self.item();
        self.token(Token::LocalControl);
        self.open();
        for part in self.order::<4>() {
            match part {
                0 => {
                    if let Some(mode) = control.mode {
                        self.item();
                        self.token_is(Token::Mode, mode_token(mode));
                    }
                }
                1 => {
                    if let Some(on) = control.reserve_group {
                        self.item();
                        self.on_off_is(Token::ReservedGroup, on);
                    }
                }
                2 => {
                    if let Some(on) = control.reserve_value {
                        self.item();
                        self.on_off_is(Token::ReservedValue, on);
                    }
                }
                _ => {
                    for property in &control.properties {
                        self.item();
                        self.property_parm(property);
                    }
                }
            }
        }
        self.close();
    }

    fn termination_state(&mut self, state: Option<&TerminationStateDescriptor<'_>>) {
        let Some(state) = state.filter(|state| **state != TerminationStateDescriptor::default()) else { return };
        self.item();
        self.token(Token::TerminationState);
        self.open();
        for part in self.order::<3>() {
            match part {
                0 => {
                    if let Some(service) = state.service_state {
                        self.item();
                        self.token_is(Token::ServiceStates, state_token(service));
                    }
                }
                1 => {
                    if let Some(control) = state.event_buffer_control {
                        let lock_step = control == EventBufferControl::LockStep;
                        self.item();
                        self.token_is(Token::Buffer, if lock_step { Token::LockStep } else { Token::Off });
                    }
                }
                _ => {
                    for property in &state.properties {
                        self.item();
                        self.property_parm(property);
                    }
                }
            }
        }
        self.close();
    }
}

pub(super) const fn mode_token(mode: StreamMode) -> Token {
    match mode {
        StreamMode::SendOnly => Token::SendOnly,
        StreamMode::ReceiveOnly => Token::ReceiveOnly,
        StreamMode::SendReceive => Token::SendReceive,
        StreamMode::Inactive => Token::Inactive,
        StreamMode::Loopback => Token::Loopback,
    }
}

pub(super) const fn state_token(state: ServiceState) -> Token {
    match state {
        ServiceState::Test => Token::Test,
        ServiceState::OutOfService => Token::OutOfService,
        ServiceState::InService => Token::InService,
    }
}
