//! Typed ids, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;
use uuid::Uuid;

/// The libp2p peer id of a node in base58: what an agent or a controller *is*, everywhere.
///
/// It is the hash of the node's public key, which Noise proves on each connection. Names are
/// only labels.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
)]
#[serde(transparent)]
pub struct PeerId(String);

impl PeerId {
    /// Wraps a peer id that the network layer has proved or parsed.
    pub fn new(base58: impl Into<String>) -> Self {
        Self(base58.into())
    }

    /// The whole id in base58.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last eight characters, shown beside a name (the first ones are the same for every
    /// ed25519 key).
    pub fn short(&self) -> &str {
        let cut = self.0.len().saturating_sub(8);
        self.0.get(cut..).unwrap_or(&self.0)
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $new:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS, ToSchema,
        )]
        #[serde(transparent)]
        #[schema(value_type = String)]
        pub struct $name(
            #[ts(type = "string")]
            Uuid,
        );

        impl $name {
            /// A new id.
            #[allow(clippy::new_without_default, reason = "a new id differs each time")]
            pub fn new() -> Self {
                Self(Uuid::$new())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

uuid_id!(
    /// One run of one simulation on any number of agents. A UUIDv7, so ids sort by time.
    RunId,
    now_v7
);
uuid_id!(
    /// One test that a controller keeps, of which runs are made. A UUIDv7, so ids sort by time.
    TestId,
    now_v7
);
uuid_id!(
    /// One task for one agent. Sending the same id again never does the work twice.
    TaskId,
    new_v4
);
uuid_id!(
    /// One start of one agent process: a new one shows a restart.
    InstanceId,
    new_v4
);
