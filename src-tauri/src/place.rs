//! What the window shows: a page's route.

use bfgg_protocol::RunId;

use crate::link::FormLink;

/// A page that can be asked for from outside of the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A run.
    Run(RunId),
    /// The run form, filled in.
    Form(FormLink),
}

impl Place {
    /// The fragment of the page's address, without `#`.
    pub(crate) fn fragment(&self) -> String {
        match self {
            Self::Run(run) => format!("/runs/{run}"),
            Self::Form(link) => format!("/run?{}", link.query()),
        }
    }
}
