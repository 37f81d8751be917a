//! Waiting for agents before a run.

use std::collections::BTreeMap;
use std::time::Duration;

use bfgg_controller::api::types::{Agent, Event, Liveness, Trust};
use bfgg_protocol::PeerId;

use crate::client::Client;
use crate::error::CliError;
use crate::platform::Interrupts;
use crate::view::{Screen, joined, printable};

/// Waits until `wanted` agents (of `group`, if one is named) are there, and shows each as it
/// comes. Busy ones count: whether they can be used is for the controller to say.
pub(crate) async fn wait_for_agents(
    client: &Client,
    wanted: u32,
    group: Option<&str>,
    limit: Duration,
    screen: &Screen,
    interrupts: &mut Interrupts,
) -> Result<(), CliError> {
    let mut room = Room {
        wanted,
        group,
        agents: BTreeMap::new(),
    };
    let waited = tokio::select! {
        waited = tokio::time::timeout(limit, room.fill(client, screen)) => waited,
        () = interrupts.next() => return Err(CliError::Interrupted),
    };
    match waited {
        Ok(result) => result,
        Err(_) => Err(room.too_few(limit)),
    }
}

struct Room<'a> {
    wanted: u32,
    group: Option<&'a str>,
    agents: BTreeMap<PeerId, Agent>,
}

impl Room<'_> {
    async fn fill(&mut self, client: &Client, screen: &Screen) -> Result<(), CliError> {
        let mut said_waiting = false;
        loop {
            let mut events = client.events().await?;
            while let Some(event) = events.next().await? {
                self.take(event, screen);
                if self.present() >= self.wanted {
                    return Ok(());
                }
                if !said_waiting {
                    said_waiting = true;
                    screen.line(format!(
                        "{} of {} agents are there; waiting for the others",
                        self.present(),
                        self.wanted
                    ));
                }
            }
        }
    }

    fn take(&mut self, event: Event, screen: &Screen) {
        match event {
            Event::Snapshot { agents, .. } => {
                let gone = |id: &PeerId| !agents.iter().any(|agent| agent.id == *id);
                self.agents.retain(|id, _| !gone(id));
                for agent in agents {
                    self.put(agent, screen);
                }
            }
            Event::Agent { agent } => self.put(*agent, screen),
            Event::AgentRemoved { id } => {
                self.agents.remove(&id);
            }
            Event::Run { .. }
            | Event::Tick { .. }
            | Event::LocalAgent { .. }
            | Event::Test { .. }
            | Event::TestRemoved { .. } => {}
        }
    }

    fn put(&mut self, agent: Agent, screen: &Screen) {
        let was_there = self
            .agents
            .get(&agent.id)
            .is_some_and(|old| self.counts(old));
        if !was_there && self.counts(&agent) {
            screen.line(joined(&agent));
        }
        self.agents.insert(agent.id.clone(), agent);
    }

    fn counts(&self, agent: &Agent) -> bool {
        agent.trust == Trust::Admitted
            && agent.liveness == Liveness::Alive
            // Its first beat has come: before that no run can be started on it.
            && agent.health.memory_total_bytes > 0
            && self.group.is_none_or(|group| agent.group == group)
    }

    fn present(&self) -> u32 {
        let count = self
            .agents
            .values()
            .filter(|agent| self.counts(agent))
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn too_few(&self, limit: Duration) -> CliError {
        let others = self.agents.values().filter(|agent| !self.counts(agent));
        CliError::TooFewAgents {
            wanted: self.wanted,
            free: self.present(),
            waited_s: limit.as_secs(),
            others: others.map(|agent| self.reason(agent)).collect(),
        }
    }

    fn reason(&self, agent: &Agent) -> String {
        let why = match (agent.trust, agent.liveness) {
            (Trust::Pending, _) => "waits to be admitted",
            (Trust::NeedsCode, _) => "needs its code",
            (Trust::NeedsToken, _) => "needs a token",
            (_, Liveness::Suspect | Liveness::Lost) => "not heard",
            _ => "in another group",
        };
        printable(&format!("{} {why}", agent.name))
    }
}
