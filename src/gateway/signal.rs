//! Signals: what is being played at a termination, and how each ends (H.248.1 7.1.11).

use super::{
    event::Rules,
    package,
    stream::{Refusal, refusal_of},
};
use crate::wire::h248::{
    ErrorCode, EventSpec, NotifyCompletion, Parameter, PkgdName, RequestId, Signal, SignalRequest, SignalType,
    SignalsDescriptor, Value, package::ItemKind,
};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// How a signal ended, as `Meth` of `g/sc` names it. H.248.1 E.1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Its time was over, or it was brief.
    TimeOut,
    /// An event interrupted it.
    Event,
    /// A new Signals descriptor interrupted it.
    Descriptor,
    /// It could not be completed.
    Other,
}

impl End {
    const fn word(self) -> &'static str {
        match self {
            Self::TimeOut => "TO",
            Self::Event => "EV",
            Self::Descriptor => "SD",
            Self::Other => "NC",
        }
    }

    const fn is_in(self, asked: NotifyCompletion) -> bool {
        match self {
            Self::TimeOut => asked.time_out,
            Self::Event => asked.interrupted_by_event,
            Self::Descriptor => asked.interrupted_by_signals,
            Self::Other => asked.other_reason,
        }
    }
}

/// A signal or list that plays.
#[derive(Debug, Clone)]
struct Playing {
    request: SignalRequest<'static>,
    /// Of a list: which one.
    at: usize,
    /// When it ends by itself; of a pause between two of a list, when the next begins.
    until: Option<Instant>,
    pausing: bool,
}

impl Playing {
    fn signals(&self) -> &[Signal<'static>] {
        match &self.request {
            SignalRequest::Signal(signal) => std::slice::from_ref(signal),
            SignalRequest::List(list) => &list.signals,
        }
    }

    fn signal(&self) -> Option<&Signal<'static>> {
        self.signals().get(self.at)
    }

    fn completion(&self, end: End) -> Option<EventSpec<'static>> {
        let list = match &self.request {
            SignalRequest::Signal(_) => None,
            SignalRequest::List(list) => Some(list.id),
        };
        completion(self.signal()?, list, end)
    }
}

/// `g/sc`, if the MGC asked for this end of the signal to be reported.
fn completion(signal: &Signal<'static>, list: Option<u16>, end: End) -> Option<EventSpec<'static>> {
    let asked = signal.notify_completion.is_some_and(|asked| end.is_in(asked));
    let mut parameters = vec![
        Parameter::equal("SigID", Value::plain(signal.name.to_string())),
        Parameter::equal("Meth", Value::plain(end.word())),
    ];
    parameters.extend(list.map(|id| Parameter::equal("SLID", Value::number(id))));
    if let Some(RequestId::Id(id)) = signal.request_id {
        parameters.push(Parameter::equal("RID", Value::number(id)));
    }
    asked.then(|| EventSpec { name: PkgdName::new("g", "sc"), stream: signal.stream, parameters })
}

/// Brings a signal's effect about; false when there is nothing it could work on.
pub(super) type Begin<'b> = &'b mut dyn FnMut(&Signal<'_>) -> bool;

/// The signals of one termination.
#[derive(Debug, Clone, Default)]
pub(super) struct Signals {
    playing: VecDeque<Playing>,
}

impl Signals {
    /// What plays, as audits show it.
    pub(super) fn descriptor(&self) -> SignalsDescriptor<'static> {
        SignalsDescriptor(self.playing.iter().map(|playing| playing.request.clone()).collect())
    }

    /// A new descriptor replaces the old one as a whole; what plays goes on where the new one says so (KeepActive).
    pub(super) fn replace(
        &mut self,
        now: Instant,
        descriptor: SignalsDescriptor<'static>,
        begin: Begin<'_>,
    ) -> Vec<EventSpec<'static>> {
        let mut before: Vec<_> = self.playing.drain(..).collect();
        let mut begins = Vec::new();
        for request in descriptor.0 {
            let same = |playing: &Playing| match (&request, &playing.request) {
                (SignalRequest::Signal(new), SignalRequest::Signal(old)) => {
                    new.keep_active && new.name == old.name && new.stream == old.stream
                }
                (SignalRequest::List(new), SignalRequest::List(old)) => {
                    new.id == old.id && new.signals.iter().any(|signal| signal.keep_active)
                }
                _ => false,
            };
            match before.iter().position(same) {
                Some(at) => self.playing.push_back(before.swap_remove(at)),
                None => begins.push(Playing { request, at: 0, until: None, pausing: false }),
            }
        }
        let mut ended: Vec<_> = before.iter().filter_map(|old| old.completion(End::Descriptor)).collect();
        for playing in begins {
            self.play(now, playing, begin, &mut ended);
        }
        ended
    }

    /// An event stops what does not keep active.
    pub(super) fn interrupt(&mut self) -> Vec<EventSpec<'static>> {
        let mut ended = Vec::new();
        self.playing.retain(|playing| {
            let keeps = playing.signal().is_some_and(|signal| signal.keep_active);
            if !keeps {
                ended.extend(playing.completion(End::Event));
            }
            keeps
        });
        ended
    }

    /// When the next ends by itself.
    pub(super) fn due(&self) -> Option<Instant> {
        self.playing.iter().filter_map(|playing| playing.until).min()
    }

    /// Ends what is over, and goes on with lists.
    pub(super) fn elapsed(&mut self, now: Instant, begin: Begin<'_>) -> Vec<EventSpec<'static>> {
        let mut ended = Vec::new();
        for _ in 0..self.playing.len() {
            let Some(mut playing) = self.playing.pop_front() else { break };
            match playing.until {
                Some(until) if until <= now => {
                    if !playing.pausing {
                        ended.extend(playing.completion(End::TimeOut));
                        let pause = playing.signal().and_then(|signal| signal.intersignal).filter(|pause| *pause > 0);
                        playing.at += 1;
                        if let (Some(pause), Some(_)) = (pause, playing.signal()) {
                            playing.pausing = true;
                            playing.until = Some(until + units(pause));
                            self.playing.push_back(playing);
                            continue;
                        }
                    }
                    playing.pausing = false;
                    self.play(now, playing, begin, &mut ended);
                }
                _ => self.playing.push_back(playing),
            }
        }
        ended
    }

    /// Plays on from where a list stands: a brief signal is over as soon as it began.
    fn play(&mut self, now: Instant, mut playing: Playing, begin: Begin<'_>, ended: &mut Vec<EventSpec<'static>>) {
        while let Some(signal) = playing.signal().cloned() {
            if !begin(&signal) {
                ended.extend(playing.completion(End::Other));
                playing.at += 1;
                continue;
            }
            let duration = match signal.signal_type.unwrap_or(package::signal_type(&signal)) {
                SignalType::OnOff => None,
                SignalType::TimeOut => Some(units(signal.duration.unwrap_or_default())),
                SignalType::Brief => Some(Duration::ZERO),
            };
            playing.until = duration.map(|duration| now + duration);
            if duration != Some(Duration::ZERO) {
                return self.playing.push_back(playing);
            }
            ended.extend(playing.completion(End::TimeOut));
            playing.at += 1;
        }
    }
}

