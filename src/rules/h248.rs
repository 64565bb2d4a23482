//! What a legal H.248 message may still get wrong: unknown packages and items, values outside their type, ROOT where no
//! termination may be called so, and syntax newer than the message's own version.
//!
//! Syntax is the parser's business; whether a gateway *supports* an item that exists is the gateway's.

use crate::wire::h248::{
    ActionRequest, AuditDescriptor, AuditItem, Command, ContextId, ContextProperties, ErrorCode, ErrorDescriptor,
    EventsDescriptor, IndAudLocalControlParm, IndAudParameter, IndAudStreamParms, IndAudStreams,
    IndAudTerminationStateParm, MediaDescriptor, Message, MuxType, Parameter, ParmValue, PkgdName, PropertyParm,
    RequestedEvent, Signal, SignalRequest, SignalsDescriptor, StatisticsDescriptor, StreamParms, Streams,
    TerminationId, TopologyDirection, Transaction, TransactionId, Value,
    package::{ItemKind, ItemParameter, Lookup, Place, Registry},
};

/// One thing a request gets wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError {
    /// The transaction it stands in.
    pub transaction: TransactionId,
    /// The action's context.
    pub context: ContextId,
    /// The command, by its long token; empty for the context's own properties.
    pub command: &'static str,
    /// The error a gateway answers with; the text holds the name or value in question.
    pub error: ErrorDescriptor<'static>,
}

/// Everything the requests of a message get wrong, in order.
pub fn message(registry: &Registry, message: &Message<'_>) -> Vec<RequestError> {
    let mut findings = Vec::new();
    for transaction in message.transactions() {
        let Transaction::Request(request) = transaction else { continue };
        for ActionRequest { context, properties, commands, .. } in &request.actions {
            let mut found = |command, errors: Vec<ErrorDescriptor<'static>>| {
                findings.extend(errors.into_iter().map(|error| RequestError {
                    transaction: request.id,
                    context: *context,
                    command,
                    error,
                }));
            };
            found("", context_properties(registry, properties));
            for request in commands {
                found(request.command.name(), command(registry, &request.command));
            }
        }
    }
    findings
}

