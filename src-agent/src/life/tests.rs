use bfgg_protocol::{
    GitSource, InstanceId, Jdk, Receipt, RefusalCode, RunExit, Task, TaskId, TaskRequest,
};

use super::*;

mod deadlines;
mod every_task;
mod kept;
mod restart;

const PHASES: [AgentPhase; 9] = [
    AgentPhase::Available,
    AgentPhase::Error,
    AgentPhase::Fetching,
    AgentPhase::Building,
    AgentPhase::Ready,
    AgentPhase::Starting,
    AgentPhase::Armed,
    AgentPhase::Running,
    AgentPhase::Stopping,
];

fn at(seconds: u64) -> Now {
    Now {
        mono: Duration::from_secs(seconds),
        wall_ms: 1_750_000_000_000 + seconds * 1000,
    }
}

fn owner() -> PeerId {
    PeerId::new("12D3KooWOwner")
}

fn stranger() -> PeerId {
    PeerId::new("12D3KooWStranger")
}

fn request(task: Task) -> TaskRequest {
    TaskRequest {
        id: TaskId::new(),
        task,
    }
}

fn prepare(run: RunId, list_only: bool) -> Task {
    let (reference, commit, folder) = (None, None, None);
    let source = GitSource {
        url: "https://example.org/p".into(),
        reference,
        commit,
        folder,
    };
    Task::Prepare(Prepare {
        snapshot: None,
        run,
        controller_name: "office".into(),
        source,
        simulation: None,
        list_only,
    })
}

fn start(run: RunId, max_duration_s: u32) -> Task {
    Task::Start(Start {
        run,
        parameters: Vec::new(),
        secret: Vec::new(),
        java_options: Vec::new(),
        index: 0,
        count: 1,
        max_duration_s,
        jvms_on_host: 1,
        dead_man_s: None,
    })
}

fn built(simulation: Option<&str>) -> Box<(Prepared, Built)> {
    let jdk = Jdk {
        home: "/jdk".into(),
        version: "17".into(),
        feature: 17,
        vendor: "x".into(),
    };
    let prepared = Prepared {
        commit: "c".into(),
        build_tool: "maven".into(),
        simulations: vec!["a.B".into()],
        simulation: simulation.map(str::to_owned),
        jdk: jdk.clone(),
        gatling: "3.16.0".into(),
        indicators: Default::default(),
        fetch_ms: 0,
        build_ms: 0,
    };
    let built = Built {
        commit: "c".into(),
        builder: "maven".into(),
        module: "/p".into(),
        jdk,
        gatling: "3.16.0".into(),
        class_path: Vec::new(),
        simulations: vec!["a.B".into()],
        indicators: Default::default(),
        heap: None,
    };
    Box::new((prepared, built))
}

fn failure() -> Failure {
    Failure::new(FailureCode::BuildFailed, "build", "m", "h")
}

fn end(run: RunId) -> Box<RunEnd> {
    Box::new(RunEnd {
        run,
        exit: RunExit::Success,
        started_ms: 1,
        ended_ms: 2,
        console: None,
        log_bytes: Some(3),
        failure: None,
        probe: None,
        dead_man: false,
    })
}

fn counters(run: RunId) -> LiveCounters {
    LiveCounters {
        run,
        elapsed_s: 1,
        ok: 2,
        ko: 0,
        users_active: 0,
        users_done: 0,
        users_waiting: 0,
    }
}

fn probe(run: RunId) -> Probe {
    Probe {
        run,
        held: true,
        flushed: true,
        reason: String::new(),
        released_ms: None,
        gatling_ms: None,
        heap_used_bytes: 1,
        heap_max_bytes: 2,
        gc_ms: 3,
    }
}

struct Scene {
    life: Life,
    run: RunId,
    effects: Vec<Effect>,
}

impl Scene {
    fn new() -> Self {
        let life = Life::new(Ledger::default(), Kept::default(), "lab".into());
        Self {
            life,
            run: RunId::new(),
            effects: Vec::new(),
        }
    }

