//! A controller in this process, and agents as processes, each behind a network of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bfgg_controller::{Controller, Settings};
use bfgg_protocol::JoinToken;
use serde_json::Value;

use crate::api::Api;
use crate::process::{Agent, Programs};
use crate::project;
use crate::proxy::Proxy;
use crate::wait::{seconds, until};

/// A controller and all that belongs to it. Gone at its end, with every process.
pub struct Cluster {
    /// The way to the controller's API.
    pub api: Api,
    /// The fake project.
    pub url: String,
    /// The programs.
    pub programs: Programs,
    settings: Settings,
    controller: Option<Controller>,
    token: JoinToken,
    at: tempfile::TempDir,
}

/// An agent and the network between it and the controller.
pub struct Remote {
    /// The agent.
    pub agent: Agent,
    /// Its network.
    pub proxy: Proxy,
}

impl Cluster {
    /// A controller on loopback.
    pub async fn start(programs: Programs) -> Self {
        Self::with(programs, |_| {}).await
    }

    /// The same, with settings of its own.
    pub async fn with(programs: Programs, change: impl FnOnce(&mut Settings)) -> Self {
        let at = tempfile::tempdir().unwrap();
        let mut settings = Settings::apart(at.path().join("controller"));
        change(&mut settings);
        let controller = Controller::start(settings.clone()).await.unwrap();
        let api = Api::of(&controller);
        let token: JoinToken = api.token().await.parse().unwrap();
        let address: SocketAddr = token.addresses[0].parse().unwrap();
        // The same address after a restart, so that the agents find it.
        settings.port = address.port();
        settings.port_may_move = false;
        let url = project::repository(&at.path().join("repository"));
        Self {
            api,
            url,
            programs,
            settings,
            controller: Some(controller),
            token,
            at,
        }
    }

    /// A folder for whatever is needed.
    pub fn folder(&self) -> &Path {
        self.at.path()
    }

    /// The controller's data.
    pub fn data(&self) -> PathBuf {
        self.settings.data_dir.clone()
    }

    /// Where agents reach the controller.
    pub fn address(&self) -> SocketAddr {
        self.token.addresses[0].parse().unwrap()
    }

    /// The join token with another address.
    pub fn token_by(&self, address: SocketAddr) -> String {
        self.token_with(&[address])
    }

    /// The same with several.
    pub fn token_with(&self, addresses: &[SocketAddr]) -> String {
        let mut token = self.token.clone();
        token.addresses = addresses.iter().map(ToString::to_string).collect();
        token.to_string()
    }

    /// An agent that is not started yet, behind a network of its own.
    pub async fn remote(&self, name: &str) -> Remote {
        let proxy = Proxy::to(self.address()).await;
        let token = self.token_by(proxy.address());
        let agent = Agent::new(&self.at.path().join(name), name, &token, &self.programs);
        Remote { agent, proxy }
    }

    /// Agents that have joined and are free.
    pub async fn remotes(&self, names: &[&str]) -> Vec<Remote> {
        let mut remotes = Vec::new();
        for name in names {
            let mut remote = self.remote(name).await;
            remote.agent.start();
            remotes.push(remote);
        }
        self.api.available(names.len(), seconds(60)).await;
        remotes
    }

    /// Ends the controller, and starts it again in the same place.
    pub async fn restart(&mut self) {
        self.end().await;
        self.begin().await;
    }

    /// Ends the controller.
    pub async fn end(&mut self) {
        if let Some(controller) = self.controller.take() {
            controller.shutdown().await;
        }
    }

    /// Starts the controller again.
    pub async fn begin(&mut self) {
        let controller = Controller::start(self.settings.clone()).await.unwrap();
        self.api = Api::of(&controller);
        self.controller = Some(controller);
    }

    /// Waits until each agent of a run has written something.
    pub async fn under_load(&self, run: &str, remotes: &[Remote]) {
        until("load of all agents", seconds(60), async || {
            let slow = remotes
                .iter()
                .find(|r| r.agent.written(run).requests() == 0);
            match slow {
                None => Ok(()),
                Some(slow) => Err(format!(
                    "{}: {:#}",
                    slow.agent.name,
                    self.api.run(run).await
                )),
            }
        })
        .await;
    }

    /// That the result has each request that was written once, and so have the live figures.
    pub async fn assert_exact(&self, run: &Value, remotes: &[&Remote]) {
        let (requests, summary) = self.assert_counted(run, remotes).await;
        let live = run["live"]["times"]["count"].as_u64();
        assert_eq!(live, Some(requests), "{run:#}");
        // Histograms of the live figures are compared with those of the logs: a difference is noted.
        let notes = summary["notes"].as_array().unwrap();
        let differs = |note: &&Value| note.to_string().contains("its live figures");
        assert_eq!(notes.iter().filter(differs).count(), 0, "{notes:?}");
    }

    /// That the result has each request that was written once. The requests, and the result.
    pub async fn assert_counted(&self, run: &Value, remotes: &[&Remote]) -> (u64, Value) {
        let id = run["id"].as_str().unwrap();
        let written: Vec<_> = remotes.iter().map(|r| r.agent.written(id)).collect();
        let (ok, ko) = written
            .iter()
            .fold((0, 0), |(ok, ko), one| (ok + one.ok, ko + one.ko));
        let summary = self.api.get(&format!("/runs/{id}/summary")).await;
        let rows = summary["rows"].as_array().unwrap();
        let all = rows.iter().find(|row| row["kind"] == "all").unwrap();
        assert_eq!(
            (
                all["ok"].as_u64(),
                all["ko"].as_u64(),
                all["total"].as_u64()
            ),
            (Some(ok), Some(ko), Some(ok + ko)),
            "{all:#}\n{run:#}"
        );
        (ok + ko, summary)
    }
}
