//! Values, parameters, item names, terminations.

use std::{borrow::Cow, net::IpAddr};

use super::{
    super::{
        MId, MtpAddress, Name, Parameter, ParmValue, PkgdName, PropertyParm, RequestId, TerminationId,
        TerminationIdList, TimeNotation, Value,
    },
    decoder::{Decoder, NAME, PATH, Parsed, is, is_quotable, is_safe},
    encoder::Encoder,
    token::Token,
};
use crate::wire::ErrorKind;

/// What a path may begin with. The ABNF wants a letter; gateways number their terminations all the same, and binary has no such rule.
pub(super) const fn begins_path(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || octet == b'*'
}

/// What a path may go on with; `@`, `-` and `.` belong to its domain part.
pub(super) const fn is_path(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'/' | b'*' | b'_' | b'$' | b'@' | b'-' | b'.')
}

fn is_legal_path(path: &str) -> bool {
    let mut octets = path.bytes();
    octets.next().is_some_and(begins_path)
        && match octets.find(|&octet| !is(octet, PATH)) {
            None => true,
            Some(b'@') => {
                octets.len() > 0 && octets.all(|o| o.is_ascii_alphanumeric() || matches!(o, b'-' | b'*' | b'.'))
            }
            Some(_) => false,
        }
}

/// True for a NAME of the ABNF: a letter, then up to 63 letters, digits, `_`.
pub(super) fn is_name(text: &str) -> bool {
    let octets = text.as_bytes();
    octets.len() <= 64
        && octets.first().is_some_and(u8::is_ascii_alphabetic)
        && octets.iter().all(|&octet| is(octet, NAME))
}

impl<'a> Decoder<'a> {
    /// `"…"` without the quotes; LWSP after it is left.
    fn raw_quoted(&mut self, field: &'static str) -> Parsed<&'a str> {
        self.reader.advance(1);
        let start = self.at();
        let text = self.reader.take_while(is_quotable);
        if !self.reader.eat(b'"') {
            return Err(self.expected("`\"`", field));
        }
        Ok(self.str_from(start, text))
    }

    /// A quoted string, then LWSP.
    pub(super) fn quoted(&mut self, field: &'static str) -> Parsed<Cow<'a, str>> {
        if !self.sees(b'"') {
            return Err(self.expected("a quoted string", field));
        }
        let text = self.raw_quoted(field)?;
        self.lwsp();
        Ok(Cow::Borrowed(text))
    }

    fn raw_value(&mut self) -> Parsed<Value<'a>> {
        if self.sees(b'"') {
            return self.raw_quoted("VALUE").map(Value::quoted);
        }
        self.raw_word("a value", "VALUE").map(Value::plain)
    }

    /// VALUE, then LWSP.
    pub(super) fn value(&mut self) -> Parsed<Value<'a>> {
        let value = self.raw_value()?;
        self.lwsp();
        Ok(value)
    }

    /// The rest of a list of values after `first`, up to `closing`.
    pub(super) fn values(&mut self, first: Value<'a>, closing: u8) -> Parsed<Vec<Value<'a>>> {
        let mut values = vec![first];
        while self.eat(b',') {
            values.push(self.value()?);
        }
        self.close(closing, "alternativeValue")?;
        Ok(values)
    }

    /// parmValue
    pub(super) fn parm_value(&mut self) -> Parsed<ParmValue<'a>> {
        if self.eat(b'#') {
            return self.value().map(ParmValue::Unequal);
        }
        if self.eat(b'<') {
            return self.value().map(ParmValue::Less);
        }
        if self.eat(b'>') {
            return self.value().map(ParmValue::Greater);
        }
        self.expect(b'=', "parmValue")?;
        if self.eat(b'{') {
            let first = self.value()?;
            return self.values(first, b'}').map(ParmValue::Any);
        }
        if self.eat(b'[') {
            let first = self.raw_value()?;
            // A colon has no white space around it (B.2).
            if self.reader.eat(b':') {
                let last = self.value()?;
                self.expect(b']', "alternativeValue")?;
                return Ok(ParmValue::Range(first, last));
            }
            self.lwsp();
            return self.values(first, b']').map(ParmValue::All);
        }
        self.value().map(ParmValue::Equal)
    }

