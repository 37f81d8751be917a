//! The agent's life as a pure state machine: tasks and inputs in, receipts and effects out, time
//! passed in.
//!
//! ```text
//!              Prepare                        Start            Release
//! Available ─▶ Fetching ─▶ Building ─▶ Ready ─▶ Starting ─▶ Armed ─▶ Running ─▶ Available
//!    ▲  ▲         │            │         │          │         │         │  Stop      ▲
//!    │  └─────────┴── Stop ────┴─────────┘          └─────────┴─────────┴─▶ Stopping ┘
//!    └─ Clear ─ Error ◀─ what failed before Armed
//! ```

mod kept;
mod ledger;
mod task;
mod told;

use std::collections::BTreeMap;
use std::time::Duration;

use bfgg_protocol::{
    AgentPhase, DoctorReport, Failure, FailureCode, Lease, LiveCounters, PeerId, Prepare, Prepared,
    Probe, RunEnd, RunId, Start, TaskResult,
};
use serde::{Deserialize, Serialize};

use crate::clock::Now;
use crate::prepare::Built;
use crate::run_folder::{Control, RunSpec, Stage};

use kept::Unconfirmed;
pub(crate) use ledger::{Kind, Ledger, TaskKey};

/// A lease that is not used is given up this long after its controller was last in contact.
const LEASE_LIMIT: Duration = Duration::from_secs(120);
/// However long the other agents build, Ready ends.
const READY_LIMIT: Duration = Duration::from_secs(2 * 3600);
/// A supervisor ends a tree within 60 s + 15 s + 10 s; one that has not by now is itself ended.
const STOP_LIMIT: Duration = Duration::from_secs(100);
/// How often at most a run with a dead man's limit is told that its controller is heard.
const CONTACT_EVERY: Duration = Duration::from_secs(10);
/// Gatling tells its counters once a second: for this long they may stay away without a word.
const QUIET: Duration = Duration::from_secs(10);

/// What is kept across restarts, besides tasks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The group a controller has set; `None` for that of the settings.
    #[serde(default)]
    pub(crate) group: Option<String>,
    /// How long Gatling's JVM took at its last start until the load began, ms.
    #[serde(default)]
    pub(crate) start_up_ms: Option<u64>,
    /// For each controller, its newest run that ended here.
    #[serde(default)]
    pub(crate) ended: BTreeMap<String, RunEnd>,
}

/// What happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// A Prepare goes on.
    Progress {
        run: RunId,
        phase: AgentPhase,
        step: String,
    },
    /// A Prepare ended.
    Prepared {
        run: RunId,
        result: Result<Box<(Prepared, Built)>, Failure>,
    },
    /// The supervisor is up, or could not be brought up.
    Launched {
        run: RunId,
        result: Result<(), Failure>,
    },
    /// The supervisor is this far.
    Stage {
        run: RunId,
        stage: Stage,
        /// What it does, in a few words.
        doing: String,
    },
    /// Gatling's counters.
    Counters(LiveCounters),
    /// What the probe says.
    Probe(Probe),
    /// The run ended.
    Ended {
        controller: PeerId,
        end: Box<RunEnd>,
        start_up_ms: Option<u64>,
    },
    /// What the runs take that are kept for their controllers, bytes.
    Kept { bytes: u64 },
    /// A Doctor ended.
    Examined { key: TaskKey, report: DoctorReport },
    /// A controller is connected.
    Contact(PeerId),
    /// A supervisor was found running at the agent's start.
    Adopted {
        spec: Box<RunSpec>,
        stage: Stage,
        control: Control,
    },
    /// Time passes.
    Tick,
}

/// What to do.
#[derive(Debug, PartialEq)]
pub(crate) enum Effect {
    /// Fetch and build for a controller; then [`Input::Prepared`].
    Prepare(PeerId, Box<Prepare>),
    /// End the Prepare in progress; it still ends with [`Input::Prepared`].
    CancelPrepare,
    /// Bring a supervisor up; then [`Input::Launched`], and so on until [`Input::Ended`].
    Launch(Box<Launching>),
    /// Tell the supervisor.
    Control { run: RunId, control: Control },
    /// Tell the supervisor that the controller was heard; of no weight where it cannot be told.
    Contact { run: RunId, control: Control },
    /// End a supervisor that does not do its work, and all of its run.
    Abort(RunId),
    /// Look at the machine; then [`Input::Examined`].
    Examine(TaskKey),
    /// The run's files may be deleted.
    Confirm(RunId),
}

