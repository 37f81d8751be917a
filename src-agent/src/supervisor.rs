//! The supervisor of one run: the agent's own program, re-executed, which outlives the agent.
//!
//! It owns Gatling's process tree, keeps the output, ends the tree when it is told to, when the
//! maximum duration is over or the controller is silent for the dead man's limit, and says at the end how it went. With a probe Gatling is started at
//! once and held by it, without one it is started by time. All the supervisor hears comes through
//! the run's folder (see [`crate::run_folder`]); that the agent is gone is nothing to it.

mod dead_man;
mod output;

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bfgg_protocol::RunExit;

use crate::clock::{Clock, wall_ms};
use crate::platform::{self, Ended, Tree};
use crate::probe::ProbeReport;
use crate::process;
use crate::run_folder::{Control, Exit, RunFolder, RunSpec, Stage, Supervisor};
use crate::secret_args;
use crate::tool::not_inherited;
use dead_man::DeadMan;
use output::Output;

/// How often `control` is read.
const TICK: Duration = Duration::from_millis(50);
/// How long Gatling may take to stop by itself.
const ASKING: Duration = Duration::from_secs(60);
/// A start that the probe has not told of this long after its instant has happened unseen.
const SILENT: Duration = Duration::from_secs(2);
/// An instant that lies further than this behind the time in which it had to be named is none.
const LATE: Duration = Duration::from_secs(60);
/// From TERM to KILL.
const GRACE: Duration = Duration::from_secs(15);
/// From TERM to KILL for what Gatling leaves behind when it ends by itself.
const LEFTOVER_GRACE: Duration = Duration::from_secs(2);
/// How long KILL is repeated before a process is left to the system.
const KILL_LIMIT: Duration = Duration::from_secs(10);

/// Supervises the run whose folder this is, until it has ended.
pub fn supervise(folder: RunFolder) -> io::Result<()> {
    let spec = folder
        .spec()?
        .ok_or_else(|| io::Error::other("there is no run.json"))?;
    if folder.exit()?.is_some() || folder.supervisor()?.is_some_and(|other| other.is_alive()) {
        return Err(io::Error::other(
            "this run has ended, or is supervised already",
        ));
    }
    platform::lead_descendants()?;
    let supervision = Supervision {
        interrupted: platform::interrupted()?,
        started_ms: 0,
        secrets: secret_args::path(folder.path()).exists(),
        control: Control::default(),
        probe: ProbeReport::default(),
        begun: false,
        named: None,
        dead_man: DeadMan::new(spec.dead_man_s, Clock::start()),
        folder,
        spec,
    };
    supervision.run()
}

/// Starts the supervisor of a run, which then lives without us. `program` is bfgg-agent.
pub fn spawn(program: &Path, folder: &RunFolder) -> io::Result<()> {
    let errors = platform::open_private(&folder.path().join("supervisor.log"))?;
    let mut command = Command::new(program);
    command
        .arg("supervise")
        .arg(folder.path())
        .current_dir(folder.path())
        .env(process::RUN_FOLDER, folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors);
    for name in not_inherited() {
        command.env_remove(name);
    }
    platform::detach(&mut command);
    // tokio reaps it whenever it ends; nothing ends it with us.
    tokio::process::Command::from(command).spawn().map(drop)
}

struct Supervision {
    folder: RunFolder,
    spec: RunSpec,
    control: Control,
    probe: ProbeReport,
    /// The load has begun, as far as is known.
    begun: bool,
    /// The start instant, ms since 1970, and when it comes: turned into monotonic time once, because
    /// the wall clock may jump.
    named: Option<(u64, Instant)>,
    dead_man: DeadMan,
    interrupted: Arc<AtomicBool>,
    started_ms: u64,
    /// The file of secret parameters may be there still.
    secrets: bool,
}

/// Why the supervisor ended the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Stopped,
    MaxDuration,
    /// The controller was not heard for the dead man's limit.
    DeadMan,
    Interrupted,
    /// Gatling was not held in time.
    NotArmed,
    /// No start instant was named in time.
    NotReleased,
}