/// What properties of a context get wrong.
pub fn context_properties(registry: &Registry, properties: &ContextProperties<'_>) -> Vec<ErrorDescriptor<'static>> {
    let mut judge = Judge { registry, errors: Vec::new() };
    judge.properties(&properties.properties, Place::Context);
    judge.errors
}

/// What a command gets wrong, in the order of its descriptors; the first is what a gateway answers.
pub fn command(registry: &Registry, command: &Command<'_>) -> Vec<ErrorDescriptor<'static>> {
    let mut judge = Judge { registry, errors: Vec::new() };
    let root = command.terminations().iter().any(|id| *id == TerminationId::Root);
    match command {
        // H.248.1 6.2.5: ROOT is legal in Modify, audits, Notify and ServiceChange only.
        Command::Add(_) | Command::Move(_) | Command::Subtract(_) if root => {
            judge.error(ErrorCode::INCORRECT_IDENTIFIER, "ROOT");
        }
        Command::Add(amm) | Command::Move(amm) | Command::Modify(amm) => {
            if let Some(media) = &amm.media {
                judge.media(media, root);
            }
            if let Some(events) = &amm.events {
                judge.events(events);
            }
            if let Some(buffer) = &amm.event_buffer {
                for event in &buffer.0 {
                    judge.event(&event.name, &event.parameters);
                }
            }
            if let Some(signals) = &amm.signals {
                judge.signals(signals);
            }
            if let Some(statistics) = &amm.statistics {
                judge.statistics(statistics);
            }
            if let Some(audit) = &amm.audit {
                judge.audit(audit);
            }
        }
        Command::Subtract(subtract) => {
            if let Some(audit) = &subtract.audit {
                judge.audit(audit);
            }
        }
        Command::AuditValue(audit) | Command::AuditCapability(audit) => judge.audit(&audit.audit),
        Command::Notify(notify) => {
            for observed in &notify.observed_events.events {
                judge.event(&observed.event.name, &observed.event.parameters);
            }
        }
        Command::ServiceChange(change) => {
            // H.248.1 7.2.8: the reason begins with its code.
            if change.parms.reason.code().is_none() {
                judge.error(ErrorCode::UNSUPPORTED_VALUE, change.parms.reason.0.to_string());
            }
        }
    }
    judge.errors
}

/// What one property gets wrong where it stands.
///
/// # Errors
/// 440 unknown package, 450 no such property, 455 wrong descriptor, 534 read-only, 449 with the value.
pub fn property(
    registry: &Registry,
    property: &PropertyParm<'_>,
    place: Place,
) -> Result<(), ErrorDescriptor<'static>> {
    let item = match registry.item(ItemKind::Property, &property.name) {
        Lookup::Item(item) => item,
        Lookup::Unknown => return Ok(()),
        missing => return Err(absent(missing, ErrorCode::NO_SUCH_PROPERTY, &property.name)),
    };
    let fits = matches!((item.place, place), (Place::Any, _) | (_, Place::Any)) || item.place == place;
    if !fits {
        return Err(named(ErrorCode::PROPERTY_ILLEGAL_IN_DESCRIPTOR, &property.name));
    }
    if item.read_only {
        return Err(named(ErrorCode::READ_ONLY, &property.name));
    }
    match values(&property.value).find(|value| !item.value_type.admits(value)) {
        Some(value) => Err(ErrorDescriptor::with_text(
            ErrorCode::UNSUPPORTED_VALUE,
            format!("{}={}", property.name, value.as_str()),
        )),
        None => Ok(()),
    }
}

fn named(code: ErrorCode, name: &PkgdName<'_>) -> ErrorDescriptor<'static> {
    ErrorDescriptor::with_text(code, name.to_string())
}

fn absent(lookup: Lookup<'_>, no_item: ErrorCode, name: &PkgdName<'_>) -> ErrorDescriptor<'static> {
    match lookup {
        Lookup::NoPackage => ErrorDescriptor::with_text(ErrorCode::UNKNOWN_PACKAGE, name.package.to_string()),
        _ => named(no_item, name),
    }
}

fn values<'v, 'a>(value: &'v ParmValue<'a>) -> impl Iterator<Item = &'v Value<'a>> {
    let (one, two, many): (_, _, &[Value<'a>]) = match value {
        ParmValue::Equal(value) | ParmValue::Unequal(value) | ParmValue::Less(value) | ParmValue::Greater(value) => {
            (Some(value), None, &[])
        }
        ParmValue::All(values) | ParmValue::Any(values) => (None, None, values),
        ParmValue::Range(low, high) => (Some(low), Some(high), &[]),
    };
    one.into_iter().chain(two).chain(many)
}

struct Judge<'r> {
    registry: &'r Registry,
    errors: Vec<ErrorDescriptor<'static>>,
}

impl Judge<'_> {
    fn error(&mut self, code: ErrorCode, text: impl Into<std::borrow::Cow<'static, str>>) {
        self.errors.push(ErrorDescriptor::with_text(code, text));
    }

    fn properties(&mut self, properties: &[PropertyParm<'_>], place: Place) {
        let mut seen = std::collections::HashSet::new();
        for parm in properties {
            if !seen.insert(&parm.name) {
                self.errors.push(named(ErrorCode::PROPERTY_TWICE, &parm.name));
            }
            self.errors.extend(property(self.registry, parm, place).err());
        }
    }

    fn media(&mut self, media: &MediaDescriptor<'_>, root: bool) {
        if let Some(state) = &media.termination_state {
            self.properties(&state.properties, if root { Place::Root } else { Place::TerminationState });
        }
        match &media.streams {
            Streams::One(parms) => self.stream(parms),
            Streams::Multi(streams) => streams.iter().for_each(|stream| self.stream(&stream.parms)),
        }
    }

    fn stream(&mut self, parms: &StreamParms<'_>) {
        if let Some(control) = &parms.local_control {
            self.properties(&control.properties, Place::LocalControl);
        }
        if let Some(statistics) = &parms.statistics {
            self.statistics(statistics);
        }
    }

    fn statistics(&mut self, statistics: &StatisticsDescriptor<'_>) {
        statistics.0.iter().for_each(|parameter| self.exists(ItemKind::Statistic, &parameter.name));
    }

    /// 440 or the error of the kind, unless the name is a wildcard or may exist.
    fn exists(&mut self, kind: ItemKind, name: &PkgdName<'_>) {
        let code = match kind {
            ItemKind::Property => ErrorCode::NO_SUCH_PROPERTY,
            ItemKind::Event => ErrorCode::NO_SUCH_EVENT,
            ItemKind::Signal => ErrorCode::NO_SUCH_SIGNAL,
            ItemKind::Statistic => ErrorCode::NO_SUCH_STATISTIC,
        };
        self.exists_else(kind, name, code);
    }

    /// Whatever its kind, an item that is audited and does not exist has an error of its own (H.248.8, 532).
    fn audited(&mut self, kind: ItemKind, name: &PkgdName<'_>) {
        self.exists_else(kind, name, ErrorCode::AUDITED_ITEM_MISSING);
    }

    fn exists_else(&mut self, kind: ItemKind, name: &PkgdName<'_>, code: ErrorCode) {
        let wildcard = name.package.is_wildcard() || name.item.is_wildcard();
        match self.registry.item(kind, name) {
            Lookup::Item(_) | Lookup::Unknown => {}
            Lookup::NoPackage if name.package.is_wildcard() => {}
            Lookup::NoItem if wildcard => {}
            missing => self.errors.push(absent(missing, code, name)),
        }
    }

    /// Values of known parameters; which others a package takes is not known well enough to refuse them.
    fn parameters(&mut self, kind: ItemKind, name: &PkgdName<'_>, parameters: &[Parameter<'_>]) {
        let Lookup::Item(item) = self.registry.item(kind, name) else { return };
        for Parameter { name, value } in parameters {
            let known: Option<&ItemParameter> = item.parameters.iter().find(|known| *name == known.name.as_ref());
            let wrong = known.and_then(|known| values(value).find(|value| !known.value_type.admits(value)));
            if let Some(value) = wrong {
                self.error(ErrorCode::UNSUPPORTED_VALUE, format!("{name}={}", value.as_str()));
            }
        }
    }

    fn event(&mut self, name: &PkgdName<'_>, parameters: &[Parameter<'_>]) {
        self.exists(ItemKind::Event, name);
        self.parameters(ItemKind::Event, name, parameters);
    }

    fn events(&mut self, events: &EventsDescriptor<'_>) {
        for RequestedEvent { name, parameters, embed, notify, .. } in &events.events {
            self.event(name, parameters);
            let regulated = match notify {
                Some(crate::wire::h248::NotifyBehaviour::Regulated(embedded)) => embedded.as_deref(),
                _ => None,
            };
            for embedded in embed.as_deref().into_iter().chain(regulated) {
                if let Some(signals) = &embedded.signals {
                    self.signals(signals);
                }
                for event in embedded.events.iter().flat_map(|second| &second.events) {
                    self.event(&event.name, &event.parameters);
                    if let Some(signals) = &event.embed {
                        self.signals(signals);
                    }
                }
            }
        }
    }

    fn signals(&mut self, signals: &SignalsDescriptor<'_>) {
        for request in &signals.0 {
            match request {
                SignalRequest::Signal(signal) => self.signal(signal),
                SignalRequest::List(list) => list.signals.iter().for_each(|signal| self.signal(signal)),
            }
        }
    }

    fn signal(&mut self, signal: &Signal<'_>) {
        self.exists(ItemKind::Signal, &signal.name);
        self.parameters(ItemKind::Signal, &signal.name, &signal.parameters);
    }

    fn audit(&mut self, audit: &AuditDescriptor<'_>) {
        for item in &audit.0 {
            let AuditItem::Individual(part) = item else { continue };
            match part {
                IndAudParameter::Events(events) => self.audited(ItemKind::Event, &events.name),
                IndAudParameter::EventBuffer(buffer) => self.audited(ItemKind::Event, &buffer.name),
                IndAudParameter::Statistics(name) => self.audited(ItemKind::Statistic, name),
                IndAudParameter::Packages(item) => {
                    if self.registry.package(&item.name).is_none() {
                        self.error(ErrorCode::UNKNOWN_PACKAGE, item.name.to_string());
                    }
                }
                IndAudParameter::Media(media) => {
                    for parm in &media.termination_state {
                        if let IndAudTerminationStateParm::Property(name) = parm {
                            self.audited(ItemKind::Property, name);
                        }
                    }
                    match &media.streams {
                        IndAudStreams::One(parms) => self.audited_stream(parms),
                        IndAudStreams::Multi(streams) => {
                            streams.iter().for_each(|stream| self.audited_stream(&stream.parms));
                        }
                    }
                }
                IndAudParameter::Signals(_) | IndAudParameter::DigitMap(_) => {}
            }
        }
    }

    fn audited_stream(&mut self, parms: &IndAudStreamParms<'_>) {
        for parm in &parms.local_control {
            if let IndAudLocalControlParm::Property(name) = parm {
                self.audited(ItemKind::Property, name);
            }
        }
        if let Some(name) = &parms.statistics {
            self.audited(ItemKind::Statistic, name);
        }
    }
}

