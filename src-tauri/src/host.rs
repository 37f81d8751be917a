//! The controller behind the window: one that runs already, or the app's own.

use bfgg_config::{ControllerConfig, Flags};
use bfgg_controller::{Controller, ControllerError, Endpoint, Settings};
use bfgg_net::Address;
use serde::Serialize;

use crate::error::Error;

/// Reads the settings, the same ones that `bfgg` has.
pub(crate) fn config() -> Result<ControllerConfig, Error> {
    Ok(ControllerConfig::load(Flags::default(), None)?)
}

/// Where the controller answers and what lets the page in. The page asks for it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Connection {
    /// Origin of its HTTP API, without a trailing slash.
    pub(crate) url: String,
    /// Bearer token.
    pub(crate) token: String,
}

/// The page's command that lets it in.
#[tauri::command]
pub(crate) fn connection(connection: tauri::State<'_, Connection>) -> Connection {
    connection.inner().clone()
}

/// The controller that the window shows.
pub(crate) struct Host {
    connection: Connection,
    /// Present if it ends with the app.
    own: Option<Controller>,
}

impl Host {
    /// The controller named by BFGG_CONTROLLER, else the one that runs on the data folder, else a
    /// new one.
    pub(crate) async fn open(config: ControllerConfig) -> Result<Self, Error> {
        if let Some(url) = &config.controller {
            let url = url.as_str().trim_end_matches('/').to_owned();
            let Some(token) = &config.token else {
                return Err(Error::NoToken { url });
            };
            return Ok(Self::running(url, token.reveal().to_owned()));
        }
        match Controller::start(settings(&config)?).await {
            Ok(controller) => {
                let connection = Connection {
                    url: controller.url().trim_end_matches('/').to_owned(),
                    token: controller.token().to_owned(),
                };
                Ok(Self {
                    connection,
                    own: Some(controller),
                })
            }
            Err(error @ ControllerError::InUse { .. }) => {
                let Some(endpoint) = Endpoint::read(&config.data_folder) else {
                    return Err(error.into());
                };
                Ok(Self::running(endpoint.url, endpoint.token))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn running(url: String, token: String) -> Self {
        tracing::info!(url, "showing a controller that runs already");
        Self {
            connection: Connection { url, token },
            own: None,
        }
    }

    /// Where it answers.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether it ends with the app.
    pub(crate) fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Ends it, if it is the app's own.
    pub(crate) async fn close(self) {
        if let Some(controller) = self.own {
            controller.shutdown().await;
        }
    }
}

fn settings(config: &ControllerConfig) -> Result<Settings, Error> {
    let advertise = config
        .advertise
        .iter()
        .map(|text| Address::parse(text, 7410));
    Ok(Settings {
        name: config.name.clone(),
        port: config.listen.port,
        port_may_move: !config.listen.named,
        loopback: config.listen.loopback,
        discovery: config.discovery,
        http: config.http.address,
        http_may_move: !config.http.named,
        token: config.token.as_ref().map(|token| token.reveal().to_owned()),
        identity_file: config.identity_file.clone(),
        keychain: config.keychain,
        verdict: config.verdict,
        keep_local_agent: true,
        advertise: advertise.collect::<Result<_, _>>()?,
        ..Settings::new(&config.data_folder)
    })
}
