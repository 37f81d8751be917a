//! An agent that is a mere node: it speaks the protocol, and has neither processes nor a JVM. Hundreds
//! of them fit into one process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bfgg_clock::{wall_ms, wall_us};
use bfgg_net::{Address, Event, Identity, Node, NodeSettings, Role, Transport};
use bfgg_protocol::{
    AgentPhase, AgentState, FileAnswer, FileRequest, Indicators, InstanceId, Jdk, JoinToken, Lease,
    Machine, OutputAnswer, PeerId, Prepare, Prepared, Probe, Receipt, RegistrationAnswer,
    RegistrationRequest, RunEnd, RunExit, RunFile, RunId, Task, TaskId, TaskOutcome, TaskRequest,
    TaskResult, TelemetryRequest, Toolchains, version,
};
use gatling_log::{Encoder, Header, Version};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc::Receiver;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

use crate::random::Random;
use crate::teller::Teller;

/// Requests in the log of each.
pub const REQUESTS: u64 = 100;

/// What a fake agent says of itself.
#[derive(Debug, Clone)]
pub struct Says {
    /// Its name.
    pub name: String,
    /// Its key.
    pub identity: Identity,
    /// What carries its connection.
    pub transport: Transport,
    /// Protocols it speaks, oldest and newest.
    pub protocols: (u16, u16),
    /// Its JDK and Gatling.
    pub versions: (&'static str, &'static str),
    /// How long its runs take.
    pub runs_for: Duration,
    /// So many of its first stops are lost on the way.
    pub loses_stops: u32,
    /// Its wall clock is ahead by so many ms.
    pub ahead_ms: i64,
    /// Names of requests in its runs, and requests of each in a second. It tells them live. Without
    /// any it has [`REQUESTS`] in its log.
    pub load: (u32, u32),
    /// It tells so many seconds of that load as quickly as the controller takes them, and keeps no log;
    /// 0 for one a second.
    pub hurry: u32,
}

impl Says {
    /// One that does all as it should.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            identity: Identity::generate(),
            transport: Transport::Tcp,
            protocols: (version::OLDEST, version::CURRENT),
            versions: ("17.0.1", "3.16.0"),
            runs_for: Duration::from_secs(2),
            loses_stops: 0,
            ahead_ms: 0,
            load: (0, 0),
            hurry: 0,
        }
    }
}

struct Inner {
    says: Says,
    state: AgentState,
    results: HashMap<TaskId, TaskResult>,
    tasks: Vec<Task>,
    release: Option<(RunId, u64)>,
    /// So long before its instant it was told of it, ms.
    warned: Option<i64>,
    ends: Option<(RunId, Instant)>,
    probe: Option<Probe>,
    log: Vec<u8>,
    teller: Option<Teller>,
    refused: Option<String>,
    connected: bool,
    /// When its last connection was made.
    since: Option<Instant>,
    /// The controller takes its beats.
    admitted: bool,
}

/// A fake agent that runs until it is dropped.
pub struct FakeAgent {
    inner: Arc<Mutex<Inner>>,
    node: Node,
    controller: PeerId,
    worker: JoinHandle<()>,
}

impl std::fmt::Debug for FakeAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FakeAgent")
            .field("node", &self.node)
            .finish_non_exhaustive()
    }
}

impl Drop for FakeAgent {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

impl FakeAgent {
    /// Starts one that joins by this token.
    pub async fn join(token: &str, says: Says) -> Self {
        let token: JoinToken = token.parse().unwrap();
        let settings = NodeSettings {
            transport: says.transport,
            ..NodeSettings::here(says.identity.clone(), Role::Agent)
        };
        let (node, events) = bfgg_net::start(settings).await.unwrap();
        node.trust(vec![token.controller.clone()]).await.unwrap();
        let state = AgentState::available(InstanceId::new(), &says.name);
        let inner = Arc::new(Mutex::new(Inner {
            says,
            state,
            results: HashMap::new(),
            tasks: Vec::new(),
            release: None,
            warned: None,
            ends: None,
            probe: None,
            log: Vec::new(),
            teller: None,
            refused: None,
            connected: false,
            since: None,
            admitted: false,
        }));
        let controller = token.controller.clone();
        let worker = tokio::spawn(work(node.clone(), events, inner.clone(), token));
        Self {
            inner,
            node,
            controller,
            worker,
        }
    }

