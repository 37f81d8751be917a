//! The BFG-G controller: agents, runs, results, HTTP API.

mod access;
mod agents;
pub mod api;
mod clock;
mod controller;
mod core;
mod error;
mod folder;
mod identity;
mod keychain;
mod local_agent;
mod output;
mod platform;
mod pusher;
mod run;
pub mod sample;
mod settings;
mod sources;
mod spec;
mod store;
mod vault;

pub use controller::Controller;
pub use error::{ControllerError, Refused, RefusedKind};
pub use folder::Endpoint;
pub use identity::move_identity;
pub use run::thresholds;
pub use settings::Settings;
