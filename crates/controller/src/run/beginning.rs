//! How a run begins, or goes on after a restart of the controller.

use bfgg_protocol::{Failure, FailureCode, PeerId, RunId};

use super::clocks::MemberClock;
use super::machine::{Effect, Ending, Machine};
use super::member::Member;
use super::split::divide;
use super::stop_rules::CpuRules;
use crate::api::types::{
    Run, RunAgent, RunAgentPhase as Phase, RunFailure, RunSpec, RunState as State, StopKind,
    TestRef, Totals,
};
use crate::clock::Now;
use crate::spec::Secrets;

/// An agent chosen for a run.
#[derive(Debug, Clone)]
pub(crate) struct Chosen {
    pub(crate) id: PeerId,
    pub(crate) name: String,
    /// The host it is connected from: JVMs of one host share its memory.
    pub(crate) host: String,
}

impl Machine {
    /// A run that has not begun. `Err` names what in the spec does not fit the agents.
    pub(crate) fn new(
        mut spec: RunSpec,
        test: Option<TestRef>,
        agents: Vec<Chosen>,
        controller_name: String,
        folder: impl FnOnce(RunId) -> String,
        now: Now,
    ) -> Result<Self, String> {
        let id = RunId::new();
        let count = u32::try_from(agents.len()).unwrap_or(u32::MAX);
        let shares = shares(&spec, count)?;
        let secrets = Secrets::take(&mut spec);
        let mut notes = Vec::new();
        if count > 1 && spec.divide.is_empty() {
            notes.push(format!(
                "Each agent runs the whole profile: total = {count} × yours."
            ));
        }
        for (name, values) in &shares {
            let list = values
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(" + ");
            notes.push(format!("Parameter {name} is divided: {list}."));
        }
        let hosts = agents.iter().map(|agent| agent.host.clone()).collect();
        let members = agents.iter().map(|_| Member::new()).collect();
        let agents = agents
            .into_iter()
            .zip(0u32..)
            .map(|(agent, index)| RunAgent {
                id: agent.id,
                name: agent.name,
                index,
                phase: Phase::Waiting,
                step: String::new(),
                parameters: shares
                    .iter()
                    .map(|(name, values)| (name.clone(), values[index as usize].to_string()))
                    .collect(),
                prepared: None,
                live: None,
                probe: None,
                end: None,
                collected_bytes: 0,
                failure: None,
                out: None,
                clock: None,
                released_after_ms: None,
            })
            .collect();
        let run = Run {
            id,
            test,
            state: State::Preparing,
            created_ms: now.wall_ms,
            started_ms: None,
            ended_ms: None,
            // Of a folder it is known before.
            commit: spec.source.snapshot.as_ref().map(|own| own.id.to_string()),
            simulation: spec.simulation.clone(),
            gatling: None,
            agents,
            live: Totals::default(),
            failures: Vec::new(),
            start: None,
            clock_steps: Vec::new(),
            verdict: None,
            notes,
            stopped: None,
            events: Vec::new(),
            offered_load: Vec::new(),
            has_summary: false,
            figures: None,
            pinned: Vec::new(),
            revision: 0,
            folder: folder(id),
            spec,
        };
        let cpu = CpuRules::new(&run.spec.stop_if, run.agents.len());
        let (ending, forced) = (Ending::Normal, false);
        let since = now.mono;
        Ok(Self {
            run,
            members,
            controller_name,
            hosts,
            ending,
            forced,
            since,
            started: None,
            report_asked: false,
            resumed: false,
            cpu,
            secrets,
        })
    }

    /// A run that an earlier start of the controller left. What runs on the agents goes on; what
    /// was only being prepared has failed.
    pub(crate) fn resume(mut run: Run, controller_name: String, now: Now) -> Self {
        let started = run.started_ms.is_some();
        if !started {
            let failure = Failure::new(
                FailureCode::Internal,
                "prepare",
                "The controller was restarted before the run had started.",
                "Start the run again.",
            );
            run.failures.push(RunFailure {
                agent: String::new(),
                failure,
            });
        }
        // What was being collected is collected again, from the byte where it ended.
        if run.state == State::Collecting {
            run.state = State::Running;
        }
        for agent in run.agents.iter_mut().filter(|agent| agent.end.is_some()) {
            agent.phase = Phase::Ended;
        }
        let members = run
            .agents
            .iter()
            .map(|agent| Member {
                engaged: true,
                // Until it is measured again.
                clock: MemberClock::resumed(agent.clock.is_some()),
                heard_at: Some(now),
                ..Member::new()
            })
            .collect();
        Self {
            hosts: run
                .agents
                .iter()
                .map(|agent| agent.id.to_string())
                .collect(),
            members,
            controller_name,
            ending: if started {
                Ending::Normal
            } else {
                Ending::Failed
            },
            forced: false,
            since: now.mono,
            started: started.then_some(now.mono),
            report_asked: false,
            resumed: true,
            // What has not started has failed: nobody asks for them.
            secrets: Secrets::default(),
            cpu: CpuRules::new(&run.spec.stop_if, run.agents.len()),
            run,
        }
    }

    pub(super) fn go_on(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.run.started_ms.is_none() {
            self.begin_stopping(true, now, effects);
            return;
        }
        self.note(
            "The controller was restarted, and has found this run again.".into(),
            now,
        );
        for agent in &self.run.agents {
            effects.push(Effect::MeasureClock {
                agent: agent.id.clone(),
            });
        }
        let stopped = self.run.stopped.as_ref().map(|cause| cause.kind);
        if stopped.is_some_and(|kind| kind != StopKind::MaxDuration) {
            self.ending = Ending::Stopped;
        }
        if self.run.state == State::Stopping {
            self.ending = Ending::Stopped;
            self.begin_stopping(false, now, effects);
        }
    }
}

fn shares(spec: &RunSpec, count: u32) -> Result<Vec<(String, Vec<u64>)>, String> {
    let mut shares = Vec::new();
    for name in &spec.divide {
        let Some(parameter) = spec.parameters.iter().find(|p| p.name == *name) else {
            return Err(format!(
                "\"{name}\" is to be divided but is no parameter of the run."
            ));
        };
        let value = &parameter.value;
        let total: u64 = value.trim().parse().map_err(|_| {
            format!(
                "Parameter {name} is to be divided but its value \"{value}\" is no whole number."
            )
        })?;
        if total < u64::from(count) {
            return Err(format!(
                "Parameter {name} = {total} cannot be divided among {count} agents: each needs 1 at least."
            ));
        }
        shares.push((name.clone(), divide(total, count)));
    }
    Ok(shares)
}
