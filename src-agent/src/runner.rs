//! Runs on the agent's side: bringing a supervisor up, following it through the run's folder,
//! and finding at the start of the agent what an earlier one left.

use std::path::Path;
use std::time::{Duration, Instant};

use bfgg_net::Node;
use bfgg_protocol::{Failure, FailureCode, LiveCounters, PeerId, Probe, RunEnd, RunExit, RunId};

use crate::daemon::Tell;
use crate::gauge::Samples;
use crate::launch::Launch;
use crate::life::{Input, Kept, Launching};
use crate::prepare::{Places, space};
use crate::run_folder::{Control, RunFolder, RunSpec, Stage};
use crate::{keeping, machine, outcome, probe, process, secret_args, supervisor, telemetry};

/// How often the run's folder is looked at.
const TICK: Duration = Duration::from_millis(200);
/// A supervisor that is not up by then will not come up.
const UP_LIMIT: Duration = Duration::from_secs(30);
/// At first it is not known how long a JVM takes to begin the load, ms.
const START_UP_MS: u64 = 2000;

/// What a run needs of its agent.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    pub(crate) node: Node,
    pub(crate) places: Places,
    /// bfgg-agent itself.
    pub(crate) program: std::path::PathBuf,
    pub(crate) name: String,
    pub(crate) probe: crate::probe::Place,
    pub(crate) samples: Samples,
}

/// Brings a supervisor up and follows it to the end of the run.
pub(crate) async fn run(host: Host, launching: Launching, start_up_ms: Option<u64>, tell: Tell) {
    let run = launching.lease.run;
    let folder = RunFolder::of(&host.places.results, run);
    let controller = launching.lease.controller.clone();
    let (node, reserve) = (host.node.clone(), host.places.reserve);
    let samples = host.samples.clone();
    let bringing_up = tokio::task::spawn_blocking(move || {
        bring_up(&host, &launching, start_up_ms.unwrap_or(START_UP_MS))
    });
    let result = bringing_up
        .await
        .unwrap_or_else(|error| Err(broken(&error.to_string())));
    let up = result.is_ok();
    tell.send(Input::Launched { run, result }).await;
    if up {
        follow(node, folder, run, controller, reserve, samples, tell).await;
    }
}

fn broken(cause: &str) -> Failure {
    let message = format!("The run's supervisor did not come up: {cause}.");
    Failure::new(
        FailureCode::Internal,
        "start",
        message,
        "See the agent's log.",
    )
}

fn bring_up(host: &Host, launching: &Launching, start_up_ms: u64) -> Result<(), Failure> {
    let folder = RunFolder::of(&host.places.results, launching.lease.run);
    space::ensure(&host.places, folder.path(), "start")?;
    let io = |error: std::io::Error| broken(&error.to_string());
    folder.create().map_err(io)?;
    if folder.spec().map_err(io)?.is_some() {
        return Err(broken("the run was started here before"));
    }
    let launch = Launch {
        run: launching.lease.run,
        controller: &launching.lease.controller,
        controller_name: &launching.lease.controller_name,
        since_ms: launching.lease.since_ms,
        agent_name: &host.name,
        built: &launching.built,
        simulation: &launching.simulation,
        start: &launching.start,
        memory: machine::memory(),
        start_up_ms,
        probe: &host.probe,
    };
    let brought = up(host, &launch, &folder);
    if brought.is_err() {
        // Nobody else will: no supervisor is there that would.
        secret_args::remove(folder.path());
    }
    brought
}