    /// An agent that its owner has brought into a phase by the usual way.
    fn in_phase(phase: AgentPhase) -> Self {
        let mut scene = Self::reach(phase);
        assert_eq!(scene.life.phase(), phase);
        scene.effects.clear();
        scene
    }

    fn reach(phase: AgentPhase) -> Self {
        let mut scene = Self::new();
        let run = scene.run;
        if phase == AgentPhase::Available {
            return scene;
        }
        scene.send(prepare(run, false));
        match phase {
            AgentPhase::Fetching => return scene,
            AgentPhase::Error => scene.input(Input::Prepared {
                run,
                result: Err(failure()),
            }),
            AgentPhase::Building => {
                scene.input(Input::Progress {
                    run,
                    phase,
                    step: "mvn".into(),
                });
            }
            _ => scene.input(Input::Prepared {
                run,
                result: Ok(built(Some("a.B"))),
            }),
        }
        if matches!(
            phase,
            AgentPhase::Error | AgentPhase::Building | AgentPhase::Ready
        ) {
            return scene;
        }
        scene.send(start(run, 60));
        if phase != AgentPhase::Starting {
            scene.input(Input::Launched {
                run,
                result: Ok(()),
            });
            let stage = Stage::Armed;
            scene.input(Input::Stage {
                run,
                stage,
                doing: String::new(),
            });
        }
        if matches!(phase, AgentPhase::Running | AgentPhase::Stopping) {
            scene.send(Task::Release { run, at_ms: 5 });
            scene.input(Input::Stage {
                run,
                stage: Stage::Running,
                doing: String::new(),
            });
        }
        if phase == AgentPhase::Stopping {
            scene.send(Task::Stop { run, force: false });
        }
        scene
    }

    fn send(&mut self, task: Task) -> Receipt {
        self.life
            .task(at(0), &owner(), request(task), &mut self.effects)
    }

    fn input(&mut self, input: Input) {
        self.life.handle(at(0), input, &mut self.effects);
    }

    fn outcome(&self) -> Option<bool> {
        let told = self.life.told(&owner(), InstanceId::new(), "lab-1");
        told.tasks.last().unwrap().succeeded
    }
}

#[test]
fn tasks_without_a_phase_are_done_at_once() {
    for phase in PHASES {
        let mut scene = Scene::in_phase(phase);
        assert!(matches!(
            scene.send(Task::Clock),
            Receipt::Done(TaskResult::Clock { .. })
        ));
        assert_eq!(
            scene.life.told(&owner(), InstanceId::new(), "").group,
            "lab"
        );
        let group = Task::SetGroup {
            group: " night\n ".into(),
        };
        assert_eq!(scene.send(group), Receipt::Done(TaskResult::Done));
        assert_eq!(
            scene.life.told(&owner(), InstanceId::new(), "").group,
            "night"
        );
        let run = scene.run;
        scene.life.set_unconfirmed(&[(owner(), *end(run))]);
        assert_eq!(
            scene.send(Task::Confirm { run }),
            Receipt::Done(TaskResult::Done)
        );
        assert_eq!(scene.effects, [Effect::Confirm(run)]);
        assert_eq!(scene.life.phase(), phase);
    }
}

