//! Why the app could not start or go on.

use bfgg_config::ConfigError;
use bfgg_controller::ControllerError;
use bfgg_net::AddressError;

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
}