/// What is done about the process tree.
enum Doing {
    /// Gatling comes up; the probe will hold it.
    Starting {
        until: Instant,
    },
    /// The probe holds it.
    Armed {
        until: Instant,
    },
    /// The load runs.
    Running {
        until: Instant,
    },
    /// Gatling was asked to stop by itself.
    Asking {
        until: Instant,
    },
    Terminating {
        kill_at: Instant,
    },
    Killing {
        until: Instant,
    },
}

impl Supervision {
    fn run(mut self) -> io::Result<()> {
        let exit = if self.spec.probe {
            self.announce(Stage::Starting)?;
            let until = Instant::now() + Duration::from_secs(self.spec.arm_limit_s.into());
            self.start_and_supervise(Doing::Starting { until })
        } else {
            self.announce(Stage::Armed)?;
            if self.wait_for_release() {
                let until = self.end_of_run();
                self.start_and_supervise(Doing::Running { until })
            } else {
                self.not_started(None)
            }
        };
        secret_args::remove(self.folder.path());
        // The one file that must not be missing: a disk that is full may get room again.
        let mut written = self.folder.write_exit(&exit);
        for _ in 0..60 {
            if written.is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_secs(1));
            written = self.folder.write_exit(&exit);
        }
        written
    }

    fn start_and_supervise(&mut self, doing: Doing) -> Exit {
        match self.start() {
            Ok((tree, output)) => self.supervise(tree, output, doing),
            Err(error) => {
                let program = self.spec.program.display();
                self.not_started(Some(format!("{program} could not be started: {error}")))
            }
        }
    }

    fn end_of_run(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.spec.max_duration_s.into())
    }

    fn announce(&self, stage: Stage) -> io::Result<()> {
        self.announce_doing(stage, "")
    }

    fn announce_doing(&self, stage: Stage, doing: &str) -> io::Result<()> {
        let pid = std::process::id();
        self.folder.write_supervisor(&Supervisor {
            pid,
            identity: platform::process_identity(pid).unwrap_or_default(),
            stage,
            started_ms: self.started_ms,
            doing: doing.to_owned(),
        })
    }

    /// A file that cannot be read now changes nothing: the agent replaces it as a whole.
    fn read_control(&mut self) {
        if let Ok(control) = self.folder.control() {
            self.control = control;
        }
        self.dead_man.look(self.control.contact_ms);
        if let Some(at) = self.control.release_ms
            && self.named.is_none_or(|(known, _)| known != at)
        {
            let wait = Duration::from_millis(at.saturating_sub(wall_ms()));
            self.named = Some((at, Instant::now() + wait));
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::Relaxed)
    }

    /// Waits until Gatling is to be started; false if it is not to be.
    fn wait_for_release(&mut self) -> bool {
        let limit = Instant::now() + Duration::from_secs(self.spec.armed_limit_s.into());
        let ahead = Duration::from_millis(self.spec.start_up_ms);
        loop {
            self.read_control();
            if self.control.stop || self.control.force || self.is_interrupted() {
                return false;
            }
            let now = Instant::now();
            let until = match self.named {
                Some((_, due)) if due <= now + ahead => return true,
                Some((_, due)) if due <= limit + LATE => due.checked_sub(ahead).unwrap_or(now),
                _ if limit <= now => return false,
                _ => limit,
            };
            std::thread::sleep(TICK.min(until.saturating_duration_since(now)));
        }
    }

    fn start(&mut self) -> io::Result<(Tree, Output)> {
        let (reader, writer) = io::pipe()?;
        let mut command = Command::new(&self.spec.program);
        command
            .args(&self.spec.arguments)
            .current_dir(&self.spec.folder)
            .envs(
                self.spec
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        for name in &self.spec.environment_removed {
            command.env_remove(name);
        }
        let output = Output::open(&self.folder, &self.spec)?;
        let tree = Tree::spawn(command)?;
        self.started_ms = wall_ms();
        Ok((tree, output.follow(reader)))
    }

    fn supervise(&mut self, mut tree: Tree, mut output: Output, mut doing: Doing) -> Exit {
        let mut reason = None;
        self.begun = matches!(doing, Doing::Running { .. });
        if self.begun {
            self.dead_man.begin();
            // The stage is for the agent to see; the run does not depend on it.
            let _ = self.announce(Stage::Running);
        }
        loop {
            // What ends after this look has said all before the next.
            let ended = tree.poll();
            self.read_control();
            self.read_probe();
            self.forget_secrets();
            output.report(&self.folder);
            let now = Instant::now();
            match doing {
                Doing::Starting { .. } | Doing::Armed { .. } | Doing::Running { .. } => {
                    doing = self.follow_probe(doing, now);
                    reason = match ended {
                        Some(_) => None,
                        None => self.reason_to_end(&doing, now),
                    };
                    if reason.is_some() || ended.is_some() {
                        if tree.is_gone() {
                            break;
                        }
                        doing = self.begin_to_end(&mut tree, reason, now);
                        continue;
                    }
                }
                _ if tree.is_gone() => break,
                Doing::Asking { until } => {
                    if self.control.force {
                        doing = Doing::Killing {
                            until: now + KILL_LIMIT,
                        };
                        continue;
                    }
                    // It could not be asked, by what the probe says.
                    let unasked = !self.probe.graceful;
                    if now >= until || unasked || ended.is_some() || self.is_interrupted() {
                        let _ = self.announce(Stage::Stopping);
                        tree.terminate();
                        doing = Doing::Terminating {
                            kill_at: now + grace(ended.is_some()),
                        };
                        continue;
                    }
                }
                Doing::Terminating { kill_at } => {
                    if now >= kill_at || self.control.force {
                        doing = Doing::Killing {
                            until: now + KILL_LIMIT,
                        };
                        continue;
                    }
                }
                Doing::Killing { until } if now >= until => {
                    output.remark("a process of this run could not be ended");
                    break;
                }
                Doing::Killing { .. } => tree.kill(),
            }
            std::thread::sleep(TICK);
        }
        self.exit(&tree.poll(), reason, output)
    }

    /// Once Java has read them, which it has as soon as anything of the run is there.
    fn forget_secrets(&mut self) {
        let read = self.probe.armed_ms > 0 || self.folder.simulation_log().is_some();
        if self.secrets && read {
            secret_args::remove(self.folder.path());
            self.secrets = false;
        }
    }

    fn read_probe(&mut self) {
        if self.spec.probe
            && let Ok(Some(probe)) = self.folder.probe()
        {
            self.probe = probe;
            self.begun |= self.probe.released_ms > 0;
        }
    }

    /// Goes on from Starting to Armed to Running with what the probe says.
    fn follow_probe(&mut self, doing: Doing, now: Instant) -> Doing {
        let held = !matches!(doing, Doing::Running { .. });
        if held && !self.begun && self.probe.armed_ms > 0 {
            // A probe that cannot write, on a disk that is full, releases the start all the same.
            self.begun = self.named.is_some_and(|(_, due)| due + SILENT <= now);
        }
        if held && self.begun {
            self.dead_man.begin();
            let _ = self.announce(Stage::Running);
            return Doing::Running {
                until: self.end_of_run(),
            };
        }
        if matches!(doing, Doing::Starting { .. }) && self.probe.armed_ms > 0 {
            let _ = self.announce(Stage::Armed);
            return Doing::Armed {
                until: now + Duration::from_secs(self.spec.armed_limit_s.into()),
            };
        }
        doing
    }

    fn reason_to_end(&self, doing: &Doing, now: Instant) -> Option<Reason> {
        if self.control.stop || self.control.force {
            return Some(Reason::Stopped);
        }
        if self.is_interrupted() {
            return Some(Reason::Interrupted);
        }
        match doing {
            Doing::Starting { until } if now >= *until => Some(Reason::NotArmed),
            // An instant that is named will come, if it is not too far away.
            Doing::Armed { until }
                if now >= *until && self.named.is_none_or(|(_, due)| due > *until + LATE) =>
            {
                Some(Reason::NotReleased)
            }
            Doing::Running { until } if now >= *until => Some(Reason::MaxDuration),
            Doing::Running { .. } if self.dead_man.is_over() => Some(Reason::DeadMan),
            _ => None,
        }
    }

    /// Asks Gatling to stop by itself where the probe can, once it runs; else ends its tree. No
    /// reason: it has ended, and what it left behind is to end.
    fn begin_to_end(&mut self, tree: &mut Tree, reason: Option<Reason>, now: Instant) -> Doing {
        use Reason::{DeadMan, MaxDuration, Stopped};
        let asked = matches!(reason, Some(Stopped | MaxDuration | DeadMan))
            && self.begun
            && !self.control.force
            && self.probe.graceful
            && self.folder.write_stop().is_ok();
        if asked {
            let doing = format!("its after hook runs, up to {} s", ASKING.as_secs());
            let _ = self.announce_doing(Stage::Stopping, &doing);
            return Doing::Asking {
                until: now + ASKING,
            };
        }
        let _ = self.announce(Stage::Stopping);
        tree.terminate();
        Doing::Terminating {
            kill_at: now + grace(reason.is_none()),
        }
    }

    fn exit(&self, ended: &Option<Ended>, reason: Option<Reason>, mut output: Output) -> Exit {
        output.drain();
        output.report(&self.folder);
        let log_complete = output.log_complete();
        let mut error = None;
        let exit = match (reason, *ended) {
            (Some(Reason::NotArmed), _) => {
                let limit = self.spec.arm_limit_s;
                error = Some(format!(
                    "Gatling was not ready for its load within {limit} s"
                ));
                RunExit::NotStarted
            }
            (None, ended) if !self.begun => {
                let how = ended.map_or_else(|| "somehow".to_owned(), |ended| ended.to_string());
                let problem = match self.probe.problem.as_str() {
                    "" => String::new(),
                    problem => format!(": {}", problem.replace(char::is_control, " ")),
                };
                error = Some(format!(
                    "Gatling ended ({how}) before its load began{problem}"
                ));
                RunExit::NotStarted
            }
            (Some(_), _) if !self.begun => RunExit::NotStarted,
            (Some(Reason::MaxDuration), _) => RunExit::MaxDuration,
            (Some(_), _) => RunExit::Stopped,
            (None, Some(Ended::Status(0))) => RunExit::Success,
            (None, Some(Ended::Status(2))) => RunExit::AssertionsFailed,
            // Gatling reads its whole log again at the end and may run out of memory there:
            // the load was over and its log closed, so nothing is missing.
            (None, Some(ended)) if log_complete => {
                output.remark(&format!(
                    "Gatling failed ({ended}) after its log was complete: the run counts"
                ));
                RunExit::Success
            }
            (None, Some(Ended::Status(status))) => RunExit::Failed { status },
            (None, Some(Ended::Signal(signal))) => RunExit::Killed { signal },
            // It could not be ended at all.
            (None, None) => RunExit::Failed { status: -1 },
        };
        if reason == Some(Reason::Interrupted) {
            output.remark("the supervisor was asked to end by a signal");
        }
        let (console, last_lines) = output.finish();
        Exit {
            started_ms: if exit == RunExit::NotStarted {
                0
            } else {
                self.started_ms
            },
            exit,
            ended_ms: wall_ms(),
            console,
            log_complete,
            last_lines,
            error,
            dead_man: reason == Some(Reason::DeadMan),
        }
    }

    fn not_started(&self, error: Option<String>) -> Exit {
        Exit {
            exit: RunExit::NotStarted,
            started_ms: 0,
            ended_ms: wall_ms(),
            console: None,
            log_complete: false,
            last_lines: String::new(),
            error,
            dead_man: false,
        }
    }
}

/// From TERM to KILL, by whether Gatling itself has ended.
fn grace(ended: bool) -> Duration {
    if ended { LEFTOVER_GRACE } else { GRACE }
}
