//! ServiceChange parameters (H.248.1 B.2: serviceChangeDescriptor, serviceChangeReplyDescriptor).

use super::{
    super::{
        MId, ServiceChangeAddress, ServiceChangeMethod, ServiceChangeParm, ServiceChangeProfile, ServiceChangeReason,
        ServiceChangeResParm, TimeNotation,
    },
    decoder::{Decoder, Parsed},
    descriptor::is_extension,
    encoder::Encoder,
    parameter::is_name,
    token::Token,
};
use crate::wire::{ErrorKind, h248::Name};

const BOTH: ErrorKind = ErrorKind::Contradiction("ServiceChangeAddress and MgcIdToTry exclude each other");

/// What requests and replies share.
type Shared<'a> = ServiceChangeResParm<'a>;

impl<'a> Decoder<'a> {
    fn services(&mut self, item: impl FnMut(&mut Self) -> Parsed<()>) -> Parsed<()> {
        let (token, at) = self.token("`Services`", "serviceChangeDescriptor")?;
        if token != Token::Services {
            return Err(self.fault(at, ErrorKind::Expected("`Services`"), "serviceChangeDescriptor"));
        }
        self.braces("serviceChangeDescriptor", item)
    }

    /// `Services{…}` of a request.
    pub(super) fn service_change_parm(&mut self) -> Parsed<ServiceChangeParm<'a>> {
        const FIELD: &str = "serviceChangeParm";
        let start = self.at();
        let mut shared = Shared::default();
        let mut parms = ServiceChangeParm::new(ServiceChangeMethod::Forced, "");
        let (mut method, mut reason) = (None, None);
        self.services(|decoder| {
            let at = decoder.at();
            let word = decoder.word("a ServiceChange parameter", FIELD)?;
            let token = Token::find(word);
            match token {
                Some(Token::Method) => {
                    let value = decoder.equals_method()?;
                    decoder.once(&mut method, value, at, FIELD)
                }
                Some(Token::Reason) => {
                    decoder.expect(b'=', "serviceChangeReason")?;
                    let value = if decoder.leniency.unquoted_reason && !decoder.sees(b'"') {
                        decoder.word("a reason", "serviceChangeReason")?.into()
                    } else {
                        decoder.quoted("serviceChangeReason")?
                    };
                    decoder.once(&mut reason, ServiceChangeReason(value), at, FIELD)
                }
                Some(Token::Delay) => {
                    let delay = decoder.equals_number(u32::MAX, "serviceChangeDelay")?;
                    decoder.once(&mut parms.delay, delay, at, FIELD)
                }
                Some(Token::ServiceChangeInc) => decoder.flag(&mut parms.incomplete, at, FIELD),
                _ if is_extension(word) => {
                    let value = decoder.parm_value()?;
                    parms.extensions.push(super::super::Parameter { name: Name::from(word), value });
                    Ok(())
                }
                Some(token) if super::audit::is_audit_token(token) => {
                    parms.audit.push(decoder.audit_item_of(token, at)?);
                    Ok(())
                }
                _ => decoder.shared_parm(&mut shared, word, at),
            }
        })?;
        let missing = |field| self.fault(start, ErrorKind::Missing, field);
        parms.method = method.ok_or_else(|| missing("serviceChangeMethod"))?;
        parms.reason = reason.ok_or_else(|| missing("serviceChangeReason"))?;
        let Shared { address, mgc_id_to_try, profile, version, time_stamp } = shared;
        Ok(ServiceChangeParm { address, mgc_id_to_try, profile, version, time_stamp, ..parms })
    }

    /// `Services{…}` of a reply.
    pub(super) fn service_change_res_parm(&mut self) -> Parsed<ServiceChangeResParm<'a>> {
        let mut parms = Shared::default();
        self.services(|decoder| {
            let at = decoder.at();
            let word = decoder.word("a ServiceChange parameter", "servChgReplyParm")?;
            decoder.shared_parm(&mut parms, word, at)
        })?;
        Ok(parms)
    }

    fn shared_parm(&mut self, parms: &mut Shared<'a>, word: &'a str, at: usize) -> Parsed<()> {
        const FIELD: &str = "servChgReplyParm";
        match Token::find(word) {
            Some(Token::ServiceChangeAddress | Token::MgcIdToTry)
                if parms.address.is_some() && Token::find(word) == Some(Token::MgcIdToTry)
                    || parms.mgc_id_to_try.is_some() && Token::find(word) == Some(Token::ServiceChangeAddress) =>
            {
                Err(self.fault(at, BOTH, FIELD))
            }
            Some(Token::ServiceChangeAddress) => {
                let address = self.equals_address()?;
                self.once(&mut parms.address, address, at, FIELD)
            }
            Some(Token::MgcIdToTry) => {
                let mid = self.equals_mid("serviceChangeMgcId")?;
                self.once(&mut parms.mgc_id_to_try, mid, at, FIELD)
            }
            Some(Token::Profile) => {
                let profile = self.equals_profile()?;
                self.once(&mut parms.profile, profile, at, FIELD)
            }
            Some(Token::Version) => {
                let version = self.equals_number(99, "serviceChangeVersion")?;
                self.once(&mut parms.version, u8::try_from(version).unwrap_or(u8::MAX), at, FIELD)
            }
            _ => match Self::time_stamp(word) {
                Some(time) => self.once(&mut parms.time_stamp, time, at, FIELD),
                None => Err(self.fault(at, ErrorKind::Expected("a ServiceChange parameter"), FIELD)),
            },
        }
    }

    fn equals_method(&mut self) -> Parsed<ServiceChangeMethod<'a>> {
        const FIELD: &str = "serviceChangeMethod";
        self.expect(b'=', FIELD)?;
        let at = self.at();
        let word = self.word("a method", FIELD)?;
        Ok(match Token::find(word) {
            Some(Token::Failover) => ServiceChangeMethod::Failover,
            Some(Token::Forced) => ServiceChangeMethod::Forced,
            Some(Token::Graceful) => ServiceChangeMethod::Graceful,
            Some(Token::Restart) => ServiceChangeMethod::Restart,
            Some(Token::Disconnected) => ServiceChangeMethod::Disconnected,
            Some(Token::HandOff) => ServiceChangeMethod::HandOff,
            _ if is_extension(word) => ServiceChangeMethod::Extension(Name::from(word)),
            _ => return Err(self.fault(at, ErrorKind::Expected("a method"), FIELD)),
        })
    }

    fn equals_mid(&mut self, field: &'static str) -> Parsed<MId<'a>> {
        self.expect(b'=', field)?;
        let mid = self.raw_mid()?;
        self.lwsp();
        Ok(mid)
    }

    fn equals_address(&mut self) -> Parsed<ServiceChangeAddress<'a>> {
        const FIELD: &str = "serviceChangeAddress";
        self.expect(b'=', FIELD)?;
        let at = self.at();
        let word = self.peek_word();
        // A run of digits is a port, though a device could be called so.
        if !word.is_empty() && word.bytes().all(|octet| octet.is_ascii_digit()) {
            self.word("a port", FIELD)?;
            let port = self.number(word, at, u32::from(u16::MAX), FIELD)?;
            return Ok(ServiceChangeAddress::Port(u16::try_from(port).unwrap_or(u16::MAX)));
        }
        let mid = self.raw_mid()?;
        self.lwsp();
        Ok(ServiceChangeAddress::MId(mid))
    }

    fn equals_profile(&mut self) -> Parsed<ServiceChangeProfile<'a>> {
        const FIELD: &str = "serviceChangeProfile";
        self.expect(b'=', FIELD)?;
        let at = self.at();
        let word = self.word("a profile and its version", FIELD)?;
        let Some((name, version)) = word.split_once('/').filter(|(name, _)| is_name(name)) else {
            return Err(self.fault(at, ErrorKind::Expected("a profile and its version"), FIELD));
        };
        let version = self.number(version, at + name.len() + 1, 99, FIELD)?;
        Ok(ServiceChangeProfile { name: Name::from(name), version: u8::try_from(version).unwrap_or(u8::MAX) })
    }
}

