//! Runs the cases of a suite on a target and tells what happened as events.

use super::{
    collection,
    environment::Environment,
    suite::{Case, Suite, Wording},
    world::World,
};
use crate::{
    harness::pcap::trace,
    results::{Ending, Event, Folder, Scenario, Step, StepOutcome, Teardown, Verdict},
};
use cucumber::{
    Runner as _,
    runner::{Basic, basic::ScenarioType},
};
use futures::{FutureExt as _, StreamExt as _, stream};
use std::{cell::RefCell, rc::Rc, sync::Arc};

/// Which scenarios leave a trace file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TraceWish {
    /// Every one.
    #[default]
    All,
    /// Those that did not pass.
    Failed,
    /// None.
    None,
}

/// How the cases run.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Scenarios side by side.
    pub jobs: usize,
    /// Which leave a trace.
    pub trace: TraceWish,
    /// Where traces go; without a folder there are none.
    pub folder: Option<Folder>,
}

/// Runs every case of `suite`; `tell` hears of each as it starts and ends. Must be called within a tokio runtime; scenarios run
/// side by side on the calling thread, the target and the MGC on the runtime's others.
pub async fn run(
    suite: &Suite,
    environment: &Arc<Environment>,
    options: &RunOptions,
    tell: impl FnMut(Event) + 'static,
) {
    let tell = Rc::new(RefCell::new(tell));
    let cases = Rc::new(suite.clone());
    let options = Rc::new(options.clone());
    let (told, started) = (Rc::clone(&tell), Arc::clone(environment));
    let (begun, kinds) = (Rc::clone(&cases), Rc::clone(&cases));
    let ended = Arc::clone(environment);
    let runner = Basic::<World>::default()
        .steps(collection())
        .max_concurrent_scenarios(options.jobs.max(1))
        .which_scenario(move |feature, _, scenario| match kinds.case_at(feature, scenario) {
            Some(case) if case.exclusive => ScenarioType::Serial,
            _ => ScenarioType::Concurrent,
        })
        .before(move |feature, _, scenario, world| {
            let case = begun.case_at(feature, scenario).cloned();
            if let Some(case) = &case {
                (told.borrow_mut())(Event::ScenarioStarted { id: case.record.id.clone() });
            }
            world.begin(case, Arc::clone(&started));
            futures::future::ready(()).boxed_local()
        })
        .after(move |_, _, _, _, world| {
            let (environment, tell, options) = (Arc::clone(&ended), Rc::clone(&tell), Rc::clone(&options));
            async move {
                let Some(world) = world else { return };
                if let Some(record) = world.conclude(&environment, &options).await {
                    (tell.borrow_mut())(Event::ScenarioFinished { scenario: Box::new(record) });
                }
            }
            .boxed_local()
        });
    let features: Vec<_> = suite.features().iter().cloned().map(Ok).collect();
    let mut events = std::pin::pin!(runner.run(stream::iter(features), cucumber::runner::basic::Cli::default()));
    // The hooks do the work; the runner's own events carry nothing more.
    while events.next().await.is_some() {}
}

impl World {
    fn begin(&mut self, case: Option<Case>, environment: Arc<Environment>) {
        *self = Self { case, environment: Some(environment), ..Self::default() };
    }

    /// Ends the scenario: what was left is released, the evidence put together, the verdict found.
    async fn conclude(&mut self, environment: &Environment, options: &RunOptions) -> Option<Scenario> {
        let case = self.case.take()?;
        let mut record = case.record.clone();
        let mut ending = self.ending.take().unwrap_or(Ending::Complete);
        record.steps = std::mem::take(&mut self.steps);
        let mut outcome = if ending == Ending::Complete { StepOutcome::Undefined } else { StepOutcome::NotReached };
        for Wording { keyword, text, doc } in case.steps.iter().skip(record.steps.len()).cloned() {
            let started_us = self.transcript.elapsed_us();
            record.steps.push(Step { keyword, text, doc, outcome, started_us, duration_us: 0, checks: Vec::new() });
            outcome = StepOutcome::NotReached;
        }
        record.teardown = self.release().await;
        if let Some(association) = &self.association {
            if let Some(crash) = association.crashed() {
                ending = Ending::Crash(crash);
            }
            record.log = association.target().log();
            if case.exclusive || environment.is_private() {
                association.stop().await;
                environment.keep_log(association);
            }
        }
        record.duration_ms = self.transcript.elapsed_us() / 1000;
        record.frames = self.transcript.frames();
        record.judge(&ending, environment.adopted());
        if let Some(reason) = environment.known_failure(&case) {
            record.listed_as_known(&reason);
        }
        let wanted = match options.trace {
            TraceWish::All => true,
            TraceWish::Failed => record.verdict != Verdict::Pass,
            TraceWish::None => false,
        };
        if let Some(folder) = options.folder.as_ref().filter(|_| wanted && !record.frames.is_empty()) {
            let name = Folder::trace_name(&record.id);
            let mut octets = Vec::new();
            let written = trace::write(&self.transcript, &record.title, &mut octets)
                .map_err(|e| e.to_string())
                .and_then(|()| folder.write(&name, octets).map_err(|e| e.to_string()));
            match written {
                Ok(_) => record.trace = Some(name),
                Err(error) => {
                    record.verdict = Verdict::Error;
                    record.cause = format!("the trace could not be written: {error}");
                }
            }
        }
        Some(record)
    }

    /// Lets go of everything the scenario holds, and says how that went.
    async fn release(&mut self) -> Teardown {
        let Some(controller) = self.controller.take() else { return Teardown::Clean };
        let release = controller.release().await;
        self.session = super::session::Session::default();
        self.second = None;
        self.dialogue = super::dialogue::Dialogue::default();
        self.strangers.clear();
        if !release.leaked.is_empty() {
            Teardown::Leaked
        } else if release.unanswered.is_some() {
            Teardown::Unclean
        } else {
            Teardown::Clean
        }
    }
}
