//! Why the app could not start or go on.

use bfgg_config::ConfigError;
use bfgg_controller::ControllerError;
use bfgg_controller::api::types::ApiError;
use bfgg_net::AddressError;
use bfgg_source::SourceError;

/// What went wrong, in words for the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The window system, or a part of Tauri.
    #[error("the window could not be opened: {0}. Is there a display?")]
    Window(#[from] tauri::Error),
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// An address in BFGG_ADVERTISE is wrong.
    #[error("BFGG_ADVERTISE: {0}")]
    Advertise(#[from] AddressError),
    /// The controller could not start.
    #[error(transparent)]
    Controller(#[from] ControllerError),
    /// A controller was named without its token.
    #[error(
        "BFGG_CONTROLLER names {url}, but BFGG_TOKEN is not set: set it to that controller's API token"
    )]
    NoToken {
        /// The controller's address.
        url: String,
    },
    /// The controller's API could not be reached or answered with an error.
    #[error("the controller at {url} did not answer: {cause}")]
    Api {
        /// Its address.
        url: String,
        /// Why.
        cause: reqwest::Error,
    },
    /// The controller refused something.
    #[error("{} {}", .0.message, .0.hint)]
    Refused(ApiError),
    /// A folder cannot be sent.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A folder that is no file's.
    #[error("the folder that was chosen has no path on this computer: choose another one")]
    NoPath,
    /// The user ended it.
    #[error("the folder was not sent: it was stopped")]
    Stopped,
    /// A part of the app broke.
    #[error("the folder could not be sent: {0}")]
    Broke(#[from] tokio::task::JoinError),
}
