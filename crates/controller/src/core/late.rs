//! Late deliveries: an agent that was lost in a run comes back when the run is over, maybe a day
//! later, maybe to a controller that was restarted meanwhile.

use std::collections::HashSet;
use std::path::Path;

use bfgg_protocol::{AgentState, Failure, PeerId, RunEnd, RunId, Task, TaskId, TaskResult};
use bfgg_report::Thresholds;
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::judging::SHOWN;
use super::pauses::Pauses;
use super::runs::{agent_folder, indicators, make_report, report_task};
use super::{Core, Done};
use crate::api::types::Run;
use crate::clock::Now;
use crate::pusher::push;
use crate::run::{
    Collection, FigureRules, LateErrand as Errand, Observed, Recorder, Reported, collect,
    delivered, errand_of, revised,
};

/// Parts of runs about which nothing is to be done, remembered.
const SETTLED: usize = 20_000;

/// Where a heartbeat speaks of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Said {
    /// The agent is at work on it.
    Lease,
    /// It is the newest one that ended there.
    Ended,
    /// It is kept there, because nobody has confirmed it.
    Kept,
}

/// What is known of runs that are over.
#[derive(Debug, Default)]
pub(super) struct Late {
    /// What was said of a run, and nothing is to be done about it.
    settled: HashSet<(PeerId, RunId, Said)>,
    /// What was done in vain about an agent's part of a run, while it is at work on it or after that.
    pauses: Pauses<(PeerId, RunId, bool)>,
    /// Agents and runs for which something is under way.
    busy: HashSet<(PeerId, RunId)>,
    /// Runs whose result is being made anew: one at a time.
    revising: HashSet<RunId>,
}

/// What a task brings back.
pub(super) enum LateDone {
    /// The agent was told to stop or that it need not keep the run.
    Told {
        agent: PeerId,
        run: RunId,
        said: Said,
        /// It has taken it.
        taken: bool,
    },
    /// The agent's files are here and the result is made anew, or not.
    Delivered {
        agent: PeerId,
        index: usize,
        /// The run as it will be.
        run: Box<Run>,
        result: Result<Reported, Failure>,
    },
}

impl Core {
    /// Sees whether a heartbeat is of a run that is over.
    pub(super) fn look_for_late(&mut self, agent: &PeerId, state: &AgentState, now: Now) {
        if let Some(lease) = &state.lease
            && lease.controller == self.info.peer
        {
            self.late(agent, lease.run, Said::Lease, None, now);
        }
        if let Some(end) = state.kept.as_ref().and_then(|kept| kept.end.as_ref()) {
            self.late(agent, end.run, Said::Kept, Some(end), now);
        }
        if let Some(end) = &state.ended {
            self.late(agent, end.run, Said::Ended, Some(end), now);
        }
    }

    fn late(&mut self, agent: &PeerId, id: RunId, said: Said, end: Option<&RunEnd>, now: Now) {
        let key = (agent.clone(), id);
        let late = &self.late;
        let waits = late.pauses.waits(&paused(&key, said), now.mono);
        if self.runs.contains_key(&id)
            || late.settled.contains(&(agent.clone(), id, said))
            || late.busy.contains(&key)
            || late.revising.contains(&id)
            || waits
        {
            return;
        }
        let known = self.store.run(id).unwrap_or_else(|cause| {
            warn!(%cause, "the database cannot be read");
            None
        });
        let member = known.and_then(|run| {
            let index = run.agents.iter().position(|member| member.id == *agent)?;
            Some((run, index))
        });
        let Some((run, index)) = member.filter(|(run, _)| run.state.is_final()) else {
            // A list of simulations, or a run of another data folder: it is left alone.
            return self.settle(key, said);
        };
        match end.map(|end| (errand_of(&run, &run.agents[index], end), end)) {
            None => {
                info!(run = %id, agent = run.agents[index].name, "is told that its run is over");
                let task = Task::Stop {
                    run: id,
                    force: false,
                };
                self.tell_late(key, task, said);
            }
            Some((Errand::Deliver, end)) => self.deliver(run, index, end.clone()),
            Some((Errand::Confirm, _)) if said == Said::Ended => self.settle(key, said),
            Some((Errand::Confirm, _)) => {
                self.tell_late(key, Task::Confirm { run: id }, said);
            }
        }
    }

    fn settle(&mut self, (agent, run): (PeerId, RunId), said: Said) {
        if self.late.settled.len() >= SETTLED {
            self.late.settled.clear();
        }
        self.late.settled.insert((agent, run, said));
    }

