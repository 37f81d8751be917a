//! What is not the same on all agents of a run, said before it starts.

use bfgg_protocol::Prepared;

use crate::api::types::RunAgent;

/// One line for each thing that differs, with what each agent has.
pub(super) fn differences(agents: &[RunAgent]) -> Vec<String> {
    let things: [(&str, fn(&Prepared) -> &str); 2] = [
        ("Java", |prepared| &prepared.jdk.version),
        ("Gatling", |prepared| &prepared.gatling),
    ];
    let line = |(name, version): (&str, fn(&Prepared) -> &str)| {
        let prepared = agents
            .iter()
            .filter_map(|agent| Some((&agent.name, version(agent.prepared.as_ref()?))));
        let versions: Vec<(&String, &str)> = prepared.collect();
        let first = versions.first()?.1;
        if versions.iter().all(|(_, version)| *version == first) {
            return None;
        }
        let table: Vec<String> = versions
            .iter()
            .map(|(agent, version)| format!("{agent} {version}"))
            .collect();
        Some(format!(
            "{name} is not the same everywhere: {}.",
            table.join(", ")
        ))
    };
    things.into_iter().filter_map(line).collect()
}