/// Durations are given in units of 10 ms. H.248.1 7.1.11.
fn units(number: u16) -> Duration {
    Duration::from_millis(u64::from(number) * 10)
}

impl Rules {
    /// Can all of this be generated? 440, 452, 513, 446, 449, 457.
    pub(super) fn signals(&self, descriptor: &SignalsDescriptor<'_>) -> Result<(), Refusal> {
        for request in &descriptor.0 {
            let signals = match request {
                SignalRequest::Signal(signal) => std::slice::from_ref(signal),
                SignalRequest::List(list) => &list.signals,
            };
            signals.iter().try_for_each(|signal| self.signal(signal))?;
        }
        Ok(())
    }

    fn signal(&self, signal: &Signal<'_>) -> Result<(), Refusal> {
        let name = &signal.name;
        let taken = package::generated(name).filter(|_| !self.root);
        let taken = taken.ok_or_else(|| refusal_of(ErrorCode::CANNOT_GENERATE_SIGNAL, &name.to_string()))?;
        if let Some(missing) = taken.iter().find(|wanted| !signal.parameters.iter().any(|p| p.name == **wanted)) {
            return Err(refusal_of(ErrorCode::MISSING_PARAMETER, missing));
        }
        self.parameters(ItemKind::Signal, name, &signal.parameters, taken)
    }
}

#[cfg(test)]
mod tests {
    use crate::gateway::{BearerEvent, FailureCause, testing::Bench};
    use std::time::Duration;

    const LOCAL: &str = "v=0\nc=IN IP4 $\nm=message $ TCP *\n";
    const ALL_ENDS: &str = "NC={TO,IBE,IBS,OR}";

    fn added(rest: &str) -> Bench {
        let mut bench = Bench::new();
        bench.add("$", "MO=SR", LOCAL, rest);
        bench
    }

    fn modified(bench: &mut Bench, what: &str) -> Vec<String> {
        bench.message(format!("!/3 [192.0.2.9]:2944 T=7{{C=1{{MF=ip/access/1{{{what}}}}}}}").as_bytes())
    }

    fn playing(bench: &mut Bench) -> String {
        let audit = bench.say("C=1{AV=ip/access/1{AT{SG}}}");
        audit.trim_start_matches("{C=1{AV=ip/access/1{").trim_end_matches("}}}").into()
    }