    /// True if parmValue is next.
    pub(super) fn sees_parm_value(&self) -> bool {
        matches!(self.reader.peek(), Some(b'=' | b'#' | b'<' | b'>'))
    }

    /// pkgdName, then LWSP.
    pub(super) fn pkgd_name(&mut self, field: &'static str) -> Parsed<PkgdName<'a>> {
        let at = self.at();
        let word = self.word("package/item", field)?;
        self.split_pkgd_name(word, at, field)
    }

    pub(super) fn split_pkgd_name(&self, word: &'a str, at: usize, field: &'static str) -> Parsed<PkgdName<'a>> {
        let slash = memchr::memchr(b'/', word.as_bytes()).unwrap_or(word.len());
        let legal = |part: &&'a str| *part == "*" || is_name(part);
        match (word.get(..slash).filter(legal), word.get(slash + 1..).filter(legal)) {
            (Some(package), Some(item)) => Ok(PkgdName::new(package, item)),
            _ => Err(self.fault(at, ErrorKind::Expected("package/item"), field)),
        }
    }

    /// propertyParm
    pub(super) fn property_parm(&mut self) -> Parsed<PropertyParm<'a>> {
        Ok(PropertyParm { name: self.pkgd_name("propertyParm")?, value: self.parm_value()? })
    }

    /// A parameter whose name `word` was read at `at`.
    pub(super) fn parameter(&mut self, word: &'a str, at: usize, field: &'static str) -> Parsed<Parameter<'a>> {
        if !is_name(word) {
            return Err(self.fault(at, ErrorKind::Expected("a name"), field));
        }
        Ok(Parameter { name: Name::from(word), value: self.parm_value()? })
    }

    /// NAME, then LWSP.
    pub(super) fn name(&mut self, field: &'static str) -> Parsed<Name<'a>> {
        let at = self.at();
        let word = self.word("a name", field)?;
        if !is_name(word) {
            return Err(self.fault(at, ErrorKind::Expected("a name"), field));
        }
        Ok(Name::from(word))
    }

    /// `= requestID`
    pub(super) fn equals_request_id(&mut self, field: &'static str) -> Parsed<RequestId> {
        self.expect(b'=', field)?;
        let at = self.at();
        match self.word("a request id", field)? {
            "*" => Ok(RequestId::All),
            word => self.number(word, at, u32::MAX, field).map(RequestId::Id),
        }
    }

    /// `= ON` or `= OFF`
    pub(super) fn equals_on_off(&mut self, field: &'static str) -> Parsed<bool> {
        self.expect(b'=', field)?;
        match self.token("ON or OFF", field)? {
            (Token::On, _) => Ok(true),
            (Token::Off, _) => Ok(false),
            (_, at) => Err(self.fault(at, ErrorKind::Expected("ON or OFF"), field)),
        }
    }

    /// `word` as a TimeStamp, if it is one.
    pub(super) fn time_stamp(word: &str) -> Option<TimeNotation> {
        let octets = word.as_bytes();
        let shaped = octets.len() == 17
            && octets.iter().enumerate().all(|(index, octet)| match index {
                8 => octet.eq_ignore_ascii_case(&b'T'),
                _ => octet.is_ascii_digit(),
            });
        if shaped { word.parse().ok() } else { None }
    }

    /// TerminationID, then LWSP.
    pub(super) fn termination_id(&mut self) -> Parsed<TerminationId<'a>> {
        let at = self.at();
        let word = self.word("a termination id", "TerminationID")?;
        self.check_termination_id(word, at)
    }

    pub(super) fn check_termination_id(&self, word: &'a str, at: usize) -> Parsed<TerminationId<'a>> {
        if word == "$" {
            return Ok(TerminationId::Choose);
        }
        if word.len() > 64 {
            return Err(self.fault(at, ErrorKind::TooLong { limit: 64 }, "TerminationID"));
        }
        if !self.leniency.any_termination_id && !is_legal_path(word) {
            return Err(self.fault(at, ErrorKind::Expected("a termination id"), "TerminationID"));
        }
        Ok(TerminationId::path(word))
    }

    /// A termination or `[a, b …]`.
    pub(super) fn termination_id_list(&mut self) -> Parsed<TerminationIdList<'a>> {
        if !self.eat(b'[') {
            return self.termination_id().map(TerminationIdList::from);
        }
        let first = self.termination_id()?;
        let mut others = Vec::new();
        while self.eat(b',') {
            others.push(self.termination_id()?);
        }
        self.close(b']', "termIDList")?;
        Ok(TerminationIdList::new(first, others))
    }

    fn raw_port(&mut self) -> Parsed<Option<u16>> {
        if !self.reader.eat(b':') {
            return Ok(None);
        }
        let at = self.at();
        let word = self.raw_word("a port", "portNumber")?;
        let port = self.number(word, at, u32::from(u16::MAX), "portNumber")?;
        Ok(u16::try_from(port).ok())
    }

    /// mId, nothing skipped after it (but inside `MTP{…}`, whose brace carries LWSP).
    pub(super) fn raw_mid(&mut self) -> Parsed<MId<'a>> {
        let at = self.at();
        if self.reader.eat(b'[') {
            let text = self.reader.take_while(|octet| octet.is_ascii_hexdigit() || octet == b':' || octet == b'.');
            if !self.reader.eat(b']') {
                return Err(self.expected("`]`", "domainAddress"));
            }
            let address = std::str::from_utf8(text).ok().and_then(parse_address);
            let address =
                address.ok_or_else(|| self.fault(at + 1, ErrorKind::Expected("an IP address"), "domainAddress"))?;
            return Ok(MId::Ip(address, self.raw_port()?));
        }
        if self.reader.eat(b'<') {
            let name = self.reader.take_while(|octet| octet.is_ascii_alphanumeric() || octet == b'-' || octet == b'.');
            let name = std::str::from_utf8(name).unwrap_or_default();
            if !self.reader.eat(b'>') {
                return Err(self.expected("`>`", "domainName"));
            }
            if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
                return Err(self.fault(at + 1, ErrorKind::Expected("a domain name"), "domainName"));
            }
            if name.len() > 64 {
                return Err(self.fault(at + 1, ErrorKind::TooLong { limit: 64 }, "domainName"));
            }
            return Ok(MId::Domain(Name::from(name), self.raw_port()?));
        }
        let word = self.raw_word("a message id", "mId")?;
        if Token::find(word) == Some(Token::Mtp) {
            let back = self.at();
            self.lwsp();
            if self.eat(b'{') {
                return self.mtp_address();
            }
            self.reader.seek(back);
        }
        match self.check_termination_id(word, at)? {
            TerminationId::Path(name) => Ok(MId::Device(name)),
            _ => Err(self.fault(at, ErrorKind::Expected("a message id"), "mId")),
        }
    }

    fn mtp_address(&mut self) -> Parsed<MId<'a>> {
        let at = self.at();
        let word = self.word("hexadecimal digits", "mtpAddress")?;
        let value =
            if word.bytes().all(|octet| octet.is_ascii_hexdigit()) { u32::from_str_radix(word, 16).ok() } else { None };
        let address = value.and_then(|value| MtpAddress::new(value, u8::try_from(word.len()).ok()?));
        let address =
            address.ok_or_else(|| self.fault(at, ErrorKind::Expected("4 to 8 hexadecimal digits"), "mtpAddress"))?;
        self.expect(b'}', "mtpAddress")?;
        Ok(MId::Mtp(address))
    }
}

