//! The clocks of a run's agents, by clocks that are made up.

use std::sync::LazyLock;

use bfgg_protocol::ClockJump;

use super::*;
use crate::run::{run_clocks, timing};

/// One start of an agent.
static INSTANCE: LazyLock<InstanceId> = LazyLock::new(InstanceId::new);
const MINUTE: i64 = 60_000_000;
const HOUR_MS: i64 = 3_600_000;

fn probe(rig: &Rig, held: bool, reason: &str) -> Probe {
    Probe {
        run: rig.machine.run().id,
        held,
        flushed: held,
        reason: reason.into(),
        released_ms: None,
        gatling_ms: None,
        heap_used_bytes: 0,
        heap_max_bytes: 0,
        gc_ms: 0,
    }
}

impl Rig {
    /// The agent's clock is so many µs ahead, ±200 µs.
    pub(super) fn clock(&mut self, agent: &str, offset_us: i64) {
        let at = self.now();
        self.input(Input::Clock {
            agent: PeerId::new(agent),
            offset: Some(Offset {
                at,
                offset_us,
                uncertainty_us: 200,
            }),
        });
    }

    /// A beat of a running agent with what the probe tells, and the newest jump of its clock.
    fn tells(&mut self, agent: &str, released_ms: Option<u64>, jump: Option<(u32, i64)>) {
        let probe = Probe {
            released_ms,
            gatling_ms: released_ms.map(|ms| ms + 7),
            ..probe(self, true, "")
        };
        let mut state = self.state_of(agent, Some(AgentPhase::Running), None, Some(probe));
        state.instance = *INSTANCE;
        state.clock_jump = jump.map(|(number, by_ms)| ClockJump {
            number,
            at_ms: 5,
            by_ms,
        });
        self.input(Input::Heard {
            agent: PeerId::new(agent),
            state: Box::new(state),
        });
    }

    fn measured(&self) -> usize {
        let asked = |effect: &&Effect| matches!(effect, Effect::MeasureClock { .. });
        self.effects.iter().filter(asked).count()
    }

    /// Running, with b's clock so far ahead; when the instant is, by both clocks.
    fn with_clock(offset_us: i64) -> (Self, u64, u64) {
        let mut rig = Self::to_arming();
        rig.clock("a", 0);
        rig.clock("b", offset_us);
        let held = probe(&rig, true, "");
        for agent in ["a", "b"] {
            rig.heard_of(agent, Some(AgentPhase::Armed), None, Some(held.clone()));
        }
        assert_eq!(rig.state(), State::Running);
        let released = rig
            .pushed
            .iter()
            .rev()
            .take(2)
            .map(|(.., task)| match task {
                Task::Release { at_ms, .. } => *at_ms,
                other => panic!("{other:?}"),
            });
        let instants: Vec<u64> = released.collect();
        (rig, instants[1], instants[0])
    }

    fn notes(&self, of: &str) -> Vec<&str> {
        let notes = self.machine.run().notes.iter();
        notes
            .map(String::as_str)
            .filter(|note| note.contains(of))
            .collect()
    }
}

/// F15: an agent's clock is 5 minutes ahead or behind.
#[test]
fn a_clock_that_is_far_off_is_told_and_corrected() {
    for (offset_us, words) in [(5 * MINUTE, "5:00 ahead"), (-5 * MINUTE, "5:00 behind")] {
        let (mut rig, ours, its) = Rig::with_clock(offset_us);
        assert_eq!(its, ours.saturating_add_signed(offset_us / 1000));
        let note = format!("The clock of lab-b is {words}; the times of its log are corrected.");
        assert_eq!(rig.notes("clock"), [note]);
        // Both begin at the same moment, but for what they are late.
        rig.tells("a", Some(ours + 1), None);
        rig.tells("b", Some(its + 4), None);
        let run = rig.machine.run();
        let start = run.start.unwrap();
        assert!(start.held);
        assert_eq!(start.spread_ms, Some(3.0));
        assert!((start.uncertainty_ms - 1.4).abs() < 1e-9, "{start:?}");
        assert_eq!(run.agents[1].released_after_ms, Some(4.0));
        // Gatling's own clock is 7 ms ahead of its machine's.
        let (added, timing) = timing(&run.agents[1], run.started_ms);
        assert_eq!(added, -7 - offset_us / 1000);
        assert_eq!(timing.drift_from_ms, its as i64 + 11);
        assert_eq!(timing.released_after_ms, Some(4.0));
        // No deadline goes by an agent's clock.
        rig.later(20);
        assert_eq!(rig.state(), State::Running);
    }
}

