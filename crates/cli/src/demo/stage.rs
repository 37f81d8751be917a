//! The parts of the demo that run, and how they are ended.

use std::path::PathBuf;
use std::time::Duration;

use bfgg_controller::Settings;
use bfgg_controller::api::types::{Event, Run, RunSpec};
use bfgg_protocol::RunId;
use tokio::process::Command;

use super::child::Child;
use super::folders::Folders;
use crate::args::DemoArgs;
use crate::client::Client;
use crate::connection::Session;
use crate::error::CliError;
use crate::flow;
use crate::platform::{self, Interrupts};
use crate::shop::Shop;
use crate::terminal;
use crate::view::Screen;

/// Agents of the demo.
pub(super) const AGENTS: u32 = 2;
/// How long they may take to join.
const JOIN: Duration = Duration::from_secs(30);
/// How long a run that is ended by force may take to be over.
const RUN_END: Duration = Duration::from_secs(30);

/// What runs; each part is there once it has come up.
#[derive(Default)]
pub(super) struct Stage {
    shop: Option<Shop>,
    session: Option<Session>,
    agents: Vec<Child>,
    run: Option<RunId>,
    window: Option<Child>,
}

impl Stage {
    /// Brings up shop, controller and agents; returns the shop's address.
    pub(super) async fn set_up(
        &mut self,
        folders: &Folders,
        args: &DemoArgs,
        screen: &Screen,
    ) -> Result<String, CliError> {
        let loopback = ([127, 0, 0, 1], 0).into();
        let shop = Shop::start(loopback).await;
        let failed = |cause| CliError::System {
            action: "start the demo's shop",
            cause,
        };
        let shop = shop.map_err(failed)?;
        let shop_url = shop.url();
        self.shop = Some(shop);
        screen.line(format!("shop under load: {shop_url}"));

        let session = Session::start(Settings {
            name: "demo".to_owned(),
            ..Settings::apart(folders.controller())
        });
        let session = session.await?;
        let client = session.client.clone();
        self.session = Some(session);
        screen.line(format!(
            "controller: {}/#token={}",
            client.url(),
            client.token()
        ));

        let token = client.join().await?.token;
        let program = agent_program(args)?;
        for number in 1..=AGENTS {
            self.agents
                .push(start_agent(&program, number, &token, folders)?);
        }
        Ok(shop_url)
    }

    /// Waits until all agents have joined; one that ends before is an error.
    pub(super) async fn wait_for_agents(
        &mut self,
        screen: &Screen,
        interrupts: &mut Interrupts,
    ) -> Result<(), CliError> {
        let client = self.client()?;
        let ended = async {
            let waits = self.agents.iter_mut().map(|agent| {
                Box::pin(async move {
                    let how = agent.ended().await;
                    agent.broke(&how, "the whole log is in its folder")
                })
            });
            futures::future::select_all(waits).await.0
        };
        tokio::select! {
            came = flow::wait_for_agents(&client, AGENTS, None, JOIN, screen, interrupts) => came,
            broke = ended => Err(broke),
        }
    }

    /// Runs the simulation and shows its result.
    pub(super) async fn run(
        &mut self,
        spec: &RunSpec,
        folders: &Folders,
        args: &DemoArgs,
        screen: &Screen,
        interrupts: &mut Interrupts,
    ) -> Result<u8, CliError> {
        let client = self.client()?;
        let started = |run: &Run| {
            self.run = Some(run.id);
            if let Some(program) = &args.window {
                self.window = open_window(program, &client, run, folders, screen);
            }
        };
        let followed = flow::run(&client, spec, screen, interrupts, started).await?;
        let width = terminal::width().into();
        flow::finish(&client, &followed, Some(folders.root()), screen, width).await
    }

