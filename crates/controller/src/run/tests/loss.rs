//! Agents that are lost, end early or deliver late, and what stops a run.

use super::*;

fn rules(more: serde_json::Value) -> Rig {
    let mut spec = serde_json::json!({"source": {"url": "x"}});
    let fields = spec.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    Rig::of(spec).arming().running()
}

fn lose(rig: &mut Rig, agent: &str) {
    let agent = PeerId::new(agent);
    rig.input(Input::Lost { agent });
}

impl Rig {
    fn loads(&self) -> Vec<String> {
        let loads = self.machine.run().offered_load.iter();
        loads.map(ToString::to_string).collect()
    }

    fn says(&self, text: &str) -> bool {
        let events = self.machine.run().events.iter();
        events.filter(|event| event.message.contains(text)).count() == 1
    }

    fn cause(&self) -> (StopKind, &str) {
        let cause = self.machine.run().stopped.as_ref().unwrap();
        (cause.kind, &cause.message)
    }

    fn beat(&mut self, agent: &str) {
        self.heard(agent, Some(AgentPhase::Running), None);
    }
}

#[test]
fn a_lost_agents_share_is_named_until_it_is_back() {
    let mut rig = Rig::to_running();
    rig.later(62);
    rig.beat("b");
    rig.later(12);
    rig.beat("a");
    lose(&mut rig, "b");
    // The instant was named 6 s ahead.
    assert_eq!(
        rig.loads(),
        ["offered load 50 % from 00:00:56: lab-b was not heard"]
    );
    assert!(rig.says("lab-b was not heard from 00:00:56 on"));
    assert_eq!(rig.state(), State::Running);
    rig.later(20);
    rig.beat("b");
    assert_eq!(rig.loads(), [] as [String; 0]);
    assert!(rig.says("lab-b is heard again: it was not from 00:00:56 to 00:01:28"));
    assert_eq!(rig.machine.run().failures, []);
}

#[test]
fn an_agent_that_ends_early_lowers_the_offered_load() {
    for (exit, lowers) in [
        (RunExit::Killed { signal: 9 }, true),
        (RunExit::Failed { status: 1 }, true),
        (RunExit::Stopped, true),
        (RunExit::Success, false),
        (RunExit::AssertionsFailed, false),
        (RunExit::MaxDuration, false),
    ] {
        let mut rig = Rig::to_running();
        rig.later(100);
        rig.heard("b", None, Some(exit.clone()));
        assert_eq!(rig.loads().len(), usize::from(lowers), "{exit:?}");
        // What ends because the run is stopped is no loss.
        let mut rig = Rig::to_running();
        rig.input(Input::Stop { force: false });
        rig.heard("b", None, Some(exit));
        assert_eq!(rig.loads(), [] as [String; 0]);
    }
}

#[test]
fn where_no_agent_may_be_lost_the_others_are_stopped() {
    let policy = serde_json::json!({"on_loss": "stop"});
    let lost: [fn(&mut Rig); 2] = [
        |rig| lose(rig, "b"),
        |rig| rig.heard("b", None, Some(RunExit::Killed { signal: 9 })),
    ];
    for lose in lost {
        let mut rig = rules(policy.clone());
        rig.later(30);
        rig.beat("a");
        lose(&mut rig);
        rig.beat("a");
        assert_eq!(rig.state(), State::Stopping);
        let (kind, message) = rig.cause();
        assert_eq!(kind, StopKind::Loss);
        assert!(message.starts_with("lab-b "), "{message}");
        assert!(rig.stops().contains(&false), "gracefully");
        rig.heard("a", None, Some(RunExit::Stopped));
        assert_eq!(rig.state(), State::Collecting);
    }
    // Nobody is heard: it is the controller that is cut off.
    let mut rig = rules(policy);
    rig.later(30);
    lose(&mut rig, "a");
    lose(&mut rig, "b");
    rig.later(60);
    assert_eq!(rig.state(), State::Running);
}

