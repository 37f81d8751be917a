//! `bfgg run`

use std::time::Duration;

use bfgg_config::ControllerConfig;
use bfgg_controller::api::types::{
    OnLoss, Parameter, RunSpec, Selection, Snapshot, Source, StartTest, Test,
};

use crate::args::{DeadMan, LossPolicy, RunArgs};
use crate::connection::Session;
use crate::error::CliError;
use crate::flow;
use crate::folder::{self, Folder};
use crate::platform::Interrupts;
use crate::terminal;
use crate::view::{self, Screen};

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
    let test = match &args.test {
        Some(name) => Some(test_of(client.tests().await?, name)?),
        None => None,
    };
    let selection = match &test {
        Some(test) => test.spec.selection.clone(),
        None => selection(args),
    };
    let named = selection.agents.as_ref().map_or(1, Vec::len);
    let wanted = selection
        .count
        .unwrap_or(u32::try_from(named).unwrap_or(u32::MAX));
    let group = selection.group.as_deref();
    flow::wait_for_agents(client, wanted, group, args.wait, screen, interrupts).await?;
    let parameters = parameters(args)?;
    let run = match test {
        Some(test) => {
            let start = StartTest {
                parameters,
                spec: None,
            };
            client.start_test(test.id, &start).await?
        }
        None => {
            let spec = spec(args, parameters, snapshot, session.is_own());
            client.start(&spec).await?
        }
    };
    let followed = flow::follow(client, run, screen, interrupts).await?;
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

/// The test of a name, in capitals or not.
fn test_of(tests: Vec<Test>, name: &str) -> Result<Test, CliError> {
    let found = tests
        .into_iter()
        .find(|test| test.name.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let shown = view::printable(name);
        CliError::Ambiguous(format!(
            "there is no saved test \"{shown}\"; `bfgg tests` lists them"
        ))
    })
}

/// The parameters, those of `--secret` marked.
fn parameters(args: &RunArgs) -> Result<Vec<Parameter>, CliError> {
    let mut parameters = args.parameters.clone();
    for name in &args.secret {
        let mut own = parameters
            .iter_mut()
            .filter(|own| own.name == *name)
            .peekable();
        if own.peek().is_none() {
            let shown = view::printable(name);
            return Err(CliError::Input(format!(
                "--secret {shown} names no --param; add --param {shown}=VALUE"
            )));
        }
        own.for_each(|own| own.secret = true);
    }
    Ok(parameters)
}

fn selection(args: &RunArgs) -> Selection {
    Selection {
        group: args.group.clone(),
        agents: None,
        count: args.agents,
    }
}

fn spec(
    args: &RunArgs,
    parameters: Vec<Parameter>,
    snapshot: Option<Snapshot>,
    is_own: bool,
) -> RunSpec {
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
        parameters,
        divide: args.divide.clone(),
        java_options: args.java_options.clone(),
        selection: selection(args),
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
