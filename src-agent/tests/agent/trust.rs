//! Who may command an agent.

use bfgg_protocol::{
    FileAnswer, FileRequest, Receipt, RefusalCode, RunFile, RunId, Task, TaskId, TaskRequest,
};

use crate::scene::{Agent, Controller, prepare, start_task};

/// One task of each kind. A new kind does not compile until it stands here.
fn every_task() -> Vec<Task> {
    let run = RunId::new();
    let all = vec![
        prepare(run, "https://example.org/p".into(), None),
        start_task(run, &[]),
        Task::Release { run, at_ms: 0 },
        Task::Stop { run, force: true },
        Task::Abandon { run },
        Task::SetGroup { group: "x".into() },
        Task::Doctor,
        Task::Clock,
        Task::Clear,
        Task::Confirm { run },
        Task::Result {
            task: TaskId::new(),
        },
    ];
    let kinds = all.iter().map(|task| match task {
        Task::Prepare(_) => 0,
        Task::Start(_) => 1,
        Task::Release { .. } => 2,
        Task::Stop { .. } => 3,
        Task::Abandon { .. } => 4,
        Task::SetGroup { .. } => 5,
        Task::Doctor => 6,
        Task::Clock => 7,
        Task::Clear => 8,
        Task::Confirm { .. } => 9,
        Task::Result { .. } => 10,
    });
    assert!(kinds.eq(0..11));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_joined_nobody_announces_itself_and_refuses_everything() {
    let mut rogue = Controller::start().await;
    let mut agent = Agent::new();
    agent.arguments = vec!["--controller-host".into(), rogue.token.addresses[0].clone()];
    agent.start();
    rogue.registration(|_| true).await;
    let said = &rogue.registered[0];
    assert!(
        !said.joined && said.secret.is_none() && said.name == "lab-1",
        "{said:?}"
    );
    for task in every_task() {
        let request = TaskRequest {
            id: TaskId::new(),
            task,
        };
        let receipt = rogue.request(request.clone()).await;
        let Receipt::Refused(refusal) = receipt else {
            panic!("{request:?}: {receipt:?}")
        };
        assert_eq!(refusal.code, RefusalCode::NotJoined, "{request:?}");
        assert_eq!(refusal.phase, None, "it tells nothing of itself");
    }
    let (run, file) = (RunId::new(), RunFile::Output);
    for request in [
        FileRequest::Describe { run, file },
        FileRequest::Read {
            run,
            file,
            offset: 0,
            length: 1,
        },
    ] {
        let answer = rogue
            .node
            .file(rogue.agent.clone().unwrap(), request)
            .await
            .unwrap();
        assert!(matches!(answer, FileAnswer::Missing(_)), "{answer:?}");
    }
    let log = std::fs::read_to_string(agent.folder.path().join("agent.log")).unwrap();
    assert!(log.contains("refused a task"), "{log}");
    assert!(
        std::fs::read_dir(agent.data().join("runs"))
            .unwrap()
            .all(|entry| { entry.unwrap().file_name() == "agent.lock" })
    );
    // Joining by hand takes effect while it runs.
    let joined = agent
        .command()
        .arg("join")
        .arg(rogue.token.to_string())
        .output()
        .unwrap();
    assert!(joined.status.success());
    let secret = rogue.token.secret.clone();
    rogue
        .registration(|said| said.joined && said.secret == secret)
        .await;
    let left = agent
        .command()
        .arg("leave")
        .arg(rogue.token.controller.short())
        .output()
        .unwrap();
    assert!(left.status.success());
    let known = agent.command().arg("identity").output().unwrap();
    let known = String::from_utf8(known.stdout).unwrap();
    assert_eq!(known.trim(), rogue.agent.clone().unwrap().as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joined_agent_lets_no_other_controller_in() {
    let mut controller = Controller::start().await;
    let rogue = Controller::start().await;
    let mut agent = Agent::new();
    // One token by the environment, as services have it.
    agent
        .environment
        .push(("BFGG_JOIN", controller.token.to_string().into()));
    agent.start();
    let address = controller
        .until("a beat", |_, state| Some(state.sequence))
        .await;
    assert!(address >= 1);
    let log = std::fs::read_to_string(agent.folder.path().join("agent.log")).unwrap();
    let address = log
        .lines()
        .find_map(|line| line.split("address=127.0.0.1:").nth(1))
        .unwrap();
    let address = format!("127.0.0.1:{}", address.split_whitespace().next().unwrap());
    let peer = controller.agent.clone().unwrap();
    let dialled = rogue
        .node
        .dial(Some(peer.clone()), vec![address.parse().unwrap()])
        .await;
    // The connection may stand for a moment on the rogue's side; no request ever gets through.
    for task in every_task() {
        let answer = rogue
            .node
            .task(
                peer.clone(),
                TaskRequest {
                    id: TaskId::new(),
                    task,
                },
            )
            .await;
        assert!(answer.is_err(), "{dialled:?}: {answer:?}");
    }
    let receipt = controller.task(Task::Clock).await;
    assert!(
        matches!(receipt, Receipt::Done(_)),
        "its own controller it obeys: {receipt:?}"
    );
}
