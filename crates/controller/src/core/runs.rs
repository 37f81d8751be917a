//! Runs under way: their effects are carried out here.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_net::Reply;
use bfgg_protocol::{
    Failure, FailureCode, Indicators, PeerId, RunId, TelemetryAnswer, TelemetryRequest,
};
use bfgg_report::{LogInput, Thresholds};
use tokio::sync::mpsc;
use tracing::{error, info, warn};

use super::seconds::second;
use super::{Core, Done};
use crate::api::types::{LiveTimes, Run, RunAgent, RunAgentPhase, RunSpec, RunState, TestRef};
use crate::clock::{Clock, Now, Steady};
use crate::error::{Refused, RefusedKind};
use crate::pusher::{measure_clock, push};
use crate::run::{
    Chosen, Collection, Effect, FigureRules, Input, Judging, Live, Machine, Observed, Progress,
    Recorder, ReportTask, Reported, Summary, Told, collect, columns, run_clocks, start_note,
    stretch::StretchTask, timing, write_report,
};
use crate::spec::check_run;

/// How long a report waits for the last live figures of agents that tell them.
const TOLD_LIMIT: Duration = Duration::from_secs(5);

/// A run under way.
pub(super) struct ActiveRun {
    pub(super) machine: Machine,
    pub(super) live: Live,
    pub(super) recorder: Recorder,
    pub(super) observed: Observed,
    /// A report waits for the last live figures, until then.
    report_by: Option<Duration>,
    steady: Steady,
    /// As it was published last.
    pub(super) shown: Run,
}

impl ActiveRun {
    pub(super) fn view(&self) -> Run {
        self.shown.clone()
    }

    fn indicators(&self) -> Indicators {
        indicators(&self.shown)
    }

    /// The time in this run, whatever its controller's clock is set to meanwhile.
    pub(super) fn time(&self, now: Now, clock: &Clock) -> Now {
        self.steady.now(now, clock.passed())
    }

    /// Whether it has load, so that its seconds are counted.
    pub(super) fn is_loaded(&self) -> bool {
        matches!(self.shown.state, RunState::Running | RunState::Stopping)
    }

    pub(super) fn live_figures(&self) -> Summary {
        self.recorder.summary(&self.indicators())
    }

    /// Those of an earlier start stay until they are known again.
    pub(super) fn show(&mut self, times: Option<LiveTimes>) {
        self.shown.live.times = times.or(self.shown.live.times.take());
    }
}

/// The project's own bounds and percentiles.
pub(super) fn indicators(run: &Run) -> Indicators {
    let prepared = run.agents.iter().find_map(|agent| agent.prepared.as_ref());
    prepared.map_or_else(Indicators::default, |own| own.indicators.clone())
}

impl Core {
    pub(super) fn start_run(
        &mut self,
        spec: RunSpec,
        test: Option<TestRef>,
        now: Now,
    ) -> Result<Run, Refused> {
        check_run(&spec)?;
        let chosen = self.agents.select(&spec.selection)?;
        let chosen = chosen
            .into_iter()
            .map(|record| Chosen {
                id: record.view.id.clone(),
                name: record.view.name.clone(),
                host: record
                    .view
                    .address
                    .rsplit_once(':')
                    .map_or_else(|| record.view.id.to_string(), |(host, _)| host.to_owned()),
            })
            .collect();
        let runs_dir = self.runs_dir.clone();
        let folder = |id: RunId| runs_dir.join(id.to_string()).display().to_string();
        let machine = Machine::new(spec, test, chosen, self.info.name.clone(), folder, now)
            .map_err(|why| Refused::new(RefusedKind::BadInput, "bad-input", why, ""))?;
        let run = machine.run().clone();
        let folder = PathBuf::from(&run.folder);
        std::fs::create_dir_all(&folder).map_err(|cause| {
            let message = format!("Cannot create {}: {cause}.", folder.display());
            let hint = "Free some space or choose another data folder.";
            Refused::new(RefusedKind::Internal, "disk", message, hint)
        })?;
        info!(run = %run.id, agents = run.agents.len(), source = %run.spec.source.shown(), "run begins");
        let active = ActiveRun {
            machine,
            live: Live::default(),
            recorder: Recorder::start(
                &folder,
                run.agents.len(),
                FigureRules::new(&run.spec.stop_if, 0),
            ),
            observed: Observed::open(&folder, run.agents.len(), &self.thresholds),
            report_by: None,
            steady: Steady::default(),
            shown: run.clone(),
        };
        self.runs.insert(run.id, active);
        self.agents.hold(&run);
        self.save_run(&run);
        self.publish_run(run.clone());
        self.publish_test_of(&run);
        self.run_input(run.id, Input::Begin, now);
        self.find_run(run.id)
    }

