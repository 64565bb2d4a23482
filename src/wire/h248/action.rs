//! Actions: the commands for one context, and the properties of the context itself.

use std::fmt;

use super::{
    Command, CommandReply, CommandRequest, ErrorDescriptor, PkgdName, PropertyParm, StreamId, TerminationId,
    owned::into_owned,
};

/// Names a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum ContextId {
    /// `-`: no context.
    Null,
    /// `$`: the gateway makes one.
    Choose,
    /// `*`: every context, the null context excluded.
    All,
    /// An existing one: not 0, 0xFFFFFFFE or 0xFFFFFFFF, which mean the others in binary.
    Id(u32),
}

impl fmt::Display for ContextId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("-"),
            Self::Choose => f.write_str("$"),
            Self::All => f.write_str("*"),
            Self::Id(id) => id.fmt(f),
        }
    }
}

into_owned!(plain ContextId, SelectLogic, TopologyDirection);

/// Commands for one context.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ActionRequest<'a> {
    /// Which context.
    pub context: ContextId,
    /// Properties of the context to set.
    pub properties: ContextProperties<'a>,
    /// Properties of the context to report.
    pub audit: Option<Box<ContextAttrAuditRequest<'a>>>,
    /// Executed in order. May be empty when properties or an audit are there.
    pub commands: Vec<CommandRequest<'a>>,
}

impl<'a> ActionRequest<'a> {
    /// Commands, neither optional nor with wildcarded response.
    pub fn new(context: ContextId, commands: Vec<Command<'a>>) -> Self {
        let commands = commands.into_iter().map(CommandRequest::from).collect();
        Self { context, properties: ContextProperties::default(), audit: None, commands }
    }
}

into_owned!(struct ActionRequest { context, properties, audit, commands });

/// What came of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ActionReply<'a> {
    /// The request's context, or the one that was made.
    pub context: ContextId,
    /// Properties of the context, as asked for.
    pub properties: ContextProperties<'a>,
    /// One per command, up to the first that failed.
    pub commands: Vec<CommandReply<'a>>,
    /// Why the action, or what was left of it, was not executed.
    pub error: Option<ErrorDescriptor<'a>>,
}

impl<'a> ActionReply<'a> {
    /// Replies to commands.
    pub fn new(context: ContextId, commands: Vec<CommandReply<'a>>) -> Self {
        Self { context, properties: ContextProperties::default(), commands, error: None }
    }

    /// The action failed as a whole.
    pub fn error(context: ContextId, error: ErrorDescriptor<'a>) -> Self {
        Self { context, properties: ContextProperties::default(), commands: Vec::new(), error: Some(error) }
    }
}

into_owned!(struct ActionReply { context, properties, commands, error });

/// Properties of a context (H.248.1 6.1, ContextRequest).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ContextProperties<'a> {
    /// How media flows between the terminations.
    pub topology: Vec<TopologyRequest<'a>>,
    /// 0 to 15, higher first.
    pub priority: Option<u8>,
    /// Emergency or EmergencyOff.
    pub emergency: Option<bool>,
    /// International emergency preference scheme call (version 3).
    pub ieps_call: Option<bool>,
    /// ContextAttr with package properties (version 3).
    pub properties: Vec<PropertyParm<'a>>,
    /// ContextAttr with a list of contexts (version 3).
    pub context_list: Vec<ContextId>,
}

impl ContextProperties<'_> {
    /// True if nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

into_owned!(struct ContextProperties { topology, priority, emergency, ieps_call, properties, context_list });

/// How media flows from one termination to another (H.248.1 7.1.18).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct TopologyRequest<'a> {
    /// One end.
    pub from: TerminationId<'a>,
    /// The other.
    pub to: TerminationId<'a>,
    /// What flows.
    pub direction: TopologyDirection,
    /// Only this stream (version 3).
    pub stream: Option<StreamId>,
}

into_owned!(struct TopologyRequest { from, to, direction, stream });

/// Which way media flows between two terminations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum TopologyDirection {
    /// Both ways.
    Bothway,
    /// Not at all.
    Isolate,
    /// From the first to the second.
    Oneway,
    /// From outside the first to the second, not back (version 3).
    OnewayExternal,
    /// What leaves either way of the first also reaches the second (version 3).
    OnewayBoth,
}

/// Which properties of contexts to report, and of which contexts (version 3 adds the selection).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub struct ContextAttrAuditRequest<'a> {
    /// Report the topology.
    pub topology: bool,
    /// Report the emergency state.
    pub emergency: bool,
    /// Report the priority.
    pub priority: bool,
    /// Report the IEPS state.
    pub ieps_call: bool,
    /// Report these package properties.
    pub properties: Vec<PkgdName<'a>>,
    /// Only contexts with this priority.
    pub select_priority: Option<u8>,
    /// Only contexts in this emergency state.
    pub select_emergency: Option<bool>,
    /// Only contexts in this IEPS state.
    pub select_ieps_call: Option<bool>,
    /// Only contexts with these property values.
    pub select_properties: Vec<PropertyParm<'a>>,
    /// Only these contexts.
    pub select_contexts: Vec<ContextId>,
    /// Whether all criteria have to hold or one; all when absent.
    pub select_logic: Option<SelectLogic>,
}

into_owned!(struct ContextAttrAuditRequest {
    topology, emergency, priority, ieps_call, properties, select_priority, select_emergency, select_ieps_call,
    select_properties, select_contexts, select_logic,
});

/// How criteria of selection combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "target", derive(serde::Serialize))]
pub enum SelectLogic {
    /// All have to hold.
    And,
    /// One has to hold.
    Or,
}
