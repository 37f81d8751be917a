//! `bfgg tests`

use bfgg_config::ControllerConfig;
use jiff::tz::TimeZone;

use crate::connection;
use crate::error::{CliError, exit};
use crate::terminal;
use crate::view;

pub(crate) async fn tests(config: &ControllerConfig) -> Result<u8, CliError> {
    let client = connection::find(config).await?;
    let tests = client.tests().await?;
    terminal::out(view::tests(&tests, &TimeZone::system(), terminal::width()))?;
    Ok(exit::OK)
}
