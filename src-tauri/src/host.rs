//! The controller behind the window.

use std::path::PathBuf;

use serde::Serialize;

use crate::error::Error;

/// What the app needs to know before anything starts.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The controller's data folder, if it is not the default one.
    pub(crate) other_folder: Option<PathBuf>,
}

/// Reads the settings of app and controller.
pub(crate) fn settings() -> Result<Settings, Error> {
    Ok(Settings {
        other_folder: std::env::var_os("BFGG_DATA_DIR").map(PathBuf::from),
    })
}

/// Where the controller answers and what lets the page in. The page asks for it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Connection {
    /// Origin of its HTTP API, without a trailing slash.
    pub(crate) url: String,
    /// Bearer token.
    pub(crate) token: String,
}

/// The page's only command.
#[tauri::command]
pub(crate) fn connection(connection: tauri::State<'_, Connection>) -> Connection {
    connection.inner().clone()
}

/// The controller that the window shows.
pub(crate) struct Host {
    connection: Connection,
}

impl Host {
    /// Finds the controller.
    pub(crate) async fn open(_settings: Settings) -> Result<Self, Error> {
        let url = std::env::var("BFGG_CONTROLLER");
        let connection = Connection {
            url: url.unwrap_or_else(|_| "http://127.0.0.1:7411".to_owned()),
            token: std::env::var("BFGG_TOKEN").unwrap_or_default(),
        };
        Ok(Self { connection })
    }

    /// Where it answers.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Whether it ends with the app.
    pub(crate) fn is_own(&self) -> bool {
        false
    }

    /// Ends it, if it is the app's own.
    pub(crate) async fn close(self) {}
}
