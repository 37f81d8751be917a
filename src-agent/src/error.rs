//! What keeps the agent from starting, as sentences.

use std::path::PathBuf;

/// Why the agent could not start, or one of its commands could not be done.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] bfgg_config::ConfigError),
    /// The network.
    #[error("{source}{}", port_hint(.source))]
    Net {
        /// Why.
        #[from]
        source: bfgg_net::NetError,
    },
    /// A join token.
    #[error("the join token cannot be used: {0}")]
    Token(#[from] bfgg_protocol::TokenError),
    /// A peer id.
    #[error("{0}; a controller shows its peer id with `bfgg token`")]
    Peer(#[from] bfgg_net::IdentityError),
    /// An address of a controller.
    #[error("CONTROLLER_HOST: {0}")]
    Address(#[from] bfgg_net::AddressError),
    /// The identity is damaged or gone.
    #[error(
        "the identity of this agent cannot be used: {cause}. Bring {} back, or make a new \
         identity with `bfgg-agent identity reset` (its controllers must then admit it again)",
        .key.display()
    )]
    Identity {
        /// The key's file.
        key: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// Another agent has the folder.
    #[error(
        "another agent uses {}: give each agent a folder of its own (BFGG_DATA_DIR, RESULTS_FOLDER)",
        .0.display()
    )]
    FolderInUse(PathBuf),
    /// A file or folder of the agent.
    #[error("{}: {cause}", .path.display())]
    Disk {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Anything else of the system.
    #[error("{what}: {cause}")]
    System {
        /// What was tried.
        what: &'static str,
        /// Why not.
        cause: std::io::Error,
    },
    /// A controller to leave that was not joined.
    #[error(
        "this agent has not joined {0}; `bfgg-agent identity` lists the controllers it has joined"
    )]
    NotJoined(String),
}

fn port_hint(error: &bfgg_net::NetError) -> &'static str {
    match error {
        bfgg_net::NetError::Listen { .. } => {
            "; name another port with --listen, or end the program that uses it"
        }
        _ => "",
    }
}

impl AgentError {
    pub(crate) fn disk(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |cause| Self::Disk { path, cause }
    }
}
