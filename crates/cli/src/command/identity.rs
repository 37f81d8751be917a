//! `bfgg identity`

use bfgg_config::ControllerConfig;

use crate::connection;
use crate::error::{CliError, exit};
use crate::terminal;

/// Forgets the key that belongs to the data folder; the old record stays beside.
pub(crate) async fn move_key(config: &ControllerConfig) -> Result<u8, CliError> {
    if let Some(file) = &config.identity_file {
        return Err(CliError::Input(format!(
            "the key is the file {} (BFGG_IDENTITY_FILE): name another file there, or delete it",
            file.display()
        )));
    }
    if let Some(url) = connection::running(config).await? {
        return Err(CliError::Input(format!(
            "the controller {url} runs on this data folder: stop it first"
        )));
    }
    let folder = config.data_folder.display();
    terminal::out_line(match bfgg_controller::move_identity(&config.data_folder)? {
        Some(peer) => format!(
            "{peer} is set aside in {folder}; the next start makes a new key, and all agents have to join again"
        ),
        None => format!("there is no key in {folder}; the next start makes one"),
    })?;
    Ok(exit::OK)
}
