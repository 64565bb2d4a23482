//! Header, body, transactions (H.248.1 B.2: megacoMessage to transactionReply), and the bookkeeping of faults.

use std::borrow::Cow;

use super::{
    super::{
        AuthenticationHeader, ContextId, Fault, FaultLevel, MId, Message, MessageBody, Segment, Segmentation,
        Transaction, TransactionAck, TransactionId, TransactionReply, TransactionRequest, TransactionResult,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    token::Token,
};
use crate::wire::{ErrorKind, ParseError};

/// What was read before a fault, and how much the fault takes with it.
pub(super) struct Progress<'a> {
    pub(super) level: FaultLevel,
    pub(super) context: Option<ContextId>,
    version: Option<u8>,
    mid: Option<MId<'a>>,
    transactions: Vec<Transaction<'a>>,
    broken: Option<TransactionRequest<'a>>,
}

impl<'a> Progress<'a> {
    pub(super) const fn new() -> Self {
        Self {
            level: FaultLevel::Message,
            context: None,
            version: None,
            mid: None,
            transactions: Vec::new(),
            broken: None,
        }
    }

    #[cold]
    pub(super) fn fault(self, error: ParseError) -> Box<Fault<'a>> {
        let Self { level, context, version, mid, transactions, broken } = self;
        Box::new(Fault { error, level, version, mid, transactions, broken, context })
    }
}

impl<'a> Decoder<'a> {
    /// A whole message. After an error `progress` tells what was read.
    pub(super) fn message(&mut self, progress: &mut Progress<'a>) -> Parsed<Message<'a>> {
        self.lwsp();
        let auth = self.authentication_header()?;
        let at = self.at();
        let word = self.raw_word("`MEGACO/` or `!/`", "message")?;
        let version = match word.split_once('/') {
            Some((token, digits)) if Token::find(token) == Some(Token::Megaco) => {
                self.number(digits, at + token.len() + 1, 99, "Version")?
            }
            _ => return Err(self.fault(at, ErrorKind::Expected("`MEGACO/` or `!/`"), "message")),
        };
        let version = u8::try_from(version).unwrap_or(u8::MAX);
        progress.version = Some(version);
        self.separator("message")?;
        let mid = self.raw_mid()?;
        progress.mid = Some(mid.clone());
        // The closing brace of an MTP address carries white space of its own.
        if !matches!(mid, MId::Mtp(_)) {
            self.separator("mId")?;
        }
        let body = self.message_body(progress)?;
        Ok(Message { auth, version, mid, body })
    }

    fn separator(&mut self, field: &'static str) -> Parsed<()> {
        if self.lwsp() || self.leniency.missing_separator {
            return Ok(());
        }
        Err(self.expected("white space", field))
    }

    fn authentication_header(&mut self) -> Parsed<Option<AuthenticationHeader<'a>>> {
        if Token::find(self.peek_word()) != Some(Token::Authentication) {
            return Ok(None);
        }
        self.word("Authentication", "authenticationHeader")?;
        self.expect(b'=', "authenticationHeader")?;
        let security_parameter_index = self.hex_u32("SecurityParmIndex")?;
        self.colon("authenticationHeader")?;
        let sequence_number = self.hex_u32("SequenceNum")?;
        self.colon("authenticationHeader")?;
        let data = Cow::Borrowed(self.hex(24, 64, "AuthData")?);
        self.separator("authenticationHeader")?;
        Ok(Some(AuthenticationHeader { security_parameter_index, sequence_number, data }))
    }

    fn colon(&mut self, field: &'static str) -> Parsed<()> {
        if self.reader.eat(b':') { Ok(()) } else { Err(self.expected("`:`", field)) }
    }

