//! Agents and their groups.

use bfgg_protocol::{AgentPhase, Failure, Health, Lease, Machine, PeerId, Toolchains};
use bfgg_report::AgentClock;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Whether an agent may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// One of this controller's agents.
    Admitted,
    /// Trusts this controller and waits to be admitted.
    Pending,
    /// Trusts nobody yet and shows a code: it is paired by that, or started with the join token.
    NeedsCode,
    /// Trusts nobody yet and shows no code, as it is of an older release: start it with the join token.
    NeedsToken,
}

/// Whether an agent is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Liveness {
    /// A heartbeat came within 3 s.
    Alive,
    /// None for 3 s.
    Suspect,
    /// None for 12 s.
    Lost,
}

/// One agent: `GET /api/v1/agents`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Agent {
    /// Its peer id, which is what it is everywhere.
    pub id: PeerId,
    /// The last eight characters of the id.
    pub short_id: String,
    /// Its label.
    pub name: String,
    /// Its group; empty for none.
    pub group: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// `host:port` it was last connected from or at; empty if never.
    pub address: String,
    /// Whether it may be used.
    pub trust: Trust,
    /// The user does not want to see it among those that wait. Never so for an admitted one.
    #[serde(default)]
    pub ignored: bool,
    /// Why it cannot be used, or a warning ("two agents are called lab-1", "poor link"); empty if all is well.
    pub remark: String,
    /// Whether it is heard.
    pub liveness: Liveness,
    /// When it was last heard, wall time of the controller in ms since 1970; 0 if never.
    pub last_seen_ms: u64,
    /// What it is doing.
    pub phase: AgentPhase,
    /// What exactly; empty if nothing.
    pub step: String,
    /// Who has it, and for which run.
    pub lease: Option<Lease>,
    /// Why it is in the phase "error".
    pub failure: Option<Failure>,
    /// Its software version.
    pub version: String,
    /// The machine.
    pub machine: Machine,
    /// The tools found on it.
    pub toolchains: Toolchains,
    /// The runs it keeps because their controllers do not have them yet; `None` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub kept: Option<Kept>,
    /// The machine's load.
    pub health: Health,
    /// Its clock against the controller's; `None` until measured.
    pub clock: Option<AgentClock>,
}

/// Runs that an agent keeps for their controllers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Kept {
    /// How many.
    pub runs: u32,
    /// What they take on its disk, bytes.
    pub bytes: u64,
}

/// A group of agents: `GET /api/v1/groups`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Group {
    /// Its name; empty for the agents without a group.
    pub name: String,
    /// Agents in it.
    pub agents: u32,
    /// Of these, heard and available.
    pub available: u32,
}

/// An address to dial: `POST /api/v1/agents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct AddAgent {
    /// `host` or `host:port` (default 7412).
    pub address: String,
}

/// The code that an agent shows: `POST /api/v1/agents/{id}/pair`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct PairAgent {
    /// Eight digits, as `1234-5678`; spaces do not matter.
    pub code: String,
}

/// It may be nearly the right one: it is not for a log.
impl std::fmt::Debug for PairAgent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PairAgent(…)")
    }
}

/// A new group: `PUT /api/v1/agents/{id}/group`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct SetGroup {
    /// The group; empty for none.
    pub group: String,
}
