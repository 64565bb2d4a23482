//! Contexts and everything in them: what commands work on, and how a command's effects are kept or undone as a whole.

use super::{
    bearer::{LegCommand, LegId, RelayId},
    control::Config,
    deadline::Deadlines,
    package::root::Root,
    policy::Policy,
    port::Ports,
    property::Properties,
    termination::Termination,
    topology::Topology,
};
use crate::wire::h248::{IntoOwned, Name, StreamId};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    net::SocketAddr,
    sync::Arc,
};

/// What a command would do outside the termination it works on. Kept back until the command succeeds; H.248.1 8.2.2 wants
/// a failed one to leave no trace.
#[derive(Debug, Default)]
pub(super) struct Changes {
    commands: Vec<(RelayId, LegCommand)>,
    reserved: Vec<SocketAddr>,
}

impl Changes {
    pub(super) fn command(&mut self, relay: RelayId, command: LegCommand) {
        self.commands.push((relay, command));
    }

    pub(super) fn reserved(&mut self, address: SocketAddr) {
        self.reserved.push(address);
    }
}

/// A context.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) terminations: Vec<Termination>,
    /// One for each stream that has a leg.
    pub(super) relays: BTreeMap<StreamId, RelayId>,
    pub(super) topology: Topology,
    pub(super) priority: Option<u8>,
    pub(super) emergency: Option<bool>,
    pub(super) ieps_call: Option<bool>,
}

impl Context {
    pub(super) fn termination(&self, name: &Name<'_>) -> Option<&Termination> {
        self.terminations.iter().find(|termination| termination.name == name.as_str())
    }

    pub(super) fn termination_mut(&mut self, name: &Name<'_>) -> Option<&mut Termination> {
        self.terminations.iter_mut().find(|termination| termination.name == name.as_str())
    }
}

/// Where a termination is: its context and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) context: u32,
    pub(super) termination: Name<'static>,
}

/// Every context, and what the terminations in them draw on.
pub(super) struct Contexts {
    pub(super) config: Arc<Config>,
    pub(super) policy: Arc<dyn Policy>,
    pub(super) ports: Box<dyn Ports>,
    pub(super) by_id: BTreeMap<u32, Context>,
    pub(super) index: HashMap<Name<'static>, u32>,
    /// Properties of ROOT.
    pub(super) root: Properties,
    legs: HashMap<LegId, (Place, StreamId)>,
    next_context: u32,
    next_termination: u64,
    pub(super) next_leg: u32,
    next_relay: u32,
    /// For the relays, in order.
    pub(super) commands: VecDeque<(RelayId, LegCommand)>,
    /// What time brings at terminations.
    pub(super) deadlines: Deadlines,
    /// Terminations that have something to tell once the message at hand is dealt with.
    pub(super) news: VecDeque<Name<'static>>,
}

impl Contexts {
    pub(super) fn new(config: Arc<Config>, policy: Arc<dyn Policy>, ports: Box<dyn Ports>) -> Self {
        Self {
            root: Root::initial(&config),
            config,
            policy,
            ports,
            by_id: BTreeMap::new(),
            index: HashMap::new(),
            legs: HashMap::new(),
            next_context: 1,
            next_termination: 1,
            next_leg: 1,
            next_relay: 1,
            commands: VecDeque::new(),
            deadlines: Deadlines::default(),
            news: VecDeque::new(),
        }
    }

    /// A context id nobody has: never one of those that mean something else (H.248.1 annex A: 0, CHOOSE, ALL).
    pub(super) fn new_id(&mut self) -> u32 {
        loop {
            let id = self.next_context;
            self.next_context = if id >= 0xFFFF_FFFD { 1 } else { id + 1 };
            if !self.by_id.contains_key(&id) {
                return id;
            }
        }
    }

