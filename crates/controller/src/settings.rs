//! How a controller is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use bfgg_clock::Clock;
use bfgg_config::VerdictLimits;
use bfgg_net::{Address, Transport};

use crate::local_agent;

/// Everything a controller needs to know before it starts. The command line and the desktop app
/// fill it from their settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The controller's label: the host's name unless set.
    pub name: String,
    /// Where runs, the database and the identity are kept.
    pub data_dir: PathBuf,
    /// What carries the connections of agents: TCP, unless all of them are in this process.
    pub transport: Transport,
    /// The TCP port for agents; 0 picks a free one.
    pub port: u16,
    /// If that port is taken, use a free one with a warning (a port the user did not name).
    pub port_may_move: bool,
    /// Listen for agents on loopback only.
    pub loopback: bool,
    /// Whether mDNS runs.
    pub discovery: bool,
    /// Where the HTTP API listens; port 0 picks a free one.
    pub http: SocketAddr,
    /// If the API's port is taken, use a free one with a warning.
    pub http_may_move: bool,
    /// The API's bearer token; a new one each start unless set.
    pub token: Option<String>,
    /// A key file that outlives the data folder, for CI; it is made if it does not exist.
    pub identity_file: Option<PathBuf>,
    /// Whether the operating system's keychain may hold the key.
    pub keychain: bool,
    /// Addresses for the join token, if this machine's own are not those to be used.
    pub advertise: Vec<Address>,
    /// From where on something speaks against a run's figures.
    pub verdict: VerdictLimits,
    /// The program of an agent on this computer: `bfgg-agent` beside this program or on the PATH.
    pub agent_program: Option<PathBuf>,
    /// Whether an agent on this computer that was wanted at the end of a controller is started again.
    pub keep_local_agent: bool,
    /// What tells the time.
    pub clock: Clock,
}

impl Settings {
    /// As [`Settings::new`], for a controller that meets no other one: free ports of the loopback, no
    /// mDNS, no keychain.
    pub fn apart(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            port: 0,
            loopback: true,
            discovery: false,
            http: SocketAddr::from(([127, 0, 0, 1], 0)),
            keychain: false,
            ..Self::new(data_dir)
        }
    }

    /// Settings for a data folder, with the defaults of everything else: ports 7410 and 7411 on
    /// this machine, which may move.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            name: "controller".into(),
            data_dir: data_dir.into(),
            transport: Transport::Tcp,
            port: 7410,
            port_may_move: true,
            loopback: false,
            discovery: true,
            http: SocketAddr::from(([127, 0, 0, 1], 7411)),
            http_may_move: true,
            token: None,
            identity_file: None,
            keychain: true,
            advertise: Vec::new(),
            verdict: VerdictLimits::default(),
            agent_program: local_agent::program(),
            keep_local_agent: false,
            clock: Clock::start(),
        }
    }
}