impl Encoder {
    pub(super) fn service_change_parm(&mut self, parms: &ServiceChangeParm<'_>) {
        self.token(Token::Services);
        self.open();
        for part in self.order::<10>() {
            match part {
                0 => {
                    self.item();
                    self.token(Token::Method);
                    self.equals();
                    match &parms.method {
                        ServiceChangeMethod::Failover => self.token(Token::Failover),
                        ServiceChangeMethod::Forced => self.token(Token::Forced),
                        ServiceChangeMethod::Graceful => self.token(Token::Graceful),
                        ServiceChangeMethod::Restart => self.token(Token::Restart),
                        ServiceChangeMethod::Disconnected => self.token(Token::Disconnected),
                        ServiceChangeMethod::HandOff => self.token(Token::HandOff),
                        ServiceChangeMethod::Extension(name) => self.extension(name),
                    }
                }
                1 => {
                    self.item();
                    self.token(Token::Reason);
                    self.equals();
                    self.quoted(&parms.reason.0);
                }
                2 => self.optional(parms.delay.as_ref(), |pen, delay| pen.number_is(Token::Delay, *delay)),
                3 => self.contact(parms.address.as_ref(), parms.mgc_id_to_try.as_ref()),
                4 => self.optional(parms.profile.as_ref(), Self::profile),
                5 => self
                    .optional(parms.version.as_ref(), |pen, version| pen.number_is(Token::Version, (*version).min(99))),
                6 => self.optional(parms.time_stamp.as_ref(), |pen, time: &TimeNotation| pen.time_stamp(*time)),
                7 if parms.incomplete => {
                    self.item();
                    self.token(Token::ServiceChangeInc);
                }
                8 => {
                    for item in &parms.audit {
                        self.item();
                        self.audit_item(item);
                    }
                }
                9 => {
                    for parameter in &parms.extensions {
                        self.item();
                        self.extension(&parameter.name);
                        self.parm_value(&parameter.value);
                    }
                }
                _ => {}
            }
        }
        self.close();
    }

