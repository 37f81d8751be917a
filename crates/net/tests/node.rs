//! Real nodes on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

use std::time::Duration;

use bfgg_net::{
    Address, Event, Identity, Listen, NetError, Node, NodeSettings, Role, Transport, start,
};
use bfgg_protocol::version::{MAX_ASKED_CHUNKS, MAX_CHUNK, MAX_OUTPUT};
use bfgg_protocol::{
    AgentState, Cell, ContentHash, FileAnswer, FileRequest, InstanceId, Machine, OutputAnswer,
    OutputPiece, OutputRequest, OutputStart, PeerId, Receipt, RegistrationAnswer,
    RegistrationRequest, RunFile, RunId, SourceAnswer, SourceRequest, Task, TaskId, TaskRequest,
    TaskResult, TelemetryAnswer, TelemetryRequest, Toolchains,
};
use tokio::sync::mpsc::Receiver;

struct Running {
    node: Node,
    events: Receiver<Event>,
    address: Address,
}

impl Running {
    async fn start(role: Role) -> Self {
        Self::over(Transport::Tcp, role).await
    }

    async fn over(transport: Transport, role: Role) -> Self {
        let settings = NodeSettings {
            transport,
            ..NodeSettings::here(Identity::generate(), role)
        };
        let (node, events) = start(settings).await.unwrap();
        let address = "127.0.0.1:1".parse().unwrap();
        let mut running = Self {
            node,
            events,
            address,
        };
        running.address = running
            .wait(|event| match event {
                Event::Listening { address } if !address.host().contains(':') => Some(address),
                _ => None,
            })
            .await;
        running
    }

    /// Waits for an event; answers nothing meanwhile.
    async fn wait<T>(&mut self, mut wanted: impl FnMut(Event) -> Option<T>) -> T {
        let deadline = Duration::from_secs(20);
        tokio::time::timeout(deadline, async {
            loop {
                if let Some(found) = wanted(self.events.recv().await.expect("the node runs")) {
                    return found;
                }
            }
        })
        .await
        .expect("the event comes within 20 s")
    }

    fn id(&self) -> PeerId {
        self.node.peer_id().clone()
    }
}

fn registration() -> RegistrationRequest {
    RegistrationRequest {
        software: "0.0.0".into(),
        oldest: 1,
        newest: 1,
        instance: InstanceId::new(),
        name: "lab-1".into(),
        group: String::new(),
        labels: Vec::new(),
        machine: Machine::default(),
        toolchains: Toolchains::default(),
        secret: None,
        joined: true,
        shows_code: false,
        ephemeral: false,
    }
}

fn state(sequence: u64) -> AgentState {
    AgentState {
        sequence,
        ..AgentState::available(InstanceId::new(), "lab-1")
    }
}