#[test]
fn all_that_are_lost_at_once_are_named() {
    let mut rig = rules(serde_json::json!({"on_loss": "stop"}));
    rig.later(66);
    rig.beat("a");
    rig.beat("b");
    rig.later(30);
    rig.heard("b", None, Some(RunExit::Killed { signal: 9 }));
    // Of the other one nothing is heard either: it is the controller that is cut off.
    assert_eq!(rig.state(), State::Running);
    let spec = serde_json::json!({"source": {"url": "x"}, "on_loss": "stop"});
    let mut rig = Rig::with(spec, &["a", "b", "c"]).arming().running();
    rig.later(66);
    for agent in ["a", "b", "c"] {
        rig.beat(agent);
    }
    rig.later(12);
    rig.beat("c");
    lose(&mut rig, "a");
    assert_eq!(rig.state(), State::Stopping);
    let message = "lab-a was not heard from 00:01:00 on, lab-b was not heard from 00:01:00 on, and the \
                   run is not to go on without an agent.";
    assert_eq!(rig.cause(), (StopKind::Loss, message));
}

#[test]
fn a_broken_rule_stops_the_run_and_is_its_outcome() {
    let mut rig = Rig::to_running();
    let message = "The stop rule is broken.".to_owned();
    rig.input(Input::Broken { message });
    assert_eq!(
        (rig.state(), rig.stops()),
        (State::Stopping, vec![false, false])
    );
    assert_eq!(rig.cause(), (StopKind::Rule, "The stop rule is broken."));
    for agent in ["a", "b"] {
        rig.heard(agent, None, Some(RunExit::Stopped));
    }
    rig.collect(&["a", "b"]);
    rig.input(Input::Reported {
        result: Ok(Vec::new()),
    });
    assert_eq!(rig.state(), State::Stopped);
    assert!(rig.says("The run is stopped. The stop rule is broken."));
    // The user's own stop says so, and a rule does not come after it.
    let mut rig = Rig::to_running();
    rig.input(Input::Stop { force: false });
    rig.input(Input::Broken {
        message: String::new(),
    });
    assert_eq!(rig.cause().0, StopKind::User);
}

#[test]
fn the_cpu_of_one_agent_can_stop_the_run() {
    let rule = serde_json::json!({"kind": "cpu", "percent": 90.0, "seconds": 3});
    let mut rig = rules(serde_json::json!({"stop_if": [rule]}));
    for _ in 0..4 {
        rig.later(1);
        rig.cpu = 97.0;
        rig.beat("a");
        rig.cpu = 10.0;
        rig.beat("b");
    }
    assert_eq!(rig.state(), State::Stopping);
    let message = rig.cause().1;
    assert!(message.contains("97 % on lab-a for 3 s"), "{message}");
}

#[test]
fn the_dead_mans_limit_goes_to_the_agents() {
    let rig = rules(serde_json::json!({"dead_man_s": 120}));
    let limits = rig.pushed.iter().filter_map(|(_, _, task)| match task {
        Task::Start(start) => Some(start.dead_man_s),
        _ => None,
    });
    assert_eq!(limits.collect::<Vec<_>>(), [Some(120), Some(120)]);
}

#[test]
fn a_run_that_was_found_again_says_so_and_knows_the_clocks() {
    let rig = Rig::to_running();
    let now = Now {
        mono: Duration::ZERO,
        wall_ms: 2_000_000,
    };
    let kept = serde_json::to_string(rig.machine.run()).unwrap();
    let kept = serde_json::from_str(&kept).unwrap();
    let mut machine = Machine::resume(kept, "here".into(), now);
    machine.handle(now, Input::Begin);
    let event = machine.run().events.last().unwrap();
    assert!(event.message.contains("found this run again"));
    let clock = machine.run().agents[1].clock;
    assert_eq!(clock.map(|clock| clock.offset_ms), Some(5_000.0));
}