fn up(host: &Host, launch: &Launch<'_>, folder: &RunFolder) -> Result<(), Failure> {
    let io = |error: std::io::Error| broken(&error.to_string());
    let spec = launch.prepare(folder)?;
    tracing::info!(run = %spec.run, simulation = launch.simulation, "starting");
    // The user's parameters are in it.
    tracing::debug!(program = %spec.program.display(), arguments = ?spec.arguments, "command");
    supervisor::spawn(&host.program, folder).map_err(io)?;
    let limit = Instant::now() + UP_LIMIT;
    while Instant::now() < limit {
        if folder.supervisor().map_err(io)?.is_some() || folder.exit().map_err(io)?.is_some() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    process::end_run(folder.path());
    Err(broken("it said nothing for 30 s"))
}

/// Follows a run until it has ended and its controller has its live figures. `reserve` are bytes
/// of the disk that are for the run alone.
pub(crate) async fn follow(
    node: Node,
    folder: RunFolder,
    run: RunId,
    controller: PeerId,
    reserve: u64,
    samples: Samples,
    tell: Tell,
) {
    samples.begin(&folder);
    let (at, to) = (folder.clone(), controller.clone());
    let figures = telemetry::tell(node, at, run, to, reserve, samples);
    tokio::join!(watch(folder, run, controller, tell), figures);
}

/// Watches a supervisor until its run has ended.
async fn watch(folder: RunFolder, run: RunId, controller: PeerId, tell: Tell) {
    let spec = folder.spec().ok().flatten();
    let mut seen = Seen::default();
    loop {
        let (at, spec, before) = (folder.clone(), spec.clone(), seen.clone());
        // The disk may be slow; the heartbeat must not be.
        let looked =
            tokio::task::spawn_blocking(move || look(&at, spec.as_ref(), run, before)).await;
        let Ok(look) = looked else { return };
        // Before the stage: who hears that the run is armed is to know what holds it.
        if look.seen.probe != seen.probe
            && let Some(probe) = look.seen.probe.clone()
        {
            let known = seen.probe.as_ref().map(|probe| &probe.reason);
            if let Some(lacks) = probe.lacks()
                && known != Some(&probe.reason)
            {
                tracing::warn!(%run, reason = probe.reason, "{lacks}");
            }
            tell.send(Input::Probe(probe)).await;
        }
        if look.seen.stage != seen.stage
            && let Some((stage, doing)) = look.seen.stage.clone()
        {
            tell.send(Input::Stage { run, stage, doing }).await;
        }
        if look.seen.counters != seen.counters
            && let Some(counters) = look.seen.counters.clone()
        {
            tell.send(Input::Counters(counters)).await;
        }
        seen = look.seen;
        if let Some((end, start_up_ms)) = look.end {
            tell.send(Input::Ended {
                controller,
                end: Box::new(end),
                start_up_ms,
            })
            .await;
            return;
        }
        if tell.is_closed() {
            return;
        }
        tokio::time::sleep(TICK).await;
    }
}

#[derive(Debug, Clone, Default)]
struct Seen {
    /// With what it does.
    stage: Option<(Stage, String)>,
    counters: Option<LiveCounters>,
    probe: Option<Probe>,
    started_ms: u64,
}

struct Look {
    seen: Seen,
    end: Option<(RunEnd, Option<u64>)>,
}

/// Looks at the run's folder. A file that cannot be read now is looked at again.
fn look(folder: &RunFolder, spec: Option<&RunSpec>, run: RunId, mut seen: Seen) -> Look {
    let supervisor = folder.supervisor().ok().flatten();
    if let Some(supervisor) = &supervisor {
        seen.stage = Some((supervisor.stage, supervisor.doing.clone()));
        seen.started_ms = supervisor.started_ms;
    }
    if let Ok(Some(counters)) = folder.console() {
        seen.counters = Some(counters);
    }
    if let (Some(spec), Ok(report)) = (spec, folder.probe())
        && let Some(probe) = probe::told(spec, report)
    {
        seen.probe = Some(probe);
    }
    // The order matters: the exit is written before the supervisor goes.
    let alive = supervisor.is_some_and(|supervisor| supervisor.is_alive());
    let exit = match folder.exit() {
        Ok(Some(exit)) => Some(exit),
        Ok(None) if !alive => Some(abandon(folder, seen.started_ms)),
        _ => None,
    };
    let end = exit.map(|exit| {
        let began = !matches!(exit.exit, RunExit::NotStarted);
        let started_ms = exit.started_ms;
        let end = outcome::run_end(folder, run, exit);
        let timed = end.probe.as_ref().is_none_or(|probe| !probe.held);
        let released_ms = end.probe.as_ref().and_then(|probe| probe.released_ms);
        let start_up_ms = (began && timed)
            .then(|| outcome::start_up_ms(folder, released_ms.unwrap_or(started_ms)))
            .flatten();
        (end, start_up_ms)
    });
    Look { seen, end }
}

/// The supervisor is gone without an exit: nothing of its run may go on.
fn abandon(folder: &RunFolder, started_ms: u64) -> crate::run_folder::Exit {
    process::end_run(folder.path());
    // It may have written its exit between our two looks.
    if let Ok(Some(exit)) = folder.exit() {
        return exit;
    }
    let exit = outcome::lost(folder, started_ms);
    if let Err(error) = folder.write_exit(&exit) {
        tracing::warn!(%error, "the end of a lost run could not be written");
    }
    exit
}

/// What an earlier start of the agent left.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// The run that is still supervised.
    pub(crate) running: Option<(RunSpec, Stage, Control)>,
    /// Runs that ended while nobody looked.
    pub(crate) ended: Vec<(PeerId, RunEnd)>,
    /// Runs that have ended, and whose live figures were not all told.
    pub(crate) untold: Vec<(RunId, PeerId)>,
    /// Runs that have ended, and that their controllers have not confirmed.
    pub(crate) unconfirmed: Vec<(PeerId, RunEnd)>,
}

