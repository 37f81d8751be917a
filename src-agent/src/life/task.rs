//! The task handler's decisions: what is begun, what is done at once, what is refused.

use bfgg_protocol::{
    AgentPhase, Lease, PeerId, Prepare, Receipt, Refusal, RefusalCode, RunId, Start, Task,
    TaskRequest, TaskResult,
};

use super::{Effect, Kind, Launching, Life, Started, State, TaskKey};
use crate::clock::{self, Now};
use crate::run_folder::Control;

/// The longest maximum duration, seconds: a log's times overflow after 24.8 days.
const LONGEST: u32 = 24 * 24 * 3600;

impl Life {
    /// Takes a task of a controller that this agent has joined.
    pub(crate) fn task(
        &mut self,
        now: Now,
        from: &PeerId,
        request: TaskRequest,
        effects: &mut Vec<Effect>,
    ) -> Receipt {
        let key = TaskKey {
            controller: from.clone(),
            task: request.id,
        };
        match self.ledger.look_up(&key) {
            Some(Some(result)) => return Receipt::Done(result.clone()),
            Some(None) => return Receipt::Accepted,
            None => {}
        }
        match request.task {
            // These change nothing, so there is nothing to remember.
            Task::Clock => Receipt::Done(TaskResult::Clock {
                now_us: clock::wall_us(),
            }),
            Task::Result { task } => {
                let earlier = TaskKey {
                    controller: from.clone(),
                    task,
                };
                match self.ledger.look_up(&earlier) {
                    Some(Some(result)) => Receipt::Done(result.clone()),
                    Some(None) => Receipt::Accepted,
                    None => self.refuse(RefusalCode::UnknownTask, "this task is not known here"),
                }
            }
            Task::Prepare(prepare) => self.prepare(now, key, prepare, effects),
            Task::Start(start) => self.start(now, key, start, effects),
            Task::Release { run, at_ms } => self.release(now, key, run, at_ms, effects),
            Task::Stop { run, force } => self.stop(now, key, run, force, effects),
            Task::Abandon { run } => match self.phase() {
                AgentPhase::Running => self.refuse(
                    RefusalCode::WrongPhase,
                    "the run has started; it can be stopped, not abandoned",
                ),
                _ => self.stop(now, key, run, false, effects),
            },
            Task::SetGroup { group } => {
                self.set_group(&group);
                self.done(now, key)
            }
            Task::Doctor => {
                effects.push(Effect::Examine(key.clone()));
                self.begin(now, key, Kind::Other)
            }
            Task::Clear => match &self.state {
                State::Available | State::Error(_) => {
                    self.state = State::Available;
                    self.done(now, key)
                }
                _ => self.refuse(RefusalCode::WrongPhase, "there is no error to clear"),
            },
            Task::Confirm { run } => {
                // A run is its controller's: another one cannot say that it has it.
                if self.unconfirmed.confirm(&key.controller, run) {
                    effects.push(Effect::Confirm(run));
                }
                self.done(now, key)
            }
        }
    }

    fn begin(&mut self, now: Now, key: TaskKey, kind: Kind) -> Receipt {
        self.ledger.enter(key, kind, now.wall_ms, None);
        Receipt::Accepted
    }

    fn done(&mut self, now: Now, key: TaskKey) -> Receipt {
        self.ledger
            .enter(key, Kind::Other, now.wall_ms, Some(TaskResult::Done));
        Receipt::Done(TaskResult::Done)
    }

    fn refuse(&self, code: RefusalCode, message: &str) -> Receipt {
        Receipt::Refused(Refusal {
            code,
            message: message.to_owned(),
            phase: Some(self.phase()),
        })
    }

    fn busy(&self, lease: &Lease) -> Receipt {
        let since = i64::try_from(lease.since_ms).unwrap_or_default();
        let since = jiff::Timestamp::from_millisecond(since).unwrap_or_default();
        let of = match lease.controller_name.as_str() {
            "" => lease.controller.short(),
            name => name,
        };
        let since = since.strftime("%H:%M:%S UTC");
        self.refuse(
            RefusalCode::Busy,
            &format!("busy: run {} of {of} since {since}", lease.run),
        )
    }

    /// Whether the agent is leased to this run of this controller; if not, the refusal.
    fn own(&self, key: &TaskKey, run: RunId) -> Result<(), Receipt> {
        match self.lease() {
            Some(lease) if lease.controller == key.controller && lease.run == run => Ok(()),
            Some(lease) => Err(self.busy(lease)),
            None => Err(self.refuse(RefusalCode::UnknownRun, &format!("run {run} is not here"))),
        }
    }