#[test]
fn a_run_from_prepare_to_its_end() {
    let mut scene = Scene::new();
    let run = scene.run;
    let begun = request(prepare(run, false));
    let receipt = scene
        .life
        .task(at(0), &owner(), begun.clone(), &mut scene.effects);
    assert_eq!(receipt, Receipt::Accepted);
    assert!(matches!(scene.effects[..], [Effect::Prepare(..)]));
    let told = scene.life.told(&owner(), InstanceId::new(), "lab-1");
    assert_eq!(
        told.lease.map(|lease| (lease.controller, lease.run)),
        Some((owner(), run))
    );
    assert_eq!(told.tasks[0].succeeded, None);
    scene.input(Input::Prepared {
        run,
        result: Ok(built(Some("a.B"))),
    });
    let result = scene
        .life
        .task(at(1), &owner(), begun.clone(), &mut scene.effects);
    assert!(matches!(result, Receipt::Done(TaskResult::Prepared(_))));
    let asked = Task::Result { task: begun.id };
    assert!(matches!(
        scene.send(asked),
        Receipt::Done(TaskResult::Prepared(_))
    ));

    scene.effects.clear();
    scene.send(start(run, 60));
    let Some(Effect::Launch(launching)) = scene.effects.first() else {
        panic!("launched")
    };
    assert_eq!(
        (launching.simulation.as_str(), launching.lease.run),
        ("a.B", run)
    );
    scene.input(Input::Launched {
        run,
        result: Ok(()),
    });
    assert_eq!(
        (scene.life.phase(), scene.outcome()),
        (AgentPhase::Starting, Some(true))
    );
    for (stage, phase) in [
        (Stage::Starting, AgentPhase::Starting),
        (Stage::Armed, AgentPhase::Armed),
    ] {
        let early = scene.send(Task::Release { run, at_ms: 7 });
        assert!(matches!(early, Receipt::Refused(_)), "{early:?}");
        scene.input(Input::Stage {
            run,
            stage,
            doing: String::new(),
        });
        assert_eq!(scene.life.phase(), phase);
    }
    scene.effects.clear();
    scene.send(Task::Release { run, at_ms: 7 });
    let control = Control {
        release_ms: Some(7),
        stop: false,
        force: false,
        contact_ms: None,
    };
    assert_eq!(scene.effects, [Effect::Control { run, control }]);
    assert_eq!(
        scene.life.phase(),
        AgentPhase::Armed,
        "until Gatling is started"
    );
    scene.input(Input::Stage {
        run,
        stage: Stage::Running,
        doing: String::new(),
    });
    scene.input(Input::Counters(counters(run)));
    scene.input(Input::Counters(counters(RunId::new())));
    for of in [run, RunId::new()] {
        scene.input(Input::Probe(probe(of)));
    }
    assert_eq!(
        scene.life.told(&owner(), InstanceId::new(), "").probe,
        Some(probe(run))
    );
    assert_eq!(
        scene.life.told(&owner(), InstanceId::new(), "").live,
        Some(counters(run))
    );
    scene.input(Input::Ended {
        controller: owner(),
        end: end(run),
        start_up_ms: Some(1700),
    });
    let told = scene.life.told(&owner(), InstanceId::new(), "");
    assert_eq!(
        (told.phase, told.lease, told.live),
        (AgentPhase::Available, None, None)
    );
    assert_eq!(told.ended, Some(*end(run)));
    assert_eq!(
        scene.life.told(&stranger(), InstanceId::new(), "").ended,
        None
    );
    assert_eq!(scene.life.kept().start_up_ms, Some(1700));
}

#[test]
fn a_list_ends_in_available() {
    let mut scene = Scene::new();
    let run = scene.run;
    scene.send(prepare(run, true));
    scene.input(Input::Prepared {
        run,
        result: Ok(built(None)),
    });
    assert_eq!(
        (scene.life.phase(), scene.outcome()),
        (AgentPhase::Available, Some(true))
    );
}

