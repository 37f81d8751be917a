//! `bfgg demo`: a whole distributed run on this computer.
//!
//! Up: the shop, a controller, the project's repository, two agents, the run, the window.
//! Down, in this order, however it ends: the run, the window, the agents, the controller, the
//! shop; each is awaited.

mod child;
mod folders;
mod stage;

use bfgg_config::ControllerConfig;
use bfgg_controller::api::types::{OnLoss, Parameter, RunSpec, Selection, Source};
use bfgg_controller::sample;

use crate::args::DemoArgs;
use crate::error::{CliError, exit};
use crate::platform::Interrupts;
use crate::view::Screen;
use folders::Folders;
use stage::Stage;

/// Runs the demo. Of the settings only those of the log count: ports, names and folders are its
/// own, so that it disturbs no controller or agent of this computer.
pub(crate) async fn demo(
    _config: &ControllerConfig,
    args: &DemoArgs,
    screen: &Screen,
) -> Result<u8, CliError> {
    let mut interrupts = Interrupts::new()?;
    let folders = Folders::create(args.out.as_deref())?;
    screen.line(format!("demo in {}", folders.root().display()));
    let mut stage = Stage::default();
    let ended = play(&mut stage, &folders, args, screen, &mut interrupts).await;
    stage.strike(screen).await;
    if ended.as_ref().is_ok_and(|code| *code == exit::OK) {
        folders.tidy();
    } else {
        screen.line(format!(
            "the agents' logs are in {}",
            folders.root().display()
        ));
    }
    ended
}

async fn play(
    stage: &mut Stage,
    folders: &Folders,
    args: &DemoArgs,
    screen: &Screen,
    interrupts: &mut Interrupts,
) -> Result<u8, CliError> {
    let shop = tokio::select! {
        shop = stage.set_up(folders, args, screen) => shop?,
        () = interrupts.next() => return Err(CliError::Interrupted),
    };
    stage.wait_for_agents(screen, interrupts).await?;
    let url = sample::repository(&folders.project())
        .await
        .map_err(|error| CliError::Demo {
            what: error.to_string(),
            hint: "install git, and check that `git commit` works for you".to_owned(),
            output: String::new(),
        })?;
    let spec = spec(url, shop, args);
    let code = stage.run(&spec, folders, args, screen, interrupts).await?;
    if args.keep_open {
        stage.stay_open(screen, interrupts).await;
    }
    Ok(code)
}

fn spec(url: String, shop: String, args: &DemoArgs) -> RunSpec {
    let parameter = |name: &str, value: String| Parameter {
        name: name.to_owned(),
        value,
        secret: false,
    };
    RunSpec {
        source: Source {
            url,
            reference: Some(sample::BRANCH.to_owned()),
            ..Source::default()
        },
        simulation: Some(sample::SIMULATION.to_owned()),
        parameters: vec![
            parameter("users", args.users.to_string()),
            parameter("duration", args.duration.to_string()),
            parameter("baseUrl", shop),
        ],
        divide: vec!["users".to_owned()],
        java_options: Vec::new(),
        selection: Selection {
            group: None,
            agents: None,
            count: Some(stage::AGENTS),
        },
        max_duration_s: args.duration + 300,
        on_loss: OnLoss::GoOn,
        stop_if: Vec::new(),
        dead_man_s: Some(120),
        description: "bfgg demo".to_owned(),
    }
}