/// A run to bring up.
#[derive(Debug, PartialEq)]
pub(crate) struct Launching {
    pub(crate) lease: Lease,
    pub(crate) built: Built,
    pub(crate) simulation: String,
    pub(crate) start: Start,
}

#[derive(Debug)]
enum State {
    Available,
    Error(Failure),
    Preparing {
        lease: Lease,
        key: TaskKey,
        phase: AgentPhase,
        step: String,
        stopping: bool,
    },
    Ready {
        lease: Lease,
        ready: Box<(Prepared, Built)>,
        since: Duration,
        contact: Duration,
    },
    Started(Box<Started>),
}

/// A run that has a supervisor, or is about to.
#[derive(Debug)]
struct Started {
    lease: Lease,
    phase: AgentPhase,
    control: Control,
    live: Option<LiveCounters>,
    probe: Option<Probe>,
    /// When it was first told to stop, and whether it was then aborted.
    stop: Option<(Duration, bool)>,
    /// What the supervisor does at its stage.
    doing: String,
    /// The dead man's limit, and when the supervisor was last told of the controller.
    dead_man: Option<(Duration, Option<Duration>)>,
    /// When its counters were last new, while Gatling runs.
    news: Option<Duration>,
    /// How long Gatling has said nothing new, seconds, if that is long.
    quiet_s: Option<u64>,
}

impl Started {
    /// Its controller is connected: the supervisor is told, if it is to be.
    fn hears_controller(&mut self, now: Now) -> Option<Effect> {
        let (limit, told) = self.dead_man.as_mut()?;
        let every = CONTACT_EVERY.min(*limit / 10);
        if told.is_some_and(|told| now.mono.saturating_sub(told) < every) {
            return None;
        }
        *told = Some(now.mono);
        self.control.contact_ms = Some(now.wall_ms);
        let (run, control) = (self.lease.run, self.control.clone());
        Some(Effect::Contact { run, control })
    }

    /// Time passes: a supervisor that does not stop is ended, and a Gatling that is quiet is noticed.
    fn tick(&mut self, now: Now) -> Option<Effect> {
        let waited = |since: Duration| now.mono.saturating_sub(since);
        if let Some((since, aborted @ false)) = &mut self.stop
            && waited(*since) > STOP_LIMIT
        {
            *aborted = true;
            return Some(Effect::Abort(self.lease.run));
        }
        if self.phase == AgentPhase::Running {
            let quiet = waited(*self.news.get_or_insert(now.mono));
            self.quiet_s = (quiet >= QUIET).then_some(quiet.as_secs());
        } else {
            (self.news, self.quiet_s) = (None, None);
        }
        None
    }
}

fn dead_man(limit_s: Option<u32>) -> Option<(Duration, Option<Duration>)> {
    limit_s.map(|limit| (Duration::from_secs(limit.into()), None))
}

/// The agent.
#[derive(Debug)]
pub(crate) struct Life {
    state: State,
    ledger: Ledger,
    kept: Kept,
    kept_changed: bool,
    /// The group of the settings.
    group: String,
    unconfirmed: Unconfirmed,
}

impl Life {
    /// An agent as it was when it last ended. A Prepare in progress then is lost; a run may be
    /// found again with [`Input::Adopted`], before anything else.
    pub(crate) fn new(mut ledger: Ledger, kept: Kept, group: String) -> Self {
        let failure = Failure::new(
            FailureCode::Internal,
            "agent",
            "The agent was restarted before this task had ended.",
            "Send it again.",
        );
        for kind in [Kind::Prepare, Kind::Other] {
            ledger.finish_all(kind, &TaskResult::Failed(failure.clone()));
        }
        Self {
            state: State::Available,
            ledger,
            kept,
            kept_changed: false,
            group,
            unconfirmed: Unconfirmed::default(),
        }
    }