    fn tell_late(&mut self, key: (PeerId, RunId), task: Task, said: Said) {
        let (agent, run) = key.clone();
        let Some(record) = self.agents.get(&agent) else {
            return;
        };
        let (name, state) = (record.view.name.clone(), record.state.subscribe());
        let node = self.node.clone();
        self.late.busy.insert(key);
        self.tasks.spawn(async move {
            let told = push(&node, &agent, &name, TaskId::new(), task, state).await;
            if let Err(failure) = &told {
                warn!(agent = %name, %run, %failure, "could not be told of a run that is over");
            }
            Done::Late(LateDone::Told {
                agent,
                run,
                said,
                taken: told.is_ok_and(|result| !matches!(result, TaskResult::Failed(_))),
            })
        });
    }

    /// Fetches an agent's files of a run that is over, and makes the result anew.
    fn deliver(&mut self, mut run: Run, index: usize, end: RunEnd) {
        let member = &mut run.agents[index];
        let (agent, name) = (member.id.clone(), member.name.clone());
        if member.clock.is_none() {
            // Not measured in the run: as it is now.
            member.clock = self.agents.get(&agent).and_then(|record| record.view.clock);
        }
        let member = &run.agents[index];
        info!(run = %run.id, agent = %name, "delivers late");
        self.late.busy.insert((agent.clone(), run.id));
        self.late.revising.insert(run.id);
        let collection = Collection {
            run: run.id,
            agent: agent.clone(),
            name,
            folder: agent_folder(&run, member.index),
            logged: true,
            said: end.log_bytes,
        };
        let (node, thresholds) = (self.node.clone(), self.thresholds);
        self.tasks.spawn(async move {
            let (tell, mut told) = mpsc::channel(4);
            // Nobody shows how far it is.
            let ignored = async move { while told.recv().await.is_some() {} };
            let fetch = async move { collect(&node, &collection, &tell).await };
            let (fetched, ()) = tokio::join!(fetch, ignored);
            let mut after = run;
            delivered(&mut after, index, end);
            let result = match fetched {
                Ok(()) => revise(&after, thresholds).await,
                Err(failure) => Err(failure),
            };
            Done::Late(LateDone::Delivered {
                agent,
                index,
                run: Box::new(after),
                result,
            })
        });
    }

    pub(super) fn late_done(&mut self, done: LateDone, now: Now) {
        match done {
            LateDone::Told {
                agent,
                run,
                said,
                taken,
            } => {
                let key = (agent, run);
                self.late.busy.remove(&key);
                // One that was told to stop says for a while yet that it is at work.
                if taken && said != Said::Lease {
                    self.late.pauses.done(&paused(&key, said));
                    self.settle(key, said);
                } else {
                    self.late.pauses.in_vain(paused(&key, said), now.mono);
                }
            }
            LateDone::Delivered {
                agent,
                index,
                mut run,
                result,
            } => {
                let key = (agent, run.id);
                self.late.busy.remove(&key);
                self.late.revising.remove(&run.id);
                match result {
                    Ok(Reported {
                        notes,
                        verdict,
                        figures,
                    }) => {
                        self.take_notes_since(&mut run);
                        revised(&mut run, index, notes, now);
                        run.figures = Some(figures);
                        run.verdict = verdict.map(|verdict| verdict.with_at_most(SHOWN));
                        info!(run = %run.id, revision = run.revision, "the result was made anew");
                        self.save_run(&run);
                        self.publish_run((*run).clone());
                        self.publish_test_of(&run);
                        self.late.pauses.done(&paused(&key, Said::Kept));
                        self.tell_late(key, Task::Confirm { run: run.id }, Said::Kept);
                    }
                    Err(failure) => {
                        warn!(run = %run.id, %failure, "a late delivery failed");
                        let tried = paused(&key, Said::Kept);
                        self.late.pauses.in_vain(tried, now.mono);
                    }
                }
            }
        }
    }
}

fn paused((agent, run): &(PeerId, RunId), said: Said) -> (PeerId, RunId, bool) {
    (agent.clone(), *run, said == Said::Lease)
}

/// The result of a run that is over, with what has come since.
async fn revise(run: &Run, thresholds: Thresholds) -> Result<Reported, Failure> {
    let (folder, agents) = (Path::new(&run.folder), run.agents.len());
    let recorder = Recorder::start(folder, agents, FigureRules::new(&[], 0));
    let observed = Observed::open(folder, agents, &thresholds);
    let told = recorder.told().await;
    let revision = run.revision + 1;
    let task = report_task(run, indicators(run), &observed, thresholds, revision);
    make_report(task, told).await
}