    /// The tasks it was given, repetitions left out.
    pub fn tasks(&self) -> Vec<Task> {
        lock(&self.inner).tasks.clone()
    }

    /// Why the controller refused it.
    pub fn refused(&self) -> Option<String> {
        lock(&self.inner).refused.clone()
    }

    /// When its connection was made, while it stands.
    pub fn connected_since(&self) -> Option<Instant> {
        let inner = lock(&self.inner);
        inner.since.filter(|_| inner.connected)
    }

    /// How long before the instant of its last run's start it was told of that, ms.
    pub fn warned(&self) -> Option<i64> {
        lock(&self.inner).warned
    }

    /// Closes its connections. It dials again, as it does whenever one is gone.
    pub async fn cut(&self) {
        self.node.disconnect(self.controller.clone()).await.unwrap();
    }

    /// Ends its node.
    pub async fn end(self) {
        self.worker.abort();
        self.node.shutdown().await;
    }
}

fn lock(inner: &Mutex<Inner>) -> MutexGuard<'_, Inner> {
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn work(node: Node, mut events: Receiver<Event>, inner: Arc<Mutex<Inner>>, token: JoinToken) {
    let addresses: Vec<Address> = token.addresses.iter().map(|a| a.parse().unwrap()).collect();
    let mut random = Random::new(wall_us() ^ u64::from(std::process::id()));
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut dial_at = Instant::now() + Duration::from_millis(random.below(500));
    let mut failures = 0;
    let mut dialling = JoinSet::new();
    loop {
        let (next, connected) = {
            let inner = lock(&inner);
            (inner.next(), inner.connected)
        };
        tokio::select! {
            event = events.recv() => match event {
                None => return,
                Some(Event::Connected { .. }) => {
                    {
                        let mut inner = lock(&inner);
                        (inner.connected, inner.since) = (true, Some(Instant::now()));
                    }
                    failures = 0;
                    let (node, inner, token) = (node.clone(), inner.clone(), token.clone());
                    tokio::spawn(async move { register(&node, &inner, &token).await });
                }
                Some(Event::Disconnected { .. }) => {
                    let mut inner = lock(&inner);
                    (inner.connected, inner.admitted) = (false, false);
                    dial_at = Instant::now();
                }
                Some(Event::Task { request, reply, .. }) => {
                    let receipt = lock(&inner).task(*request);
                    // Without a reply it is as if the task had not come.
                    if let Some(receipt) = receipt {
                        reply.send(receipt);
                        publish(&node, &inner, &token.controller).await;
                    }
                }
                Some(Event::File { request, reply, .. }) => {
                    let answer = lock(&inner).file(&request);
                    reply.send(answer);
                }
                // It has no programs.
                Some(Event::Output { reply, .. }) => {
                    reply.send(OutputAnswer::Missing("nothing prints here".into()));
                }
                Some(_) => {}
            },
            _ = beat.tick() => {
                publish(&node, &inner, &token.controller).await;
                tell(&node, &inner, &token.controller);
            },
            () = tokio::time::sleep_until(dial_at), if dialling.is_empty() && !connected => {
                let (node, addresses, peer) =
                    (node.clone(), addresses.clone(), token.controller.clone());
                dialling.spawn(async move { node.dial(Some(peer), addresses).await });
            }
            // As agents do: at once where a connection is gone, then after the same pauses.
            Some(dialled) = dialling.join_next() => match dialled {
                Ok(Ok(_)) => dial_at = Instant::now() + Duration::from_secs(2),
                _ => {
                    dial_at = Instant::now() + bfgg_agent::redial_pause(failures);
                    failures += 1;
                }
            },
            () = next => publish(&node, &inner, &token.controller).await,
        }
    }
}

async fn publish(node: &Node, inner: &Mutex<Inner>, controller: &PeerId) {
    let beat = {
        let mut inner = lock(inner);
        inner.go_on();
        inner.admitted.then(|| inner.beat())
    };
    if let Some(state) = beat {
        let _ = node.publish(controller.clone(), state).await;
    }
}

/// Tells what a load has made in a second, and what is left from before. It does not wait for that.
fn tell(node: &Node, inner: &Arc<Mutex<Inner>>, controller: &PeerId) {
    let mut request = lock(inner).tell(true);
    if request.is_none() {
        return;
    }
    let (node, inner, controller) = (node.clone(), inner.clone(), controller.clone());
    tokio::spawn(async move {
        while let Some(told) = request.take() {
            let answer = node.telemetry(controller.clone(), told).await.ok();
            let answered = answer.is_some();
            let mut inner = lock(&inner);
            if let Some(teller) = &mut inner.teller {
                teller.answered(answer);
            }
            if answered {
                request = inner.tell(false);
            }
        }
    });
}

async fn register(node: &Node, inner: &Mutex<Inner>, token: &JoinToken) {
    for _ in 0..5 {
        let request = lock(inner).introduction(token);
        match timeout(
            Duration::from_secs(12),
            node.register(token.controller.clone(), request),
        )
        .await
        {
            Ok(Ok(RegistrationAnswer::Refused { reason, .. })) => {
                lock(inner).refused = Some(reason);
                return;
            }
            Ok(Ok(_)) => {
                lock(inner).admitted = true;
                return;
            }
            _ => sleep(Duration::from_secs(1)).await,
        }
    }
}

impl Inner {
    /// Its own wall clock, ms since 1970.
    fn wall_ms(&self) -> u64 {
        wall_ms().saturating_add_signed(self.says.ahead_ms)
    }

