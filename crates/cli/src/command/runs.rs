//! `bfgg runs`

use bfgg_config::ControllerConfig;
use bfgg_controller::api::types::Run;
use jiff::tz::TimeZone;

use crate::args::{RunsCommand, StopArgs};
use crate::client::Client;
use crate::connection;
use crate::error::{CliError, exit};
use crate::flow;
use crate::terminal;
use crate::view;

pub(crate) async fn runs(
    config: &ControllerConfig,
    command: Option<RunsCommand>,
) -> Result<u8, CliError> {
    let client = connection::find(config).await?;
    match command.unwrap_or(RunsCommand::List) {
        RunsCommand::List => {
            let runs = client.runs().await?;
            terminal::out(view::runs(&runs, &TimeZone::system(), terminal::width()))?;
        }
        RunsCommand::Show { id } => {
            let run = one(&client, &id).await?;
            terminal::out(view::run(&run, &TimeZone::system()))?;
            if let Some((summary, _)) = flow::summary(&client, &run).await? {
                let folder = std::path::Path::new(&run.folder);
                terminal::out(view::outcome(
                    &run,
                    &summary,
                    folder,
                    terminal::width().into(),
                ))?;
            }
        }
        RunsCommand::Stop(args) => stop_on(&client, &args).await?,
    }
    Ok(exit::OK)
}

/// `bfgg stop`
pub(crate) async fn stop(config: &ControllerConfig, args: &StopArgs) -> Result<u8, CliError> {
    let client = connection::find(config).await?;
    stop_on(&client, args).await?;
    Ok(exit::OK)
}

async fn stop_on(client: &Client, args: &StopArgs) -> Result<(), CliError> {
    let run = client
        .stop(one(client, &args.id).await?.id, args.force)
        .await?;
    let how = match args.force {
        true => "ending Gatling at once",
        false => "stopping: its after hook runs, up to 60 s (--force skips that)",
    };
    terminal::out_line(format!(
        "run {}: {how}; `bfgg runs show {}` shows what was logged",
        run.id, run.id
    ))
}

/// `last`, or a run id or its beginning.
pub(super) async fn one(client: &Client, id: &str) -> Result<Run, CliError> {
    pick(client.runs().await?, id)
}

/// `last`, or a run id or its beginning: it must mean one run.
fn pick(runs: Vec<Run>, id: &str) -> Result<Run, CliError> {
    let none = || {
        CliError::Input(format!(
            "there is no run \"{}\"; `bfgg runs` lists them",
            view::printable(id)
        ))
    };
    if id == "last" {
        return runs.into_iter().next().ok_or_else(none);
    }
    let mut found: Vec<_> = runs
        .into_iter()
        .filter(|run| run.id.to_string().starts_with(id))
        .collect();
    match (found.pop(), found.len()) {
        (Some(run), 0) => Ok(run),
        (Some(_), others) => Err(CliError::Ambiguous(format!(
            "{} runs begin with \"{}\"",
            others + 1,
            view::printable(id)
        ))),
        (None, _) => Err(none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::samples;

    #[test]
    fn a_run_by_its_beginning_or_as_the_last() {
        let mut other = samples::run();
        other.id = "01890a5d-ac97-774b-bcce-b302099a8057".parse().unwrap();
        let all = || vec![other.clone(), samples::run()];
        assert_eq!(pick(all(), "last").unwrap().id, other.id);
        assert_eq!(
            pick(all(), "01890a5d-ac96").unwrap().id.to_string(),
            samples::RUN
        );
        let error = pick(all(), "0189").unwrap_err().to_string();
        assert_eq!(error, "2 runs begin with \"0189\"");
        let error = pick(all(), "x").unwrap_err().to_string();
        assert_eq!(error, "there is no run \"x\"; `bfgg runs` lists them");
        assert!(pick(Vec::new(), "last").is_err());
    }
}
