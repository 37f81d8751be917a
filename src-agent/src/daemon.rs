//! The agent itself: one loop that owns its state, and the tasks around it.
//!
//! Shutdown goes in this order: no new tasks are taken; registrations, heartbeat and load gauge
//! end; a Prepare in progress is ended with its whole process tree; the network node ends. A run
//! goes on: its supervisor needs no agent, and the next agent finds it.

mod jobs;
mod links;
mod net;
mod pairing;

use std::collections::HashSet;
use std::time::Duration;

use bfgg_net::{Event, Node, NodeSettings, Role, Transport};
use bfgg_protocol::{InstanceId, PeerId, RegistrationRequest, version};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::announce::Announcer;
use crate::clock::{Clock, Now};
use crate::files::Files;
use crate::gauge::{self, Measured, Samples};
use crate::joined::Joined;
use crate::life::{Effect, Input, Life};
use crate::pairing::Pairing;
use crate::registration::Registered;
use crate::runner::{self, Host};
use crate::state_sender::{self, Beats};
use crate::store::Store;
use crate::{AgentError, Settings, health, identity, machine, probe};
use jobs::Jobs;
pub(crate) use jobs::Tell;
use links::Links;

/// How long a Prepare may take to end with its process tree at shutdown.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(20);

/// How often it is seen what the kept runs take, and which are kept long enough.
const KEPT_EVERY: Duration = Duration::from_secs(300);

/// How long the first registration waits for the tools to be found.
const TOOLS_LIMIT: Duration = Duration::from_secs(3);

