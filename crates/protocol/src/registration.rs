//! Registration: the first thing an agent says on a connection. Frozen as version 1.

use serde::{Deserialize, Serialize};

use crate::{InstanceId, Machine, Secret, Toolchains};

/// An agent introduces itself to a controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationRequest {
    /// The agent's software version ("0.1.0").
    pub software: String,
    /// The oldest protocol version the agent speaks.
    pub oldest: u16,
    /// The newest protocol version the agent speaks.
    pub newest: u16,
    /// This start of the agent process.
    pub instance: InstanceId,
    /// The agent's label: the host's name unless set.
    pub name: String,
    /// The group the agent says it belongs to; empty for none.
    #[serde(default)]
    pub group: String,
    /// Free labels, `key=value` or a word.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The machine.
    #[serde(default)]
    pub machine: Machine,
    /// The tools found.
    #[serde(default)]
    pub toolchains: Toolchains,
    /// The secret of the controller's join token; without it the agent is pending.
    #[serde(default)]
    pub secret: Option<Secret>,
    /// Whether the agent obeys this controller. An agent that has joined nobody only announces
    /// itself.
    #[serde(default)]
    pub joined: bool,
    /// Whether the agent shows a code by which it can be paired. One that has joined nobody and shows
    /// none is of an older release.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shows_code: bool,
    /// The agent is forgotten ten minutes after it is lost.
    #[serde(default)]
    pub ephemeral: bool,
}

/// The controller's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationAnswer {
    /// The agent is one of the controller's: it may send its state and will get tasks.
    Admitted {
        /// The protocol version both speak.
        protocol: u16,
        /// The controller's label.
        controller: String,
        /// The group the controller has set for this agent, if it differs from the agent's.
        #[serde(default)]
        group: Option<String>,
    },
    /// Somebody has to admit the agent.
    Pending {
        /// Why, in a sentence.
        reason: String,
    },
    /// The controller will not have the agent.
    Refused {
        /// Why, and what to do.
        reason: String,
        /// Seconds to wait before the next attempt.
        retry_after_s: u32,
    },
}
