//! Actions and what belongs to the context as a whole (H.248.1 B.2: actionRequest, actionReply, contextProperty, contextAudit).

use super::{
    super::{
        ActionReply, ActionRequest, ContextAttrAuditRequest, ContextId, ContextProperties, FaultLevel, SelectLogic,
        TopologyDirection, TopologyRequest,
    },
    decoder::{Decoder, Parsed},
    encoder::Encoder,
    message::Progress,
    token::Token,
};
use crate::wire::{ErrorKind, h248::StreamId};

impl<'a> Decoder<'a> {
    /// `Context = id`
    fn context_is(&mut self, field: &'static str) -> Parsed<ContextId> {
        let (token, at) = self.token("`Context`", field)?;
        if token != Token::Context {
            return Err(self.fault(at, ErrorKind::Expected("`Context`"), field));
        }
        self.expect(b'=', field)?;
        self.context_id()
    }

    fn context_id(&mut self) -> Parsed<ContextId> {
        let at = self.at();
        match self.word("a context id", "ContextID")? {
            "-" => Ok(ContextId::Null),
            "$" => Ok(ContextId::Choose),
            "*" => Ok(ContextId::All),
            word => match self.number(word, at, u32::MAX, "ContextID")? {
                // These mean the three above in binary (Annex A).
                0 | 0xFFFF_FFFE.. => {
                    let kind = ErrorKind::OutOfRange { min: 1, max: 0xFFFF_FFFD };
                    Err(self.fault(at, kind, "ContextID"))
                }
                id => Ok(ContextId::Id(id)),
            },
        }
    }

    /// One action; what was read of it is in `actions` even after an error.
    pub(super) fn action_request(
        &mut self,
        actions: &mut Vec<ActionRequest<'a>>,
        progress: &mut Progress<'a>,
    ) -> Parsed<()> {
        progress.level = FaultLevel::Action;
        let context = self.context_is("actionRequest")?;
        progress.context = Some(context);
        let mut action = ActionRequest::new(context, Vec::new());
        // Most actions hold one command or two; four would take an allocation out of the allocator's fast path.
        action.commands.reserve_exact(2);
        let result = self.action_items(&mut action, progress);
        actions.push(action);
        result
    }

    fn action_items(&mut self, action: &mut ActionRequest<'a>, progress: &mut Progress<'a>) -> Parsed<()> {
        let mut once = OnceProperties::default();
        self.expect(b'{', "actionRequest")?;
        loop {
            let at = self.at();
            let word = self.word("a command", "actionRequest")?;
            match Token::find(word) {
                Some(token) if is_context_property(token) => {
                    let first = action.commands.is_empty() && action.audit.is_none();
                    self.context_property(token, at, &mut action.properties, &mut once, first)?;
                }
                Some(Token::ContextAudit) => {
                    if !action.commands.is_empty() && !self.leniency.context_properties_anywhere {
                        return Err(self.fault(at, ErrorKind::Expected("a command"), "actionRequest"));
                    }
                    let audit = self.context_audit()?;
                    self.once(&mut action.audit, Box::new(audit), at, "contextAudit")?;
                }
                token => {
                    progress.level = FaultLevel::Command;
                    action.commands.push(self.command_request(word, token, at)?);
                    progress.level = FaultLevel::Action;
                }
            }
            if !self.eat(b',') {
                return self.close(b'}', "actionRequest");
            }
        }
    }

