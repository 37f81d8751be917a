//! `bfgg run`

use std::time::Duration;

use bfgg_config::ControllerConfig;
use bfgg_controller::api::types::{OnLoss, RunSpec, Selection, Snapshot, Source};

use crate::args::{DeadMan, LossPolicy, RunArgs};
use crate::connection::Session;
use crate::error::CliError;
use crate::flow;
use crate::folder::{self, Folder};
use crate::platform::Interrupts;
use crate::terminal;
use crate::view::Screen;

pub(crate) async fn run(
    config: &ControllerConfig,
    args: &RunArgs,
    screen: &Screen,
) -> Result<u8, CliError> {
    let mut interrupts = Interrupts::new()?;
    if let Some(out) = &args.out {
        flow::try_folder(out)?;
    }
    let folder = match (&args.source, &args.repo) {
        (Some(source), _) => Some(folder::pack(source, screen, &mut interrupts).await?),
        (None, Some(repo)) => {
            folder::hint(repo, screen)?;
            None
        }
        (None, None) => None,
    };
    let session = Session::open(config).await?;
    if session.is_own() {
        screen.line("no controller runs: this command is one until the run has ended");
    }
    let ended = tokio::select! {
        ended = follow(&session, config, args, folder, screen, &mut interrupts) => ended,
        () = session.broken() => Err(CliError::Broken),
    };
    session.close().await;
    ended
}

async fn follow(
    session: &Session,
    config: &ControllerConfig,
    args: &RunArgs,
    folder: Option<Folder>,
    screen: &Screen,
    interrupts: &mut Interrupts,
) -> Result<u8, CliError> {
    let client = &session.client;
    for warning in client.info().await?.warnings {
        screen.line(format!("warning: {warning}"));
    }
    if session.is_own() {
        let command = client.join().await?.command;
        screen.line(format!("a machine joins by: {command}"));
    }
    let snapshot = match folder {
        Some(folder) => Some(folder.send(client, screen, interrupts).await?),
        None => None,
    };
    let (wanted, group) = (args.agents.unwrap_or(1), args.group.as_deref());
    flow::wait_for_agents(client, wanted, group, args.wait, screen, interrupts).await?;
    let spec = spec(args, snapshot, session.is_own());
    let followed = flow::run(client, &spec, screen, interrupts, |_| ()).await?;
    let results = config.results_folder.as_deref();
    let out = flow::folder_for(args.out.as_deref(), results, followed.run.id);
    flow::finish(
        client,
        &followed,
        out.as_deref(),
        screen,
        terminal::width().into(),
    )
    .await
}

/// The dead man's limit where this command is the controller: it may be gone at any time.
const DEAD_MAN: Duration = Duration::from_secs(120);

fn spec(args: &RunArgs, snapshot: Option<Snapshot>, is_own: bool) -> RunSpec {
    let dead_man = match args.dead_man {
        Some(DeadMan::After(limit)) => Some(limit),
        None if is_own => Some(DEAD_MAN),
        Some(DeadMan::Off) | None => None,
    };
    RunSpec {
        source: Source {
            url: args.repo.clone().unwrap_or_default(),
            reference: args.reference.clone(),
            folder: args.folder.clone(),
            snapshot,
        },
        simulation: args.simulation.clone(),
        parameters: args.parameters.clone(),
        divide: args.divide.clone(),
        java_options: args.java_options.clone(),
        selection: Selection {
            group: args.group.clone(),
            agents: None,
            count: args.agents,
        },
        // The parser allows 30 days at most.
        max_duration_s: u32::try_from(args.max_duration.as_secs()).unwrap_or(u32::MAX),
        on_loss: match args.on_loss {
            LossPolicy::GoOn => OnLoss::GoOn,
            LossPolicy::Stop => OnLoss::Stop,
        },
        stop_if: args.stop_if.clone(),
        dead_man_s: dead_man.map(|limit| u32::try_from(limit.as_secs()).unwrap_or(u32::MAX)),
        description: args.description.clone(),
    }
}
