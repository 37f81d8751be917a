//! Why a controller could not start, or not do what it was asked.

use std::path::PathBuf;

use bfgg_net::NetError;

/// A controller that could not start.
#[derive(Debug, thiserror::Error)]
pub enum ControllerError {
    /// A file or folder of the data folder cannot be used.
    #[error("cannot {action} {}: {cause}", path.display())]
    Folder {
        /// What was tried ("create", "read", "write").
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The system's reason.
        cause: std::io::Error,
    },
    /// Another controller owns the data folder.
    #[error(
        "another controller (process {pid}, {url}) uses the data folder {}; stop it, or choose \
         another folder with --data-dir", folder.display()
    )]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// The other's process id.
        pid: u32,
        /// The other's API.
        url: String,
    },
    /// The key that belongs to this controller's peer id is not to be had.
    #[error(
        "the key of this controller ({peer}) is kept in {place}, and cannot be read: {cause}. \
         Unlock it and start again; or give the controller a new key with `bfgg identity move` \
         (its agents then have to join again)"
    )]
    IdentityLocked {
        /// The peer id.
        peer: String,
        /// Where the key should be.
        place: String,
        /// Why it is not there.
        cause: String,
    },
    /// The database cannot be used.
    #[error("the database {} cannot be used: {cause}", path.display())]
    Database {
        /// Its file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The API's address cannot be used.
    #[error(
        "cannot serve the HTTP API at {address}: {cause}; choose another with --http HOST:PORT"
    )]
    Http {
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// The network node could not start.
    #[error("{0}; choose another port with --listen PORT")]
    Net(#[from] NetError),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes for a secret: {0}")]
    NoRandomness(String),
}

/// Something the API was asked that cannot be done: becomes the API's error JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} {hint}")]
pub struct Refused {
    /// What kind of refusal.
    pub kind: RefusedKind,
    /// A stable word for programs, listed in docs/errors.md.
    pub code: &'static str,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// The kinds of refusal, as HTTP knows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedKind {
    /// 400: a field is not acceptable.
    BadInput,
    /// 404: no such agent, run or file.
    NotFound,
    /// 409: not now.
    Conflict,
    /// 502: an agent did not do it.
    Agent,
    /// 500: the controller could not do it.
    Internal,
}

impl Refused {
    /// A refusal of any kind.
    pub fn new(
        kind: RefusedKind,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            code,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// No such agent.
    pub(crate) fn no_agent(id: impl std::fmt::Display) -> Self {
        let message = format!("There is no agent {id} here.");
        Self::new(
            RefusedKind::NotFound,
            "agent-unknown",
            message,
            "GET /api/v1/agents lists them.",
        )
    }

    /// No such run.
    pub(crate) fn no_run(id: impl std::fmt::Display) -> Self {
        let message = format!("There is no run {id} here.");
        Self::new(
            RefusedKind::NotFound,
            "run-unknown",
            message,
            "GET /api/v1/runs lists them.",
        )
    }

    /// No such saved test.
    pub(crate) fn no_test(id: impl std::fmt::Display) -> Self {
        let message = format!("There is no test {id} here.");
        let hint = "GET /api/v1/tests lists them; was it deleted meanwhile?";
        Self::new(RefusedKind::NotFound, "test-unknown", message, hint)
    }

    /// No such snapshot of a folder.
    pub(crate) fn no_source(id: impl std::fmt::Display) -> Self {
        let message = format!("There is no snapshot {id} here (any more).");
        let hint = "Send the folder's list of files by POST /api/v1/sources.";
        Self::new(RefusedKind::NotFound, "source-unknown", message, hint)
    }

    /// The controller is ending.
    pub(crate) fn closing() -> Self {
        let message = "The controller is shutting down.";
        Self::new(
            RefusedKind::Conflict,
            "shutting-down",
            message,
            "Start it again.",
        )
    }
}
