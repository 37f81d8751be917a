//! The run's state machine: every transition, and every deadline.

mod clocks;

use std::time::Duration;

use bfgg_protocol::{
    AgentPhase, AgentState, Failure, FailureCode, Health, Indicators, InstanceId, Jdk, Lease,
    LiveCounters, PeerId, Prepared, Probe, RunEnd, RunExit, Task, TaskId, TaskResult,
};

use super::{Chosen, Effect, Input, LateErrand, Machine, delivered, errand_of, revised};
use crate::api::types::{RunAgentPhase as Phase, RunSpec, RunState as State, StopKind};
use crate::clock::{Now, Offset};

mod loss;
mod parts;
mod stops;

pub(super) use parts::{run_end, started_run};

/// A run of two agents, and what it has asked for.
struct Rig {
    machine: Machine,
    mono: Duration,
    pushed: Vec<(PeerId, TaskId, Task)>,
    effects: Vec<Effect>,
    /// What the next heartbeats say.
    cpu: f32,
}

impl Rig {
    fn new() -> Self {
        Self::of(serde_json::json!({"source": {"url": "x"}}))
    }

    fn of(spec: serde_json::Value) -> Self {
        Self::with(spec, &["a", "b"])
    }

    fn with(spec: serde_json::Value, agents: &[&str]) -> Self {
        let spec: RunSpec = serde_json::from_value(spec).unwrap();
        let agents = agents.iter().map(|id| Chosen {
            id: PeerId::new(*id),
            name: format!("lab-{id}"),
            host: (*id).into(),
        });
        let now = Now {
            mono: Duration::ZERO,
            wall_ms: 0,
        };
        let machine = Machine::new(
            spec,
            None,
            agents.collect(),
            "here".into(),
            |_| String::new(),
            now,
        )
        .unwrap();
        let (pushed, effects) = (Vec::new(), Vec::new());
        let mut rig = Self {
            machine,
            mono: Duration::ZERO,
            pushed,
            effects,
            cpu: 0.0,
        };
        rig.input(Input::Begin);
        rig
    }

    fn now(&self) -> Now {
        Now {
            mono: self.mono,
            wall_ms: 1_000_000 + self.mono.as_millis() as u64,
        }
    }

    fn input(&mut self, input: Input) {
        for effect in self.machine.handle(self.now(), input) {
            if let Effect::Push { agent, task, what } = &effect {
                self.pushed.push((agent.clone(), *task, what.clone()));
            }
            self.effects.push(effect);
        }
    }

    fn later(&mut self, seconds: u64) {
        self.mono += Duration::from_secs(seconds);
        self.input(Input::Tick);
    }

    fn state(&self) -> State {
        self.machine.run().state
    }

    fn phase(&self, agent: usize) -> Phase {
        self.machine.run().agents[agent].phase
    }

    /// Ends the newest task of an agent.
    fn end_task(&mut self, agent: &str, result: Result<TaskResult, Failure>) {
        let agent = PeerId::new(agent);
        let task = self
            .pushed
            .iter()
            .rev()
            .find(|(to, ..)| *to == agent)
            .unwrap()
            .1;
        self.input(Input::TaskEnded {
            agent,
            task,
            result,
        });
    }

    fn prepared(&mut self, agent: &str, commit: &str) {
        let jdk = Jdk {
            home: String::new(),
            version: "17".into(),
            feature: 17,
            vendor: String::new(),
        };
        let prepared = Prepared {
            commit: commit.into(),
            build_tool: "maven".into(),
            simulations: vec!["S".into()],
            simulation: Some("S".into()),
            jdk,
            gatling: "3.16.0".into(),
            indicators: Indicators::default(),
            fetch_ms: 0,
            build_ms: 0,
        };
        self.end_task(agent, Ok(TaskResult::Prepared(Box::new(prepared))));
    }

    /// A heartbeat: `None` says nothing of this run.
    fn heard(&mut self, agent: &str, phase: Option<AgentPhase>, end: Option<RunExit>) {
        self.heard_of(agent, phase, end, None);
    }

    /// The same, with what the probe tells.
    fn heard_of(
        &mut self,
        agent: &str,
        phase: Option<AgentPhase>,
        end: Option<RunExit>,
        probe: Option<Probe>,
    ) {
        let state = self.state_of(agent, phase, end, probe);
        self.input(Input::Heard {
            agent: PeerId::new(agent),
            state: Box::new(state),
        });
    }