    fn prepare(
        &mut self,
        now: Now,
        key: TaskKey,
        prepare: Prepare,
        effects: &mut Vec<Effect>,
    ) -> Receipt {
        match &self.state {
            State::Available | State::Error(_) => {}
            State::Ready { lease, .. }
                if lease.controller == key.controller && lease.run == prepare.run => {}
            State::Preparing { lease, .. } | State::Ready { lease, .. } => return self.busy(lease),
            State::Started(started) => return self.busy(&started.lease),
        }
        let name = prepare
            .controller_name
            .chars()
            .filter(|c| !c.is_control())
            .take(64)
            .collect();
        let lease = Lease {
            controller: key.controller.clone(),
            controller_name: name,
            run: prepare.run,
            since_ms: now.wall_ms,
        };
        self.state = State::Preparing {
            lease,
            key: key.clone(),
            phase: AgentPhase::Fetching,
            step: String::new(),
            stopping: false,
        };
        let controller = key.controller.clone();
        effects.push(Effect::Prepare(controller, Box::new(prepare)));
        self.begin(now, key, Kind::Prepare)
    }

    fn start(
        &mut self,
        now: Now,
        key: TaskKey,
        start: Start,
        effects: &mut Vec<Effect>,
    ) -> Receipt {
        if let Err(refusal) = self.own(&key, start.run) {
            return refusal;
        }
        if start.max_duration_s == 0 || start.max_duration_s > LONGEST {
            let message = format!("the maximum duration must be from 1 to {LONGEST} s");
            return self.refuse(RefusalCode::BadInput, &message);
        }
        if start
            .dead_man_s
            .is_some_and(|limit| limit == 0 || limit > LONGEST)
        {
            let message = format!("the dead man's limit must be from 1 to {LONGEST} s");
            return self.refuse(RefusalCode::BadInput, &message);
        }
        let State::Ready { lease, ready, .. } = &self.state else {
            return self.refuse(
                RefusalCode::WrongPhase,
                "the run is not ready to be started",
            );
        };
        let Some(simulation) = ready.0.simulation.clone() else {
            return self.refuse(RefusalCode::WrongPhase, "no simulation was chosen");
        };
        let lease = lease.clone();
        let dead_man = super::dead_man(start.dead_man_s);
        let launching = Launching {
            lease: lease.clone(),
            built: ready.1.clone(),
            simulation,
            start,
        };
        self.state = State::Started(Box::new(Started {
            lease,
            phase: AgentPhase::Starting,
            control: Control::default(),
            live: None,
            probe: None,
            stop: None,
            doing: String::new(),
            dead_man,
            news: None,
            quiet_s: None,
        }));
        effects.push(Effect::Launch(Box::new(launching)));
        self.begin(now, key, Kind::Start)
    }

    fn release(
        &mut self,
        now: Now,
        key: TaskKey,
        run: RunId,
        at_ms: u64,
        effects: &mut Vec<Effect>,
    ) -> Receipt {
        if let Err(refusal) = self.own(&key, run) {
            return refusal;
        }
        match &mut self.state {
            State::Started(started) if started.phase == AgentPhase::Armed => {
                started.control.release_ms = Some(at_ms);
                effects.push(Effect::Control {
                    run,
                    control: started.control.clone(),
                });
                self.done(now, key)
            }
            _ => self.refuse(RefusalCode::WrongPhase, "the run is not armed"),
        }
    }

    /// Ends the run in whatever phase it is. What is not here is stopped already.
    fn stop(
        &mut self,
        now: Now,
        key: TaskKey,
        run: RunId,
        force: bool,
        effects: &mut Vec<Effect>,
    ) -> Receipt {
        match &mut self.state {
            State::Preparing {
                lease, stopping, ..
            } if lease.run == run && lease.controller == key.controller => {
                *stopping = true;
                effects.push(Effect::CancelPrepare);
                self.begin(now, key, Kind::Stop)
            }
            State::Ready { lease, .. }
                if lease.run == run && lease.controller == key.controller =>
            {
                self.state = State::Available;
                self.done(now, key)
            }
            State::Started(started)
                if started.lease.run == run && started.lease.controller == key.controller =>
            {
                started.phase = AgentPhase::Stopping;
                started.stop.get_or_insert((now.mono, false));
                started.control.stop = true;
                started.control.force |= force;
                effects.push(Effect::Control {
                    run,
                    control: started.control.clone(),
                });
                self.begin(now, key, Kind::Stop)
            }
            _ => self.done(now, key),
        }
    }
}
