//! What an agent that was restarted still knows.

use super::*;

#[test]
fn a_restart_keeps_what_is_done_and_adopts_what_runs() {
    for (phase, begun) in [
        (AgentPhase::Fetching, prepare as fn(RunId, bool) -> Task),
        (AgentPhase::Starting, |run, _| start(run, 60)),
        (AgentPhase::Stopping, |run, _| Task::Stop {
            run,
            force: false,
        }),
    ] {
        for adopted in [false, true] {
            // The phase before the one the task leads to.
            let mut scene = match phase {
                AgentPhase::Fetching => Scene::new(),
                AgentPhase::Starting => Scene::in_phase(AgentPhase::Ready),
                _ => Scene::in_phase(AgentPhase::Running),
            };
            let run = scene.run;
            let task = request(begun(run, false));
            scene
                .life
                .task(at(0), &owner(), task.clone(), &mut scene.effects);
            let (ledger, _) = scene.life.take_changes();
            let text = serde_json::to_string(ledger.unwrap()).unwrap();
            let ledger = serde_json::from_str(&text).unwrap();
            let mut life = Life::new(ledger, Kept::default(), String::new());
            let mut effects = Vec::new();
            if adopted {
                let control = Control {
                    stop: phase == AgentPhase::Stopping,
                    ..Control::default()
                };
                let spec = Box::new(spec(run));
                let stage = if phase == AgentPhase::Stopping {
                    Stage::Running
                } else {
                    Stage::Armed
                };
                life.handle(
                    at(0),
                    Input::Adopted {
                        spec,
                        stage,
                        control,
                    },
                    &mut effects,
                );
            } else {
                life.nothing_adopted();
            }
            let again = life.task(at(1), &owner(), task, &mut effects);
            let expected = match (phase, adopted) {
                (AgentPhase::Fetching, _) | (AgentPhase::Starting, false) => "failed",
                (AgentPhase::Starting, true) | (_, false) => "done",
                _ => "accepted",
            };
            let got = match again {
                Receipt::Done(TaskResult::Failed(_)) => "failed",
                Receipt::Done(_) => "done",
                Receipt::Accepted => "accepted",
                Receipt::Refused(_) => "refused",
            };
            assert_eq!(got, expected, "{phase:?}, adopted: {adopted}");
            assert!(effects.is_empty());
            let expected = match (phase, adopted) {
                (_, false) => AgentPhase::Available,
                (AgentPhase::Stopping, true) => AgentPhase::Stopping,
                _ => AgentPhase::Armed,
            };
            assert_eq!(life.phase(), expected);
        }
    }
}

fn spec(run: RunId) -> RunSpec {
    RunSpec {
        run,
        controller: owner(),
        controller_name: "office".into(),
        since_ms: 0,
        program: "java".into(),
        arguments: Vec::new(),
        folder: "/p".into(),
        environment: Vec::new(),
        environment_removed: Vec::new(),
        max_duration_s: 60,
        probe: false,
        unprobed: String::new(),
        arm_limit_s: 60,
        start_up_ms: 0,
        armed_limit_s: 60,
        dead_man_s: None,
        output_limit: 0,
    }
}
