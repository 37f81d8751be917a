//! An agent that says what its script says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bfgg_net::{Address, Event, Identity, Node, NodeSettings, Role, start};
use bfgg_protocol::{
    AgentPhase, AgentState, Cell, ClockJump, Failure, FailureCode, FileAnswer, FileRequest, Health,
    Indicators, InstanceId, Jdk, JoinToken, KeptRuns, Lease, LiveCounters, Machine, OutputAnswer,
    OutputPiece, OutputRange, OutputRequest, PeerId, Prepare, Prepared, Receipt, Refusal,
    RefusalCode, RegistrationAnswer, RegistrationRequest, RunEnd, RunExit, RunFile, RunId,
    SourceAnswer, SourceRequest, Task, TaskId, TaskOutcome, TaskRequest, TaskResult,
    TelemetryAnswer, TelemetryRequest, Toolchains, output_place,
};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

use super::{Api, LOG};

/// What the agent will say.
#[derive(Clone)]
pub(crate) struct Script {
    pub(crate) prepare: Result<(), FailureCode>,
    pub(crate) runs_until_stopped: bool,
    /// The load of its machine.
    pub(crate) health: Health,
    /// What its Gatling's console has counted at the end, OK and KO.
    pub(crate) console: Option<(u64, u64)>,
    /// How large it says its log is.
    pub(crate) log_bytes: u64,
    /// One that was there before.
    pub(crate) identity: Option<Identity>,
    /// It has this run, of which nobody has confirmed anything.
    pub(crate) keeps: Option<RunId>,
    refuse: Option<RefusalCode>,
}

struct Inner {
    script: Script,
    state: AgentState,
    tasks: Vec<Task>,
    results: HashMap<TaskId, TaskResult>,
    release_ms: Option<u64>,
    refused: Option<String>,
    /// Chunks of files that were asked for.
    reads: usize,
    printed: Vec<Printed>,
}

/// What one of its programs printed, without a gap.
struct Printed {
    file: RunFile,
    position: u64,
    text: Vec<u8>,
}

pub(crate) struct ScriptedAgent {
    inner: Arc<Mutex<Inner>>,
    node: Node,
    controller: PeerId,
    worker: JoinHandle<()>,
    pub(crate) identity: Identity,
}

impl Drop for ScriptedAgent {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

pub(crate) fn now_ms() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_millis() as u64
}

impl ScriptedAgent {
    pub(crate) async fn join(api: &Api, name: &str) -> Self {
        Self::join_with(api, name, |_| {}).await
    }

    pub(crate) async fn join_with(api: &Api, name: &str, write: impl FnOnce(&mut Script)) -> Self {
        let (_, join) = api.get("/token").await;
        Self::start(api, name, join["token"].as_str().unwrap(), true, write).await
    }

    /// `with_secret: false` trusts the controller but cannot prove that it may join.
    pub(crate) async fn start(
        _api: &Api,
        name: &str,
        token: &str,
        with_secret: bool,
        write: impl FnOnce(&mut Script),
    ) -> Self {
        let mut token: JoinToken = token.parse().unwrap();
        if !with_secret {
            token.secret = None;
        }
        let mut script = Script {
            prepare: Ok(()),
            runs_until_stopped: false,
            health: Health::default(),
            console: None,
            log_bytes: LOG.len() as u64,
            identity: None,
            keeps: None,
            refuse: None,
        };
        write(&mut script);
        let identity = script.identity.clone().unwrap_or_else(Identity::generate);
        let kept = script
            .keeps
            .map(|run| end_of(run, RunExit::Success, &script));
        let (node, events) = start(NodeSettings::here(identity.clone(), Role::Agent))
            .await
            .unwrap();
        node.trust(vec![token.controller.clone()]).await.unwrap();
        let state = AgentState {
            kept: kept.map(|end| {
                Box::new(KeptRuns {
                    runs: 1,
                    bytes: 5,
                    end: Some(end),
                })
            }),
            health: script.health.clone(),
            ..AgentState::available(InstanceId::new(), name)
        };
        let inner = Inner {
            script,
            state,
            tasks: Vec::new(),
            results: HashMap::new(),
            release_ms: None,
            refused: None,
            reads: 0,
            printed: Vec::new(),
        };
        let inner = Arc::new(Mutex::new(inner));
        let controller = token.controller.clone();
        let worker = tokio::spawn(work(node.clone(), events, inner.clone(), token));
        Self {
            inner,
            node,
            controller,
            worker,
            identity,
        }
    }

