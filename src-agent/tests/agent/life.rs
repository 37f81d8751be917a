//! Runs, stops and restarts.

use std::time::{Duration, Instant};

use bfgg_protocol::{
    AgentPhase, FailureCode, Receipt, RefusalCode, RunExit, RunFile, RunId, Task, TaskId,
    TaskRequest, TaskResult,
};

use crate::scene::{Agent, Controller, alive, now_ms, prepare, start_task};

/// A Gatling that says one block and works until it is told to end, or for a while.
fn working(seconds: u32) -> String {
    let rule = "=".repeat(80);
    format!(
        "cat <<'END'\n{rule}\n2026-01-01 00:00:00   1s elapsed\n---- Requests ----\n\
         > Global                (OK=7      KO=2     )\n{rule}\nEND\n\
         printf log > $results/shop-1/simulation.log\nexec sleep {seconds}"
    )
}

async fn joined(agent: &mut Agent) -> Controller {
    let mut controller = Controller::start().await;
    agent.arguments = vec!["--join".into(), controller.token.to_string()];
    agent.start();
    controller.until("a beat", |_, _| Some(())).await;
    controller
}

/// Brings a run up to Running; the pid of its Gatling.
async fn running(agent: &Agent, controller: &mut Controller, run: RunId, url: &str) -> u32 {
    let prepared = controller.done(prepare(run, url.to_owned(), None)).await;
    assert!(matches!(prepared, TaskResult::Prepared(_)), "{prepared:?}");
    assert_eq!(
        controller.done(start_task(run, &[("users", "5")])).await,
        TaskResult::Done
    );
    controller.phase(AgentPhase::Armed).await;
    assert_eq!(
        controller
            .done(Task::Release {
                run,
                at_ms: now_ms()
            })
            .await,
        TaskResult::Done
    );
    let live = |_: &_, state: &bfgg_protocol::AgentState| state.live.clone();
    let live = controller.until("counters", live).await;
    assert_eq!((live.run, live.ok, live.ko), (run, 7, 2));
    let pid = agent
        .data()
        .join("runs")
        .join(run.to_string())
        .join("java.pid");
    std::fs::read_to_string(pid)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_stopped_twice_and_the_agent_is_free_again() {
    let mut agent = Agent::new();
    let url = agent.scripted(&working(300));
    let mut controller = joined(&mut agent).await;
    let run = RunId::new();
    let pid = running(&agent, &mut controller, run, &url).await;

    // Another run is told with what the agent is busy; the same task again starts nothing.
    let Receipt::Refused(refusal) = controller
        .task(prepare(RunId::new(), url.clone(), None))
        .await
    else {
        panic!("refused")
    };
    assert_eq!(refusal.code, RefusalCode::Busy);
    assert!(
        refusal
            .message
            .starts_with(&format!("busy: run {run} of office since ")),
        "{refusal:?}"
    );

    let (first, second) = (
        Task::Stop { run, force: false },
        Task::Stop { run, force: false },
    );
    assert_eq!(controller.task(first).await, Receipt::Accepted);
    assert_eq!(controller.done(second).await, TaskResult::Done);
    let state = controller.phase(AgentPhase::Available).await;
    assert!(!alive(pid) && state.lease.is_none());
    let ended = state.ended.unwrap();
    assert_eq!(
        (ended.run, ended.exit, ended.failure),
        (run, RunExit::Stopped, None)
    );
    assert_eq!(
        (ended.log_bytes, ended.console.map(|console| console.ok)),
        (Some(3), Some(7))
    );
    assert_eq!(controller.fetch(run, RunFile::SimulationLog).await, b"log");
    assert!(
        controller
            .fetch(run, RunFile::Output)
            .await
            .starts_with(b"====")
    );
    assert_eq!(
        controller.done(Task::Confirm { run }).await,
        TaskResult::Done
    );
    agent.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_agent_finds_its_run_again() {
    let mut agent = Agent::new();
    let url = agent.scripted(&working(300));
    let mut controller = joined(&mut agent).await;
    let run = RunId::new();
    let pid = running(&agent, &mut controller, run, &url).await;
    let old = controller.registered.last().unwrap().instance;
    agent.kill();
    assert!(alive(pid), "the run outlives its agent");
    let back = Instant::now();
    agent.start();
    let state = controller
        .until("the run again", |_, state| {
            (state.instance != old).then(|| state.clone())
        })
        .await;
    assert!(back.elapsed() < Duration::from_secs(10));
    assert_eq!(
        (state.phase, state.lease.unwrap().run),
        (AgentPhase::Running, run)
    );
    // A graceful end leaves the run, too.
    agent.end();
    assert!(alive(pid));
    agent.start();
    controller.phase(AgentPhase::Running).await;
    assert_eq!(
        controller.done(Task::Stop { run, force: true }).await,
        TaskResult::Done
    );
    let state = controller.phase(AgentPhase::Available).await;
    assert_eq!(state.ended.unwrap().exit, RunExit::Stopped);
    assert!(!alive(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ended_meanwhile_is_told() {
    let mut agent = Agent::new();
    let header = r"printf 'RUN\ta.B\tb\t1600000000000\t \t3.11.5\n'";
    let url = agent.scripted(&working(2).replace("printf log", header));
    let mut controller = joined(&mut agent).await;
    let run = RunId::new();
    let pid = running(&agent, &mut controller, run, &url).await;
    agent.kill();
    let deadline = Instant::now() + Duration::from_secs(20);
    let exit = agent
        .data()
        .join("runs")
        .join(run.to_string())
        .join("exit.json");
    while !exit.exists() {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!alive(pid));
    agent.start();
    let told = |_: &_, state: &bfgg_protocol::AgentState| state.ended.clone();
    let ended = controller.until("the end", told).await;
    assert_eq!(
        (ended.run, ended.exit, ended.log_bytes),
        (run, RunExit::Success, Some(33))
    );
    // And so are its live figures; nothing of them is left then.
    let cells = exit.with_file_name("cells");
    while cells.exists() {
        assert!(Instant::now() < deadline + Duration::from_secs(20));
        controller.until("a beat", |_, _| Some(())).await;
    }
    let last = controller.told.last().unwrap();
    assert_eq!((last.to, last.last), (33, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_its_supervisor_is_ended_and_told() {
    let mut agent = Agent::new();
    let url = agent.scripted(&working(300));
    let mut controller = joined(&mut agent).await;
    for while_away in [false, true] {
        let run = RunId::new();
        let pid = running(&agent, &mut controller, run, &url).await;
        if while_away {
            agent.kill();
        }
        let folder = agent.data().join("runs").join(run.to_string());
        let supervisor = std::fs::read_to_string(folder.join("supervisor.json")).unwrap();
        let supervisor: serde_json::Value = serde_json::from_str(&supervisor).unwrap();
        let supervisor = supervisor["pid"].as_u64().unwrap().to_string();
        std::process::Command::new("kill")
            .args(["-9", &supervisor])
            .status()
            .unwrap();
        if while_away {
            agent.start();
        }
        let told = |_: &_, state: &bfgg_protocol::AgentState| {
            state.ended.clone().filter(|ended| ended.run == run)
        };
        let ended = controller.until("the end", told).await;
        assert_eq!(ended.failure.unwrap().code, FailureCode::RunLost);
        assert_eq!(ended.console.map(|console| console.ok), Some(7));
        assert!(!alive(pid), "nothing of it goes on");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_gatling_is_told_with_its_last_lines() {
    let mut agent = Agent::new();
    let url = agent.scripted("echo 'Could not find class x' >&2; exit 1");
    let mut controller = joined(&mut agent).await;
    let run = RunId::new();
    controller
        .done(prepare(run, url, Some("example.Shop")))
        .await;
    controller.done(start_task(run, &[])).await;
    controller.phase(AgentPhase::Armed).await;
    controller.done(Task::Release { run, at_ms: 0 }).await;
    let state = controller.phase(AgentPhase::Available).await;
    let ended = state.ended.unwrap();
    assert_eq!(ended.exit, RunExit::Failed { status: 1 });
    let failure = ended.failure.unwrap();
    assert_eq!(failure.code, FailureCode::GatlingFailed);
    assert_eq!(failure.detail, "Could not find class x");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_an_error_that_the_next_prepare_leaves() {
    let mut agent = Agent::new();
    let url = agent.scripted("exit 0");
    let mut controller = joined(&mut agent).await;
    let run = RunId::new();
    let task = TaskRequest {
        id: TaskId::new(),
        task: prepare(run, "-x".into(), None),
    };
    assert_eq!(controller.request(task.clone()).await, Receipt::Accepted);
    let state = controller.phase(AgentPhase::Error).await;
    assert_eq!(state.failure.unwrap().code, FailureCode::UrlRefused);
    assert!(state.lease.is_none());
    let again = controller.request(task).await;
    assert!(
        matches!(again, Receipt::Done(TaskResult::Failed(_))),
        "{again:?}"
    );
    let failed = controller
        .done(prepare(run, url.clone(), Some("example.Shup")))
        .await;
    let TaskResult::Failed(failure) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(failure.hint, "Did you mean example.Shop?");
    let prepared = controller.done(prepare(run, url, None)).await;
    assert!(matches!(prepared, TaskResult::Prepared(_)), "{prepared:?}");
    // What is no parameter fails at the start, and names itself.
    let failed = controller.done(start_task(run, &[("a b", "c")])).await;
    let TaskResult::Failed(failure) = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(
        (failure.code, failure.phase.as_str()),
        (FailureCode::BadInput, "start")
    );
    controller.phase(AgentPhase::Error).await;
    assert_eq!(controller.done(Task::Clear).await, TaskResult::Done);
    controller.phase(AgentPhase::Available).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_ends_a_build_and_the_agent_ends_it_too() {
    let mut agent = Agent::new();
    agent.scripted("exit 0");
    let ids = agent.folder.path().join("ids");
    let wrapper = format!(
        "setsid sleep 300 & echo $! > {0}.new; mv {0}.new {0}; wait; sleep 301",
        ids.display()
    );
    let url = crate::scene::repository(&agent.folder.path().join("slow"), |at| {
        std::fs::write(at.join("pom.xml"), "").unwrap();
        std::fs::write(at.join("mvnw"), wrapper).unwrap();
    });
    let mut controller = joined(&mut agent).await;
    for by_stop in [true, false] {
        let run = RunId::new();
        controller.task(prepare(run, url.clone(), None)).await;
        let building = controller.phase(AgentPhase::Building).await;
        assert_eq!(building.lease.unwrap().run, run);
        let deadline = Instant::now() + Duration::from_secs(20);
        while !ids.exists() {
            assert!(Instant::now() < deadline, "the build begins");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let id: u32 = std::fs::read_to_string(&ids)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        std::fs::remove_file(&ids).unwrap();
        assert!(alive(id));
        if by_stop {
            assert_eq!(
                controller.done(Task::Stop { run, force: false }).await,
                TaskResult::Done
            );
            assert!(
                controller
                    .phase(AgentPhase::Available)
                    .await
                    .failure
                    .is_none()
            );
        } else {
            // Killed, it cannot end the build itself: the containing process sees that it is gone.
            agent.kill();
            while alive(id) {
                assert!(Instant::now() < deadline, "the build ends");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        assert!(!alive(id));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_comes_back_is_registered_with_at_once() {
    let identity = bfgg_net::Identity::generate();
    let mut first = Controller::with(identity.clone(), 0).await;
    let port: u16 = first.token.addresses[0]
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let mut agent = Agent::new();
    agent.arguments = vec!["--join".into(), first.token.to_string()];
    agent.start();
    first.until("a beat", |_, _| Some(())).await;
    first.node.shutdown().await;
    drop(first);
    let mut second = Controller::with(identity, port).await;
    let back = Instant::now();
    second.until("a beat", |_, _| Some(())).await;
    assert!(back.elapsed() < Duration::from_secs(15));
    // Pending sends no beats; once admitted, they come.
    second.admits = false;
    assert!(alive(agent.pid()));
}
