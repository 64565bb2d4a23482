//! Who hears whom in a context: topology, H.248.1 7.1.18.
//!
//! What is said of two terminations replaces what was said of them before. `*` stands for the terminations that are there when it
//! is said, `$` for the one the action adds. OnewayExternal and OnewayBoth would need copies of what one peer sends, which this
//! gateway does not make (522).

use super::{
    bearer::{LegCommand, LegId, RelayId},
    context::{Context, Contexts},
    stream::{Refusal, refusal, refusal_of},
};
use crate::wire::h248::{
    ActionRequest, Command, ErrorCode, Name, StreamId, TerminationId, TopologyDirection, TopologyRequest,
};
use std::collections::BTreeMap;

/// Pairs and streams of pairs a context may speak of: more than its terminations need, and a bound on streams nobody has.
const MOST: usize = 4096;

/// Two terminations, the lesser name first.
type Pair = (Name<'static>, Name<'static>);

/// What was said of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flow {
    /// The greater name was said first.
    reversed: bool,
    direction: TopologyDirection,
}

impl Flow {
    /// Does nothing pass from the lesser name to the greater (`true`), or back?
    fn blocks(self, ascending: bool) -> bool {
        match self.direction {
            TopologyDirection::Isolate => true,
            TopologyDirection::Oneway => self.reversed == ascending,
            _ => false,
        }
    }
}

/// The topology of a context; where nothing is said, everybody hears everybody.
#[derive(Debug, Default)]
pub(super) struct Topology {
    /// `None`, every stream, comes before what is said of one, which goes before it.
    said: BTreeMap<Pair, BTreeMap<Option<StreamId>, Flow>>,
    /// What each relay was told last, where that is anything.
    told: BTreeMap<RelayId, Vec<(LegId, LegId)>>,
}

impl Topology {
    fn say(&mut self, from: &Name<'static>, to: &Name<'static>, request: &TopologyRequest<'_>) {
        let reversed = from > to;
        let (lesser, greater) = if reversed { (to, from) } else { (from, to) };
        let flows = self.said.entry((lesser.clone(), greater.clone())).or_default();
        if request.stream.is_none() {
            flows.clear();
        }
        flows.insert(request.stream, Flow { reversed, direction: request.direction });
    }

    fn is_full(&self) -> bool {
        self.said.values().map(BTreeMap::len).sum::<usize>() > MOST
    }

    /// A termination is no longer in the context.
    pub(super) fn forget(&mut self, name: &Name<'_>) {
        self.said.retain(|(lesser, greater), _| lesser != name && greater != name);
    }

    /// As audits show it.
    pub(super) fn report(&self) -> Vec<TopologyRequest<'static>> {
        let flows =
            self.said.iter().flat_map(|(pair, flows)| flows.iter().map(move |(stream, flow)| (pair, *stream, flow)));
        let request = |((lesser, greater), stream, flow): (&Pair, _, &Flow)| {
            let (from, to) = if flow.reversed { (greater, lesser) } else { (lesser, greater) };
            let (from, to) = (TerminationId::Path(from.clone()), TerminationId::Path(to.clone()));
            TopologyRequest { from, to, direction: flow.direction, stream }
        };
        flows.map(request).collect()
    }
}

impl Context {
    /// From whom to whom nothing passes, by relay.
    fn blocked(&self) -> BTreeMap<RelayId, Vec<(LegId, LegId)>> {
        let mut blocked = BTreeMap::<_, Vec<_>>::new();
        for ((lesser, greater), flows) in &self.topology.said {
            let (Some(one), Some(other)) = (self.termination(lesser), self.termination(greater)) else { continue };
            for (stream, near) in &one.streams {
                let far = other.streams.get(stream).and_then(|stream| stream.leg.as_ref());
                let flow = flows.get(&Some(*stream)).or_else(|| flows.get(&None));
                let (Some(near), Some(far), Some(flow)) = (&near.leg, far, flow) else { continue };
                let pairs = [(true, (near.id, far.id)), (false, (far.id, near.id))];
                let pairs = pairs.into_iter().filter(|(ascending, _)| flow.blocks(*ascending)).map(|(_, pair)| pair);
                blocked.entry(near.relay).or_default().extend(pairs);
            }
        }
        blocked.retain(|_, pairs| !pairs.is_empty());
        blocked
    }