    fn state_of(
        &self,
        agent: &str,
        phase: Option<AgentPhase>,
        end: Option<RunExit>,
        probe: Option<Probe>,
    ) -> AgentState {
        let run = self.machine.run().id;
        AgentState {
            instance: InstanceId::new(),
            sequence: 1,
            name: agent.into(),
            group: String::new(),
            phase: phase.unwrap_or(AgentPhase::Available),
            step: String::new(),
            lease: phase.map(|_| Lease {
                controller: PeerId::new("c"),
                controller_name: String::new(),
                run,
                since_ms: 0,
            }),
            failure: None,
            tasks: Vec::new(),
            live: None,
            probe: probe.clone(),
            ended: end.map(|exit| RunEnd {
                run,
                exit,
                started_ms: 1,
                ended_ms: 2,
                console: None,
                log_bytes: Some(1),
                failure: None,
                probe,
                dead_man: false,
            }),
            kept: None,
            health: Health {
                cpu_percent: self.cpu,
                ..Health::default()
            },
            clock_jump: None,
        }
    }

    fn to_arming() -> Self {
        Self::new().arming()
    }

    fn names(&self) -> Vec<String> {
        let agents = self.machine.run().agents.iter();
        agents.map(|agent| agent.id.as_str().to_owned()).collect()
    }

    fn arming(self) -> Self {
        let mut rig = self;
        for agent in &rig.names() {
            rig.prepared(agent, "c1");
        }
        assert_eq!(rig.state(), State::Arming);
        rig
    }

    fn to_running() -> Self {
        Self::to_arming().running()
    }

    fn running(self) -> Self {
        let mut rig = self;
        for agent in &rig.names() {
            rig.clock(agent, if agent == "b" { 5_000_000 } else { 0 });
            rig.heard(agent, Some(AgentPhase::Armed), None);
        }
        assert_eq!(rig.state(), State::Running);
        for agent in &rig.names() {
            rig.end_task(agent, Ok(TaskResult::Done));
            rig.heard(agent, Some(AgentPhase::Running), None);
        }
        rig
    }

    fn stops(&self) -> Vec<bool> {
        let force = |(_, _, task): &(PeerId, TaskId, Task)| match task {
            Task::Stop { force, .. } => Some(*force),
            _ => None,
        };
        self.pushed.iter().filter_map(force).collect()
    }

    fn collect(&mut self, agents: &[&str]) {
        for agent in agents {
            self.input(Input::Collected {
                agent: PeerId::new(*agent),
                result: Ok(()),
            });
        }
        assert_eq!(
            self.effects
                .iter()
                .filter(|e| **e == Effect::Report)
                .count(),
            1
        );
    }
}

fn failure(code: FailureCode) -> Failure {
    Failure::new(code, "test", "it failed", "")
}

#[test]
fn a_run_from_begin_to_finished() {
    let mut rig = Rig::to_running();
    // One instant, in each agent's own clock.
    let releases: Vec<u64> = rig
        .pushed
        .iter()
        .filter_map(|(_, _, task)| match task {
            Task::Release { at_ms, .. } => Some(*at_ms),
            _ => None,
        })
        .collect();
    assert_eq!(releases[1] - releases[0], 5_000);
    assert_eq!(rig.machine.run().started_ms, Some(releases[0]));
    rig.heard("a", None, Some(RunExit::Success));
    assert_eq!(rig.state(), State::Running);
    rig.heard("b", None, Some(RunExit::AssertionsFailed));
    assert_eq!(rig.state(), State::Collecting);
    rig.collect(&["a", "b"]);
    rig.input(Input::Reported {
        result: Ok(Vec::new()),
    });
    assert_eq!(rig.state(), State::Finished);
}

#[test]
fn an_agent_with_another_commit_prepares_again() {
    let mut rig = Rig::new();
    rig.prepared("a", "c1");
    rig.prepared("b", "c2");
    assert_eq!(rig.state(), State::Preparing);
    let again = rig.pushed.last().unwrap();
    assert!(matches!(&again.2, Task::Prepare(p) if p.source.commit.as_deref() == Some("c1")));
    rig.prepared("b", "c1");
    assert_eq!(rig.state(), State::Arming);
    assert_eq!(rig.machine.run().commit.as_deref(), Some("c1"));
}

