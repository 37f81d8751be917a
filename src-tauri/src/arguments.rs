//! The command line of the app.

use bfgg_protocol::RunId;
use clap::Parser;

/// The BFG-G desktop app: a window on a controller.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(name = "bfgg-desktop", version)]
pub(crate) struct Arguments {
    /// Show this run at once
    #[arg(long, value_name = "ID")]
    pub(crate) run: Option<RunId>,
}