    pub(super) fn action_reply(&mut self) -> Parsed<ActionReply<'a>> {
        let mut reply = ActionReply::new(self.context_is("actionReply")?, Vec::new());
        if !self.sees(b'{') {
            return Ok(reply);
        }
        let mut once = OnceProperties::default();
        self.expect(b'{', "actionReply")?;
        loop {
            let (token, at) = self.token("a command reply", "commandReply")?;
            match token {
                Token::Error => {
                    reply.error = Some(self.error_after_token()?);
                    // Nothing follows the error (B.2, actionReply).
                    self.expect(b'}', "actionReply")?;
                    return Ok(reply);
                }
                token if is_context_property(token) => {
                    let first = reply.commands.is_empty();
                    self.context_property(token, at, &mut reply.properties, &mut once, first)?;
                }
                token => reply.commands.push(self.command_reply(token, at)?),
            }
            if !self.eat(b',') {
                self.close(b'}', "actionReply")?;
                return Ok(reply);
            }
        }
    }

    fn context_property(
        &mut self,
        token: Token,
        at: usize,
        properties: &mut ContextProperties<'a>,
        once: &mut OnceProperties,
        first: bool,
    ) -> Parsed<()> {
        if !first && !self.leniency.context_properties_anywhere {
            return Err(self.fault(at, ErrorKind::Expected("a command"), "contextProperties"));
        }
        match token {
            Token::Topology => {
                self.flag(&mut once.topology, at, "topologyDescriptor")?;
                self.topology(&mut properties.topology)
            }
            Token::Priority => {
                let priority = self.equals_priority()?;
                self.once(&mut properties.priority, priority, at, "priority")
            }
            Token::IepsCall => {
                let on = self.equals_on_off("iepsValue")?;
                self.once(&mut properties.ieps_call, on, at, "iepsValue")
            }
            Token::ContextAttr => {
                self.expect(b'{', "contextAttrDescriptor")?;
                if Token::find(self.peek_word()) == Some(Token::ContextList) {
                    self.flag(&mut once.context_list, at, "contextIdList")?;
                    self.context_list(&mut properties.context_list)?;
                } else {
                    self.flag(&mut once.properties, at, "contextAttrDescriptor")?;
                    properties.properties.push(self.property_parm()?);
                    while self.eat(b',') {
                        properties.properties.push(self.property_parm()?);
                    }
                }
                self.close(b'}', "contextAttrDescriptor")
            }
            emergency => self.once(&mut properties.emergency, emergency == Token::Emergency, at, "contextProperty"),
        }
    }

    fn equals_priority(&mut self) -> Parsed<u8> {
        self.equals_number(15, "priority").map(|priority| u8::try_from(priority).unwrap_or_default())
    }

    fn context_list(&mut self, list: &mut Vec<ContextId>) -> Parsed<()> {
        self.word("ContextList", "contextIdList")?;
        self.expect(b'=', "contextIdList")?;
        self.braces("contextIdList", |decoder| {
            list.push(decoder.context_id()?);
            Ok(())
        })
    }

    fn topology(&mut self, topology: &mut Vec<TopologyRequest<'a>>) -> Parsed<()> {
        self.expect(b'{', "topologyDescriptor")?;
        loop {
            let from = self.termination_id()?;
            self.expect(b',', "topologyTriple")?;
            let to = self.termination_id()?;
            self.expect(b',', "topologyTriple")?;
            let (token, at) = self.token("a direction", "topologyDirection")?;
            let direction = match token {
                Token::Bothway => TopologyDirection::Bothway,
                Token::Isolate => TopologyDirection::Isolate,
                Token::Oneway => TopologyDirection::Oneway,
                Token::OnewayExternal => TopologyDirection::OnewayExternal,
                Token::OnewayBoth => TopologyDirection::OnewayBoth,
                _ => return Err(self.fault(at, ErrorKind::Expected("a direction"), "topologyDirection")),
            };
            let mut request = TopologyRequest { from, to, direction, stream: None };
            let mut more = self.eat(b',');
            if more && self.sees_stream_is() {
                self.word("Stream", "eventStream")?;
                request.stream = Some(StreamId(self.equals_u16("eventStream")?));
                more = self.eat(b',');
            }
            if more && let Some(extension) = self.direction_extension() {
                self.word("a direction", "topologyDirection")?;
                request.direction = extension;
                more = self.eat(b',');
            }
            topology.push(request);
            if !more {
                return self.close(b'}', "topologyDescriptor");
            }
        }
    }

    /// Binary carries the two directions of version 3 as an extension of Oneway, and some stacks spell text like that:
    /// `Oneway,OnewayBoth`. A termination of that name has a direction two places further on.
    fn direction_extension(&self) -> Option<TopologyDirection> {
        let direction = match Token::find(self.peek_word()) {
            Some(Token::OnewayExternal) => TopologyDirection::OnewayExternal,
            Some(Token::OnewayBoth) => TopologyDirection::OnewayBoth,
            _ => return None,
        };
        let mut ahead = self.ahead();
        for _ in 0..2 {
            ahead.word("", "").ok()?;
            if !ahead.eat(b',') {
                return Some(direction);
            }
        }
        let is_direction = matches!(
            Token::find(ahead.peek_word()),
            Some(Token::Bothway | Token::Isolate | Token::Oneway | Token::OnewayExternal | Token::OnewayBoth)
        );
        (!is_direction).then_some(direction)
    }

    /// True at `Stream =`: a termination may be called so, but is then followed by a comma.
    fn sees_stream_is(&self) -> bool {
        if Token::find(self.peek_word()) != Some(Token::Stream) {
            return false;
        }
        let mut ahead = self.ahead();
        ahead.reader.take_while(super::decoder::is_safe);
        ahead.lwsp();
        ahead.sees(b'=')
    }

    /// After `ContextAudit`.
    fn context_audit(&mut self) -> Parsed<ContextAttrAuditRequest<'a>> {
        let mut audit = ContextAttrAuditRequest::default();
        self.braces("contextAudit", |decoder| decoder.context_audit_property(&mut audit))?;
        Ok(audit)
    }

    fn context_audit_property(&mut self, audit: &mut ContextAttrAuditRequest<'a>) -> Parsed<()> {
        const FIELD: &str = "contextAuditProperties";
        let at = self.at();
        let word = self.word("a context property", FIELD)?;
        match Token::find(word) {
            Some(Token::Topology) => self.flag(&mut audit.topology, at, FIELD),
            Some(Token::Emergency) => self.flag(&mut audit.emergency, at, FIELD),
            Some(Token::Priority) if self.sees(b'=') => {
                let priority = self.equals_priority()?;
                self.once(&mut audit.select_priority, priority, at, "contextAuditSelector")
            }
            Some(Token::Priority) => self.flag(&mut audit.priority, at, FIELD),
            Some(Token::IepsCall) if self.sees(b'=') => {
                let on = self.equals_on_off("iepsValue")?;
                self.once(&mut audit.select_ieps_call, on, at, "contextAuditSelector")
            }
            Some(Token::IepsCall) => self.flag(&mut audit.ieps_call, at, FIELD),
            Some(Token::EmergencyValue) => {
                self.expect(b'=', "emergencyValue")?;
                let on = match self.token("Emergency or EmergencyOff", "emergencyValue")? {
                    (Token::Emergency, _) => true,
                    (Token::EmergencyOff, _) => false,
                    (_, at) => {
                        return Err(self.fault(at, ErrorKind::Expected("Emergency or EmergencyOff"), "emergencyValue"));
                    }
                };
                self.once(&mut audit.select_emergency, on, at, "contextAuditSelector")
            }
            Some(Token::AndLgc) => self.once(&mut audit.select_logic, SelectLogic::And, at, "auditSelectLogic"),
            Some(Token::OrLgc) => self.once(&mut audit.select_logic, SelectLogic::Or, at, "auditSelectLogic"),
            Some(Token::ContextAttr) => {
                self.expect(b'{', "contextAttrDescriptor")?;
                if Token::find(self.peek_word()) == Some(Token::ContextList) {
                    if !audit.select_contexts.is_empty() {
                        return Err(self.fault(at, ErrorKind::Duplicate, "contextIdList"));
                    }
                    self.context_list(&mut audit.select_contexts)?;
                } else {
                    self.context_audit_attribute(audit)?;
                    while self.eat(b',') {
                        self.context_audit_attribute(audit)?;
                    }
                }
                self.close(b'}', "contextAttrDescriptor")
            }
            _ => {
                audit.properties.push(self.split_pkgd_name(word, at, FIELD)?);
                Ok(())
            }
        }
    }

    /// Inside ContextAttr a name alone is to be reported, one with a value selects.
    fn context_audit_attribute(&mut self, audit: &mut ContextAttrAuditRequest<'a>) -> Parsed<()> {
        let name = self.pkgd_name("contextAttrDescriptor")?;
        if self.sees_parm_value() {
            let value = self.parm_value()?;
            audit.select_properties.push(crate::wire::h248::PropertyParm { name, value });
        } else {
            audit.properties.push(name);
        }
        Ok(())
    }
}