    #[test]
    fn a_signal_with_a_time_plays_that_long_and_its_end_is_told() {
        let mut bench = added(",E=1{g/sc}");
        let sent = modified(&mut bench, &format!("SG{{tcpbcc/estbnc{{ST=1,SY=TO,DR=150,SPARQ=8,{ALL_ENDS}}}}}"));
        assert_eq!(sent.len(), 1);
        assert!(playing(&mut bench).starts_with("SG{tcpbcc/estbnc{"));
        assert!(bench.wait(Duration::from_millis(1499)).is_empty());
        let sent = bench.wait(Duration::from_millis(1));
        let expected = "OE=1{g/sc{ST=1,SigID=tcpbcc/estbnc,Meth=TO,RID=8}}";
        assert!(sent.len() == 1 && sent[0].1.contains(expected), "{sent:?}");
        assert_eq!(playing(&mut bench), "SG");
    }

    #[test]
    fn a_new_descriptor_stops_what_it_does_not_keep() {
        let mut bench = added(&format!(",E=1{{g/sc}},SG{{tcpbcc/estbnc{{SY=OO,{ALL_ENDS}}}}}"));
        let sent = modified(&mut bench, &format!("SG{{tcpbcc/estbnc{{SY=OO,KA,{ALL_ENDS}}}}}"));
        assert_eq!(sent.len(), 1, "it goes on");
        let sent = bench.message(b"!/2 [192.0.2.9]:2944 T=8{C=1{MF=ip/access/1{SG}}}");
        assert!(sent[1].contains("SigID=tcpbcc/estbnc,Meth=SD"), "{sent:?}");
        assert_eq!(playing(&mut bench), "SG");
    }

    #[test]
    fn an_event_stops_signals_unless_either_is_to_keep_active() {
        for (event, signal, goes_on) in
            [("nt/netfail", "", false), ("nt/netfail{KA}", "", true), ("nt/netfail", ",KA", true)]
        {
            let signals = format!("SG{{tcpbcc/estbnc{{SY=OO,{ALL_ENDS}{signal}}}}}");
            let mut bench = added(&format!(",E=1{{{event},g/sc}},{signals}"));
            let Some((relay, crate::gateway::LegCommand::Open { leg, .. })) = bench.bearer().into_iter().next() else {
                panic!("a leg")
            };
            let told = bench.report(relay, BearerEvent::Failed { leg, cause: FailureCause::TcpReset });
            assert_eq!(told[0].contains("Meth=EV"), !goes_on, "{told:?}");
            assert_eq!(playing(&mut bench) != "SG", goes_on);
        }
    }

    #[test]
    fn a_list_plays_one_after_the_other_with_pauses_between() {
        let each = format!("SY=TO,DR=100,SPAIS=50,{ALL_ENDS}");
        let list = format!("SG{{SL=4{{tcpbcc/estbnc{{{each}}},tcpbcc/relbnc{{{each}}}}}}}");
        let mut bench = added(&format!(",E=1{{g/sc{{KA}}}},{list}"));
        let sent = bench.wait(Duration::from_secs(1));
        assert!(sent[0].1.contains("SigID=tcpbcc/estbnc,Meth=TO,SLID=4"), "{sent:?}");
        bench.message(b"!/2 [192.0.2.9]:2944 P=1{C=1{N=ip/access/1}}");
        assert!(bench.wait(Duration::from_millis(1499)).is_empty());
        let sent = bench.wait(Duration::from_millis(1));
        assert!(sent[0].1.contains("SigID=tcpbcc/relbnc,Meth=TO,SLID=4"), "{sent:?}");
        assert_eq!(playing(&mut bench), "SG");
    }

    #[test]
    fn a_signal_without_a_bearer_to_work_on_is_not_completed() {
        let mut bench = Bench::new();
        bench.say("C=${A=${E=1{g/sc}}}");
        let sent = modified(&mut bench, &format!("SG{{tcpbcc/estbnc{{SY=TO,DR=9,{ALL_ENDS}}}}}"));
        assert!(sent[1].contains("SigID=tcpbcc/estbnc,Meth=NC"), "{sent:?}");
        assert_eq!(playing(&mut bench), "SG");
    }

    #[test]
    fn a_completion_that_plays_itself_again_comes_to_an_end() {
        let again = "SG{tcpbcc/estbnc{NC={TO}}}";
        let mut bench = added(&format!(",E=1{{g/sc{{EM{{{again}}}}}}}"));
        let sent = modified(&mut bench, again);
        assert!(sent[1].matches("Meth=TO").count() <= 16, "{sent:?}");
    }

    #[test]
    fn signals_nobody_can_play_are_refused_by_their_codes() {
        let mut bench = added("");
        for (code, signals) in [
            (440, "nosuch/signal"),
            (452, "g/nosuch"),
            (452, "SL=1{g/nosuch}"),
            (457, "ipnapt/latch"),
            (449, "ipnapt/latch{napt=SOMETIMES}"),
            (446, "ipnapt/latch{napt=LATCH,nosuch=1}"),
        ] {
            assert_eq!(bench.error(&format!("C=1{{MF=ip/access/1{{SG{{{signals}}}}}}}")), code, "{signals}");
        }
        assert_eq!(bench.error("C=-{MF=ROOT{SG{tcpbcc/estbnc}}}"), 513);
    }
}