    pub(super) fn service_change_res_parm(&mut self, parms: &ServiceChangeResParm<'_>) {
        self.token(Token::Services);
        self.open();
        for part in self.order::<4>() {
            match part {
                0 => self.contact(parms.address.as_ref(), parms.mgc_id_to_try.as_ref()),
                1 => self.optional(parms.profile.as_ref(), Self::profile),
                2 => self
                    .optional(parms.version.as_ref(), |pen, version| pen.number_is(Token::Version, (*version).min(99))),
                _ => self.optional(parms.time_stamp.as_ref(), |pen, time: &TimeNotation| pen.time_stamp(*time)),
            }
        }
        self.close();
    }

    fn contact(&mut self, address: Option<&ServiceChangeAddress<'_>>, mgc_id_to_try: Option<&MId<'_>>) {
        match (address, mgc_id_to_try) {
            (Some(ServiceChangeAddress::Port(port)), _) => {
                self.item();
                self.number_is(Token::ServiceChangeAddress, *port);
            }
            (Some(ServiceChangeAddress::MId(mid)), _) => {
                self.item();
                self.token(Token::ServiceChangeAddress);
                self.equals();
                self.mid(mid);
            }
            (None, Some(mid)) => {
                self.item();
                self.token(Token::MgcIdToTry);
                self.equals();
                self.mid(mid);
            }
            (None, None) => {}
        }
    }

    fn profile(&mut self, profile: &ServiceChangeProfile<'_>) {
        self.token(Token::Profile);
        self.equals();
        self.name(&profile.name);
        self.text("/");
        self.number(profile.version.min(99));
    }
}