/// Runs the agent until `shutdown` is cancelled.
///
/// # Errors
/// Where it cannot start: the identity, a folder in use, a port the user named that is taken.
pub async fn run(settings: Settings, shutdown: CancellationToken) -> Result<(), AgentError> {
    let places = &settings.places;
    // First, as an agent that has the folder already learns by it where its controller is now.
    let mut joined = Joined::load(&settings.data_folder)?;
    settings
        .join
        .iter()
        .try_for_each(|token| joined.add(token))?;
    let store = Store::open(&settings.data_folder, &places.results, &places.projects)?;
    let identity = identity::load(&settings.data_folder)?;

    let (node, events) = bfgg_net::start(NodeSettings {
        identity,
        role: Role::Agent,
        transport: Transport::Tcp,
        listen: settings.listen,
        discovery: settings.discovery,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
    .await?;
    info!(name = %settings.name, peer = %node.peer_id(), "agent started");
    let mut agent = Agent::new(settings, store, joined, node.clone());
    agent.find_what_was_left().await;
    let result = agent.serve(events, &shutdown).await;
    agent.end().await;
    node.shutdown().await;
    info!("agent ended");
    result
}

/// What the loop hears from the tasks around it.
#[derive(Debug)]
enum Said {
    Life(Input),
    Toolchains,
}

/// Everything that can happen.
enum Happened {
    Net(Option<Event>),
    Said(Said),
    Registered(Registered),
    Tick,
}

struct Agent {
    settings: Settings,
    node: Node,
    clock: Clock,
    instance: InstanceId,
    store: Store,
    life: Life,
    joined: Joined,
    links: Links,
    announcer: Announcer,
    pairing: Pairing,
    /// The list of joined controllers is new, and the network does not know it yet.
    trusts_another: bool,
    /// Peers with a connection.
    connected: HashSet<PeerId>,
    /// Controllers that have admitted the agent on the connection that stands.
    admitted: HashSet<PeerId>,
    jobs: Jobs,
    /// Short work that ends by itself: answers, announcements.
    errands: JoinSet<()>,
    /// Tasks that run as long as the agent.
    attendants: JoinSet<()>,
    said: mpsc::Receiver<Said>,
    registered: mpsc::Receiver<Registered>,
    introduction: watch::Sender<RegistrationRequest>,
    beats: watch::Sender<Beats>,
    files: Files,
    refused: net::Refusals,
    /// Since when no controller is there and no run goes on.
    alone_since: Option<Duration>,
    /// When the kept runs were last looked at.
    looked_at_kept: Option<Duration>,
    stop: CancellationToken,
}

impl Agent {
    fn new(settings: Settings, store: Store, joined: Joined, node: Node) -> Self {
        let (say, said) = mpsc::channel(256);
        let (answers, registered) = mpsc::channel(16);
        let stop = CancellationToken::new();
        let (ledger, kept) = store.load();
        let life = Life::new(ledger, kept, settings.group.clone());
        let instance = InstanceId::new();
        let introduction = watch::Sender::new(RegistrationRequest {
            software: env!("CARGO_PKG_VERSION").to_owned(),
            oldest: version::OLDEST,
            newest: version::CURRENT,
            instance,
            name: settings.name.clone(),
            group: life.group().to_owned(),
            labels: settings.labels.clone(),
            machine: machine::describe(),
            toolchains: Default::default(),
            secret: None,
            joined: true,
            shows_code: false,
            ephemeral: settings.ephemeral,
        });
        let host = Host {
            node: node.clone(),
            places: settings.places.clone(),
            program: settings.program.clone(),
            name: settings.name.clone(),
            probe: probe::place(&settings.data_folder, settings.probe),
            samples: Samples::default(),
        };
        if let Err(reason) = &host.probe {
            warn!("{reason}: starts are not held, and live figures lag");
        }
        Self {
            links: Links::new(
                node.clone(),
                settings.controller_hosts.clone(),
                introduction.subscribe(),
                answers,
            ),
            files: Files::new(&settings.places.results),
            jobs: Jobs::new(host, say),
            clock: settings.clock.clone(),
            announcer: Announcer::default(),
            pairing: Pairing::new(node.peer_id().clone()),
            trusts_another: false,
            connected: HashSet::new(),
            admitted: HashSet::new(),
            errands: JoinSet::new(),
            attendants: JoinSet::new(),
            beats: watch::Sender::new(Vec::new()),
            refused: net::Refusals::default(),
            alone_since: None,
            looked_at_kept: None,
            settings,
            node,
            instance,
            store,
            life,
            joined,
            said,
            registered,
            introduction,
            stop,
        }
    }

    /// A run that an earlier agent started: followed if it runs, told if it has ended.
    async fn find_what_was_left(&mut self) {
        let (results, kept) = (
            self.settings.places.results.clone(),
            self.life.kept().clone(),
        );
        let finding = tokio::task::spawn_blocking(move || runner::find_left(&results, &kept));
        let left = finding.await.unwrap_or_else(|cause| {
            warn!(%cause, "earlier runs could not be looked through");
            runner::Left::default()
        });
        for (controller, end) in left.ended {
            info!(run = %end.run, exit = ?end.exit, "a run ended while the agent was away");
            let end = Box::new(end);
            self.input(Input::Ended {
                controller,
                end,
                start_up_ms: None,
            });
        }
        self.life.set_unconfirmed(&left.unconfirmed);
        for (run, controller) in left.untold {
            self.jobs.tell(run, controller);
        }
        match left.running {
            Some((spec, stage, control)) => {
                info!(run = %spec.run, ?stage, "a run goes on; the agent follows it again");
                self.jobs.follow(spec.run, spec.controller.clone());
                self.input(Input::Adopted {
                    spec: Box::new(spec),
                    stage,
                    control,
                });
            }
            None => self.life.nothing_adopted(),
        }
    }

    async fn serve(
        &mut self,
        mut events: mpsc::Receiver<Event>,
        shutdown: &CancellationToken,
    ) -> Result<(), AgentError> {
        let (node, results) = (self.node.clone(), self.settings.places.results.clone());
        let (load, loaded) = watch::channel(Measured::default());
        let beats = self.beats.subscribe();
        let (samples, stop) = (self.jobs.samples(), self.stop.clone());
        self.attendants
            .spawn(gauge::measure(results, samples, load, stop));
        self.attendants
            .spawn(state_sender::send(node, beats, loaded, self.stop.clone()));
        if let Some(address) = self.settings.health {
            let page = health::serve(address, self.beats.subscribe(), self.stop.clone()).await?;
            self.attendants.spawn(page);
        }
        // The first registration should say what is here; a tool that hangs must not delay it long.
        let looked = tokio::time::timeout(TOOLS_LIMIT, self.jobs.look_for_tools());
        if let Some(Ok(toolchains)) = shutdown.run_until_cancelled(looked).await {
            self.introduction
                .send_modify(|introduction| introduction.toolchains = toolchains);
        }
        self.trust().await?;
        if self.joined.all().is_empty() {
            warn!(
                "this agent has joined no controller and obeys nobody; it shows a code to be paired by, and `bfgg token` prints how to join one"
            );
        }
        let mut tick = tokio::time::interval(Duration::from_secs(1));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let happened = tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                event = events.recv() => Happened::Net(event),
                Some(said) = self.said.recv() => Happened::Said(said),
                Some(registered) = self.registered.recv() => Happened::Registered(registered),
                _ = tick.tick() => Happened::Tick,
            };
            match happened {
                Happened::Net(None) => return Err(bfgg_net::NetError::Closed.into()),
                Happened::Net(Some(event)) => self.net_event(event),
                Happened::Said(Said::Life(input)) => self.input(input),
                Happened::Said(Said::Toolchains) => {
                    let toolchains = self.jobs.toolchains();
                    self.introduction.send_if_modified(|introduction| {
                        let new = introduction.toolchains != toolchains;
                        introduction.toolchains = toolchains;
                        new
                    });
                }
                Happened::Registered(registered) => self.registered(registered),
                Happened::Tick => {
                    self.tick().await?;
                    if let Some(reason) = self.reason_to_end() {
                        info!("{reason}: the agent ends");
                        return Ok(());
                    }
                }
            }
            if std::mem::take(&mut self.trusts_another) {
                self.trust().await?;
            }
            while self.errands.try_join_next().is_some() {}
            self.tell();
        }
    }

    fn now(&mut self) -> Now {
        self.clock.now()
    }

    fn input(&mut self, input: Input) {
        let mut effects = Vec::new();
        if let Input::Ended { end, .. } = &input {
            info!(run = %end.run, exit = ?end.exit, "run ended");
        }
        let now = self.now();
        self.life.handle(now, input, &mut effects);
        self.apply(effects);
    }

    /// What was decided is kept before it is done: a task must not be done twice.
    fn apply(&mut self, effects: Vec<Effect>) {
        self.store.save(self.life.take_changes());
        for effect in effects {
            let start_up_ms = self.life.kept().start_up_ms;
            self.jobs.apply(effect, start_up_ms);
        }
    }

    async fn tick(&mut self) -> Result<(), AgentError> {
        self.now();
        if let Some(slept) = self.clock.take_slept() {
            info!(
                seconds = slept.as_secs(),
                "this machine slept, or its clock was set"
            );
        }
        if self.joined.refresh() {
            info!(
                joined = self.joined.all().len(),
                "the list of joined controllers has changed"
            );
            self.trust().await?;
        }
        for controller in self.connected.clone() {
            self.input(Input::Contact(controller));
        }
        self.input(Input::Tick);
        self.watch_pairing();
        if self.joined.all().is_empty() {
            self.dial_hosts();
        }
        let now = self.now().mono;
        if self
            .looked_at_kept
            .is_none_or(|last| now.saturating_sub(last) >= KEPT_EVERY)
        {
            self.looked_at_kept = Some(now);
            self.jobs.look_at_kept();
        }
        self.jobs.reap();
        Ok(())
    }

    /// Why it is to end now, if it is.
    fn reason_to_end(&mut self) -> Option<&'static str> {
        if self.store.is_to_end() {
            return Some("asked to");
        }
        let limit = self.settings.end_alone?;
        let now = self.now().mono;
        if !self.admitted.is_empty() || self.life.lease().is_some() {
            self.alone_since = None;
            return None;
        }
        let alone = now.saturating_sub(*self.alone_since.get_or_insert(now));
        (alone >= limit).then_some("no controller is there, and no run goes on")
    }

    /// Obeys those who were joined, and nobody else.
    async fn trust(&mut self) -> Result<(), AgentError> {
        let all = self.joined.all();
        let controllers = all.iter().map(|membership| membership.controller.clone());
        self.node.trust(controllers.collect()).await?;
        self.links.set(all, &self.connected);
        let joined = &self.joined;
        self.admitted
            .retain(|controller| joined.contains(controller));
        self.wait_for_pairing();
        Ok(())
    }

    /// Leaves for the state sender what is to be told.
    fn tell(&mut self) {
        let name = &self.settings.name;
        let beats: Beats = self
            .admitted
            .iter()
            .map(|to| (to.clone(), self.life.told(to, self.instance, name)))
            .collect();
        self.beats.send_if_modified(|told| {
            let new = *told != beats;
            *told = beats;
            new
        });
        let group = self.life.group();
        self.introduction.send_if_modified(|introduction| {
            let new = introduction.group != group;
            introduction.group = group.to_owned();
            new
        });
    }

    async fn end(mut self) {
        self.stop.cancel();
        self.links.end().await;
        while self.attendants.join_next().await.is_some() {}
        self.said.close();
        self.jobs.end(SHUTDOWN_LIMIT).await;
        self.errands.shutdown().await;
        self.store.save(self.life.take_changes());
    }
}
