//! `bfgg config`

use bfgg_config::{Resolved, listing};

use crate::error::CliError;
use crate::terminal;

pub(crate) fn config(resolved: &Resolved) -> Result<u8, CliError> {
    terminal::out(listing(resolved)?)?;
    Ok(crate::error::exit::OK)
}