/// Looks through the runs' folder.
pub(crate) fn find_left(results: &Path, kept: &Kept) -> Left {
    let mut left = Left::default();
    let entries = std::fs::read_dir(results).into_iter().flatten().flatten();
    let mut runs: Vec<RunId> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    // The newest first: run ids sort by time.
    runs.sort_by_key(|run| std::cmp::Reverse(*run));
    for run in runs {
        let folder = RunFolder::of(results, run);
        let Ok(Some(spec)) = folder.spec() else {
            continue;
        };
        let supervisor = folder.supervisor().ok().flatten();
        let alive = supervisor
            .as_ref()
            .filter(|supervisor| supervisor.is_alive());
        let controller = spec.controller.clone();
        match (folder.exit(), alive) {
            (Ok(None), Some(supervisor)) if left.running.is_none() => {
                let control = folder.control().unwrap_or_default();
                left.running = Some((spec, supervisor.stage, control));
            }
            (Ok(None), _) => {
                let started_ms = supervisor.map(|supervisor| supervisor.started_ms);
                let exit = abandon(&folder, started_ms.unwrap_or_default());
                left.ended
                    .push((spec.controller, outcome::run_end(&folder, run, exit)));
            }
            (Ok(Some(exit)), _) => {
                let known = kept.ended.get(spec.controller.as_str());
                let newer = known.is_none_or(|known| known.run < run);
                let first = left
                    .ended
                    .iter()
                    .all(|(controller, _)| *controller != spec.controller);
                if newer && first {
                    left.ended
                        .push((spec.controller, outcome::run_end(&folder, run, exit)));
                }
            }
            (Err(error), _) => tracing::warn!(%run, %error, "this run cannot be read"),
        }
        let Ok(Some(exit)) = folder.exit() else {
            continue;
        };
        if !keeping::is_confirmed(folder.path()) {
            let end = outcome::run_end(&folder, run, exit);
            left.unconfirmed.push((controller.clone(), end));
        }
        if telemetry::is_untold(&folder) {
            left.untold.push((run, controller));
        }
    }
    // The newest last, so that it is what is kept.
    left.ended.reverse();
    left.unconfirmed.reverse();
    left
}