/// IPv4 (leading zeros allowed, and decimal) or IPv6.
fn parse_address(text: &str) -> Option<IpAddr> {
    if text.contains(':') {
        return text.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::V6);
    }
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        *octet = if (1..=3).contains(&part.len()) { part.parse().ok()? } else { return None };
    }
    parts.next().is_none().then_some(IpAddr::from(octets))
}

impl Encoder {
    /// VALUE
    pub(super) fn value(&mut self, value: &Value<'_>) {
        match value {
            Value::Plain(text) if !text.is_empty() && text.bytes().all(is_safe) => self.text(text),
            Value::Plain(text) | Value::Quoted(text) => self.quoted(text),
        }
    }

    /// `opening value , value … closing`
    pub(super) fn values(&mut self, opening: u8, values: &[Value<'_>], closing: u8) {
        self.punctuation(opening);
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.punctuation(b',');
            }
            self.value(value);
        }
        if values.is_empty() {
            self.quoted("");
        }
        self.punctuation(closing);
    }

    /// parmValue
    pub(super) fn parm_value(&mut self, parm: &ParmValue<'_>) {
        let (relation, value) = match parm {
            ParmValue::Equal(value) => (b'=', value),
            ParmValue::Unequal(value) => (b'#', value),
            ParmValue::Less(value) => (b'<', value),
            ParmValue::Greater(value) => (b'>', value),
            ParmValue::All(values) => {
                self.punctuation(b'=');
                return self.values(b'[', values, b']');
            }
            ParmValue::Any(values) => {
                self.punctuation(b'=');
                return self.values(b'{', values, b'}');
            }
            ParmValue::Range(low, high) => {
                self.punctuation(b'=');
                self.punctuation(b'[');
                self.value(low);
                self.text(":");
                self.value(high);
                return self.punctuation(b']');
            }
        };
        self.punctuation(relation);
        self.value(value);
    }

    /// pkgdName
    pub(super) fn pkgd_name(&mut self, name: &PkgdName<'_>) {
        self.name(&name.package);
        self.text("/");
        self.name(&name.item);
    }

    /// propertyParm
    pub(super) fn property_parm(&mut self, property: &PropertyParm<'_>) {
        self.pkgd_name(&property.name);
        self.parm_value(&property.value);
    }

    /// A parameter of an event or signal.
    pub(super) fn parameter(&mut self, parameter: &Parameter<'_>) {
        self.name(&parameter.name);
        self.parm_value(&parameter.value);
    }

    /// requestID
    pub(super) fn request_id(&mut self, id: RequestId) {
        match id {
            RequestId::Id(id) => self.number(id),
            RequestId::All => self.text("*"),
        }
    }

    /// `keyword = ON` or `OFF`
    pub(super) fn on_off_is(&mut self, token: Token, on: bool) {
        self.token_is(token, if on { Token::On } else { Token::Off });
    }

    /// TimeStamp
    pub(super) fn time_stamp(&mut self, time: TimeNotation) {
        self.digits(time.date);
        self.text("T");
        self.digits(time.time);
    }

    /// TerminationID
    pub(super) fn termination_id(&mut self, id: &TerminationId<'_>) {
        match id {
            TerminationId::Root => self.token(Token::Root),
            TerminationId::Choose => self.text("$"),
            TerminationId::All => self.text("*"),
            TerminationId::Path(path) => self.path(path),
        }
    }

    /// `opening termination , termination … closing`
    pub(super) fn termination_ids<'t, 'a: 't>(
        &mut self,
        opening: u8,
        ids: impl Iterator<Item = &'t TerminationId<'a>>,
        closing: u8,
    ) {
        self.punctuation(opening);
        let mut first = true;
        for id in ids {
            if !std::mem::replace(&mut first, false) {
                self.punctuation(b',');
            }
            self.termination_id(id);
        }
        if first {
            self.text("*");
        }
        self.punctuation(closing);
    }

    /// A termination, or `[a, b …]`.
    pub(super) fn termination_id_list(&mut self, list: &TerminationIdList<'_>) {
        match list.single() {
            Some(id) => self.termination_id(id),
            None => self.termination_ids(b'[', list.iter(), b']'),
        }
    }

    /// mId
    pub(super) fn mid(&mut self, mid: &MId<'_>) {
        let port = match mid {
            MId::Ip(IpAddr::V4(address), port) => {
                for (index, octet) in address.octets().into_iter().enumerate() {
                    self.text(if index == 0 { "[" } else { "." });
                    self.number(octet);
                }
                self.text("]");
                *port
            }
            MId::Ip(address, port) => {
                self.text(&format!("[{address}]"));
                *port
            }
            MId::Domain(name, port) => {
                self.text("<");
                self.domain(name);
                self.text(">");
                *port
            }
            MId::Mtp(address) => {
                self.token(Token::Mtp);
                self.punctuation(b'{');
                self.text(&address.to_string());
                self.punctuation(b'}');
                None
            }
            MId::Device(path) => {
                self.path(path);
                None
            }
        };
        if let Some(port) = port {
            self.text(":");
            self.number(port);
        }
    }
}