#[test]
fn a_late_delivery_makes_the_result_whole() {
    let mut rig = Rig::to_running();
    rig.later(62);
    lose(&mut rig, "b");
    rig.heard("a", None, Some(RunExit::Success));
    rig.later(31);
    rig.collect(&["a"]);
    rig.input(Input::Reported {
        result: Ok(vec!["one".into()]),
    });
    let mut run = rig.machine.run().clone();
    assert_eq!((run.state, run.revision), (State::Partial, 1));
    assert_eq!(run.offered_load.len(), 1);
    let end = run_end(&run, RunExit::Success);
    let empty = RunEnd {
        log_bytes: None,
        ..end.clone()
    };
    assert_eq!(errand_of(&run, &run.agents[0], &end), LateErrand::Confirm);
    assert_eq!(errand_of(&run, &run.agents[1], &empty), LateErrand::Confirm);
    assert_eq!(errand_of(&run, &run.agents[1], &end), LateErrand::Deliver);
    delivered(&mut run, 1, end.clone());
    let now = Now {
        mono: Duration::ZERO,
        wall_ms: 86_400_000,
    };
    revised(&mut run, 1, vec!["one".into(), "two".into()], now);
    assert_eq!((run.state, run.revision), (State::Finished, 2));
    assert_eq!((run.failures.len(), run.offered_load.len()), (0, 0));
    assert_eq!(errand_of(&run, &run.agents[1], &end), LateErrand::Confirm);
    let text = "Revision 2: lab-b delivered at 1970-01-02 00:00:00 UTC.";
    assert_eq!(run.events.last().unwrap().message, text);
    let notes = run.notes.iter().filter(|note| **note == "one");
    assert_eq!(notes.count(), 1);
}

#[test]
fn a_load_that_nobody_heard_was_offered_up_to_its_end() {
    let mut rig = Rig::to_running();
    rig.later(66);
    rig.beat("b");
    rig.later(12);
    lose(&mut rig, "b");
    let from = |seconds: &str, why: &str| vec![format!("offered load 50 % from {seconds}: {why}")];
    assert_eq!(rig.loads(), from("00:01:00", "lab-b was not heard"));
    // How it ended, and when by its clock, which is 5 s ahead; what was offered then.
    let started = rig.machine.run().started_ms.unwrap();
    let unheard = "lab-b stopped by itself, not hearing the controller";
    for (exit, dead_man, after_ms, expected) in [
        (RunExit::Success, false, 300_000, Vec::new()),
        (RunExit::Stopped, false, 300_000, Vec::new()),
        (RunExit::Stopped, true, 185_000, from("00:03:00", unheard)),
        (
            RunExit::Killed { signal: 9 },
            false,
            95_000,
            from("00:01:30", "lab-b ended early"),
        ),
        (
            RunExit::NotStarted,
            false,
            95_000,
            from("00:00:00", "lab-b ended early"),
        ),
        // By a clock that is wrong.
        (RunExit::Stopped, true, 0, from("00:01:00", unheard)),
    ] {
        let mut run = rig.machine.run().clone();
        let end = RunEnd {
            ended_ms: started + after_ms,
            dead_man,
            failure: dead_man.then(|| failure(FailureCode::TimedOut)),
            ..run_end(&run, exit.clone())
        };
        delivered(&mut run, 1, end);
        let loads: Vec<_> = run.offered_load.iter().map(ToString::to_string).collect();
        assert_eq!(loads, expected, "{exit:?}");
    }
}

#[test]
fn an_end_by_a_clock_that_was_set_back_is_after_the_last_word() {
    let mut rig = Rig::to_running();
    rig.later(66);
    rig.beat("b");
    rig.later(3);
    // It says 2 ms after 1970.
    rig.heard("b", None, Some(RunExit::Killed { signal: 9 }));
    assert_eq!(
        rig.loads(),
        ["offered load 50 % from 00:01:00: lab-b ended early"]
    );
}
