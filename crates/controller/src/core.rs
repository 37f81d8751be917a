//! The controller's one event loop: it owns agents, runs and the store. All that happens becomes
//! one [`Input`] and is matched once.

mod admission;
mod dialer;
mod judging;
mod late;
mod lending;
mod local;
mod network;
mod notes;
mod pauses;
mod publish;
mod request;
mod runs;
mod saved_tests;
mod seconds;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bfgg_net::{Address, Event as NetEvent, Node};
use bfgg_protocol::{PeerId, RunId, Secret};
use bfgg_report::{Thresholds, Verdict};
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

pub(crate) use publish::{Published, json as event_json};
pub(crate) use request::{Errand, Reply, Request, not_in_progress};
pub(crate) use runs::{agent_folder, stretch_task};

use crate::agents::Agents;
use crate::api::types::{Agent, Info, LocalAgent as LocalView, RunFigures};
use crate::clock::{Clock, Now, Offset};
use crate::error::Refused;
use crate::local_agent::LocalAgent;
use crate::run;
use crate::sources::Sources;
use crate::store::Store;
use crate::vault::Vault;
use admission::{NotPaired, Pairings};
use dialer::Dialer;
use late::{Late, LateDone};
use lending::Lent;
use runs::ActiveRun;

const TICK: Duration = Duration::from_millis(250);
/// Events that a slow viewer may be behind before it gets a new snapshot.
const VIEWER_QUEUE: usize = 1024;

/// What a task of the loop brings back.
enum Done {
    /// An input for a run.
    Run(RunId, run::Input),
    /// A report was written, with this verdict and these figures, or could not be.
    Reported(RunId, Option<Verdict>, Option<RunFigures>, run::Input),
    /// A clock was measured, maybe for a run.
    Clock(Option<RunId>, PeerId, Option<Offset>),
    /// An address was dialled by hand.
    Added(Address, Result<PeerId, bfgg_net::NetError>, Reply<Agent>),
    /// An agent was asked to pair.
    Paired(PeerId, Result<(), NotPaired>, Reply<Agent>),
    /// Something about a run that is over.
    Late(LateDone),
    /// An agent has prepared without a run.
    Prepared(RunId, PeerId),
    /// Nothing to do any more.
    Nothing,
}

/// What a task of a run says while it works.
type Progress = (RunId, run::Input);

enum Input {
    Net(Option<NetEvent>),
    Request(Option<Request>),
    Done(Done),
    Progress(RunId, run::Input),
    LocalAgentEnded(String),
    Tick,
    Second,
}

/// An address added by hand whose node has not registered yet.
struct Awaited {
    address: Address,
    reply: Reply<Agent>,
    until: Duration,
}

/// The loop and all it owns.
pub(crate) struct Core {
    pub(crate) info: Info,
    pub(crate) node: Node,
    pub(crate) events: mpsc::Receiver<NetEvent>,
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) store: Store,
    pub(crate) secret: Secret,
    pub(crate) agents: Agents,
    pub(crate) runs_dir: PathBuf,
    pub(crate) sources: Sources,
    pub(crate) vault: Vault,
    pub(crate) advertise: Vec<Address>,
    /// Where the node listens.
    port: u16,
    local: LocalAgent,
    local_view: LocalView,
    /// Whether an agent on this computer that was wanted is started again.
    keep_local_agent: bool,
    thresholds: Thresholds,
    clock: Clock,
    dialer: Dialer,
    awaited: HashMap<PeerId, Awaited>,
    pairings: Pairings,
    runs: HashMap<RunId, ActiveRun>,
    /// Folders' files that agents prepare without a run.
    lent: HashMap<RunId, Lent>,
    late: Late,
    tasks: JoinSet<Done>,
    progress: (mpsc::Sender<Progress>, mpsc::Receiver<Progress>),
    viewers: broadcast::Sender<Arc<Published>>,
    sequence: u64,
}

/// What [`Core`] is made of.
pub(crate) struct Parts {
    pub(crate) info: Info,
    pub(crate) node: Node,
    pub(crate) events: mpsc::Receiver<NetEvent>,
    pub(crate) requests: mpsc::Receiver<Request>,
    pub(crate) store: Store,
    pub(crate) secret: Secret,
    pub(crate) agents: Agents,
    pub(crate) runs_dir: PathBuf,
    pub(crate) sources: Sources,
    pub(crate) vault: Vault,
    pub(crate) advertise: Vec<Address>,
    pub(crate) port: u16,
    pub(crate) local: LocalAgent,
    pub(crate) keep_local_agent: bool,
    pub(crate) thresholds: Thresholds,
    pub(crate) clock: Clock,
}

impl Core {
    pub(crate) fn new(parts: Parts) -> Self {
        let Parts {
            info,
            node,
            events,
            requests,
            store,
            secret,
            agents,
            runs_dir,
            sources,
            vault,
            advertise,
            port,
            local,
            keep_local_agent,
            thresholds,
            clock,
        } = parts;
        Self {
            info,
            node,
            events,
            requests,
            store,
            secret,
            agents,
            runs_dir,
            sources,
            vault,
            advertise,
            port,
            local,
            local_view: LocalView::off(),
            keep_local_agent,
            thresholds,
            clock,
            dialer: Dialer::default(),
            awaited: HashMap::new(),
            pairings: Pairings::default(),
            runs: HashMap::new(),
            lent: HashMap::new(),
            late: Late::default(),
            tasks: JoinSet::new(),
            progress: mpsc::channel(256),
            viewers: broadcast::channel(VIEWER_QUEUE).0,
            sequence: 0,
        }
    }

