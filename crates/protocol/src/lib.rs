//! What a BFG-G controller and its agents say to each other.
//!
//! The messages are CBOR maps with field names: unknown fields are ignored, new ones have
//! defaults, and a new variant or meaning is a new protocol number (see [`version`]). Nothing
//! here knows how a message travels; that is `bfgg-net`'s part.
//!
//! | Pair | Protocol | Types |
//! |---|---|---|
//! | registrator / registration | [`version::REGISTRATION`] | [`RegistrationRequest`], [`RegistrationAnswer`] |
//! | pairing / pairing | [`version::PAIRING`] | [`pairing::PairingRequest`], [`pairing::PairingAnswer`] |
//! | state puller / state sender | topic [`version::state_topic`] | [`AgentState`] |
//! | task pusher / task handler | [`version::TASK`] | [`TaskRequest`], [`Receipt`] |
//! | timeline / telemetry | [`version::TELEMETRY`] | [`TelemetryRequest`], [`TelemetryAnswer`] |
//! | collector / task handler | [`version::FILE`] | [`FileRequest`], [`FileAnswer`] |
//! | follower / task handler | [`version::OUTPUT`] | [`OutputRequest`], [`OutputAnswer`] |
//! | sources / prepare | [`version::SOURCE`] | [`SourceRequest`], [`SourceAnswer`] |

mod cbor;
mod failure;
mod file;
mod health;
mod ids;
mod machine;
mod output;
pub mod pairing;
mod registration;
mod source;
mod state;
mod task;
mod telemetry;
mod token;
pub mod version;

pub use cbor::{CborError, decode, encode};
pub use failure::{Failure, FailureCode};
pub use file::{ChunkEncoding, FileAnswer, FileRequest, RunFile};
pub use health::{ClockJump, Health, HealthSample};
pub use ids::{InstanceId, PeerId, RunId, TaskId, TestId};
pub use machine::{BuildTool, Jdk, Machine, Toolchains};
pub use output::{
    MAX_GAP_NOTE, OutputAnswer, OutputPiece, OutputPlace, OutputRange, OutputRequest, OutputStart,
    finished_ranges, gap_note, output_place,
};
pub use registration::{RegistrationAnswer, RegistrationRequest};
pub use source::{ContentHash, NoContentHash, SourceAnswer, SourceRequest};
pub use state::{
    AgentPhase, AgentState, KeptRuns, Lease, LiveCounters, Probe, RunEnd, RunExit, TaskOutcome,
};
pub use task::{
    Check, CheckStatus, DoctorReport, GitSource, Indicators, Prepare, Prepared, Receipt, Refusal,
    RefusalCode, Start, Task, TaskRequest, TaskResult,
};
pub use telemetry::{Cell, TelemetryAnswer, TelemetryRequest};
pub use token::{JoinToken, Secret, TokenError};