    /// What has changed for the relays since they were last told.
    fn untold(&mut self) -> Vec<(RelayId, Vec<(LegId, LegId)>)> {
        if self.topology.said.is_empty() && self.topology.told.is_empty() {
            return Vec::new();
        }
        let now = self.blocked();
        let before = std::mem::replace(&mut self.topology.told, now.clone());
        let lifted = before.keys().filter(|relay| !now.contains_key(relay));
        // One without legs is no more.
        let lifted = lifted.filter(|relay| self.relays.values().any(|present| present == *relay));
        let lifted: Vec<_> = lifted.map(|relay| (*relay, Vec::new())).collect();
        now.into_iter().filter(|(relay, blocked)| before.get(relay) != Some(blocked)).chain(lifted).collect()
    }
}

impl Contexts {
    /// What cannot be, before anything of the action is done: 410, 430, 435, 522, and 533 when wildcards mean more than `left`
    /// pairs.
    pub(super) fn judge_topology(
        &self,
        own: Option<u32>,
        action: &ActionRequest<'_>,
        left: &mut usize,
    ) -> Result<(), Refusal> {
        let present = own.and_then(|own| self.by_id.get(&own)).map_or(0, |context| context.terminations.len());
        let adds = || {
            action.commands.iter().any(
                |r| matches!(&r.command, Command::Add(add) if add.terminations.iter().any(TerminationId::has_choose)),
            )
        };
        let moved = |name: &Name<'_>| {
            let named = |id: &TerminationId<'_>| id.matches(&TerminationId::Path(name.clone()));
            action.commands.iter().any(|r| matches!(&r.command, Command::Move(m) if m.terminations.iter().any(named)))
        };
        for request in &action.properties.topology {
            if matches!(request.direction, TopologyDirection::OnewayExternal | TopologyDirection::OnewayBoth) {
                return Err(refusal(ErrorCode::TOPOLOGY_NOT_SUPPORTED));
            }
            // Nobody is connected to itself.
            if request.from == request.to && !request.from.has_wildcard() {
                return Err(refusal_of(ErrorCode::INCORRECT_IDENTIFIER, request.from.as_str()));
            }
            let meant = |id: &TerminationId<'_>| if id.has_wildcard() { present + action.commands.len() } else { 1 };
            let pairs = meant(&request.from).saturating_mul(meant(&request.to));
            *left = left.checked_sub(pairs).ok_or_else(|| refusal(ErrorCode::RESPONSE_TOO_LARGE))?;
            for id in [&request.from, &request.to] {
                match id {
                    TerminationId::Path(name) if !id.has_wildcard() && !id.has_choose() => match self.place(name) {
                        None => return Err(refusal_of(ErrorCode::UNKNOWN_TERMINATION, name)),
                        Some(place) if Some(place.context) == own || moved(name) => {}
                        Some(_) => return Err(refusal_of(ErrorCode::TERMINATION_NOT_IN_CONTEXT, name)),
                    },
                    id if id.has_choose() && adds() => {}
                    id if id.has_wildcard() => {}
                    id => return Err(refusal_of(ErrorCode::INCORRECT_IDENTIFIER, id.as_str())),
                }
            }
        }
        Ok(())
    }

    /// Takes over what an action says, its commands being done. `chosen` is the termination it added.
    pub(super) fn set_topology(
        &mut self,
        id: u32,
        requests: &[TopologyRequest<'_>],
        chosen: Option<&Name<'static>>,
    ) -> Result<(), Refusal> {
        let Some(context) = self.by_id.get_mut(&id) else { return Ok(()) };
        for request in requests {
            let meant = |id: &TerminationId<'_>| -> Vec<Name<'static>> {
                let names = context.terminations.iter().map(|termination| &termination.name);
                let meant = names.filter(|name| match id {
                    id if id.has_choose() => chosen == Some(*name),
                    id => id.matches(&TerminationId::Path((*name).clone())),
                });
                meant.cloned().collect()
            };
            let (from, to) = (meant(&request.from), meant(&request.to));
            for (from, to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))).filter(|(a, b)| a != b) {
                context.topology.say(from, to, request);
            }
            if context.topology.is_full() {
                return Err(refusal(ErrorCode::INSUFFICIENT_RESOURCES));
            }
        }
        Ok(())
    }

    /// Tells the relays what is new, before anything else they were not told yet: no octet is to slip through between a leg's
    /// arrival and the word that it is isolated.
    pub(super) fn tell_topology(&mut self, id: u32) {
        let untold = self.by_id.get_mut(&id).map(Context::untold).unwrap_or_default();
        for (relay, blocked) in untold {
            self.commands.retain(|(to, command)| *to != relay || !matches!(command, LegCommand::Topology { .. }));
            self.commands.push_front((relay, LegCommand::Topology { blocked }));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{LegCommand, LegId, testing::Bench};

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";

    /// Context 1 with these many terminations, each with a bearer.
    fn bench(terminations: usize) -> Bench {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, "");
        for _ in 1..terminations {
            bench.add("1", "MO=SR", LOCAL, "");
        }
        bench.bearer();
        bench
    }

    /// What the relays were last told.
    fn blocked(bench: &mut Bench) -> Vec<(u32, u32)> {
        let told = bench.bearer().into_iter().filter_map(|(_, command)| match command {
            LegCommand::Topology { blocked } => Some(blocked),
            _ => None,
        });
        let pair = |(LegId(from), LegId(to)): (LegId, LegId)| (from, to);
        told.last().expect("something told").into_iter().map(pair).collect()
    }

    #[test]
    fn each_direction_blocks_what_it_names() {
        let mut bench = bench(2);
        for (said, expected) in
            [("IS", vec![(1, 2), (2, 1)]), ("OW", vec![(2, 1)]), ("BW", vec![]), ("IS", vec![(1, 2), (2, 1)])]
        {
            assert_eq!(bench.error(&format!("C=1{{TP{{ip/access/1,ip/access/2,{said}}}}}")), 0);
            assert_eq!(blocked(&mut bench), expected, "{said}");
            let report = format!("{{C=1{{TP{{ip/access/1,ip/access/2,{said}}}}}}}");
            assert_eq!(bench.say("C=1{CA{TP}}"), report);
        }
    }

    #[test]
    fn a_wildcard_means_all_that_are_there_and_choose_the_one_added() {
        let mut bench = bench(2);
        bench.say(&format!("C=1{{TP{{$,*,IS}},A=${{M{{L{{{LOCAL}}}}}}}}}"));
        assert!(matches!(bench.commands.first(), Some((_, LegCommand::Topology { .. }))), "before the leg opens");
        assert_eq!(blocked(&mut bench), [(1, 3), (3, 1), (2, 3), (3, 2)]);
    }

    #[test]
    fn what_is_said_of_a_termination_goes_with_it() {
        let mut bench = bench(3);
        bench.say("C=1{TP{ip/access/1,ip/access/2,IS,ip/access/1,ip/access/3,IS}}");
        bench.bearer();
        assert_eq!(bench.error("C=1{S=ip/access/2}"), 0);
        assert_eq!(blocked(&mut bench), [(1, 3), (3, 1)]);
        assert_eq!(bench.error("C=${MV=ip/access/1}"), 0);
        assert_eq!(bench.say("C=1{CA{TP}}"), "{C=1}");
        bench.say("C=1{MV=ip/access/1}");
        assert_eq!(bench.say("C=1{CA{TP}}"), "{C=1}");
    }

    #[test]
    fn a_termination_is_isolated_before_it_is_moved_in() {
        let mut bench = bench(1);
        bench.add("$", "MO=SR", LOCAL, "");
        bench.bearer();
        assert_eq!(bench.error("C=1{TP{ip/access/2,ip/access/1,IS},MV=ip/access/2}"), 0);
        let commands = bench.bearer();
        assert!(
            matches!(&commands[..], [(a, LegCommand::Topology { .. }), (_, LegCommand::Move { to, .. })] if a == to),
            "{commands:?}"
        );
    }

    #[test]
    fn a_topology_that_cannot_be_is_refused_before_anything_is_done() {
        let mut bench = bench(1);
        bench.say("C=${A=$}");
        for (code, topology) in
            [(430, "ip/access/1,ip/access/9,IS"), (435, "ip/access/1,ip/access/2,IS"), (410, "ip/access/1,ROOT,IS")]
        {
            assert_eq!(bench.error(&format!("C=1{{TP{{{topology}}},A=$}}")), code, "{topology}");
        }
        assert_eq!(bench.error("C=1{TP{$,*,IS},MF=ip/access/1}"), 410);
        assert_eq!(bench.error("C=*{TP{*,*,IS},MF=*}"), 421);
        assert_eq!(bench.counts(), (2, 2));
    }
}
