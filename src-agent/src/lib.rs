//! The BFG-G agent: builds and runs Gatling on one machine for the controllers it has joined.

mod announce;
mod capped;
pub mod cli;
mod clock;
mod console;
pub mod contain;
mod daemon;
pub mod doctor;
mod error;
mod files;
mod gauge;
mod health;
pub mod identity;
pub mod joined;
pub mod keeping;
mod launch;
mod life;
mod machine;
mod outcome;
mod platform;
pub mod prepare;
pub mod probe;
mod process;
mod registration;
pub mod run_folder;
mod runner;
mod settings;
mod state_sender;
mod store;
pub mod supervisor;
mod telemetry;
pub mod tool;
pub mod toolchain;

pub use daemon::run;
pub use error::AgentError;
pub use settings::Settings;
