//! An agent that says what its script says, on the real network; and a caller of the API.

mod agent;
mod api;

use std::path::Path;

use bfgg_controller::Settings;

pub(crate) use agent::{ScriptedAgent, now_ms};
pub(crate) use api::Api;

/// A real log: what a scripted agent delivers.
pub(crate) const LOG: &[u8] = include_bytes!("../samples/simulation.log");

/// A controller on loopback with free ports, without keychain and mDNS.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        port: 0,
        http: ([127, 0, 0, 1], 0).into(),
        loopback: true,
        discovery: false,
        keychain: false,
        ..Settings::new(folder)
    }
}
