//! A controller's end of the network, and a real agent process on loopback.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bfgg_net::{Event, Identity, Node, NodeSettings, Role, start};
use bfgg_protocol::pairing::PairingCode;
use bfgg_protocol::{
    AgentPhase, AgentState, Cell, FileAnswer, FileRequest, GitSource, JoinToken, PeerId, Prepare,
    Receipt, RegistrationAnswer, RegistrationRequest, RunFile, RunId, Secret, Start, Task, TaskId,
    TaskRequest, TaskResult, TelemetryAnswer,
};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

pub(crate) const AGENT: &str = env!("CARGO_BIN_EXE_bfgg-agent");
/// Everything awaited comes within this time, or the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A node in the place of a controller.
pub(crate) struct Controller {
    pub(crate) node: Node,
    events: Receiver<Event>,
    pub(crate) token: JoinToken,
    /// Admits who registers.
    pub(crate) admits: bool,
    pub(crate) agent: Option<PeerId>,
    pub(crate) registered: Vec<RegistrationRequest>,
    /// Cells of live figures.
    pub(crate) told: Vec<Cell>,
}

impl Controller {
    pub(crate) async fn start() -> Self {
        Self::with(Identity::generate(), 0).await
    }

    pub(crate) async fn with(identity: Identity, port: u16) -> Self {
        let controller = identity.peer_id();
        let mut settings = NodeSettings::here(identity, Role::Controller);
        settings.listen.port = port;
        let (node, mut events) = start(settings).await.unwrap();
        let address = loop {
            match timeout(PATIENCE, events.recv()).await.unwrap().unwrap() {
                Event::Listening { address } if !address.host().contains(':') => break address,
                _ => {}
            }
        };
        let token = JoinToken {
            controller,
            secret: Some(Secret::random().unwrap()),
            addresses: vec![address.to_string()],
        };
        Self {
            node,
            events,
            token,
            admits: true,
            agent: None,
            registered: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Handles events until `wanted` says what it was waiting for.
    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&PeerId, &AgentState) -> Option<T>,
    ) -> T {
        let waiting = async {
            loop {
                match self.events.recv().await.unwrap() {
                    Event::Registration {
                        peer,
                        request,
                        reply,
                        ..
                    } => {
                        self.agent = Some(peer.clone());
                        self.registered.push(*request);
                        self.node.registered(peer, self.admits).await.unwrap();
                        reply.send(match self.admits {
                            true => RegistrationAnswer::Admitted {
                                protocol: 1,
                                controller: "office".into(),
                                group: None,
                            },
                            false => RegistrationAnswer::Pending {
                                reason: "not yet".into(),
                            },
                        });
                    }
                    Event::Telemetry { request, reply, .. } => {
                        self.told.extend(request.cells);
                        reply.send(TelemetryAnswer::Next {
                            number: self.told.len() as u64,
                            from: self.told.last().map_or(0, |cell| cell.to),
                        });
                    }
                    Event::State { peer, state } => {
                        if let Some(found) = wanted(&peer, &state) {
                            return found;
                        }
                    }
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, waiting)
            .await
            .unwrap_or_else(|_| panic!("{what} within {PATIENCE:?}"))
    }

    /// Waits for a registration that is wanted.
    pub(crate) async fn registration(&mut self, wanted: impl Fn(&RegistrationRequest) -> bool) {
        let waiting = async {
            while !self.registered.iter().any(&wanted) {
                if let Event::Registration {
                    peer,
                    request,
                    reply,
                    ..
                } = self.events.recv().await.unwrap()
                {
                    self.agent = Some(peer);
                    self.registered.push(*request);
                    reply.send(RegistrationAnswer::Pending {
                        reason: "needs a token".into(),
                    });
                }
            }
        };
        timeout(PATIENCE, waiting)
            .await
            .expect("a registration comes");
    }

    pub(crate) async fn phase(&mut self, phase: AgentPhase) -> AgentState {
        self.until(&format!("{phase:?}"), |_, state| {
            (state.phase == phase).then(|| state.clone())
        })
        .await
    }

    pub(crate) async fn task(&self, task: Task) -> Receipt {
        self.request(TaskRequest {
            id: TaskId::new(),
            task,
        })
        .await
    }

    pub(crate) async fn request(&self, request: TaskRequest) -> Receipt {
        self.node
            .task(self.agent.clone().unwrap(), request)
            .await
            .unwrap()
    }

    /// Sends a task and waits for its end.
    pub(crate) async fn done(&mut self, task: Task) -> TaskResult {
        let request = TaskRequest {
            id: TaskId::new(),
            task,
        };
        loop {
            match self.request(request.clone()).await {
                Receipt::Done(result) => return result,
                Receipt::Accepted => {}
                Receipt::Refused(refusal) => panic!("{refusal:?}"),
            }
            self.until("the task's end", |_, state| {
                let ended = state
                    .tasks
                    .iter()
                    .any(|t| t.task == request.id && t.succeeded.is_some());
                ended.then_some(())
            })
            .await;
        }
    }

    /// A whole file of a run, in small chunks.
    pub(crate) async fn fetch(&self, run: RunId, file: RunFile) -> Vec<u8> {
        use sha2::{Digest, Sha256};
        let agent = self.agent.clone().unwrap();
        let ask = |request| self.node.file(agent.clone(), request);
        let described = ask(FileRequest::Describe { run, file }).await.unwrap();
        let FileAnswer::Description { size, sha256 } = described else {
            panic!("{described:?}")
        };
        let mut bytes = Vec::new();
        while (bytes.len() as u64) < size {
            let request = FileRequest::Read {
                run,
                file,
                offset: bytes.len() as u64,
                length: 10_000,
            };
            let FileAnswer::Chunk(chunk) = ask(request).await.unwrap() else {
                panic!("a chunk")
            };
            bytes.extend(chunk);
        }
        assert_eq!(<[u8; 32]>::from(Sha256::digest(&bytes)), sha256);
        bytes
    }
}

pub(crate) fn prepare(run: RunId, url: String, simulation: Option<&str>) -> Task {
    let (reference, commit, folder) = (None, None, None);
    Task::Prepare(Prepare {
        run,
        controller_name: "office".into(),
        snapshot: None,
        source: GitSource {
            url,
            reference,
            commit,
            folder,
        },
        simulation: simulation.map(str::to_owned),
        list_only: false,
    })
}

pub(crate) fn start_task(run: RunId, parameters: &[(&str, &str)]) -> Task {
    Task::Start(Start {
        run,
        parameters: parameters
            .iter()
            .map(|(k, v)| (k.to_string(), v.to_string()))
            .collect(),
        java_options: Vec::new(),
        index: 0,
        count: 1,
        max_duration_s: 120,
        jvms_on_host: 2,
        dead_man_s: None,
        secret: Vec::new(),
    })
}

/// An agent's folder, and the agent in it.
pub(crate) struct Agent {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(&'static str, PathBuf)>,
    child: Option<Child>,
}

impl Agent {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            folder,
            arguments: Vec::new(),
            environment: Vec::new(),
            child: None,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(AGENT);
        command
            .current_dir(self.folder.path())
            .env("BFGG_DATA_DIR", self.data())
            .env("BFGG_ALLOW_FILE", "1")
            .env("HOME", std::env::var_os("HOME").unwrap_or_default())
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn start(&mut self) {
        let open = |name: &str| {
            let mut file = std::fs::File::options();
            file.create(true).append(true);
            file.open(self.folder.path().join(name)).unwrap()
        };
        let mut command = self.command();
        command.args([
            "--name",
            "lab-1",
            "--listen",
            "127.0.0.1:0",
            "--no-discovery",
        ]);
        command.args(&self.arguments);
        command.stderr(open("agent.log")).stdout(open("agent.out"));
        self.child = Some(command.spawn().unwrap());
    }

    /// What its log says so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("agent.log")).unwrap()
    }

    /// The code that it shows, once it is not `other`.
    pub(crate) async fn code(&self, other: Option<&PairingCode>) -> PairingCode {
        let shown = async {
            loop {
                let out = std::fs::read_to_string(self.folder.path().join("agent.out")).unwrap();
                let last = out.lines().filter_map(|line| line.parse().ok()).next_back();
                if let Some(code) = last.filter(|code| Some(code) != other) {
                    return code;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, shown).await.expect("a code is shown")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// As a crash or a power cut ends it.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// As a service manager ends it.
    pub(crate) fn end(&mut self) {
        let mut child = self.child.take().unwrap();
        assert!(
            Command::new("kill")
                .arg(child.id().to_string())
                .status()
                .unwrap()
                .success()
        );
        assert!(child.wait().unwrap().success());
    }

    /// A repository whose build and whose Gatling are scripts, and the JDK that runs the latter.
    pub(crate) fn scripted(&mut self, gatling: &str) -> String {
        let jdk = self.folder.path().join("jdk");
        std::fs::create_dir_all(jdk.join("bin")).unwrap();
        std::fs::write(
            jdk.join("release"),
            "JAVA_VERSION=\"17.0.1\"\nIMPLEMENTOR=\"Script\"\n",
        )
        .unwrap();
        let java = format!(
            "#!/bin/sh\ncase \"$*\" in *Indicators.java) echo indicators 800 1200 50000 75000 95000 99000; exit;; *io.gatling.app.Gatling*) ;; *) exit 1;; esac\n\
             while [ $# -gt 0 ]; do case $1 in -rf) results=$2;; esac; shift; done\n\
             mkdir -p $results/shop-1; echo $$ > $results/../java.pid\n{gatling}\n"
        );
        for (name, text) in [("java", java.as_str()), ("javac", "")] {
            let path = jdk.join("bin").join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.environment.push(("JAVA_HOME", jdk));
        // Nothing in a script can be held.
        self.environment.push(("BFGG_PROBE", "off".into()));
        let wrapper = "mkdir -p target/test-classes/example gatling-app; touch gatling-app/gatling-app-3.16.0.jar\n\
             cp Shop.class target/test-classes/example/\n\
             for a; do case $a in -Dmdep.outputFile=*) echo $PWD/gatling-app/gatling-app-3.16.0.jar > ${a#*=};; esac; done\n";
        repository(&self.folder.path().join("repository"), |at| {
            std::fs::write(at.join("pom.xml"), "").unwrap();
            std::fs::write(at.join("mvnw"), wrapper).unwrap();
            std::fs::write(at.join("Shop.class"), class_file()).unwrap();
        })
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("agent.log"));
            eprintln!("the agent's log:\n{}", log.unwrap_or_default());
        }
    }
}

/// Makes a repository of what `fill` puts there, and returns its URL.
pub(crate) fn repository(at: &Path, fill: impl FnOnce(&Path)) -> String {
    std::fs::create_dir_all(at).unwrap();
    fill(at);
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "-c",
            "init.defaultBranch=main",
        ]);
        assert!(
            command
                .args(arguments)
                .current_dir(at)
                .status()
                .unwrap()
                .success()
        );
    };
    git(&["init", "--quiet"]);
    git(&["add", "--force", "."]);
    git(&["commit", "--quiet", "-m", "x"]);
    format!("file://{}", at.display())
}

/// The class example.Shop, which extends Gatling's Simulation.
fn class_file() -> Vec<u8> {
    let mut bytes = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 55, 0, 5];
    for text in ["example/Shop", "io/gatling/javaapi/core/Simulation"] {
        bytes.push(1);
        bytes.extend((text.len() as u16).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend([
        7, 0, 1, 7, 0, 2, 0, 0x21, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    bytes
}

pub(crate) fn alive(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

pub(crate) fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_millis() as u64
}
