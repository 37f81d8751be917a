//! `bfgg access`

use bfgg_config::ControllerConfig;
use bfgg_controller::api::types::Rights;
use jiff::tz::TimeZone;

use crate::args::AccessCommand;
use crate::connection;
use crate::error::{CliError, exit};
use crate::terminal;
use crate::view;

/// What lets in goes to standard output alone, so that it can be piped.
pub(crate) async fn access(
    config: &ControllerConfig,
    command: AccessCommand,
) -> Result<u8, CliError> {
    let client = connection::find(config).await?;
    match command {
        AccessCommand::Link { read_only } => {
            let rights = if read_only { Rights::Read } else { Rights::All };
            let link = client.login_link(rights).await?;
            eprintln!("lets one browser in, once, within 15 minutes:");
            for url in link.urls {
                terminal::out_line(url)?;
            }
        }
        AccessCommand::Tokens => {
            let tokens = client.api_tokens().await?;
            terminal::out(view::api_tokens(
                &tokens,
                &TimeZone::system(),
                terminal::width(),
            ))?;
        }
        AccessCommand::Add { name } => {
            let made = client.add_api_token(&name).await?;
            eprintln!(
                "reads agents, runs and results, shown this once; {}/#token=TOKEN opens the page with it:",
                client.url()
            );
            terminal::out_line(made.secret)?;
        }
        AccessCommand::Remove { id } => {
            client.remove_api_token(&id).await?;
            terminal::out_line(format!("removed {}", view::printable(&id)))?;
        }
    }
    Ok(exit::OK)
}
