//! The settings of `bfgg` and the desktop app.

use std::path::{Path, PathBuf};

use url::Url;

use crate::value::{self, Hidden, HttpListen, Listen, LogSettings};
use crate::{ConfigError, Flags, Program, Resolved, Sources};

/// What a controller and the commands that talk to one need to know.
#[derive(Debug, Clone)]
pub struct ControllerConfig {
    /// Folder of everything that is kept.
    pub data_folder: PathBuf,
    /// The label agents see.
    pub name: String,
    /// Where agents come in.
    pub listen: Listen,
    /// Whether mDNS runs.
    pub discovery: bool,
    /// Where page and API listen.
    pub http: HttpListen,
    /// The API's token; a new one is made if absent.
    pub token: Option<Hidden>,
    /// A file with the controller's key.
    pub identity_file: Option<PathBuf>,
    /// Whether the key may be kept in the system's keychain.
    pub keychain: bool,
    /// `host:port` addresses for the join token, as written; this machine's own if empty.
    pub advertise: Vec<String>,
    /// The API of a controller that runs elsewhere.
    pub controller: Option<Url>,
    /// Where `run` puts its results.
    pub results_folder: Option<PathBuf>,
    /// What is logged, and how.
    pub log: LogSettings,
    /// What the user should know about the settings.
    pub notes: Vec<String>,
}

impl ControllerConfig {
    /// Reads all layers. `file` is the one named by `--config`.
    pub fn load(flags: Flags, file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::new(&Resolved::new(&Sources::read(
            Program::Controller,
            flags,
            file,
        )?)?)
    }

    /// From settings already resolved.
    pub fn new(resolved: &Resolved) -> Result<Self, ConfigError> {
        let default_http = ([127, 0, 0, 1], 7411).into();
        Ok(Self {
            data_folder: resolved.data_folder()?,
            name: resolved.in_force("BFGG_NAME")?.unwrap_or_default(),
            listen: resolved.listen()?,
            discovery: resolved.switch("BFGG_DISCOVERY")?,
            http: HttpListen {
                address: resolved
                    .parsed("BFGG_HTTP", value::http)?
                    .unwrap_or(default_http),
                named: resolved.is_named("BFGG_HTTP"),
            },
            token: resolved.in_force("BFGG_TOKEN")?.map(Hidden::new),
            identity_file: resolved.path("BFGG_IDENTITY_FILE")?,
            keychain: resolved.switch("BFGG_KEYCHAIN")?,
            advertise: resolved.words("BFGG_ADVERTISE")?,
            controller: resolved.parsed("BFGG_CONTROLLER", value::url)?,
            results_folder: resolved.path("RESULTS_FOLDER")?,
            log: resolved.log()?,
            notes: resolved.notes().to_vec(),
        })
    }
}
