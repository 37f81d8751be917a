//! An agent that says what its script says, on the real network; and a caller of the API.

mod agent;
mod api;

use std::path::Path;

use bfgg_controller::{Controller, Settings};

use agent::Script;
pub(crate) use agent::{ScriptedAgent, now_ms};
pub(crate) use api::Api;

/// A real log: what a scripted agent delivers.
pub(crate) const LOG: &[u8] = include_bytes!("../samples/simulation.log");

/// A controller that meets no other one.
pub(crate) fn settings(folder: &Path) -> Settings {
    Settings::apart(folder)
}

/// A controller with one agent, which is available.
pub(crate) async fn one_agent(folder: &Path) -> (Controller, Api, ScriptedAgent) {
    with_agent(folder, |_| {}).await
}

/// The same with an agent whose runs go on until they are stopped.
pub(crate) async fn one_that_runs(folder: &Path) -> (Controller, Api, ScriptedAgent) {
    with_agent(folder, |script| script.runs_until_stopped = true).await
}

async fn with_agent(
    folder: &Path,
    write: impl FnOnce(&mut Script),
) -> (Controller, Api, ScriptedAgent) {
    let controller = Controller::start(settings(folder)).await.unwrap();
    let api = Api::of(&controller);
    let agent = ScriptedAgent::join_with(&api, "lab-1", write).await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    (controller, api, agent)
}