    /// The tasks it was given, repetitions left out.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        self.inner.lock().unwrap().tasks.clone()
    }

    pub(crate) async fn until(&self, wanted: impl Fn(&[Task]) -> bool) {
        for _ in 0..600 {
            if wanted(&self.tasks()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the agent got only {:?}", self.tasks());
    }

    /// Its programs print this. What was printed between that and before is not kept.
    pub(crate) fn prints(&self, file: RunFile, position: u64, text: &str) {
        let text = text.as_bytes().to_vec();
        self.inner.lock().unwrap().printed.push(Printed {
            file,
            position,
            text,
        });
    }

    /// Tells live figures.
    pub(crate) async fn tell(&self, run: &str, cells: Vec<Cell>) -> TelemetryAnswer {
        let run = run.parse().unwrap();
        let request = TelemetryRequest { run, cells };
        let told = self.node.telemetry(self.controller.clone(), request);
        told.await.unwrap()
    }

    /// Asks for files of a folder.
    pub(crate) async fn source(&self, request: SourceRequest) -> SourceAnswer {
        let asked = self.node.source(self.controller.clone(), request);
        asked.await.unwrap()
    }

    /// Why the controller refused it.
    pub(crate) async fn refused(&self) -> String {
        for _ in 0..600 {
            if let Some(reason) = self.inner.lock().unwrap().refused.clone() {
                return reason;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the agent was not refused");
    }

    pub(crate) fn refuse(&self, code: RefusalCode) {
        self.inner.lock().unwrap().script.refuse = Some(code);
    }

    /// Its clock is set, for the first time since its start.
    pub(crate) fn jump(&self, by_ms: i64) {
        self.inner.lock().unwrap().state.clock_jump = Some(ClockJump {
            number: 1,
            at_ms: now_ms(),
            by_ms,
        });
    }

    /// Chunks of its files that were asked for.
    pub(crate) fn reads(&self) -> usize {
        self.inner.lock().unwrap().reads
    }

    /// Goes without a word.
    pub(crate) async fn vanish(&self) {
        self.worker.abort();
        self.node.shutdown().await;
    }
}

async fn work(node: Node, mut events: Receiver<Event>, inner: Arc<Mutex<Inner>>, token: JoinToken) {
    let addresses: Vec<Address> = token.addresses.iter().map(|a| a.parse().unwrap()).collect();
    let mut beat = tokio::time::interval(Duration::from_millis(250));
    let mut connected = false;
    loop {
        tokio::select! {
            event = events.recv() => match event {
                None => return,
                Some(Event::Connected { .. }) => {
                    connected = true;
                    register(&node, &inner, &token).await;
                }
                Some(Event::Disconnected { .. }) => connected = false,
                Some(Event::Task { request, reply, .. }) => {
                    let receipt = inner.lock().unwrap().task(*request);
                    reply.send(receipt);
                }
                Some(Event::File { request, reply, .. }) => {
                    let read = matches!(request, FileRequest::Read { .. });
                    let answer = {
                        let mut inner = inner.lock().unwrap();
                        inner.reads += usize::from(read);
                        inner.file(&request)
                    };
                    reply.send(answer);
                }
                Some(Event::Output { request, reply, .. }) => {
                    let answer = inner.lock().unwrap().output(&request);
                    reply.send(answer);
                }
                Some(_) => {}
            },
            _ = beat.tick() => {
                if !connected {
                    let _ = node.dial(Some(token.controller.clone()), addresses.clone()).await;
                }
                let state = inner.lock().unwrap().beat();
                let _ = node.publish(token.controller.clone(), state).await;
            }
        }
    }
}

async fn register(node: &Node, inner: &Arc<Mutex<Inner>>, token: &JoinToken) {
    let request = {
        let inner = inner.lock().unwrap();
        RegistrationRequest {
            software: "0.0.0".into(),
            oldest: 1,
            newest: 1,
            instance: inner.state.instance,
            name: inner.state.name.clone(),
            group: String::new(),
            labels: Vec::new(),
            machine: Machine::default(),
            toolchains: Toolchains::default(),
            secret: token.secret.clone(),
            joined: true,
            shows_code: false,
            ephemeral: false,
        }
    };
    if let Ok(RegistrationAnswer::Refused { reason, .. }) =
        node.register(token.controller.clone(), request).await
    {
        inner.lock().unwrap().refused = Some(reason);
    }
}

fn end_of(run: RunId, exit: RunExit, script: &Script) -> RunEnd {
    RunEnd {
        run,
        exit,
        started_ms: 1,
        ended_ms: 2,
        console: script.console.map(|(ok, ko)| LiveCounters {
            run,
            elapsed_s: 1,
            ok,
            ko,
            users_active: 0,
            users_done: 2,
            users_waiting: 0,
        }),
        log_bytes: Some(script.log_bytes),
        failure: None,
        probe: None,
        dead_man: false,
    }
}

impl Inner {
    fn file(&self, request: &FileRequest) -> FileAnswer {
        let (FileRequest::Describe { file, .. } | FileRequest::Read { file, .. }) = request;
        let printed = self.printed.iter().filter(|one| one.file == *file);
        let bytes = match file {
            RunFile::SimulationLog => LOG.to_vec(),
            _ => printed.flat_map(|one| one.text.clone()).collect(),
        };
        match request {
            _ if bytes.is_empty() => FileAnswer::Missing("there is none".into()),
            FileRequest::Describe { .. } => FileAnswer::Description {
                size: bytes.len() as u64,
                sha256: Sha256::digest(&bytes).into(),
            },
            FileRequest::Read { offset, length, .. } => {
                let from = bytes.len().min(*offset as usize);
                let until = bytes.len().min(from + *length as usize);
                FileAnswer::Chunk(bytes[from..until].to_vec())
            }
        }
    }

    fn output(&self, request: &OutputRequest) -> OutputAnswer {
        let all = self.printed.iter().filter(|one| one.file == request.file);
        let all: Vec<&Printed> = all.collect();
        if all.is_empty() {
            return OutputAnswer::Missing("there is none".into());
        }
        let ranges: Vec<OutputRange> = all
            .iter()
            .map(|one| OutputRange {
                position: one.position,
                offset: 0,
                length: one.text.len() as u64,
            })
            .collect();
        let place = output_place(&ranges, request.start, request.length);
        let from = place.offset as usize;
        OutputAnswer::Piece(OutputPiece {
            from: place.from,
            bytes: all[place.range].text[from..from + place.length as usize].to_vec(),
            end: place.end,
        })
    }

    fn beat(&mut self) -> AgentState {
        if let (Some(at), Some(lease)) = (self.release_ms, &self.state.lease)
            && now_ms() >= at
        {
            let run = lease.run;
            self.state.phase = AgentPhase::Running;
            self.state.live = Some(LiveCounters {
                run,
                elapsed_s: 1,
                ok: 5,
                ko: 1,
                users_active: 2,
                users_done: 0,
                users_waiting: 0,
            });
            if !self.script.runs_until_stopped {
                self.end(run, RunExit::Success);
            }
        }
        self.state.sequence += 1;
        self.state.clone()
    }

    fn end(&mut self, run: RunId, exit: RunExit) {
        self.release_ms = None;
        self.state.phase = AgentPhase::Available;
        self.state.lease = None;
        self.state.ended = Some(end_of(run, exit, &self.script));
    }

    fn task(&mut self, request: TaskRequest) -> Receipt {
        if let Some(result) = self.results.get(&request.id) {
            return Receipt::Done(result.clone());
        }
        if let Some(code) = self.script.refuse {
            let message = "busy with something else".into();
            return Receipt::Refused(Refusal {
                code,
                message,
                phase: None,
            });
        }
        self.tasks.push(request.task.clone());
        let result = match request.task {
            Task::Prepare(prepare) => self.prepare(&prepare),
            Task::Start(_) => {
                self.state.phase = AgentPhase::Armed;
                TaskResult::Done
            }
            Task::Release { at_ms, .. } => {
                self.release_ms = Some(at_ms);
                TaskResult::Done
            }
            Task::Stop { run, .. } => {
                if self.state.phase == AgentPhase::Running {
                    self.end(run, RunExit::Stopped);
                }
                (self.state.phase, self.state.lease) = (AgentPhase::Available, None);
                TaskResult::Done
            }
            Task::Confirm { .. } => {
                self.state.kept = None;
                TaskResult::Done
            }
            Task::Clock => {
                return Receipt::Done(TaskResult::Clock {
                    now_us: now_ms() * 1000,
                });
            }
            _ => TaskResult::Done,
        };
        // The end shows in the next heartbeat; the result comes when the task is sent again.
        let succeeded = Some(!matches!(result, TaskResult::Failed(_)));
        self.results.insert(request.id, result);
        self.state.tasks.push(TaskOutcome {
            task: request.id,
            succeeded,
        });
        Receipt::Accepted
    }

    fn prepare(&mut self, prepare: &Prepare) -> TaskResult {
        if let Err(code) = self.script.prepare {
            self.state.phase = AgentPhase::Error;
            return TaskResult::Failed(Failure::new(
                code,
                "build",
                "it does not compile",
                "mend it",
            ));
        }
        if !prepare.list_only {
            self.state.phase = AgentPhase::Ready;
            self.state.lease = Some(Lease {
                controller: PeerId::new("controller"),
                controller_name: "here".into(),
                run: prepare.run,
                since_ms: now_ms(),
            });
        }
        let jdk = Jdk {
            home: "/jdk".into(),
            version: "17.0.1".into(),
            feature: 17,
            vendor: "Example".into(),
        };
        TaskResult::Prepared(Box::new(Prepared {
            commit: match &prepare.snapshot {
                Some(snapshot) => snapshot.to_string(),
                None => prepare
                    .source
                    .commit
                    .clone()
                    .unwrap_or_else(|| "a".repeat(40)),
            },
            build_tool: "maven".into(),
            simulations: vec!["example.Shop".into()],
            simulation: Some("example.Shop".into()),
            jdk,
            gatling: "3.16.0".into(),
            indicators: Indicators::default(),
            fetch_ms: 1,
            build_ms: 1,
        }))
    }
}
