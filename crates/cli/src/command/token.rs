//! `bfgg token`

use bfgg_config::ControllerConfig;

use crate::connection;
use crate::error::{CliError, exit};
use crate::terminal;

/// The command alone goes to standard output, so that it can be piped.
pub(crate) async fn token(config: &ControllerConfig, rotate: bool) -> Result<u8, CliError> {
    let client = connection::find(config).await?;
    let join = if rotate {
        client.rotate().await?
    } else {
        client.join().await?
    };
    eprintln!("on each machine that shall run Gatling (the token admits whoever has it):");
    terminal::out_line(join.command)?;
    Ok(exit::OK)
}