/// F15: a clock jumps by an hour in the run.
#[test]
fn a_clock_that_jumps_is_an_event_and_changes_no_figure() {
    for (by_ms, words) in [
        (HOUR_MS, "forward by 1:00:00"),
        (-HOUR_MS, "back by 1:00:00"),
    ] {
        let (mut rig, _, its) = Rig::with_clock(5000);
        rig.tells("b", Some(its), None);
        let before = timing(&rig.machine.run().agents[1], rig.machine.run().started_ms);
        rig.later(62);
        let asked = rig.measured();
        rig.tells("b", Some(its), Some((1, by_ms)));
        assert_eq!(rig.measured(), asked + 1, "it is measured at once");
        rig.tells("b", Some(its), Some((1, by_ms)));
        rig.clock("b", 5000 + by_ms * 1000);
        let run = rig.machine.run();
        let [step] = &run.clock_steps[..] else {
            panic!("{:?}", run.clock_steps);
        };
        assert_eq!((step.index, step.by_ms, step.after_ms), (1, by_ms, 60_000));
        assert!(step.noticed_by_agent);
        let note = format!("The clock of lab-b was set {words} at 00:01:00 of the run;");
        assert!(rig.notes("clock")[0].starts_with(&note), "{:?}", run.notes);
        assert_eq!(timing(&run.agents[1], run.started_ms), before);
        assert_eq!(run_clocks(run).steps, run.clock_steps);
        assert_eq!(rig.state(), State::Running);
        // Back again.
        rig.later(300);
        rig.tells("b", Some(its), Some((2, -by_ms)));
        rig.clock("b", 5000);
        assert_eq!(rig.machine.run().clock_steps.len(), 2);
    }
}

#[test]
fn a_jump_that_only_the_offset_tells_is_one_too() {
    let (mut rig, _, its) = Rig::with_clock(0);
    rig.tells("b", Some(its), None);
    rig.later(60);
    rig.clock("b", 250_000);
    let step = rig.machine.run().clock_steps[0].clone();
    assert_eq!((step.by_ms, step.noticed_by_agent), (250, false));
    assert!(rig.notes("did not notice")[0].contains("250 ms"));
    // The agent's own word comes later.
    rig.tells("b", Some(its), Some((1, 251)));
    let run = rig.machine.run();
    assert_eq!(run.clock_steps.len(), 1);
    assert!(run.clock_steps[0].noticed_by_agent && rig.notes("did not notice").is_empty());
    assert_eq!(rig.notes("was set forward").len(), 1);
}

#[test]
fn what_a_clock_did_before_the_run_is_no_part_of_it() {
    let mut rig = Rig::to_arming();
    rig.clock("a", 0);
    rig.clock("b", 0);
    rig.tells("a", None, None);
    rig.tells("b", None, Some((3, 900)));
    assert!(rig.machine.run().clock_steps.is_empty());
    // Set while the others come up: the start waits until it is measured again.
    let asked = rig.measured();
    rig.tells("b", None, Some((4, 9000)));
    assert_eq!(rig.measured(), asked + 1);
    let held = probe(&rig, true, "");
    let armed = Some(AgentPhase::Armed);
    rig.heard_of("a", armed, None, Some(held.clone()));
    rig.heard_of("b", armed, None, Some(held));
    assert_eq!(rig.state(), State::Arming);
    rig.clock("b", 9_000_000);
    assert_eq!(rig.state(), State::Running);
    let run = rig.machine.run();
    assert!(run.clock_steps.is_empty());
    assert_eq!(run.agents[1].clock.unwrap().offset_ms, 9000.0);
    assert_eq!(rig.notes("9.0 s ahead").len(), 1);
}

#[test]
fn drift_is_measured_in_the_run_and_leaves_the_offset_alone() {
    let (mut rig, _, its) = Rig::with_clock(1_000_000);
    rig.tells("b", Some(its), None);
    for minute in 1..=10 {
        rig.later(60);
        // 100 ppm fast.
        rig.clock("b", 1_000_000 + minute * 6000);
    }
    let clock = rig.machine.run().agents[1].clock.unwrap();
    assert_eq!((clock.offset_ms, clock.uncertainty_ms), (1000.0, 0.2));
    let drift = clock.drift.unwrap();
    assert!(
        (drift.ppm - 100.0).abs() < 1.0 && drift.is_certain(),
        "{drift:?}"
    );
    assert!(rig.machine.run().clock_steps.is_empty());
}

#[test]
fn a_restarted_controller_keeps_the_offsets_of_the_start() {
    let (mut rig, _, its) = Rig::with_clock(5_000_000);
    rig.tells("b", Some(its), None);
    let run = rig.machine.run().clone();
    let now = Now {
        mono: Duration::ZERO,
        wall_ms: 1_000_000,
    };
    rig.machine = Machine::resume(run.clone(), "here".into(), now);
    rig.mono = Duration::from_secs(600);
    rig.input(Input::Begin);
    rig.clock("b", 5_000_300);
    let resumed = rig.machine.run();
    let offset = |run: &crate::api::types::Run| run.agents[1].clock.map(|own| own.offset_ms);
    assert_eq!(offset(resumed), offset(&run));
    assert!(resumed.clock_steps.is_empty());
    // It was set meanwhile.
    rig.machine = Machine::resume(run, "here".into(), now);
    rig.clock("b", 9_000_000);
    assert_eq!(rig.machine.run().clock_steps[0].by_ms, 4000);
}

#[test]
fn without_a_probe_the_start_is_not_held_and_has_no_spread() {
    let mut rig = Rig::to_arming();
    for agent in ["a", "b"] {
        rig.clock(agent, 0);
    }
    let (held, other) = (probe(&rig, true, ""), probe(&rig, false, "switched off"));
    rig.heard_of("a", Some(AgentPhase::Armed), None, Some(held));
    rig.heard_of("b", Some(AgentPhase::Armed), None, Some(other));
    let start = rig.machine.run().start.unwrap();
    assert!(!start.held && start.spread_ms.is_none());
}