/// Registers `agent` at `controller`; the controller's answer is `admitted`.
async fn register(agent: &Running, controller: &mut Running, admitted: bool) {
    let to = agent
        .node
        .dial(Some(controller.id()), vec![controller.address.clone()])
        .await;
    assert_eq!(to.unwrap(), controller.id());
    let asked = tokio::spawn({
        let (node, to) = (agent.node.clone(), controller.id());
        async move { node.register(to, registration()).await }
    });
    let (peer, reply) = controller
        .wait(|event| match event {
            Event::Registration { peer, reply, .. } => Some((peer, reply)),
            _ => None,
        })
        .await;
    assert_eq!(peer, agent.id());
    controller.node.registered(peer, admitted).await.unwrap();
    reply.send(RegistrationAnswer::Admitted {
        protocol: 1,
        controller: "here".into(),
        group: None,
    });
    assert!(matches!(
        asked.await.unwrap(),
        Ok(RegistrationAnswer::Admitted { protocol: 1, .. })
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_registers_beats_and_serves() {
    for transport in [Transport::Tcp, Transport::Memory] {
        registers_beats_and_serves(transport).await;
    }
}

async fn registers_beats_and_serves(transport: Transport) {
    let mut controller = Running::over(transport, Role::Controller).await;
    let mut agent = Running::over(transport, Role::Agent).await;
    agent.node.trust(vec![controller.id()]).await.unwrap();
    register(&agent, &mut controller, true).await;

    // Beats are repeated until the subscription has arrived.
    let beating = tokio::spawn({
        let (node, to) = (agent.node.clone(), controller.id());
        async move {
            for sequence in 1.. {
                node.publish(to.clone(), state(sequence)).await.unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    });
    let from = controller
        .wait(|event| match event {
            Event::State { peer, state } if state.name == "lab-1" => Some(peer),
            _ => None,
        })
        .await;
    assert_eq!(from, agent.id());
    beating.abort();

    let task = TaskRequest {
        id: TaskId::new(),
        task: Task::Doctor,
    };
    let asked = tokio::spawn({
        let (node, to, task) = (controller.node.clone(), agent.id(), task.clone());
        async move { node.task(to, task).await }
    });
    agent
        .wait(|event| match event {
            Event::Task {
                peer,
                request,
                reply,
            } => {
                assert_eq!((peer, *request), (controller.id(), task.clone()));
                reply.send(Receipt::Done(TaskResult::Done));
                Some(())
            }
            _ => None,
        })
        .await;
    assert_eq!(
        asked.await.unwrap().unwrap(),
        Receipt::Done(TaskResult::Done)
    );

    let file = FileRequest::Read {
        run: RunId::new(),
        file: RunFile::SimulationLog,
        offset: 7,
        length: 9,
    };
    let asked = tokio::spawn({
        let (node, to, file) = (controller.node.clone(), agent.id(), file.clone());
        async move { node.file(to, file).await }
    });
    agent
        .wait(|event| match event {
            Event::File { request, reply, .. } => {
                assert_eq!(request, file);
                reply.send(FileAnswer::Chunk(vec![5; 1000]));
                Some(())
            }
            _ => None,
        })
        .await;
    assert_eq!(
        asked.await.unwrap().unwrap(),
        FileAnswer::Chunk(vec![5; 1000])
    );

    // The largest piece there is.
    let answer = OutputAnswer::Piece(OutputPiece {
        from: u64::MAX / 2,
        bytes: vec![b'x'; MAX_OUTPUT],
        end: u64::MAX,
    });
    let output = OutputRequest {
        run: RunId::new(),
        file: RunFile::Output,
        start: OutputStart::Last(9),
        length: 9,
    };
    let asked = tokio::spawn({
        let (node, to, output) = (controller.node.clone(), agent.id(), output.clone());
        async move { node.output(to, output).await }
    });
    agent
        .wait(|event| match event {
            Event::Output { request, reply, .. } => {
                assert_eq!(request, output);
                reply.send(answer.clone());
                Some(())
            }
            _ => None,
        })
        .await;
    assert_eq!(asked.await.unwrap().unwrap(), answer);

    agent.node.shutdown().await;
    controller
        .wait(|event| matches!(event, Event::Disconnected { .. }).then_some(()))
        .await;
    controller.node.shutdown().await;
    assert!(matches!(
        controller.node.disconnect(agent.id()).await,
        Err(NetError::Closed)
    ));
}

/// A controller, an agent that it has admitted, and one that it has not.
async fn with_a_stranger() -> [Running; 3] {
    let mut controller = Running::start(Role::Controller).await;
    let (agent, stranger) = (
        Running::start(Role::Agent).await,
        Running::start(Role::Agent).await,
    );
    register(&agent, &mut controller, true).await;
    register(&stranger, &mut controller, false).await;
    [controller, agent, stranger]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telemetry_of_admitted_agents_alone_reaches_the_controller() {
    let [mut controller, agent, stranger] = with_a_stranger().await;
    let request = |from: u64| TelemetryRequest {
        run: RunId::new(),
        cells: vec![Cell {
            number: 3,
            from,
            to: 900,
            cut_ms: 1,
            last: true,
            figures: vec![7; 2_000_000],
            health: Vec::new(),
        }],
    };
    let refused = stranger.node.telemetry(controller.id(), request(1)).await;
    assert!(refused.is_err(), "{refused:?}");
    // Who does not leave it at that is disconnected.
    let insisting = tokio::spawn({
        let (node, to, told) = (stranger.node.clone(), controller.id(), request(1));
        async move {
            loop {
                match node.telemetry(to.clone(), told.clone()).await {
                    Err(NetError::NotConnected(_)) => return,
                    told => assert!(told.is_err()),
                }
            }
        }
    });
    controller
        .wait(|event| match event {
            Event::Disconnected { peer } => (peer == stranger.id()).then_some(()),
            Event::Telemetry { .. } => panic!("it is not admitted"),
            _ => None,
        })
        .await;
    insisting.await.unwrap();

    let told = request(2);
    let asked = tokio::spawn({
        let (node, to, told) = (agent.node.clone(), controller.id(), told.clone());
        async move { node.telemetry(to, told).await }
    });
    controller
        .wait(|event| match event {
            Event::Telemetry {
                peer,
                request,
                reply,
            } => {
                assert_eq!((peer, *request), (agent.id(), told.clone()));
                reply.send(TelemetryAnswer::Next { number: 4, from: 9 });
                Some(())
            }
            _ => None,
        })
        .await;
    let answer = asked.await.unwrap().unwrap();
    assert_eq!(answer, TelemetryAnswer::Next { number: 4, from: 9 });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_folder_reach_admitted_agents_alone() {
    let [mut controller, agent, stranger] = with_a_stranger().await;
    let request = SourceRequest::Chunks {
        run: RunId::new(),
        snapshot: ContentHash::of(b"list"),
        chunks: vec![ContentHash::of(b"file"); MAX_ASKED_CHUNKS],
    };
    let to = controller.id();
    let refused = stranger.node.source(to.clone(), request.clone()).await;
    assert!(refused.is_err(), "{refused:?}");
    let asked = tokio::spawn({
        let (node, request) = (agent.node.clone(), request.clone());
        async move { node.source(to, request).await }
    });
    let files = SourceAnswer::Chunks(vec![vec![7; MAX_CHUNK - 9], b"small".to_vec()]);
    controller
        .wait(|event| match event {
            Event::Source {
                peer,
                request: got,
                reply,
            } => {
                assert_eq!((peer, got), (agent.id(), request.clone()));
                reply.send(files.clone());
                Some(())
            }
            _ => None,
        })
        .await;
    assert!(asked.await.unwrap().unwrap() == files);
    // A controller asks nobody, and agents have nothing to give.
    let asked = controller.node.source(agent.id(), request).await;
    assert!(asked.is_err(), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn telemetry_that_is_not_answered_is_bounded() {
    let mut controller = Running::start(Role::Controller).await;
    let mut agents = Vec::new();
    for _ in 0..33 {
        let agent = Running::start(Role::Agent).await;
        register(&agent, &mut controller, true).await;
        agents.push(agent);
    }
    // Two at once of each, so 66; and more than two at once of one is refused by itself.
    let mut telling = tokio::task::JoinSet::new();
    for agent in &agents {
        for _ in 0..3 {
            let (node, to) = (agent.node.clone(), controller.id());
            let (run, cells) = (RunId::new(), Vec::new());
            telling.spawn(async move { node.telemetry(to, TelemetryRequest { run, cells }).await });
        }
    }
    for _ in 0..33 + 2 {
        let refused = telling.join_next().await.unwrap().unwrap();
        assert!(refused.is_err(), "{refused:?}");
    }
    for _ in 0..64 {
        let reply = controller
            .wait(|event| match event {
                Event::Telemetry { reply, .. } => Some(reply),
                _ => None,
            })
            .await;
        reply.send(TelemetryAnswer::Unwanted);
    }
    for _ in 0..64 {
        let answer = telling.join_next().await.unwrap().unwrap();
        assert_eq!(answer.unwrap(), TelemetryAnswer::Unwanted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_controller_can_dial_and_the_same_connection_carries_everything() {
    let mut controller = Running::start(Role::Controller).await;
    let mut agent = Running::start(Role::Agent).await;
    let found = controller
        .node
        .dial(None, vec![agent.address.clone()])
        .await
        .unwrap();
    assert_eq!(found, agent.id());
    agent
        .wait(|event| matches!(event, Event::Connected { .. }).then_some(()))
        .await;
    let asked = tokio::spawn({
        let (node, to) = (agent.node.clone(), controller.id());
        async move { node.register(to, registration()).await }
    });
    controller
        .wait(|event| match event {
            Event::Registration { reply, .. } => {
                reply.send(RegistrationAnswer::Pending {
                    reason: "somebody must admit".into(),
                });
                Some(())
            }
            _ => None,
        })
        .await;
    assert!(matches!(
        asked.await.unwrap(),
        Ok(RegistrationAnswer::Pending { .. })
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_controller_that_was_not_joined_cannot_connect() {
    let mut controller = Running::start(Role::Controller).await;
    let rogue = Running::start(Role::Controller).await;
    let agent = Running::start(Role::Agent).await;
    // Connected while the agent trusts nobody, closed as soon as it has joined another.
    rogue
        .node
        .dial(Some(agent.id()), vec![agent.address.clone()])
        .await
        .unwrap();
    agent.node.trust(vec![controller.id()]).await.unwrap();
    let mut rogue = rogue;
    rogue
        .wait(|event| matches!(event, Event::Disconnected { .. }).then_some(()))
        .await;
    let again = rogue
        .node
        .dial(Some(agent.id()), vec![agent.address.clone()])
        .await;
    // Noise comes before the gate, so a connection may stand for a moment; a task never passes.
    if again.is_ok() {
        let task = TaskRequest {
            id: TaskId::new(),
            task: Task::Doctor,
        };
        rogue.node.task(agent.id(), task).await.unwrap_err();
    }
    register(&agent, &mut controller, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heartbeats_of_a_peer_that_is_not_admitted_are_dropped() {
    let mut controller = Running::start(Role::Controller).await;
    let pending = Running::start(Role::Agent).await;
    let admitted = Running::start(Role::Agent).await;
    register(&pending, &mut controller, false).await;
    register(&admitted, &mut controller, true).await;
    let beating = tokio::spawn({
        let to = controller.id();
        let nodes = [pending.node.clone(), admitted.node.clone()];
        async move {
            for sequence in 1.. {
                for node in &nodes {
                    node.publish(to.clone(), state(sequence)).await.unwrap();
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
    let mut heard = 0;
    controller
        .wait(|event| {
            if let Event::State { peer, .. } = event {
                assert_eq!(peer, admitted.id());
                heard += 1;
            }
            (heard == 20).then_some(())
        })
        .await;
    beating.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_port_is_an_error_or_another_port() {
    let first = Running::start(Role::Controller).await;
    let port = first.address.port();
    let settings = |fall_back| NodeSettings {
        listen: Listen {
            port,
            fall_back,
            loopback: true,
        },
        ..NodeSettings::here(Identity::generate(), Role::Agent)
    };
    let error = start(settings(false)).await.err().unwrap();
    assert!(
        matches!(error, NetError::Listen { port: named, .. } if named == port),
        "{error}"
    );
    let (node, mut events) = start(settings(true)).await.unwrap();
    loop {
        if let Event::Listening { address } = events.recv().await.unwrap() {
            assert_ne!(address.port(), port);
            break;
        }
    }
    node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_be_reached_is_named_with_each_reason() {
    let node = Running::start(Role::Controller).await;
    let other = Running::start(Role::Agent).await;
    let nobody = Identity::generate().peer_id();
    let error = node
        .node
        .dial(Some(nobody.clone()), vec![other.address.clone()])
        .await
        .unwrap_err();
    assert!(error.to_string().contains("another node"), "{error}");
    let free: Address = "127.0.0.1:1".parse().unwrap();
    let error = node
        .node
        .dial(None, vec![free])
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("127.0.0.1:1") && error.contains("refused"),
        "{error}"
    );
    let unknown: Address = "no-such-host.invalid:7412".parse().unwrap();
    let error = node
        .node
        .dial(None, vec![unknown])
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("no-such-host.invalid:7412"), "{error}");
    let task = TaskRequest {
        id: TaskId::new(),
        task: Task::Clear,
    };
    let error = node.node.task(nobody, task).await.unwrap_err();
    assert!(matches!(error, NetError::NotConnected(_)), "{error}");
}