#[test]
fn an_agent_that_built_other_files_than_the_folders_fails() {
    let id = "5f".repeat(32);
    let snapshot = serde_json::json!({"id": id, "name": "shop-tests"});
    let mut rig = Rig::of(serde_json::json!({"source": {"snapshot": snapshot, "folder": "load"}}));
    assert_eq!(rig.machine.run().commit.as_deref(), Some(id.as_str()));
    let asked = rig.pushed.iter().map(|(_, _, task)| match task {
        Task::Prepare(prepare) => prepare.snapshot.as_ref().map(ToString::to_string),
        _ => None,
    });
    assert_eq!(
        asked.collect::<Vec<_>>(),
        [Some(id.clone()), Some(id.clone())]
    );
    rig.prepared("a", &id);
    rig.prepared("b", "another");
    assert_eq!(rig.phase(1), Phase::Failed);
    let failures = &rig.machine.run().failures;
    assert!(
        failures[0]
            .failure
            .message
            .contains("lab-b has built other files")
    );
    rig.later(1);
    assert_eq!(rig.state(), State::Stopping);
}

#[test]
fn a_failure_before_the_start_releases_the_others_and_fails() {
    let cases: [fn(&mut Rig); 4] = [
        |rig| rig.end_task("b", Err(failure(FailureCode::BuildFailed))),
        |rig| rig.end_task("b", Ok(TaskResult::Failed(failure(FailureCode::NoJdk)))),
        |rig| {
            rig.input(Input::Lost {
                agent: PeerId::new("b"),
            });
        },
        |rig| rig.later(3_601),
    ];
    for (number, fail) in cases.into_iter().enumerate() {
        let mut rig = Rig::new();
        rig.prepared("a", "c1");
        fail(&mut rig);
        assert_eq!(rig.state(), State::Stopping, "case {number}");
        rig.heard("a", None, None);
        rig.heard("b", None, None);
        assert_eq!(rig.state(), State::Failed, "case {number}");
        assert_eq!(rig.phase(0), Phase::Ended, "case {number}");
        assert_eq!(
            rig.machine.run().failures[0].agent,
            "lab-b",
            "case {number}"
        );
    }
}

#[test]
fn an_agent_that_is_busy_is_not_told_to_stop() {
    let mut rig = Rig::new();
    rig.end_task("b", Err(failure(FailureCode::Busy)));
    let told: Vec<&str> = rig
        .pushed
        .iter()
        .filter(|(_, _, task)| matches!(task, Task::Stop { .. }))
        .map(|(agent, ..)| agent.as_str())
        .collect();
    assert_eq!(told, ["a"]);
    rig.heard("a", None, None);
    assert_eq!(rig.state(), State::Failed);
}

#[test]
fn counters_of_any_size_are_added_up() {
    let mut rig = Rig::to_running();
    for agent in 0..2 {
        rig.machine.run.agents[agent].live = Some(LiveCounters {
            run: rig.machine.run.id,
            elapsed_s: u32::MAX,
            ok: u64::MAX,
            ko: u64::MAX,
            users_active: u64::MAX,
            users_done: u64::MAX,
            users_waiting: u64::MAX,
        });
    }
    rig.later(1);
    rig.heard("a", Some(AgentPhase::Running), None);
    let live = &rig.machine.run().live;
    assert_eq!((live.ok, live.users_active), (u64::MAX, u64::MAX));
}

#[test]
fn arming_has_a_deadline() {
    let mut rig = Rig::to_arming();
    rig.heard("a", Some(AgentPhase::Armed), None);
    // The agent's own reason comes first: 30 s + 300 s after it got its start.
    rig.later(345);
    assert_eq!(rig.state(), State::Arming);
    rig.later(1);
    assert_eq!(rig.state(), State::Stopping);
    assert_eq!(rig.phase(1), Phase::Failed);
}

#[test]
fn what_is_not_held_needs_time_to_come_up_and_is_noted() {
    let probe = |rig: &Rig, held: bool, reason: &str| Probe {
        run: rig.machine.run().id,
        held,
        flushed: held,
        reason: reason.into(),
        released_ms: None,
        gatling_ms: None,
        heap_used_bytes: 0,
        heap_max_bytes: 0,
        gc_ms: 0,
    };
    for (told, lead, note) in [
        (Some(true), 2_000, ""),
        (
            Some(false),
            6_000,
            "lab-b: start not held, live figures lag (switched off).",
        ),
        (
            None,
            6_000,
            "lab-b: start not held, live figures lag (its probe has told nothing).",
        ),
    ] {
        let mut rig = Rig::to_arming();
        for agent in ["a", "b"] {
            rig.clock(agent, 0);
        }
        let armed = Some(AgentPhase::Armed);
        let (held, other) = (probe(&rig, true, ""), probe(&rig, false, "switched off"));
        rig.heard_of("a", armed, None, Some(held.clone()));
        let second = told.map(|is_held| if is_held { held } else { other });
        rig.heard_of("b", armed, None, second);
        assert_eq!(rig.machine.run().started_ms, Some(1_000_000 + lead));
        let notes = &rig.machine.run().notes;
        let notes = notes.iter().filter(|note| note.contains("held"));
        assert_eq!(notes.cloned().collect::<String>(), note);
    }
}