    /// Runs until cancelled or the network ends. Shutdown order: no more requests; tasks are
    /// aborted and awaited (agents go on without us); the agent on this computer, unless a run goes
    /// on; the network node; what was not saved.
    pub(crate) async fn run(mut self, shutdown: CancellationToken) {
        self.resume_runs();
        self.resume_local_agent();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let second = self.until_second();
            let input = tokio::select! {
                () = shutdown.cancelled() => break,
                event = self.events.recv() => Input::Net(event),
                request = self.requests.recv() => Input::Request(request),
                Some(done) = self.tasks.join_next() => match done {
                    Ok(done) => Input::Done(done),
                    Err(cause) => {
                        error!(%cause, "a task of the controller failed");
                        continue;
                    }
                },
                Some((run, input)) = self.progress.1.recv() => Input::Progress(run, input),
                how = self.local.ended() => Input::LocalAgentEnded(how),
                _ = tick.tick() => Input::Tick,
                () = tokio::time::sleep(second) => Input::Second,
            };
            let now = self.clock.now();
            self.notice_sleep(now);
            match input {
                Input::Net(Some(event)) => self.net_event(event, now),
                Input::Net(None) => {
                    error!("the network node has ended; the controller ends too");
                    break;
                }
                Input::Request(Some(request)) => self.request(request, now),
                Input::Request(None) => break,
                Input::Done(done) => self.done(done, now),
                Input::Progress(run, input) => self.run_input(run, input, now),
                Input::LocalAgentEnded(how) => self.local_agent_ended(&how),
                Input::Tick => self.tick(now),
                Input::Second => self.close_seconds(now),
            }
        }
        self.tasks.shutdown().await;
        self.end_local_agent().await;
        self.node.shutdown().await;
        self.save_all();
    }

    fn done(&mut self, done: Done, now: Now) {
        match done {
            Done::Run(id, input) => self.run_input(id, input, now),
            Done::Reported(id, verdict, figures, input) => {
                self.judged(id, verdict, figures);
                self.run_input(id, input, now);
            }
            Done::Clock(id, agent, offset) => {
                if let Some(record) = self.agents.get_mut(&agent)
                    && let Some(by_us) = record.clock_measured(offset)
                {
                    let name = &record.view.name;
                    warn!(agent = %name, by_ms = by_us / 1000, "its clock or ours was set");
                }
                self.publish_agent(&agent);
                // A run that did not ask needs no failure.
                let told = |run: &RunId| offset.is_some() || id == Some(*run);
                let runs: Vec<RunId> = self.runs.keys().copied().filter(told).collect();
                for id in runs {
                    let agent = agent.clone();
                    self.run_input(id, run::Input::Clock { agent, offset }, now);
                }
            }
            Done::Added(address, result, reply) => self.added(address, result, reply, now),
            Done::Paired(agent, result, reply) => {
                let paired = self.paired(&agent, result, now);
                let _ = reply.send(paired);
            }
            Done::Late(late) => self.late_done(late, now),
            Done::Prepared(run, agent) => self.returned(run, &agent),
            Done::Nothing => {}
        }
    }

    fn tick(&mut self, now: Now) {
        let (changed, gone) = self.agents.tick(now);
        for id in changed {
            self.liveness_changed(&id, now);
        }
        for id in gone {
            self.forget(&id);
        }
        self.watch_local_agent();
        self.give_up_awaited(now);
        self.dial_due(now);
        let ids: Vec<RunId> = self.runs.keys().copied().collect();
        for id in ids {
            self.run_input(id, run::Input::Tick, now);
            self.apply_stop_rules(id, now);
            self.report_if_told(id);
        }
    }

    fn forget(&mut self, id: &PeerId) {
        self.agents.remove(id);
        if let Err(cause) = self.store.forget_agent(id) {
            warn!(%cause, "the agent could not be removed from the database");
        }
        let (node, peer) = (self.node.clone(), id.clone());
        self.tasks.spawn(async move {
            let _ = node.registered(peer.clone(), false).await;
            let _ = node.disconnect(peer).await;
            Done::Nothing
        });
        self.publish_agent_removed(id);
    }
}

/// The way into the loop, for the API.
#[derive(Debug, Clone)]
pub(crate) struct Handle(mpsc::Sender<Request>);

impl Handle {
    pub(crate) fn new(requests: mpsc::Sender<Request>) -> Self {
        Self(requests)
    }

    /// Asks the loop something and waits for the answer.
    pub(crate) async fn ask<T>(
        &self,
        request: impl FnOnce(Reply<T>) -> Request,
    ) -> Result<T, Refused> {
        let (reply, answer) = oneshot::channel();
        self.0
            .send(request(reply))
            .await
            .map_err(|_| Refused::closing())?;
        answer.await.map_err(|_| Refused::closing())?
    }
}
