//! The small descriptors: Error, Statistics, Packages, Mux, Modem (H.248.1 B.2).

use super::{
    super::{
        ErrorCode, ErrorDescriptor, ModemDescriptor, MuxDescriptor, MuxType, Name, PackagesItem, StatisticsDescriptor,
        StatisticsParameter,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    parameter::is_name,
    token::Token,
};
use crate::wire::ErrorKind;

/// True for `X-…` and `X+…`, one to six letters or digits behind the sign.
pub(super) fn is_extension(word: &str) -> bool {
    matches!(word.as_bytes(), [b'x' | b'X', b'-' | b'+', rest @ ..]
        if (1..=6).contains(&rest.len()) && rest.iter().all(u8::is_ascii_alphanumeric))
}

impl<'a> Decoder<'a> {
    /// `Error = code { ["text"] }`
    pub(super) fn error_descriptor(&mut self) -> Parsed<ErrorDescriptor<'a>> {
        const FIELD: &str = "errorDescriptor";
        let (token, at) = self.token("`Error`", FIELD)?;
        if token != Token::Error {
            return Err(self.fault(at, ErrorKind::Expected("`Error`"), FIELD));
        }
        self.error_after_token()
    }

    /// After `Error`.
    pub(super) fn error_after_token(&mut self) -> Parsed<ErrorDescriptor<'a>> {
        const FIELD: &str = "errorDescriptor";
        let code = self.equals_number(9999, "ErrorCode")?;
        self.expect(b'{', FIELD)?;
        let text = if self.sees(b'"') { Some(self.quoted(FIELD)?) } else { None };
        self.expect(b'}', FIELD)?;
        Ok(ErrorDescriptor { code: ErrorCode(u16::try_from(code).unwrap_or(u16::MAX)), text })
    }

    /// After `Statistics`.
    pub(super) fn statistics_descriptor(&mut self) -> Parsed<StatisticsDescriptor<'a>> {
        let mut statistics = Vec::new();
        if self.sees(b'{') {
            self.braces("statisticsDescriptor", |decoder| {
                let name = decoder.pkgd_name("statisticsParameter")?;
                let mut values = Vec::new();
                if decoder.eat(b'=') {
                    if decoder.eat(b'[') {
                        let first = decoder.value()?;
                        values = decoder.values(first, b']')?;
                    } else {
                        values.push(decoder.value()?);
                    }
                }
                statistics.push(StatisticsParameter { name, values });
                Ok(())
            })?;
        }
        Ok(StatisticsDescriptor(statistics))
    }

    /// `name-version`
    pub(super) fn packages_item(&mut self) -> Parsed<PackagesItem<'a>> {
        const FIELD: &str = "packagesItem";
        let at = self.at();
        let word = self.word("a package and its version", FIELD)?;
        let Some((name, version)) = word.split_once('-').filter(|(name, _)| is_name(name)) else {
            return Err(self.fault(at, ErrorKind::Expected("a package and its version"), FIELD));
        };
        let version = self.number(version, at + name.len() + 1, u32::from(u16::MAX), FIELD)?;
        Ok(PackagesItem { name: Name::from(name), version: u16::try_from(version).unwrap_or(u16::MAX) })
    }

    /// After `Packages`.
    pub(super) fn packages_descriptor(&mut self) -> Parsed<Vec<PackagesItem<'a>>> {
        let mut packages = Vec::new();
        self.braces("packagesDescriptor", |decoder| {
            packages.push(decoder.packages_item()?);
            Ok(())
        })?;
        Ok(packages)
    }

    /// After `Mux`.
    pub(super) fn mux_descriptor(&mut self) -> Parsed<MuxDescriptor<'a>> {
        self.expect(b'=', "muxDescriptor")?;
        let at = self.at();
        let word = self.word("a multiplex", "MuxType")?;
        let mux_type = match Token::find(word) {
            Some(Token::H221) => MuxType::H221,
            Some(Token::H223) => MuxType::H223,
            Some(Token::H226) => MuxType::H226,
            Some(Token::V76) => MuxType::V76,
            Some(Token::Nx64Kservice) => MuxType::Nx64K,
            _ if is_extension(word) => MuxType::Extension(Name::from(word)),
            _ => return Err(self.fault(at, ErrorKind::Expected("a multiplex"), "MuxType")),
        };
        let mut terminations = Vec::new();
        self.braces("terminationIDList", |decoder| {
            terminations.push(decoder.termination_id()?);
            Ok(())
        })?;
        Ok(MuxDescriptor { mux_type, terminations })
    }

    /// After `Modem`.
    pub(super) fn modem_descriptor(&mut self) -> Parsed<ModemDescriptor<'a>> {
        let mut modem = ModemDescriptor { types: Vec::new(), properties: Vec::new() };
        if self.eat(b'[') {
            modem.types.push(self.modem_type()?);
            while self.eat(b',') {
                modem.types.push(self.modem_type()?);
            }
            self.close(b']', "modemDescriptor")?;
        } else {
            self.expect(b'=', "modemDescriptor")?;
            modem.types.push(self.modem_type()?);
        }
        if self.sees(b'{') {
            self.braces("modemDescriptor", |decoder| {
                modem.properties.push(decoder.property_parm()?);
                Ok(())
            })?;
        }
        Ok(modem)
    }

    fn modem_type(&mut self) -> Parsed<Name<'a>> {
        let at = self.at();
        let word = self.word("a modem type", "modemType")?;
        if MODEMS.iter().any(|known| known.eq_ignore_ascii_case(word)) || is_extension(word) {
            return Ok(Name::from(word));
        }
        Err(self.fault(at, ErrorKind::Expected("a modem type"), "modemType"))
    }
}

