//! What is not the same on all agents of a run, said before it starts.

use bfgg_protocol::Prepared;

use crate::api::types::RunAgent;

/// One line for each thing that differs, with what each agent has.
pub(super) fn differences(agents: &[RunAgent]) -> Vec<String> {
    let java = difference("Java", agents, |prepared| &prepared.jdk.version);
    let gatling = difference("Gatling", agents, |prepared| &prepared.gatling);
    java.into_iter().chain(gatling).collect()
}

fn difference(what: &str, agents: &[RunAgent], of: fn(&Prepared) -> &str) -> Option<String> {
    let prepared = agents
        .iter()
        .filter_map(|agent| Some((&agent.name, of(agent.prepared.as_ref()?))));
    let versions: Vec<(&String, &str)> = prepared.collect();
    let (_, first) = versions.first()?;
    if versions.iter().all(|(_, version)| version == first) {
        return None;
    }
    let table: Vec<String> = versions
        .iter()
        .map(|(agent, version)| format!("{agent} {version}"))
        .collect();
    Some(format!(
        "{what} is not the same everywhere: {}.",
        table.join(", ")
    ))
}