    pub(super) fn stop_run(&mut self, id: RunId, force: bool, now: Now) -> Result<Run, Refused> {
        self.run_input(id, Input::Stop { force }, now);
        self.find_run(id)
    }

    /// Runs that an earlier start left: those that run on the agents go on.
    pub(super) fn resume_runs(&mut self) {
        let now = self.clock.now();
        let runs = self.store.runs(u32::MAX).unwrap_or_default();
        let open: Vec<Run> = runs
            .into_iter()
            .filter(|run| !run.state.is_final())
            .collect();
        if !open.is_empty() {
            let what = match open.len() {
                1 => "1 run".to_owned(),
                count => format!("{count} runs"),
            };
            let warning = format!("Resumed {what} of an earlier start.");
            self.info.warnings.push(warning);
        }
        for run in open {
            info!(run = %run.id, state = ?run.state, "resumed a run of an earlier start");
            let id = run.id;
            let machine = Machine::resume(run.clone(), self.info.name.clone(), now);
            self.agents.hold(&run);
            self.runs.insert(
                id,
                ActiveRun {
                    machine,
                    live: Live::default(),
                    recorder: Recorder::start(
                        Path::new(&run.folder),
                        run.agents.len(),
                        FigureRules::new(&run.spec.stop_if, second(&run, now)),
                    ),
                    observed: Observed::open(
                        Path::new(&run.folder),
                        run.agents.len(),
                        &self.thresholds,
                    ),
                    report_by: None,
                    steady: Steady::default(),
                    shown: run,
                },
            );
            self.run_input(id, Input::Begin, now);
        }
    }

    pub(super) fn run_input(&mut self, id: RunId, input: Input, now: Now) {
        let Some(active) = self.runs.get_mut(&id) else {
            return;
        };
        let heard = matches!(input, Input::Heard { .. });
        let time = active.time(now, &self.clock);
        let effects = active.machine.handle(time, input);
        if active.machine.run().started_ms.is_some() {
            active.steady.begin(now, self.clock.passed());
        }
        // Hundreds of agents beat in each second: what they say is shown with the next tick, unless the
        // run moves on by it.
        if heard && effects.is_empty() && active.machine.run().state == active.shown.state {
            return;
        }
        let mut run = active.machine.run().clone();
        // The rate and the elapsed time belong to the seconds, not to the machine.
        run.live.per_second = active.shown.live.per_second;
        run.live.elapsed_s = active.shown.live.elapsed_s;
        run.live.times = active.shown.live.times.clone();
        run.verdict = active.shown.verdict.clone();
        run.figures = active.shown.figures.clone();
        if run != active.shown {
            let turned = run.state != active.shown.state;
            active.shown = run.clone();
            self.agents.hold(&run);
            if turned {
                info!(run = %id, state = ?run.state, "run");
                self.save_run(&run);
            }
            self.publish_run(run.clone());
            if turned {
                self.publish_test_of(&run);
            }
        }
        for effect in effects {
            self.carry_out(id, effect);
        }
        if run.state.is_final() {
            self.runs.remove(&id);
        }
    }

    pub(super) fn save_run(&self, run: &Run) {
        let file = PathBuf::from(&run.folder).join("run.json");
        let write = || -> std::io::Result<()> {
            let beside = file.with_extension("json.new");
            std::fs::write(&beside, serde_json::to_vec_pretty(run)?)?;
            std::fs::rename(&beside, &file)
        };
        if let Err(cause) = write() {
            error!(file = %file.display(), %cause, "the run's file cannot be written");
        }
        if let Err(cause) = self.store.save_run(run) {
            error!(%cause, "the run could not be saved in the database");
        }
    }

