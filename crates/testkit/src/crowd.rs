//! A controller and any number of agents that are mere nodes, all in this process. Its memory carries
//! their connections.

use bfgg_controller::{Controller, Settings};
use bfgg_net::Transport;
use futures::future::join_all;

use crate::api::Api;
use crate::node::{FakeAgent, Says};
use crate::wait::{seconds, until};

/// A controller and its agents.
#[derive(Debug)]
pub struct Crowd {
    /// The way to the controller's API.
    pub api: Api,
    /// The agents.
    pub agents: Vec<FakeAgent>,
    controller: Controller,
    _at: tempfile::TempDir,
}

impl Crowd {
    /// So many agents that have joined and are free. Each is as `says` says of its number.
    pub async fn gather(count: usize, says: impl Fn(usize) -> Says) -> Self {
        let at = tempfile::tempdir().unwrap();
        let controller = Controller::start(Settings {
            transport: Transport::Memory,
            port: 0,
            http: ([127, 0, 0, 1], 0).into(),
            discovery: false,
            keychain: false,
            ..Settings::new(at.path())
        });
        let controller = controller.await.unwrap();
        let api = Api::of(&controller);
        let token = api.token().await;
        let joining = (0..count).map(|number| {
            let says = Says {
                transport: Transport::Memory,
                ..says(number)
            };
            FakeAgent::join(&token, says)
        });
        let agents = join_all(joining).await;
        api.available(count, seconds(60)).await;
        Self {
            api,
            agents,
            controller,
            _at: at,
        }
    }

    /// Closes all connections at once, and waits until each has been made again.
    pub async fn cut(&self) {
        let before: Vec<_> = self.agents.iter().map(FakeAgent::connected_since).collect();
        join_all(self.agents.iter().map(FakeAgent::cut)).await;
        until("all connections", seconds(60), async || {
            let again = self.agents.iter().map(FakeAgent::connected_since);
            let missing = again.zip(&before).filter(|(now, then)| *now <= **then);
            match missing.count() {
                0 => Ok(()),
                missing => Err(format!("{missing} are missing")),
            }
        })
        .await;
    }

    /// Ends all of it.
    pub async fn end(self) {
        join_all(self.agents.into_iter().map(FakeAgent::end)).await;
        self.controller.shutdown().await;
    }
}