    fn introduction(&self, token: &JoinToken) -> RegistrationRequest {
        RegistrationRequest {
            software: "0.0.0".into(),
            oldest: self.says.protocols.0,
            newest: self.says.protocols.1,
            instance: self.state.instance,
            name: self.says.name.clone(),
            group: String::new(),
            labels: Vec::new(),
            machine: Machine::default(),
            toolchains: Toolchains::default(),
            secret: token.secret.clone(),
            joined: true,
            shows_code: false,
            ephemeral: false,
        }
    }

    /// Ends when there is something to do.
    fn next(&self) -> impl Future<Output = ()> + use<> {
        let release = self.release.map(|(_, at)| {
            let wait = Duration::from_millis(at.saturating_sub(self.wall_ms()));
            Instant::now() + wait
        });
        let due = release.into_iter().chain(self.ends.map(|(_, at)| at)).min();
        async move {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Does what is due.
    fn go_on(&mut self) {
        if let Some((run, at)) = self.release
            && self.wall_ms() >= at
        {
            self.begin(run);
        }
        if let Some((run, at)) = self.ends
            && Instant::now() >= at
        {
            self.end(run, RunExit::Success);
        }
    }

    fn beat(&mut self) -> AgentState {
        self.state.sequence += 1;
        self.state.clone()
    }

    fn tell(&mut self, passed: bool) -> Option<TelemetryRequest> {
        let teller = self.teller.as_mut()?;
        if self.state.phase == AgentPhase::Running {
            teller.cut_more(passed);
        }
        teller.request()
    }

    fn begin(&mut self, run: RunId) {
        self.release = None;
        let now = self.wall_ms();
        self.state.phase = AgentPhase::Running;
        self.ends = Some((run, Instant::now() + self.says.runs_for));
        let (names, each) = self.says.load;
        let hurry = self.says.hurry;
        self.teller = (names > 0).then(|| Teller::new(run, now, (names, each), hurry));
        self.log = log(now);
        self.probe = Some(Probe {
            released_ms: Some(now),
            gatling_ms: Some(now),
            ..held(run)
        });
        self.state.probe = self.probe.clone();
    }

    fn end(&mut self, run: RunId, exit: RunExit) {
        self.ends = None;
        self.release = None;
        if let Some(teller) = &mut self.teller {
            teller.finish();
            self.log = teller.log().to_vec();
        }
        self.state.phase = AgentPhase::Available;
        self.state.lease = None;
        self.state.probe = None;
        self.state.ended = Some(RunEnd {
            run,
            exit,
            started_ms: self.probe.as_ref().and_then(|p| p.released_ms).unwrap_or(1),
            ended_ms: self.wall_ms(),
            console: None,
            log_bytes: Some(self.log.len() as u64),
            failure: None,
            probe: self.probe.clone(),
            dead_man: false,
        });
    }

    fn task(&mut self, request: TaskRequest) -> Option<Receipt> {
        if let Some(result) = self.results.get(&request.id) {
            return Some(Receipt::Done(result.clone()));
        }
        if matches!(request.task, Task::Stop { .. }) && self.says.loses_stops > 0 {
            self.says.loses_stops -= 1;
            return None;
        }
        if !matches!(request.task, Task::Clock) {
            self.tasks.push(request.task.clone());
        }
        let result = match request.task {
            Task::Prepare(prepare) => self.prepare(&prepare),
            Task::Start(start) => {
                self.state.phase = AgentPhase::Armed;
                self.state.probe = Some(held(start.run));
                TaskResult::Done
            }
            Task::Release { run, at_ms } => {
                self.release = Some((run, at_ms));
                self.warned = Some(at_ms as i64 - self.wall_ms() as i64);
                TaskResult::Done
            }
            Task::Stop { run, .. } => {
                if self.state.phase == AgentPhase::Running {
                    self.end(run, RunExit::Stopped);
                }
                (self.state.phase, self.state.lease) = (AgentPhase::Available, None);
                self.release = None;
                TaskResult::Done
            }
            Task::Clock => {
                let now_us = self.wall_ms() * 1000;
                return Some(Receipt::Done(TaskResult::Clock { now_us }));
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
        if self.state.tasks.len() > 16 {
            self.state.tasks.remove(0);
        }
        Some(Receipt::Accepted)
    }

    fn prepare(&mut self, prepare: &Prepare) -> TaskResult {
        if !prepare.list_only {
            self.state.phase = AgentPhase::Ready;
            self.state.lease = Some(Lease {
                controller: PeerId::new("controller"),
                controller_name: "here".into(),
                run: prepare.run,
                since_ms: self.wall_ms(),
            });
        }
        let (java, gatling) = self.says.versions;
        let jdk = Jdk {
            home: "/jdk".into(),
            version: java.into(),
            feature: java
                .split('.')
                .next()
                .and_then(|n| n.parse().ok())
                .unwrap_or(17),
            vendor: "Example".into(),
        };
        let snapshot = prepare.snapshot.as_ref().map(ToString::to_string);
        let commit = snapshot.or_else(|| prepare.source.commit.clone());
        TaskResult::Prepared(Box::new(Prepared {
            commit: commit.unwrap_or_else(|| "a".repeat(40)),
            build_tool: "maven".into(),
            simulations: vec!["example.Shop".into()],
            simulation: Some("example.Shop".into()),
            jdk,
            gatling: gatling.into(),
            indicators: Indicators::default(),
            fetch_ms: 1,
            build_ms: 1,
        }))
    }

    fn file(&self, request: &FileRequest) -> FileAnswer {
        let bytes = &self.log;
        match request {
            FileRequest::Describe {
                file: RunFile::SimulationLog,
                ..
            } => FileAnswer::Description {
                size: bytes.len() as u64,
                sha256: Sha256::digest(bytes).into(),
            },
            FileRequest::Read {
                file: RunFile::SimulationLog,
                offset,
                length,
                ..
            } => {
                let from = usize::try_from(*offset).unwrap_or(usize::MAX);
                let chunk = bytes
                    .get(from..)
                    .and_then(|rest| rest.get(..*length as usize));
                chunk.map_or_else(
                    || FileAnswer::Missing("there is no such part".into()),
                    |chunk| FileAnswer::Chunk(chunk.to_vec()),
                )
            }
            _ => FileAnswer::Missing("there is none".into()),
        }
    }
}

fn held(run: RunId) -> Probe {
    Probe {
        run,
        held: true,
        flushed: true,
        reason: String::new(),
        released_ms: None,
        gatling_ms: None,
        heap_used_bytes: 0,
        heap_max_bytes: 0,
        gc_ms: 0,
    }
}

fn log(start_ms: u64) -> Vec<u8> {
    let mut encoder = Encoder::new(&Header {
        version: Version::parse("3.16.0").unwrap(),
        simulation: "example.Shop".into(),
        start: start_ms as i64,
        description: String::new(),
        scenarios: vec!["Visitors".into()],
        assertions: Vec::new(),
    });
    for number in 0..REQUESTS as u32 {
        encoder.request(&[], "home", number * 10..number * 10 + 7, true, "");
    }
    encoder.take()
}