    /// `0x` and `min` to `max` hexadecimal digits, which are given back.
    fn hex(&mut self, min: usize, max: usize, field: &'static str) -> Parsed<&'a str> {
        let at = self.at();
        let word = self.raw_word("`0x` and hexadecimal digits", field)?;
        match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
            Some(digits)
                if (min..=max).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_hexdigit()) =>
            {
                Ok(digits)
            }
            _ => Err(self.fault(at, ErrorKind::Expected("`0x` and hexadecimal digits"), field)),
        }
    }

    fn hex_u32(&mut self, field: &'static str) -> Parsed<u32> {
        // Eight hexadecimal digits always fit.
        self.hex(8, 8, field).map(|digits| u32::from_str_radix(digits, 16).unwrap_or_default())
    }

    fn message_body(&mut self, progress: &mut Progress<'a>) -> Parsed<MessageBody<'a>> {
        if Token::find(self.peek_word()) == Some(Token::Error) {
            let error = self.error_descriptor()?;
            return if self.reader.is_empty() {
                Ok(MessageBody::Error(error))
            } else {
                Err(self.fault(self.at(), ErrorKind::Trailing, "messageBody"))
            };
        }
        loop {
            progress.level = FaultLevel::Transaction;
            let (token, at) = self.token("a transaction", "transactionList")?;
            match token {
                Token::Transaction => self.transaction_request(progress)?,
                Token::Reply => {
                    progress.level = FaultLevel::Response;
                    let reply = self.transaction_reply()?;
                    progress.transactions.push(Transaction::Reply(reply));
                }
                Token::Pending => {
                    progress.level = FaultLevel::Response;
                    let id = self.equals_number(u32::MAX, "TransactionID")?;
                    self.expect(b'{', "transactionPending")?;
                    self.expect(b'}', "transactionPending")?;
                    progress.transactions.push(Transaction::Pending(TransactionId(id)));
                }
                Token::TransactionResponseAck => {
                    progress.level = FaultLevel::Response;
                    let mut acks = Vec::new();
                    self.braces("transactionResponseAck", |decoder| {
                        acks.push(decoder.transaction_ack()?);
                        Ok(())
                    })?;
                    progress.transactions.push(Transaction::Ack(acks));
                }
                Token::Segment => {
                    progress.level = FaultLevel::Response;
                    let at = self.at();
                    let (id, segmentation) = self.equals_segmented_id("segmentReply")?;
                    let segmentation =
                        segmentation.ok_or_else(|| self.fault(at, ErrorKind::Missing, "segmentNumber"))?;
                    progress.transactions.push(Transaction::Segment(Segment { id, segmentation }));
                }
                _ => return Err(self.fault(at, ErrorKind::Expected("a transaction"), "transactionList")),
            }
            if self.reader.is_empty() {
                return Ok(MessageBody::Transactions(std::mem::take(&mut progress.transactions)));
            }
        }
    }

    fn transaction_request(&mut self, progress: &mut Progress<'a>) -> Parsed<()> {
        let id = if self.leniency.missing_transaction_id && (self.sees(b'{') || self.sees_equals_brace()) {
            self.eat(b'=');
            0
        } else {
            self.equals_number(u32::MAX, "TransactionID")?
        };
        let mut request = TransactionRequest { id: TransactionId(id), actions: Vec::new() };
        match self.action_requests(&mut request, progress) {
            Ok(()) => progress.transactions.push(Transaction::Request(request)),
            Err(error) => {
                progress.broken = Some(request);
                return Err(error);
            }
        }
        Ok(())
    }

    fn sees_equals_brace(&self) -> bool {
        let mut ahead = self.reader;
        ahead.eat(b'=');
        ahead.take_while(|octet| matches!(octet, b' ' | b'\t' | b'\r' | b'\n'));
        ahead.peek() == Some(b'{')
    }

    fn action_requests(&mut self, request: &mut TransactionRequest<'a>, progress: &mut Progress<'a>) -> Parsed<()> {
        self.expect(b'{', "transactionRequest")?;
        loop {
            self.action_request(&mut request.actions, progress)?;
            progress.level = FaultLevel::Transaction;
            progress.context = None;
            if !self.eat(b',') {
                return self.close(b'}', "transactionRequest");
            }
        }
    }

    fn transaction_reply(&mut self) -> Parsed<TransactionReply<'a>> {
        let (id, segmentation) = self.equals_segmented_id("transactionReply")?;
        self.expect(b'{', "transactionReply")?;
        let immediate_ack_required = Token::find(self.peek_word()) == Some(Token::ImmAckRequired);
        if immediate_ack_required {
            self.word("ImmAckRequired", "transactionReply")?;
            self.expect(b',', "transactionReply")?;
        }
        let result = if Token::find(self.peek_word()) == Some(Token::Error) {
            TransactionResult::Error(self.error_descriptor()?)
        } else {
            let mut actions = vec![self.action_reply()?];
            while self.eat(b',') {
                actions.push(self.action_reply()?);
            }
            TransactionResult::Actions(actions)
        };
        self.close(b'}', "transactionReply")?;
        Ok(TransactionReply { id, segmentation, immediate_ack_required, result })
    }

    /// `= TID [/segment [/END]]`
    fn equals_segmented_id(&mut self, field: &'static str) -> Parsed<(TransactionId, Option<Segmentation>)> {
        self.expect(b'=', field)?;
        let at = self.at();
        let word = self.word("a transaction id", field)?;
        let mut parts = word.splitn(3, '/');
        let id = parts.next().unwrap_or_default();
        let mut after = at + id.len() + 1;
        let id = TransactionId(self.number(id, at, u32::MAX, "TransactionID")?);
        let Some(number) = parts.next() else { return Ok((id, None)) };
        let segment = self.number(number, after, u32::from(u16::MAX), "segmentNumber")?;
        after += number.len() + 1;
        let last = match parts.next() {
            None => false,
            Some(end) if Token::find(end) == Some(Token::End) => true,
            Some(_) => return Err(self.fault(after, ErrorKind::Expected("`END`"), field)),
        };
        Ok((id, Some(Segmentation { number: u16::try_from(segment).unwrap_or(u16::MAX), last })))
    }

    fn transaction_ack(&mut self) -> Parsed<TransactionAck> {
        let at = self.at();
        let word = self.word("a transaction id", "transactionAck")?;
        let (first, last) = word.split_once('-').map_or((word, None), |(first, last)| (first, Some(last)));
        let last_at = at + first.len() + 1;
        let first = TransactionId(self.number(first, at, u32::MAX, "transactionAck")?);
        let last = match last {
            Some(last) => Some(TransactionId(self.number(last, last_at, u32::MAX, "transactionAck")?)),
            None => None,
        };
        Ok(TransactionAck { first, last })
    }
}