#[test]
fn a_logs_times_are_corrected_by_gatlings_own_clock() {
    let mut rig = Rig::to_running();
    let probe = Probe {
        run: rig.machine.run().id,
        held: true,
        flushed: true,
        reason: String::new(),
        released_ms: Some(5_000),
        gatling_ms: Some(5_030),
        heap_used_bytes: 0,
        heap_max_bytes: 0,
        gc_ms: 0,
    };
    rig.heard_of("a", None, Some(RunExit::Success), Some(probe.clone()));
    let agent = &rig.machine.run().agents[0];
    assert_eq!(
        (agent.probe.as_ref(), agent.log_lag_ms()),
        (Some(&probe), -30)
    );
    assert_eq!(rig.machine.run().agents[1].log_lag_ms(), 0);
}

#[test]
fn the_others_wait_a_while_for_an_agent_that_is_lost() {
    let mut rig = Rig::to_running();
    rig.input(Input::Lost {
        agent: PeerId::new("b"),
    });
    rig.heard("a", None, Some(RunExit::Success));
    rig.later(29);
    assert_eq!(rig.state(), State::Running);
    // Back in time: nothing was lost.
    rig.heard("b", Some(AgentPhase::Running), None);
    assert_eq!(rig.phase(1), Phase::Running);
    rig.input(Input::Lost {
        agent: PeerId::new("b"),
    });
    rig.later(31);
    assert_eq!(rig.state(), State::Collecting);
    rig.collect(&["a"]);
    rig.input(Input::Reported {
        result: Ok(Vec::new()),
    });
    assert_eq!(rig.state(), State::Partial);
}

#[test]
fn where_nobody_is_heard_the_run_waits() {
    let mut rig = Rig::to_running();
    for agent in ["a", "b"] {
        rig.input(Input::Lost {
            agent: PeerId::new(agent),
        });
    }
    rig.later(3_600);
    assert_eq!(rig.state(), State::Running);
}

#[test]
fn a_run_that_is_overdue_is_ended() {
    let mut rig = Rig::to_running();
    let limit = u64::from(rig.machine.run().spec.max_duration_s);
    rig.later(limit + 121);
    assert_eq!(rig.state(), State::Stopping);
    assert_eq!(rig.stops(), [true, true]);
}

#[test]
fn an_agent_that_does_not_know_the_run_any_more_has_failed() {
    let mut rig = Rig::to_running();
    rig.heard("b", None, None);
    rig.later(16);
    assert_eq!(rig.phase(1), Phase::Failed);
    rig.heard("a", None, Some(RunExit::Success));
    assert_eq!(rig.state(), State::Collecting);
}

#[test]
fn logs_that_cannot_be_had_make_it_partial_and_none_at_all_failed() {
    for (reported, state) in [
        (Ok(Vec::new()), State::Partial),
        (Err(failure(FailureCode::Internal)), State::Failed),
    ] {
        let mut rig = Rig::to_running();
        for agent in ["a", "b"] {
            rig.heard(agent, None, Some(RunExit::Success));
        }
        let result = Err(failure(FailureCode::CollectFailed));
        rig.input(Input::Collected {
            agent: PeerId::new("b"),
            result,
        });
        rig.collect(&["a"]);
        rig.input(Input::Reported { result: reported });
        assert_eq!(rig.state(), state);
    }
}

#[test]
fn inputs_of_strangers_and_of_old_tasks_change_nothing() {
    let mut rig = Rig::new();
    rig.heard("stranger", Some(AgentPhase::Armed), None);
    let (agent, task) = (PeerId::new("a"), TaskId::new());
    let result = Err(failure(FailureCode::Internal));
    rig.input(Input::TaskEnded {
        agent,
        task,
        result,
    });
    assert_eq!(rig.state(), State::Preparing);
}
