//! The agent on this computer.

use bfgg_protocol::PeerId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::{ApiError, RunSpec};

/// The agent that the controller starts on its own computer: `GET /api/v1/local-agent`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
#[ts(optional_fields)]
pub struct LocalAgent {
    /// Whether it is there.
    pub state: LocalAgentState,
    /// Its peer id, once it has been started. It is one of the agents as soon as it has joined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<PeerId>,
    /// Why it is not there, where that was not wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ApiError>,
}

impl LocalAgent {
    /// None is there, and none is wanted.
    pub fn off() -> Self {
        Self {
            state: LocalAgentState::Off,
            agent: None,
            problem: None,
        }
    }
}

/// Whether the agent on this computer is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LocalAgentState {
    /// It is not.
    Off,
    /// It was started, and ends with its controller unless a run goes on.
    On,
    /// It could not be started, or has ended by itself.
    Failed,
}

/// A test that needs no project of one's own: `POST /api/v1/sample`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct Sample {
    /// What to start: the agent on this computer runs it against a small shop inside Gatling's JVM.
    pub spec: RunSpec,
}