const MODEMS: [&str; 11] = ["V18", "V22", "V22b", "V32", "V32b", "V34", "V76", "V90", "V91", "SynchISDN", "SN"];

impl Encoder {
    pub(super) fn error_descriptor(&mut self, error: &ErrorDescriptor<'_>) {
        self.number_is(Token::Error, error.code.0.min(9999));
        self.open();
        self.optional(error.text.as_ref(), |pen, text| pen.quoted(text));
        self.close();
    }

    pub(super) fn statistics_descriptor(&mut self, statistics: &StatisticsDescriptor<'_>) {
        self.token(Token::Statistics);
        if statistics.0.is_empty() {
            return;
        }
        self.open();
        for StatisticsParameter { name, values } in &statistics.0 {
            self.item();
            self.pkgd_name(name);
            match values.as_slice() {
                [] => {}
                [value] => {
                    self.equals();
                    self.value(value);
                }
                values => {
                    self.equals();
                    self.values(b'[', values, b']');
                }
            }
        }
        self.close();
    }

    pub(super) fn packages_item(&mut self, item: &PackagesItem<'_>) {
        self.name(&item.name);
        self.text("-");
        self.number(item.version);
    }

    pub(super) fn packages_descriptor(&mut self, packages: &[PackagesItem<'_>]) {
        self.token(Token::Packages);
        if packages.is_empty() {
            return;
        }
        self.open();
        for item in packages {
            self.item();
            self.packages_item(item);
        }
        self.close();
    }

    pub(super) fn mux_descriptor(&mut self, mux: &MuxDescriptor<'_>) {
        self.token(Token::Mux);
        self.equals();
        match &mux.mux_type {
            MuxType::H221 => self.token(Token::H221),
            MuxType::H223 => self.token(Token::H223),
            MuxType::H226 => self.token(Token::H226),
            MuxType::V76 => self.token(Token::V76),
            MuxType::Nx64K => self.token(Token::Nx64Kservice),
            MuxType::Extension(name) => self.extension(name),
        }
        self.termination_ids(b'{', mux.terminations.iter(), b'}');
    }

    pub(super) fn modem_descriptor(&mut self, modem: &ModemDescriptor<'_>) {
        self.token(Token::Modem);
        match modem.types.as_slice() {
            [only] => {
                self.equals();
                self.extension(only);
            }
            types => {
                self.punctuation(b'[');
                for (index, name) in types.iter().enumerate() {
                    if index > 0 {
                        self.punctuation(b',');
                    }
                    self.extension(name);
                }
                if types.is_empty() {
                    self.text("V18");
                }
                self.punctuation(b']');
            }
        }
        if !modem.properties.is_empty() {
            self.open();
            for property in &modem.properties {
                self.item();
                self.property_parm(property);
            }
            self.close();
        }
    }
}