impl Encoder {
    /// A whole message.
    pub(super) fn message(&mut self, message: &Message<'_>) {
        self.gap();
        if let Some(auth) = &message.auth {
            self.authentication_header(auth);
            self.separator();
        }
        self.token(Token::Megaco);
        self.text("/");
        self.number(message.version.clamp(0, 99));
        self.text(" ");
        self.gap();
        self.mid(&message.mid);
        self.separator();
        match &message.body {
            MessageBody::Error(error) => self.error_descriptor(error),
            MessageBody::Transactions(transactions) => {
                for (index, transaction) in transactions.iter().enumerate() {
                    // Only a Segment has no closing brace to end it.
                    if index > 0 {
                        self.between(matches!(transactions.get(index - 1), Some(Transaction::Segment(_))));
                    }
                    self.transaction(transaction);
                }
            }
        }
    }

    fn authentication_header(&mut self, auth: &AuthenticationHeader<'_>) {
        let AuthenticationHeader { security_parameter_index, sequence_number, data } = auth;
        let digits: String = data.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        self.token(Token::Authentication);
        self.equals();
        self.text(&format!("0x{security_parameter_index:08X}:0x{sequence_number:08X}:0x{digits:0>24}"));
    }

    fn transaction(&mut self, transaction: &Transaction<'_>) {
        match transaction {
            Transaction::Request(request) => {
                self.number_is(Token::Transaction, request.id.0);
                self.open();
                for action in &request.actions {
                    self.item();
                    self.action_request(action);
                }
                self.close();
            }
            Transaction::Reply(reply) => self.transaction_reply(reply),
            Transaction::Pending(id) => {
                self.number_is(Token::Pending, id.0);
                self.open();
                self.close();
            }
            Transaction::Ack(acks) => {
                self.token(Token::TransactionResponseAck);
                self.open();
                for ack in acks {
                    self.item();
                    self.number(ack.first.0);
                    if let Some(last) = ack.last {
                        self.text("-");
                        self.number(last.0);
                    }
                }
                self.close();
            }
            Transaction::Segment(segment) => {
                self.number_is(Token::Segment, segment.id.0);
                self.segmentation(segment.segmentation);
            }
        }
    }

    fn segmentation(&mut self, segmentation: Segmentation) {
        self.text("/");
        self.number(segmentation.number);
        if segmentation.last {
            self.text("/");
            self.token(Token::End);
        }
    }

    fn transaction_reply(&mut self, reply: &TransactionReply<'_>) {
        self.number_is(Token::Reply, reply.id.0);
        if let Some(segmentation) = reply.segmentation {
            self.segmentation(segmentation);
        }
        self.open();
        if reply.immediate_ack_required {
            self.item();
            self.token(Token::ImmAckRequired);
        }
        match &reply.result {
            TransactionResult::Error(error) => {
                self.item();
                self.error_descriptor(error);
            }
            TransactionResult::Actions(actions) => {
                for action in actions {
                    self.item();
                    self.action_reply(action);
                }
            }
        }
        self.close();
    }
}
