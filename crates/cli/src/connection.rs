//! Which controller a command talks to.

use bfgg_config::ControllerConfig;
use bfgg_controller::{Controller, Endpoint, Settings};
use bfgg_net::Address;

use crate::client::Client;
use crate::error::CliError;

/// The controller named by `--controller`, else the one that runs on the data folder.
pub(crate) async fn find(config: &ControllerConfig) -> Result<Client, CliError> {
    match existing(config).await? {
        Some(client) => Ok(client),
        None => Err(CliError::NoController {
            data_folder: config.data_folder.clone(),
        }),
    }
}

/// The address of the controller that runs on the data folder.
pub(crate) async fn running(config: &ControllerConfig) -> Result<Option<String>, CliError> {
    Ok(on_data_folder(config)
        .await?
        .map(|client| client.url().to_owned()))
}

/// As [`find`], but `None` where no controller was named and none runs.
async fn existing(config: &ControllerConfig) -> Result<Option<Client>, CliError> {
    if let Some(url) = &config.controller {
        let url = url.as_str().trim_end_matches('/').to_owned();
        let Some(token) = &config.token else {
            return Err(CliError::NoToken { url });
        };
        return Client::new(&url, token.reveal()).map(Some);
    }
    on_data_folder(config).await
}

async fn on_data_folder(config: &ControllerConfig) -> Result<Option<Client>, CliError> {
    let Some(endpoint) = Endpoint::read(&config.data_folder) else {
        return Ok(None);
    };
    let client = Client::new(&endpoint.url, &endpoint.token)?;
    match client.info().await {
        Ok(_) => Ok(Some(client)),
        // controller.json was left behind by a controller that was killed.
        Err(CliError::Unreachable { cause, .. }) => {
            tracing::debug!(url = endpoint.url, cause, "controller.json is out of date");
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// A controller for the length of one command: one that runs, or one of its own.
pub(crate) struct Session {
    /// Talks to it.
    pub(crate) client: Client,
    own: Option<Controller>,
}

impl Session {
    /// Finds a controller, or starts one on the data folder.
    pub(crate) async fn open(config: &ControllerConfig) -> Result<Self, CliError> {
        match existing(config).await? {
            Some(client) => Ok(Self { client, own: None }),
            None => Self::start(settings(config)?).await,
        }
    }

    /// Starts one.
    pub(crate) async fn start(settings: Settings) -> Result<Self, CliError> {
        let controller = Controller::start(settings).await?;
        let client = Client::new(controller.url(), controller.token())?;
        Ok(Self {
            client,
            own: Some(controller),
        })
    }

    /// Whether the controller ends with the command.
    pub(crate) fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Waits until the command's own controller ends by itself; for ever where there is none.
    /// Cancel safe.
    pub(crate) async fn broken(&self) {
        match &self.own {
            Some(controller) => controller.ended().cancelled_owned().await,
            None => std::future::pending().await,
        }
    }

    /// Ends the controller, if it is the command's own.
    pub(crate) async fn close(self) {
        if let Some(controller) = self.own {
            controller.shutdown().await;
        }
    }
}

/// The controller's settings from the command line's.
pub(crate) fn settings(config: &ControllerConfig) -> Result<Settings, CliError> {
    let advertise = config
        .advertise
        .iter()
        .map(|text| Address::parse(text, 7410));
    let advertise: Result<Vec<_>, _> = advertise.collect();
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
        advertise: advertise.map_err(|error| CliError::Input(error.to_string()))?,
        ..Settings::new(&config.data_folder)
    })
}