#[test]
fn stop_ends_in_available_from_every_phase() {
    for phase in PHASES {
        for failed in [false, true] {
            let mut scene = Scene::in_phase(phase);
            let run = scene.run;
            scene.send(Task::Stop { run, force: false });
            scene.send(Task::Stop { run, force: true });
            match phase {
                AgentPhase::Available | AgentPhase::Error | AgentPhase::Ready => {}
                AgentPhase::Fetching | AgentPhase::Building => {
                    assert!(scene.effects.contains(&Effect::CancelPrepare));
                    assert_eq!(
                        scene.life.told(&owner(), InstanceId::new(), "").step,
                        "stopping"
                    );
                    let result = if failed {
                        Err(failure())
                    } else {
                        Ok(built(Some("a.B")))
                    };
                    scene.input(Input::Prepared { run, result });
                }
                AgentPhase::Starting if failed => {
                    scene.input(Input::Launched {
                        run,
                        result: Err(failure()),
                    });
                }
                _ => {
                    // It comes up, and even starts, before it hears of the stop.
                    scene.input(Input::Launched {
                        run,
                        result: Ok(()),
                    });
                    scene.input(Input::Stage {
                        run,
                        stage: Stage::Running,
                        doing: String::new(),
                    });
                    assert_eq!(scene.life.phase(), AgentPhase::Stopping);
                    let controls: Vec<_> = scene
                        .effects
                        .iter()
                        .filter_map(|effect| match effect {
                            Effect::Control { control, .. } => Some((control.stop, control.force)),
                            _ => None,
                        })
                        .collect();
                    assert_eq!(
                        controls[controls.len() - 2..],
                        [(true, false), (true, true)]
                    );
                    scene.input(Input::Ended {
                        controller: owner(),
                        end: end(run),
                        start_up_ms: None,
                    });
                }
            }
            let expected = if phase == AgentPhase::Error {
                phase
            } else {
                AgentPhase::Available
            };
            assert_eq!(scene.life.phase(), expected, "{phase:?}");
            assert!(scene.life.lease().is_none());
            let told = scene.life.told(&owner(), InstanceId::new(), "");
            assert!(
                told.tasks.iter().all(|task| task.succeeded.is_some()),
                "{phase:?}: {told:?}"
            );
        }
    }
}

#[test]
fn a_failure_before_armed_is_an_error_without_a_lease() {
    for phase in [
        AgentPhase::Fetching,
        AgentPhase::Building,
        AgentPhase::Starting,
    ] {
        let mut scene = Scene::in_phase(phase);
        let run = scene.run;
        match phase {
            AgentPhase::Starting => scene.input(Input::Launched {
                run,
                result: Err(failure()),
            }),
            _ => scene.input(Input::Prepared {
                run,
                result: Err(failure()),
            }),
        }
        let told = scene.life.told(&owner(), InstanceId::new(), "");
        assert_eq!(
            (told.phase, told.failure),
            (AgentPhase::Error, Some(failure()))
        );
        assert_eq!((told.lease, scene.outcome()), (None, Some(false)));
    }
}

#[test]
fn inputs_of_another_run_change_nothing() {
    for phase in PHASES {
        let mut scene = Scene::in_phase(phase);
        let run = RunId::new();
        scene.input(Input::Progress {
            run,
            phase: AgentPhase::Building,
            step: "x".into(),
        });
        scene.input(Input::Prepared {
            run,
            result: Err(failure()),
        });
        scene.input(Input::Launched {
            run,
            result: Err(failure()),
        });
        scene.input(Input::Stage {
            run,
            stage: Stage::Stopping,
            doing: String::new(),
        });
        scene.input(Input::Ended {
            controller: stranger(),
            end: end(run),
            start_up_ms: None,
        });
        assert_eq!(scene.life.phase(), phase);
    }
}

#[test]
fn busy_says_with_what() {
    let mut scene = Scene::in_phase(AgentPhase::Running);
    let task = request(prepare(RunId::new(), false));
    let Receipt::Refused(refusal) = scene
        .life
        .task(at(0), &stranger(), task, &mut scene.effects)
    else {
        panic!("refused")
    };
    assert_eq!(
        refusal.message,
        format!("busy: run {} of office since 15:06:40 UTC", scene.run)
    );
    assert_eq!(refusal.phase, Some(AgentPhase::Running));
}

#[test]
fn a_heartbeat_stays_small() {
    let mut scene = Scene::new();
    let run = scene.run;
    scene.send(prepare(run, false));
    let long = "ä".repeat(100_000);
    let failure = Failure::new(FailureCode::BuildFailed, "build", &long, &long).with_detail(&long);
    scene.input(Input::Prepared {
        run,
        result: Err(failure.clone()),
    });
    let end = Box::new(RunEnd {
        failure: Some(failure),
        probe: None,
        ..*end(run)
    });
    scene.input(Input::Ended {
        controller: owner(),
        end,
        start_up_ms: None,
    });
    for _ in 0..40 {
        scene.send(Task::Doctor);
    }
    let told = scene.life.told(&owner(), InstanceId::new(), "lab-1");
    assert!(bfgg_protocol::encode(&told, bfgg_protocol::version::MAX_STATE).is_ok());
}