    /// What is kept, if it has changed since it was last asked for.
    pub(crate) fn take_changes(&mut self) -> (Option<&Ledger>, Option<&Kept>) {
        let ledger = self.ledger.take_changed().then_some(&self.ledger);
        let kept = std::mem::take(&mut self.kept_changed).then_some(&self.kept);
        (ledger, kept)
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Belongs to another group.
    pub(crate) fn set_group(&mut self, group: &str) {
        let group: String = group.chars().filter(|c| !c.is_control()).take(64).collect();
        let group = Some(group.trim().to_owned());
        self.kept_changed |= self.kept.group != group;
        self.kept.group = group;
    }

    /// The group the agent belongs to; empty for none.
    pub(crate) fn group(&self) -> &str {
        self.kept.group.as_deref().unwrap_or(&self.group)
    }

    pub(crate) fn phase(&self) -> AgentPhase {
        match &self.state {
            State::Available => AgentPhase::Available,
            State::Error(_) => AgentPhase::Error,
            State::Preparing { phase, .. } => *phase,
            State::Ready { .. } => AgentPhase::Ready,
            State::Started(started) => started.phase,
        }
    }

    pub(crate) fn lease(&self) -> Option<&Lease> {
        match &self.state {
            State::Available | State::Error(_) => None,
            State::Preparing { lease, .. } | State::Ready { lease, .. } => Some(lease),
            State::Started(started) => Some(&started.lease),
        }
    }

    /// Takes one input.
    pub(crate) fn handle(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Progress { run, phase, step } => {
                if let State::Preparing {
                    lease,
                    phase: at,
                    step: doing,
                    ..
                } = &mut self.state
                    && lease.run == run
                {
                    (*at, *doing) = (phase, step);
                }
            }
            Input::Prepared { run, result } => self.prepared(run, result, now),
            Input::Launched { run, result } => self.launched(run, result),
            Input::Stage { run, stage, doing } => {
                if let Some(started) = self.started(run) {
                    started.doing = doing;
                    started.phase = match stage {
                        _ if started.stop.is_some() => AgentPhase::Stopping,
                        Stage::Starting => AgentPhase::Starting,
                        Stage::Armed => AgentPhase::Armed,
                        Stage::Running => AgentPhase::Running,
                        Stage::Stopping => AgentPhase::Stopping,
                    };
                }
            }
            Input::Counters(counters) => {
                if let Some(started) = self.started(counters.run) {
                    started.live = Some(counters);
                    (started.news, started.quiet_s) = (Some(now.mono), None);
                }
            }
            Input::Probe(probe) => {
                if let Some(started) = self.started(probe.run) {
                    started.probe = Some(probe);
                }
            }
            Input::Ended {
                controller,
                end,
                start_up_ms,
            } => {
                self.ended(&controller, *end, start_up_ms);
            }
            Input::Kept { bytes } => self.unconfirmed.bytes = bytes,
            Input::Examined { key, report } => {
                self.ledger.finish(&key, TaskResult::Doctor(report));
            }
            Input::Contact(controller) => self.contact(&controller, now, effects),
            Input::Adopted {
                spec,
                stage,
                control,
            } => self.adopt(&spec, stage, control, now),
            Input::Tick => self.tick(now, effects),
        }
    }

    fn contact(&mut self, controller: &PeerId, now: Now, effects: &mut Vec<Effect>) {
        match &mut self.state {
            State::Ready { lease, contact, .. } if lease.controller == *controller => {
                *contact = now.mono;
            }
            State::Started(started) if started.lease.controller == *controller => {
                effects.extend(started.hears_controller(now));
            }
            _ => {}
        }
    }

    fn started(&mut self, run: RunId) -> Option<&mut Started> {
        match &mut self.state {
            State::Started(started) if started.lease.run == run => Some(started),
            _ => None,
        }
    }

