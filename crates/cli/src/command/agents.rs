//! `bfgg agents`

use bfgg_config::ControllerConfig;
use bfgg_controller::api::types::Agent;

use crate::args::AgentsCommand;
use crate::client::Client;
use crate::connection;
use crate::error::{CliError, exit};
use crate::terminal;
use crate::view;

pub(crate) async fn agents(
    config: &ControllerConfig,
    command: Option<AgentsCommand>,
) -> Result<u8, CliError> {
    let client = connection::find(config).await?;
    let Some(command) = command else {
        let agents = client.agents().await?;
        terminal::out(view::agents(&agents, terminal::now_ms(), terminal::width()))?;
        return Ok(exit::OK);
    };
    match command {
        AgentsCommand::Add { address } => {
            let agent = client.add_agent(&address).await?;
            terminal::out_line(view::joined(&agent))?;
        }
        AgentsCommand::Admit { id } => {
            let agent = client.admit(&one(&client, &id).await?.id).await?;
            terminal::out_line(view::joined(&agent))?;
        }
        AgentsCommand::Pair { id, code } => {
            let agent = client.pair(&one(&client, &id).await?.id, &code).await?;
            terminal::out_line(view::joined(&agent))?;
        }
        AgentsCommand::Ignore { id, undo } => {
            let agent = one(&client, &id).await?;
            let agent = client.ignore(&agent.id, !undo).await?;
            terminal::out_line(format!(
                "{} ({}) is {}",
                view::printable(&agent.name),
                agent.short_id,
                if agent.ignored {
                    "ignored; `bfgg agents ignore --undo` takes it back"
                } else {
                    "shown again"
                }
            ))?;
        }
        AgentsCommand::Remove { id } => {
            let agent = one(&client, &id).await?;
            client.remove(&agent.id).await?;
            terminal::out_line(format!(
                "removed {} ({})",
                view::printable(&agent.name),
                agent.short_id
            ))?;
        }
        AgentsCommand::Group { id, name } => {
            let agent = client
                .set_group(&one(&client, &id).await?.id, &name)
                .await?;
            let group = if agent.group.is_empty() {
                "no group"
            } else {
                &agent.group
            };
            terminal::out_line(format!(
                "{}: {}",
                view::printable(&agent.name),
                view::printable(group)
            ))?;
        }
        AgentsCommand::Doctor { id } => {
            let agent = one(&client, &id).await?;
            let doctor = client.doctor(&agent.id).await?;
            terminal::out(view::doctor(&agent.name, &doctor))?;
        }
    }
    Ok(exit::OK)
}

async fn one(client: &Client, id: &str) -> Result<Agent, CliError> {
    pick(client.agents().await?, id)
}

/// A peer id, its end, or a name: it must mean one agent.
fn pick(agents: Vec<Agent>, id: &str) -> Result<Agent, CliError> {
    let means = |agent: &Agent| {
        agent.id.as_str() == id
            || agent.name == id
            || (id.len() >= 4 && agent.id.as_str().ends_with(id))
    };
    let mut found: Vec<_> = agents.into_iter().filter(means).collect();
    match (found.pop(), found.len()) {
        (Some(agent), 0) => Ok(agent),
        (Some(_), others) => Err(CliError::Ambiguous(format!(
            "{} agents are meant by \"{}\"",
            others + 1,
            view::printable(id)
        ))),
        (None, _) => Err(CliError::Input(format!(
            "no agent is called \"{}\"; `bfgg agents` lists them with their ids",
            view::printable(id)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples::agent;

    #[test]
    fn an_agent_by_id_end_or_name() {
        let all = || {
            vec![
                agent("lab-1", "QmAaaaaaaaaa1111"),
                agent("lab-2", "QmBbbbbbbbbb2222"),
                agent("lab-2", "QmCccc2222"),
            ]
        };
        for (id, expected) in [
            ("lab-1", Ok("QmAaaaaaaaaa1111")),
            ("1111", Ok("QmAaaaaaaaaa1111")),
            ("QmBbbbbbbbbb2222", Ok("QmBbbbbbbbbb2222")),
            ("lab-2", Err("2 agents are meant by \"lab-2\"")),
            ("2222", Err("2 agents are meant by \"2222\"")),
            (
                "111",
                Err("no agent is called \"111\"; `bfgg agents` lists them with their ids"),
            ),
        ] {
            let found = pick(all(), id);
            match expected {
                Ok(peer) => assert_eq!(found.unwrap().id.as_str(), peer),
                Err(text) => assert_eq!(found.unwrap_err().to_string(), text),
            }
        }
    }
}