    /// Stays until Ctrl-C, or until the window is closed.
    pub(super) async fn stay_open(&mut self, screen: &Screen, interrupts: &mut Interrupts) {
        if let Ok(client) = self.client() {
            let page = format!("{}/#token={}", client.url(), client.token());
            screen.line(format!("the result is at {page} until Ctrl-C"));
        }
        let closed = async {
            match &mut self.window {
                Some(window) => drop(window.ended().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = closed => {}
            () = interrupts.next() => {}
        }
    }

    /// Ends everything and waits for it.
    pub(super) async fn strike(self, screen: &Screen) {
        if let (Some(run), Ok(client)) = (self.run, self.client()) {
            match tokio::time::timeout(RUN_END, end_run(&client, run)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the run could not be ended"),
                Err(_) => screen.line("the run did not end; its agents are ended all the same"),
            }
        }
        if let Some(window) = self.window {
            window.stop().await;
        }
        futures::future::join_all(self.agents.into_iter().map(Child::stop)).await;
        if let Some(session) = self.session {
            session.close().await;
        }
        if let Some(shop) = self.shop {
            let served = shop.served();
            shop.shutdown().await;
            tracing::debug!(served, "the shop is closed");
        }
    }

    fn client(&self) -> Result<Client, CliError> {
        match &self.session {
            Some(session) => Ok(session.client.clone()),
            None => Err(CliError::Interrupted),
        }
    }
}

/// Ends a run that is not over, by force.
async fn end_run(client: &Client, id: RunId) -> Result<(), CliError> {
    if client.run(id).await?.state.is_final() {
        return Ok(());
    }
    client.stop(id, true).await?;
    let mut events = client.run_events(id).await?;
    while let Some(event) = events.next().await? {
        if matches!(event, Event::Run { run } if run.state.is_final()) {
            return Ok(());
        }
    }
    Ok(())
}

fn agent_program(args: &DemoArgs) -> Result<PathBuf, CliError> {
    let program = match &args.agent_bin {
        Some(program) => program.clone(),
        None => {
            let own = std::env::current_exe();
            let own = own.map_err(|cause| CliError::System {
                action: "find this program",
                cause,
            })?;
            own.with_file_name(platform::program("bfgg-agent"))
        }
    };
    if program.is_file() {
        return std::path::absolute(&program).map_err(|e| CliError::file("find", &program, e));
    }
    Err(CliError::Demo {
        what: format!("the agent's program {} is not there", program.display()),
        hint: "name it with --agent-bin FILE".to_owned(),
        output: String::new(),
    })
}

/// The first agent gets the token by flag, the others by environment.
fn start_agent(
    program: &std::path::Path,
    number: u32,
    token: &str,
    folders: &Folders,
) -> Result<Child, CliError> {
    let folder = folders.agent(number);
    let settings = folder.join("agent.toml");
    std::fs::create_dir_all(&folder).map_err(|e| CliError::file("create", &folder, e))?;
    std::fs::write(&settings, "").map_err(|e| CliError::file("write", &settings, e))?;

    let mut command = Command::new(program);
    // Settings of this computer's own agent are none of the demo's.
    for key in bfgg_config::Setting::inherited() {
        command.env_remove(key);
    }
    command
        .arg("--config")
        .arg(&settings)
        .current_dir(&folder)
        .env("BFGG_DATA_DIR", &folder)
        .env("BFGG_NAME", format!("demo-{number}"))
        .env("BFGG_LISTEN", "127.0.0.1:0")
        .env("BFGG_DISCOVERY", "off")
        .env("BFGG_EPHEMERAL", "on")
        .env("TESTS_LOCATION", folders.builds())
        .env("BFGG_ALLOW_FILE", "1");
    if number == 1 {
        command.args(["--join", token]);
    } else {
        command.env("BFGG_JOIN", token);
    }
    Child::start(
        &format!("agent demo-{number}"),
        command,
        &folder.join("agent.log"),
    )
}

/// The demo goes on without a window that does not start.
fn open_window(
    program: &std::path::Path,
    client: &Client,
    run: &Run,
    folders: &Folders,
    screen: &Screen,
) -> Option<Child> {
    let mut command = Command::new(program);
    command
        .env("BFGG_CONTROLLER", client.url())
        .env("BFGG_TOKEN", client.token())
        .arg("--run")
        .arg(run.id.to_string());
    let log = folders.root().join("window.log");
    match Child::start("the window", command, &log) {
        Ok(window) => Some(window),
        Err(error) => {
            screen.line(format!("no window: {error}"));
            None
        }
    }
}