    pub(super) fn save_all(&self) {
        for active in self.runs.values() {
            self.save_run(&active.shown);
            active.observed.keep(Path::new(&active.shown.folder));
        }
    }

    fn carry_out(&mut self, id: RunId, effect: Effect) {
        let node = self.node.clone();
        match effect {
            Effect::Push { agent, task, what } => {
                let Some(record) = self.agents.get(&agent) else {
                    let failure = Failure::new(
                        FailureCode::AgentLost,
                        "prepare",
                        format!("Agent {agent} was removed."),
                        "Choose another agent.",
                    );
                    let input = Input::TaskEnded {
                        agent,
                        task,
                        result: Err(failure),
                    };
                    self.tasks.spawn(async move { Done::Run(id, input) });
                    return;
                };
                let (name, state) = (record.view.name.clone(), record.state.subscribe());
                self.tasks.spawn(async move {
                    let result = push(&node, &agent, &name, task, what, state).await;
                    Done::Run(
                        id,
                        Input::TaskEnded {
                            agent,
                            task,
                            result,
                        },
                    )
                });
            }
            Effect::MeasureClock { agent } => self.measure_clock(Some(id), agent),
            Effect::Collect { agent } => self.collect(id, agent),
            Effect::Report => {
                if let Some(active) = self.runs.get_mut(&id) {
                    active.report_by = Some(self.clock.now().mono + TOLD_LIMIT);
                }
                self.report_if_told(id);
            }
        }
    }

    /// Measures an agent's clock, for a run or only to show it.
    pub(super) fn measure_clock(&mut self, run: Option<RunId>, agent: PeerId) {
        let (node, clock) = (self.node.clone(), self.clock.clone());
        self.tasks.spawn(async move {
            let offset = measure_clock(&node, &agent, clock).await;
            Done::Clock(run, agent, offset)
        });
    }

    fn collect(&mut self, id: RunId, agent: PeerId) {
        let Some(active) = self.runs.get(&id) else {
            return;
        };
        let Some(member) = active.shown.agents.iter().find(|member| member.id == agent) else {
            return;
        };
        let collection = Collection {
            run: id,
            agent: agent.clone(),
            name: member.name.clone(),
            folder: agent_folder(&active.shown, member.index),
            logged: member.has_logged(),
            said: member.end.as_ref().and_then(|end| end.log_bytes),
        };
        let (node, to_loop) = (self.node.clone(), self.progress.0.clone());
        self.tasks.spawn(async move {
            let (tell, mut told) = mpsc::channel(4);
            let progress = async {
                while let Some(news) = told.recv().await {
                    let agent = agent.clone();
                    let input = match news {
                        Progress::Bytes(bytes) => Input::Collecting { agent, bytes },
                        Progress::Waits(why) => Input::Waiting { agent, why },
                    };
                    let _ = to_loop.send((id, input)).await;
                }
            };
            let fetch = async move { collect(&node, &collection, &tell).await };
            let (result, ()) = tokio::join!(fetch, progress);
            Done::Run(id, Input::Collected { agent, result })
        });
    }

    /// Figures of an agent's part in a run.
    pub(super) fn telemetry(
        &self,
        peer: &PeerId,
        request: TelemetryRequest,
        reply: Reply<TelemetryAnswer>,
    ) {
        let TelemetryRequest { run, cells } = request;
        let known = self.runs.get(&run).and_then(|active| {
            let agents = &active.shown.agents;
            let agent = agents.iter().position(|agent| agent.id == *peer)?;
            Some((active, agent))
        });
        match known {
            Some((active, agent)) => active.recorder.take(agent, cells, reply),
            None => reply.send(TelemetryAnswer::Unwanted),
        }
    }

