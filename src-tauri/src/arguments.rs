//! The command line of the app.

use bfgg_protocol::RunId;
use clap::Parser;

use crate::link::FormLink;
use crate::place::Place;

/// The BFG-G desktop app: a window on a controller.
#[derive(Debug, Clone, PartialEq, Eq, Parser)]
#[command(name = "bfgg-desktop", version)]
pub(crate) struct Arguments {
    /// Show this run at once
    #[arg(long, value_name = "ID", conflicts_with = "link")]
    pub(crate) run: Option<RunId>,
    /// A bfgg:// link: shows the run form filled in, and starts nothing
    #[arg(value_name = "LINK")]
    pub(crate) link: Option<String>,
}

impl Arguments {
    /// What the window is to show; none where nothing is asked for, or the link says nothing.
    pub(crate) fn place(&self) -> Option<Place> {
        if let Some(run) = self.run {
            return Some(Place::Run(run));
        }
        // It comes from anywhere: the app is shown whatever it says.
        match FormLink::parse(self.link.as_deref()?) {
            Ok(link) => Some(Place::Form(link)),
            Err(error) => {
                tracing::warn!(%error, "a link was left aside");
                None
            }
        }
    }
}
