//! Flags that are settings: the first of the layers in `bfgg-config`.

use std::path::PathBuf;

use bfgg_config::Flags;
use clap::Args;

/// Settings that every command takes. `bfgg config` shows all of them.
#[derive(Debug, Clone, Default, Args)]
pub struct SettingsFlags {
    /// Settings file [default: bfgg.toml in the user's settings folder]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Settings")]
    pub config: Option<PathBuf>,
    /// API of a running controller, for example http://127.0.0.1:7411; its token is taken from BFGG_TOKEN
    #[arg(long, value_name = "URL", global = true, help_heading = "Settings")]
    pub controller: Option<String>,
    /// Folder of everything that is kept
    #[arg(long, value_name = "DIR", global = true, help_heading = "Settings")]
    pub data_dir: Option<String>,
    /// The label agents see
    #[arg(long, global = true, help_heading = "Settings")]
    pub name: Option<String>,
    /// Port for agents; 127.0.0.1:PORT for this computer only
    #[arg(
        long,
        value_name = "[IP:]PORT",
        global = true,
        help_heading = "Settings"
    )]
    pub listen: Option<String>,
    /// Address of the page and the API; port 0 picks a free one
    #[arg(
        long,
        value_name = "[IP:]PORT",
        global = true,
        help_heading = "Settings"
    )]
    pub http: Option<String>,
    /// host:port for the join token; may be repeated
    #[arg(
        long,
        value_name = "HOST:PORT",
        global = true,
        help_heading = "Settings"
    )]
    pub advertise: Vec<String>,
    /// File with the controller's key, for a lasting identity in CI
    #[arg(long, value_name = "FILE", global = true, help_heading = "Settings")]
    pub identity_file: Option<String>,
    /// Do not look for agents by mDNS
    #[arg(long, global = true, help_heading = "Settings")]
    pub no_discovery: bool,
    /// Keep the controller's key in a file, not in the system's keychain
    #[arg(long, global = true, help_heading = "Settings")]
    pub no_keychain: bool,
    /// error, warn, info, debug, trace or off
    #[arg(long, value_name = "LEVEL", global = true, help_heading = "Settings")]
    pub log_level: Option<String>,
    /// text or json
    #[arg(long, value_name = "FORMAT", global = true, help_heading = "Settings")]
    pub log_format: Option<String>,
}

impl SettingsFlags {
    /// As the first layer of the settings.
    pub fn layer(&self) -> Flags {
        let mut flags = Flags::default();
        flags.set("--controller", "BFGG_CONTROLLER", self.controller.as_ref());
        flags.set("--data-dir", "BFGG_DATA_DIR", self.data_dir.as_ref());
        flags.set("--name", "BFGG_NAME", self.name.as_ref());
        flags.set("--listen", "BFGG_LISTEN", self.listen.as_ref());
        flags.set("--http", "BFGG_HTTP", self.http.as_ref());
        flags.words("--advertise", "BFGG_ADVERTISE", &self.advertise);
        flags.set(
            "--identity-file",
            "BFGG_IDENTITY_FILE",
            self.identity_file.as_ref(),
        );
        flags.switch("--no-discovery", "BFGG_DISCOVERY", self.no_discovery, false);
        flags.switch("--no-keychain", "BFGG_KEYCHAIN", self.no_keychain, false);
        flags.set("--log-level", "LOG_LEVEL", self.log_level.as_ref());
        flags.set("--log-format", "BFGG_LOG_FORMAT", self.log_format.as_ref());
        flags
    }
}