    /// Reports if that waits for nothing but an agent that still tells its last figures, and not
    /// for long.
    pub(super) fn report_if_told(&mut self, id: RunId) {
        let now = self.clock.now().mono;
        let Some(active) = self.runs.get_mut(&id) else {
            return;
        };
        let Some(by) = active.report_by else { return };
        let Summary { times, telling, .. } = active.live_figures();
        let is_telling = |agent: &RunAgent| telling.get(agent.index as usize) == Some(&true);
        let mut logged = active.shown.agents.iter().filter(|agent| has_log(agent));
        if by <= now || !logged.any(is_telling) {
            active.report_by = None;
            active.show(times);
            self.report(id);
        }
    }

    fn report(&mut self, id: RunId) {
        let Some(active) = self.runs.get(&id) else {
            return;
        };
        let told = active.recorder.told();
        let observed = &active.observed;
        let task = report_task(
            &active.shown,
            active.indicators(),
            observed,
            self.thresholds,
            1,
        );
        self.tasks.spawn(async move {
            let (verdict, figures, result) = match make_report(task, told.await).await {
                Ok(reported) => (reported.verdict, Some(reported.figures), Ok(reported.notes)),
                Err(failure) => (None, None, Err(failure)),
            };
            Done::Reported(id, verdict, figures, Input::Reported { result })
        });
    }
}

/// What a report of a run is made of: the logs that are here, and what was seen of it.
pub(super) fn report_task(
    run: &Run,
    indicators: Indicators,
    observed: &Observed,
    thresholds: Thresholds,
    revision: u32,
) -> ReportTask {
    let logged = run.agents.iter().filter(|agent| has_log(agent));
    let output = |agent: &RunAgent| agent_folder(run, agent.index).join("output.log");
    ReportTask {
        run: run.id.to_string(),
        folder: PathBuf::from(&run.folder),
        indicators,
        logs: logs_of(run),
        agents: logged.map(|agent| agent.index as usize).collect(),
        told: Vec::new(),
        clocks: run_clocks(run),
        notes: made_of(run)
            .into_iter()
            .chain(run.agents.iter().filter_map(start_note))
            .collect(),
        offered_load: run.offered_load.clone(),
        revision,
        judging: Judging::of(run, observed, thresholds, output),
        observed: observed.clone(),
    }
}

/// The logs of a run that are here.
fn logs_of(run: &Run) -> Vec<LogInput> {
    let logged = run.agents.iter().filter(|agent| has_log(agent));
    let logs = logged.map(|agent| {
        let (offset_ms, timing) = timing(agent, run.started_ms);
        LogInput {
            name: agent.name.clone(),
            peer: agent.id.to_string(),
            path: agent_folder(run, agent.index).join("simulation.log"),
            offset_ms,
            length: None,
            timing,
        }
    });
    logs.collect()
}

/// What the figures of some seconds of a run are made of.
pub(crate) fn stretch_task(run: Run, seconds: Range<i64>) -> StretchTask {
    StretchTask {
        logs: logs_of(&run),
        columns: columns(&indicators(&run)),
        seconds,
        run,
    }
}

/// What ran, where no commit says it.
fn made_of(run: &Run) -> Option<String> {
    let snapshot = run.spec.source.snapshot.as_ref()?;
    Some(format!("Made of the {}.", snapshot.shown()))
}

/// Makes a report, with what the agents have told live.
pub(super) async fn make_report(
    mut task: ReportTask,
    told: Vec<Told>,
) -> Result<Reported, Failure> {
    let of = |agent: &usize| told.get(*agent).cloned().unwrap_or_default();
    task.told = task.agents.iter().map(of).collect();
    task.judging.told(&told);
    let result = tokio::task::spawn_blocking(move || write_report(task)).await;
    result.unwrap_or_else(|cause| {
        warn!(%cause, "the report failed");
        let message = format!("The report failed: {cause}.");
        let hint = "The logs are in the run's folder; please report this.";
        Err(Failure::new(FailureCode::Internal, "report", message, hint))
    })
}

/// Whether an agent's log is here.
fn has_log(agent: &RunAgent) -> bool {
    agent.phase == RunAgentPhase::Collected && agent.has_logged()
}

/// The folder of an agent's files: named by us alone.
pub(crate) fn agent_folder(run: &Run, index: u32) -> PathBuf {
    PathBuf::from(&run.folder)
        .join("agents")
        .join(index.to_string())
}