/// Syntax in a message that its own version does not have yet, by the grammar's names; the parser takes it all the same.
pub fn newer_syntax(message: &Message<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    for transaction in message.transactions() {
        match transaction {
            Transaction::Request(request) => {
                for action in &request.actions {
                    newer_in_context(&action.properties, &mut found);
                    if action.audit.as_ref().is_some_and(|audit| {
                        audit.ieps_call
                            || !audit.properties.is_empty()
                            || audit.select_priority.is_some()
                            || audit.select_emergency.is_some()
                            || audit.select_ieps_call.is_some()
                            || !audit.select_properties.is_empty()
                            || !audit.select_contexts.is_empty()
                            || audit.select_logic.is_some()
                    }) {
                        found.push((3, "contextAuditSelector"));
                    }
                    action.commands.iter().for_each(|request| newer_in_command(&request.command, &mut found));
                }
            }
            Transaction::Reply(reply) if reply.segmentation.is_some() => found.push((3, "segmentNumber")),
            Transaction::Segment(_) => found.push((3, "segmentReply")),
            _ => {}
        }
    }
    let mut names: Vec<_> =
        found.into_iter().filter(|(since, _)| *since > message.version).map(|(_, name)| name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

type Newer = Vec<(u8, &'static str)>;

fn newer_in_context(properties: &ContextProperties<'_>, found: &mut Newer) {
    if properties.ieps_call.is_some() {
        found.push((3, "iepsValue"));
    }
    if !properties.properties.is_empty() || !properties.context_list.is_empty() {
        found.push((3, "contextAttrDescriptor"));
    }
    for request in &properties.topology {
        if request.stream.is_some() {
            found.push((3, "topologyTriple"));
        }
        if matches!(request.direction, TopologyDirection::OnewayBoth | TopologyDirection::OnewayExternal) {
            found.push((3, "topologyDirection"));
        }
    }
}

fn newer_in_command(command: &Command<'_>, found: &mut Newer) {
    if command.terminations().single().is_none() {
        found.push((3, "termIDList"));
    }
    match command {
        Command::Add(amm) | Command::Move(amm) | Command::Modify(amm) => {
            if amm.statistics.is_some() {
                found.push((3, "statisticsDescriptor"));
            }
            if amm.mux.as_ref().is_some_and(|mux| mux.mux_type == MuxType::Nx64K) {
                found.push((2, "MuxType"));
            }
            for event in amm.events.iter().flat_map(|events| &events.events) {
                if event.notify.is_some() || event.reset_events {
                    found.push((3, "eventParameter"));
                }
            }
            for request in amm.signals.iter().flat_map(|signals| &signals.0) {
                let signals = match request {
                    SignalRequest::Signal(signal) => std::slice::from_ref(signal),
                    SignalRequest::List(list) => &list.signals,
                };
                if signals.iter().any(|signal| {
                    signal.direction.is_some()
                        || signal.request_id.is_some()
                        || signal.intersignal.is_some()
                        || signal.notify_completion.is_some_and(|set| set.iteration)
                }) {
                    found.push((3, "sigParameter"));
                }
            }
            amm.audit.iter().for_each(|audit| newer_in_audit(&audit.0, found));
        }
        Command::Subtract(subtract) => subtract.audit.iter().for_each(|audit| newer_in_audit(&audit.0, found)),
        Command::AuditValue(request) | Command::AuditCapability(request) => newer_in_audit(&request.audit.0, found),
        Command::ServiceChange(change) => {
            if change.parms.incomplete {
                found.push((3, "serviceChangeIncompleteFlag"));
            }
            if !change.parms.audit.is_empty() {
                found.push((2, "auditItem"));
            }
        }
        Command::Notify(_) => {}
    }
}

fn newer_in_audit(items: &[AuditItem<'_>], found: &mut Newer) {
    if items.iter().any(|item| matches!(item, AuditItem::Individual(_))) {
        found.push((2, "indAudterminationAudit"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::h248::parse;

    fn codes(body: &str) -> Vec<(u16, String)> {
        let text = format!("!/2 [127.0.0.1] T=1{{C=1{{{body}}}}}");
        let message = parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault}: {text}"));
        let findings = super::message(&Registry::default(), &message);
        findings.into_iter().map(|f| (f.error.code.0, f.error.text.unwrap_or_default().into_owned())).collect()
    }

    #[test]
    fn what_the_registry_knows_is_judged() {
        let cases = [
            ("MF=a{M{O{nosuch/p=1}}}", 440, "nosuch"),
            ("MF=a{M{O{nt/nosuch=1}}}", 450, "nt/nosuch"),
            ("MF=a{M{O{nt/jit=-1}}}", 449, "nt/jit=-1"),
            ("MF=a{M{O{ipdc/realm=access}}}", 449, "ipdc/realm=access"),
            ("MF=a{M{O{nt/jit=[1,x]}}}", 449, "nt/jit=x"),
            ("MF=a{M{TS{nt/jit=1}}}", 455, "nt/jit"),
            ("MF=a{M{O{nt/jit=1,NT/JIT=2}}}", 456, "NT/JIT"),
            ("MF=ROOT{M{TS{root/maxNumberOfContexts=1}}}", 534, "root/maxNumberOfContexts"),
            ("MF=a{E=1{g/nosuch}}", 451, "g/nosuch"),
            ("MF=a{E=1{g/cause{EM{E=2{g/nosuch}}}}}", 451, "g/nosuch"),
            ("MF=a{SG{g/cause}}", 452, "g/cause"),
            ("MF=a{SG{ipnapt/latch{napt=NEVER}}}", 449, "napt=NEVER"),
            ("AV=a{AT{SA{nt/jit}}}", 532, "nt/jit"),
            ("AV=a{AT{PG{nosuch-1}}}", 440, "nosuch"),
            ("A=ROOT", 410, "ROOT"),
            ("SC=ROOT{SV{MT=RS,RE=\"cold\"}}", 449, "cold"),
        ];
        for (body, code, text) in cases {
            assert_eq!(codes(body), [(code, text.to_owned())], "{body}");
        }
    }

    #[test]
    fn what_is_right_or_only_recalled_in_part_is_not_judged() {
        for body in [
            "MF=a{M{O{ipdc/realm=\"access\",nt/jit=$,gm/other=1,tcpbcc/whatever=2}}}",
            "MF=a{E=1{g/*,*/*,nt/netfail},SG{tcpbcc/estbnc}}",
            "MF=ROOT{M{TS{root/normalMGExecutionTime=100}}}",
            "AV=a{AT{M,SA{rtp/os}}}",
            "SC=ROOT{SV{MT=RS,RE=\"901 Cold\"}}",
        ] {
            assert_eq!(codes(body), [], "{body}");
        }
    }

    #[test]
    fn newer_syntax_is_named_only_below_its_version() {
        for (version, expected) in
            [(1, vec!["indAudterminationAudit", "termIDList"]), (2, vec!["termIDList"]), (3, vec![])]
        {
            let text = format!("!/{version} x T=1{{C=1{{AV=[a,b]{{AT{{SA{{nt/os}}}}}}}}}}");
            let message = parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault}"));
            assert_eq!(newer_syntax(&message), expected);
        }
    }
}