/// Lists that may be given once; an empty list does not tell whether it was.
#[derive(Default)]
struct OnceProperties {
    topology: bool,
    properties: bool,
    context_list: bool,
}

const fn is_context_property(token: Token) -> bool {
    matches!(
        token,
        Token::Topology
            | Token::Priority
            | Token::Emergency
            | Token::EmergencyOff
            | Token::IepsCall
            | Token::ContextAttr
    )
}

impl Encoder {
    fn context_is(&mut self, context: ContextId) {
        self.token(Token::Context);
        self.equals();
        self.context_id(context);
    }

    fn context_id(&mut self, context: ContextId) {
        match context {
            ContextId::Null | ContextId::Id(0) => self.text("-"),
            ContextId::Choose | ContextId::Id(0xFFFF_FFFE) => self.text("$"),
            ContextId::All | ContextId::Id(0xFFFF_FFFF) => self.text("*"),
            ContextId::Id(id) => self.number(id),
        }
    }

    pub(super) fn action_request(&mut self, action: &ActionRequest<'_>) {
        self.context_is(action.context);
        self.open();
        self.context_properties(&action.properties);
        if let Some(audit) = &action.audit {
            self.context_audit(audit);
        }
        for command in &action.commands {
            self.item();
            self.command_request(command);
        }
        self.close();
    }

