//! An agent as a process, and what can be done to it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal};

use crate::load::Written;
use crate::project;

/// Programs of this crate, by their paths: `env!("CARGO_BIN_EXE_…")` in a test.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `testkit-agent`.
    pub agent: PathBuf,
    /// `fake-gatling`.
    pub gatling: PathBuf,
}

/// An agent's folder, and the process in it, if it runs.
#[derive(Debug)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Variables it gets.
    pub environment: Vec<(String, String)>,
    /// The network namespace it runs in, if not in this one.
    pub namespace: Option<String>,
    folder: PathBuf,
    program: PathBuf,
    join: String,
    child: Option<Child>,
}

impl Agent {
    /// An agent in this folder, which joins by this token. It is not started.
    pub fn new(folder: &Path, name: &str, join: &str, programs: &Programs) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let jdk = project::jdk(&folder.join("jdk"), &programs.gatling);
        Self {
            name: name.to_owned(),
            environment: vec![("JAVA_HOME".into(), jdk.display().to_string())],
            namespace: None,
            folder: folder.to_owned(),
            program: programs.agent.clone(),
            join: join.to_owned(),
            child: None,
        }
    }

    /// Where it keeps all it has.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The folder of one of its runs.
    pub fn run_folder(&self, run: &str) -> PathBuf {
        self.data().join("runs").join(run)
    }

    /// What its Gatling has written in a run.
    pub fn written(&self, run: &str) -> Written {
        Written::read(&self.run_folder(run)).unwrap_or_default()
    }

    /// Starts it, or starts it again.
    pub fn start(&mut self) {
        let mut options = std::fs::File::options();
        let log = options.create(true).append(true);
        let log = log.open(self.folder.join("agent.log")).unwrap();
        let mut command = within(self.namespace.as_deref(), &self.program);
        command
            .args(["--name", &self.name, "--listen", "127.0.0.1:0"])
            .args(["--no-discovery", "--join", &self.join])
            .current_dir(&self.folder)
            .env("BFGG_DATA_DIR", self.data())
            .env("BFGG_ALLOW_FILE", "1")
            .env("XDG_CONFIG_HOME", self.folder.join("config"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    /// Its process, if it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// As a crash or a power cut ends it.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // A stopped process is killed, too.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops it, as SIGSTOP does.
    pub fn pause(&self) {
        signal(self.pid().unwrap(), Signal::STOP);
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        signal(self.pid().unwrap(), Signal::CONT);
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("agent.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the log of {}:\n{}", self.name, self.log());
        }
        // Runs outlive their agent; these must not.
        for run in std::fs::read_dir(self.data().join("runs"))
            .into_iter()
            .flatten()
            .flatten()
        {
            end_run(&run.path());
        }
    }
}

/// What starts a program in a network namespace, or in this one. Its process is the program's.
pub fn within(namespace: Option<&str>, program: &Path) -> Command {
    match namespace {
        None => Command::new(program),
        Some(namespace) => {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", namespace]).arg(program);
            command
        }
    }
}

/// Sends a signal to a process that may be gone.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = rustix::process::kill_process(pid, signal);
    }
}

/// Whether a process is there and is no zombie.
pub fn alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Ends what still runs of a run, by the ids in its folder.
fn end_run(folder: &Path) {
    if folder.join("exit.json").exists() {
        return;
    }
    if let Ok(written) = Written::read(folder) {
        signal(written.pid, Signal::KILL);
    }
    let supervisor = std::fs::read(folder.join("supervisor.json")).unwrap_or_default();
    let supervisor: serde_json::Value = serde_json::from_slice(&supervisor).unwrap_or_default();
    if let Some(pid) = supervisor["pid"].as_u64() {
        signal(pid as u32, Signal::KILL);
    }
}
