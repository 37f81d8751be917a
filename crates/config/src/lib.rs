//! Settings in layers, each value with its origin.
//!
//! A value comes from the first layer that has it:
//!
//! 1. a flag of the command line,
//! 2. the environment (`BFGG_*`, and the five names of the original BFG-G),
//! 3. `.env` in the working directory,
//! 4. a TOML file: `<config folder>/bfgg/bfgg.toml` for the controller's programs, `agent.toml`
//!    for the agent, or the one named by `--config`,
//! 5. the default.
//!
//! An empty value counts as not set. What a project's own `.env` may steer is limited: see
//! [`Setting::in_dotenv`]. All settings stand in one table, [`SETTINGS`]; in the TOML file a
//! setting has its name in lower case without `BFGG_` (`BFGG_LISTEN` is `listen`).
//!
//! ```no_run
//! use bfgg_config::{AgentConfig, Flags};
//!
//! let mut flags = Flags::default();
//! flags.set("--listen", "BFGG_LISTEN", Some("7412"));
//! let config = AgentConfig::load(flags, None)?;
//! bfgg_config::logging::init(&config.log);
//! # Ok::<(), bfgg_config::ConfigError>(())
//! ```

mod agent;
mod controller;
mod dotenv;
mod error;
mod file;
mod listing;
pub mod logging;
pub mod platform;
mod resolve;
mod setting;
mod source;
mod value;

pub use agent::AgentConfig;
pub use controller::{ControllerConfig, VerdictLimits};
pub use error::ConfigError;
pub use listing::{Entry, listing};
pub use resolve::Resolved;
pub use setting::{Fallback, Kind, Program, SETTINGS, Setting, Who};
pub use source::{Flags, Origin, Sources, TextFile};
pub use value::{Hidden, HttpListen, Listen, LogFormat, LogSettings};