    /// A termination name nobody has.
    pub(super) fn new_name(&mut self, realm: &str) -> Name<'static> {
        let number = self.next_termination;
        self.next_termination += 1;
        Name::new(format!("ip/{realm}/{number}"))
    }

    /// The relay of a stream in a context; a new one when no leg has it yet. It is the context's when a command that opens a
    /// leg on it is kept.
    pub(super) fn relay(&mut self, context: u32, stream: StreamId) -> RelayId {
        let present = self.by_id.get(&context).and_then(|context| context.relays.get(&stream));
        present.copied().unwrap_or_else(|| {
            let relay = RelayId(self.next_relay);
            self.next_relay = self.next_relay.wrapping_add(1);
            relay
        })
    }

    pub(super) fn termination(&self, place: &Place) -> Option<&Termination> {
        self.by_id.get(&place.context)?.termination(&place.termination)
    }

    pub(super) fn termination_mut(&mut self, place: &Place) -> Option<&mut Termination> {
        self.by_id.get_mut(&place.context)?.termination_mut(&place.termination)
    }

    /// Where the termination of a name is, whatever its context.
    pub(super) fn place(&self, name: &Name<'_>) -> Option<Place> {
        let (name, context) = self.index.get_key_value(&name.clone().into_owned())?;
        Some(Place { context: *context, termination: name.clone() })
    }

    /// Where a leg is, and the stream it carries.
    pub(super) fn leg(&self, leg: LegId) -> Option<&(Place, StreamId)> {
        self.legs.get(&leg)
    }

    /// Undoes a command.
    pub(super) fn undo(&mut self, changes: Changes) {
        for address in changes.reserved {
            self.ports.release(address);
        }
    }

    /// Keeps a command's changes and the termination as it left it, which may be new in its context, and the context too.
    pub(super) fn keep(&mut self, context_id: u32, termination: Termination, changes: Changes) {
        let context = self.by_id.entry(context_id).or_default();
        for (stream_id, stream) in &termination.streams {
            if let Some(leg) = &stream.leg {
                context.relays.insert(*stream_id, leg.relay);
                self.legs.entry(leg.id).or_insert_with(|| {
                    (Place { context: context_id, termination: termination.name.clone() }, *stream_id)
                });
            }
        }
        self.deadlines.set(&termination.name, termination.due());
        if termination.events.has_news() {
            self.news.push_back(termination.name.clone());
        }
        match context.termination_mut(&termination.name) {
            Some(present) => *present = termination,
            None => {
                self.index.insert(termination.name.clone(), context_id);
                context.terminations.push(termination);
            }
        }
        self.carry_out(context_id, changes);
    }

    /// Takes a termination out of its context, and the context away with its last one.
    pub(super) fn remove(&mut self, place: &Place) {
        let mut changes = Changes::default();
        for mut termination in self.extract(place) {
            termination.streams.values_mut().for_each(|stream| stream.release(&mut changes));
        }
        self.deadlines.set(&place.termination, None);
        self.after_one_left(place.context, changes);
    }

    /// The same without an end to its bearers, for a termination that goes on elsewhere.
    pub(super) fn take_out(&mut self, place: &Place) {
        let legs = self.extract(place);
        let legs = legs.iter().flat_map(|termination| termination.streams.values()).filter_map(|s| s.leg.as_ref());
        for leg in legs {
            self.legs.remove(&leg.id);
        }
        self.after_one_left(place.context, Changes::default());
    }

    fn extract(&mut self, place: &Place) -> Vec<Termination> {
        let Some(context) = self.by_id.get_mut(&place.context) else { return Vec::new() };
        self.index.remove(&place.termination);
        context.topology.forget(&place.termination);
        context.terminations.extract_if(.., |termination| termination.name == place.termination).collect()
    }

    fn after_one_left(&mut self, context: u32, changes: Changes) {
        self.carry_out(context, changes);
        if self.by_id.get(&context).is_some_and(|context| context.terminations.is_empty()) {
            self.by_id.remove(&context);
        }
    }

    /// Takes everything away.
    pub(super) fn clear(&mut self) {
        let everywhere = self.by_id.iter().flat_map(|(context, inside)| {
            inside.terminations.iter().map(|t| Place { context: *context, termination: t.name.clone() })
        });
        let places: Vec<_> = everywhere.collect();
        places.iter().for_each(|place| self.remove(place));
    }

    pub(super) fn carry_out(&mut self, context_id: u32, changes: Changes) {
        for (_, command) in &changes.commands {
            if let LegCommand::Release { leg } = command {
                self.legs.remove(leg);
            }
        }
        self.commands.extend(changes.commands);
        if let Some(Context { terminations, relays, .. }) = self.by_id.get_mut(&context_id) {
            let has_leg = |stream: &StreamId| {
                terminations.iter().any(|t| t.streams.get(stream).is_some_and(|stream| stream.leg.is_some()))
            };
            relays.retain(|stream, _| has_leg(stream));
        }
    }
}