    fn prepared(&mut self, run: RunId, result: Result<Box<(Prepared, Built)>, Failure>, now: Now) {
        let State::Preparing {
            lease,
            key,
            stopping,
            ..
        } = &self.state
        else {
            return;
        };
        if lease.run != run {
            return;
        }
        let (lease, key, stopping) = (lease.clone(), key.clone(), *stopping);
        let result = match result {
            Ok(_) if stopping => Err(crate::tool::stopped("prepare")),
            other => other,
        };
        let (state, result) = match result {
            Ok(ready) => {
                let prepared = TaskResult::Prepared(Box::new(ready.0.clone()));
                let state = match ready.0.simulation {
                    Some(_) => State::Ready {
                        lease,
                        ready,
                        since: now.mono,
                        contact: now.mono,
                    },
                    None => State::Available,
                };
                (state, prepared)
            }
            Err(failure) if stopping => (State::Available, TaskResult::Failed(failure)),
            Err(failure) => (State::Error(failure.clone()), TaskResult::Failed(failure)),
        };
        self.state = state;
        self.ledger.finish(&key, result);
        self.ledger.finish_all(Kind::Stop, &TaskResult::Done);
    }

    fn launched(&mut self, run: RunId, result: Result<(), Failure>) {
        let Some(started) = self.started(run) else {
            return;
        };
        match result {
            // How far it is it says itself.
            Ok(()) => self.ledger.finish_all(Kind::Start, &TaskResult::Done),
            Err(failure) => {
                let stopped = started.stop.is_some();
                self.ledger
                    .finish_all(Kind::Start, &TaskResult::Failed(failure.clone()));
                self.ledger.finish_all(Kind::Stop, &TaskResult::Done);
                self.state = if stopped {
                    State::Available
                } else {
                    State::Error(failure)
                };
            }
        }
    }

    fn ended(&mut self, controller: &PeerId, end: RunEnd, start_up_ms: Option<u64>) {
        if self.started(end.run).is_some() {
            self.state = State::Available;
            // It can have ended before it was seen to be up.
            self.ledger.finish_all(Kind::Start, &TaskResult::Done);
            self.ledger.finish_all(Kind::Stop, &TaskResult::Done);
        }
        if start_up_ms.is_some() {
            self.kept.start_up_ms = start_up_ms;
        }
        self.unconfirmed.add(controller, &end);
        self.kept.ended.insert(controller.as_str().to_owned(), end);
        self.kept_changed = true;
    }

    fn adopt(&mut self, spec: &RunSpec, stage: Stage, control: Control, now: Now) {
        let phase = match stage {
            _ if control.stop => AgentPhase::Stopping,
            Stage::Starting => AgentPhase::Starting,
            Stage::Armed => AgentPhase::Armed,
            Stage::Running => AgentPhase::Running,
            Stage::Stopping => AgentPhase::Stopping,
        };
        self.state = State::Started(Box::new(Started {
            lease: Lease {
                controller: spec.controller.clone(),
                controller_name: spec.controller_name.clone(),
                run: spec.run,
                since_ms: spec.since_ms,
            },
            phase,
            stop: control.stop.then_some((now.mono, false)),
            control,
            live: None,
            probe: None,
            doing: String::new(),
            dead_man: dead_man(spec.dead_man_s),
            news: None,
            quiet_s: None,
        }));
        self.ledger.finish_all(Kind::Start, &TaskResult::Done);
    }

    /// Nothing was adopted: what was under way before the restart is over.
    pub(crate) fn nothing_adopted(&mut self) {
        let message = "The agent was restarted before the run had started.";
        let failure = Failure::new(
            FailureCode::RunLost,
            "start",
            message,
            "Start the run again.",
        );
        self.ledger
            .finish_all(Kind::Start, &TaskResult::Failed(failure));
        self.ledger.finish_all(Kind::Stop, &TaskResult::Done);
    }

    /// Runs that ended before this start and that their controllers have not confirmed.
    pub(crate) fn set_unconfirmed(&mut self, ends: &[(PeerId, RunEnd)]) {
        for (controller, end) in ends {
            self.unconfirmed.add(controller, end);
        }
    }

    fn tick(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.unconfirmed.tick();
        let waited = |since: Duration| now.mono.saturating_sub(since);
        match &mut self.state {
            State::Ready {
                lease,
                since,
                contact,
                ..
            } if waited(*contact) > LEASE_LIMIT || waited(*since) > READY_LIMIT => {
                tracing::warn!(run = %lease.run, "the lease was not used and is given up");
                self.state = State::Available;
            }
            State::Started(started) => effects.extend(started.tick(now)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