    pub(super) fn action_reply(&mut self, action: &ActionReply<'_>) {
        self.context_is(action.context);
        if action.commands.is_empty() && action.error.is_none() && action.properties.is_empty() {
            return;
        }
        self.open();
        self.context_properties(&action.properties);
        for command in &action.commands {
            self.item();
            self.command_reply(command);
        }
        if let Some(error) = &action.error {
            self.item();
            self.error_descriptor(error);
        }
        self.close();
    }

    fn context_properties(&mut self, properties: &ContextProperties<'_>) {
        let ContextProperties { topology, priority, emergency, ieps_call, properties, context_list } = properties;
        for part in self.order::<6>() {
            match part {
                0 if !topology.is_empty() => {
                    self.item();
                    self.topology(topology);
                }
                1 => {
                    if let Some(priority) = *priority {
                        self.item();
                        self.number_is(Token::Priority, priority.min(15));
                    }
                }
                2 => {
                    if let Some(on) = *emergency {
                        self.item();
                        self.token(if on { Token::Emergency } else { Token::EmergencyOff });
                    }
                }
                3 => {
                    if let Some(on) = *ieps_call {
                        self.item();
                        self.on_off_is(Token::IepsCall, on);
                    }
                }
                4 if !properties.is_empty() => {
                    self.item();
                    self.token(Token::ContextAttr);
                    self.open();
                    for property in properties {
                        self.item();
                        self.property_parm(property);
                    }
                    self.close();
                }
                5 if !context_list.is_empty() => {
                    self.item();
                    self.context_list(context_list);
                }
                _ => {}
            }
        }
    }

    fn context_list(&mut self, list: &[ContextId]) {
        self.token(Token::ContextAttr);
        self.open();
        self.item();
        self.token(Token::ContextList);
        self.equals();
        self.open();
        for context in list {
            self.item();
            self.context_id(*context);
        }
        self.close();
        self.close();
    }

    fn topology(&mut self, topology: &[TopologyRequest<'_>]) {
        self.token(Token::Topology);
        self.open();
        for request in topology {
            self.item();
            self.termination_id(&request.from);
            self.item();
            self.termination_id(&request.to);
            self.item();
            self.token(match request.direction {
                TopologyDirection::Bothway => Token::Bothway,
                TopologyDirection::Isolate => Token::Isolate,
                TopologyDirection::Oneway => Token::Oneway,
                TopologyDirection::OnewayExternal => Token::OnewayExternal,
                TopologyDirection::OnewayBoth => Token::OnewayBoth,
            });
            if let Some(stream) = request.stream {
                self.item();
                self.number_is(Token::Stream, stream.0);
            }
        }
        self.close();
    }

    fn context_audit(&mut self, audit: &ContextAttrAuditRequest<'_>) {
        if *audit == ContextAttrAuditRequest::default() {
            return;
        }
        self.item();
        self.token(Token::ContextAudit);
        self.open();
        let whole = [
            (audit.topology, Token::Topology),
            (audit.emergency, Token::Emergency),
            (audit.priority, Token::Priority),
            (audit.ieps_call, Token::IepsCall),
        ];
        for (_, token) in whole.iter().filter(|(wanted, _)| *wanted) {
            self.item();
            self.token(*token);
        }
        for name in &audit.properties {
            self.item();
            self.pkgd_name(name);
        }
        if let Some(priority) = audit.select_priority {
            self.item();
            self.number_is(Token::Priority, priority.min(15));
        }
        if let Some(on) = audit.select_emergency {
            self.item();
            self.token_is(Token::EmergencyValue, if on { Token::Emergency } else { Token::EmergencyOff });
        }
        if let Some(on) = audit.select_ieps_call {
            self.item();
            self.on_off_is(Token::IepsCall, on);
        }
        if !audit.select_properties.is_empty() {
            self.item();
            self.token(Token::ContextAttr);
            self.open();
            for property in &audit.select_properties {
                self.item();
                self.property_parm(property);
            }
            self.close();
        }
        if !audit.select_contexts.is_empty() {
            self.item();
            self.context_list(&audit.select_contexts);
        }
        if let Some(logic) = audit.select_logic {
            self.item();
            self.token(if logic == SelectLogic::And { Token::AndLgc } else { Token::OrLgc });
        }
        self.close();
    }
}
