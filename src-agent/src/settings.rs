//! What the agent is told: the settings of `bfgg-config`, checked and made into our own types.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_clock::Clock;
use bfgg_config::AgentConfig;
use bfgg_net::{Address, Listen};
use bfgg_protocol::JoinToken;

use crate::AgentError;
use crate::keeping::Keep;
use crate::prepare::Places;
use crate::toolchain::Named;

/// The port at which controllers listen.
const CONTROLLER_PORT: u16 = 7410;
/// Bytes of the disk that stay free.
const RESERVE: u64 = 1 << 30;

/// How to run an agent.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Folder of everything that is kept.
    pub data_folder: PathBuf,
    /// The label controllers show.
    pub name: String,
    /// Its group; empty for none.
    pub group: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Where controllers come in.
    pub listen: Listen,
    /// Whether mDNS runs.
    pub discovery: bool,
    /// Controllers to join at the start.
    pub join: Vec<JoinToken>,
    /// Addresses of controllers, besides those in tokens.
    pub controller_hosts: Vec<Address>,
    /// Projects, runs, and what is allowed.
    pub places: Places,
    /// Forgotten by the controller 10 minutes after the end.
    pub ephemeral: bool,
    /// It ends once no controller is there for so long and no run goes on.
    pub end_alone: Option<Duration>,
    /// Whether Gatling gets our probe.
    pub probe: bool,
    /// Loopback address of the health page.
    pub health: Option<SocketAddr>,
    /// This program, to be re-executed as supervisor.
    pub program: PathBuf,
    /// What tells the time.
    pub clock: Clock,
}

impl Settings {
    /// Checks what the configuration says.
    pub fn new(config: &AgentConfig) -> Result<Self, AgentError> {
        let join = config.join.iter().map(|token| token.reveal().parse());
        let hosts = config.controller_hosts.iter();
        let program = std::env::current_exe().map_err(|cause| AgentError::System {
            what: "this program's own path",
            cause,
        })?;
        Ok(Self {
            data_folder: absolute(&config.data_folder)?,
            name: config.name.clone(),
            group: config.group.clone(),
            labels: config.labels.clone(),
            listen: Listen {
                port: config.listen.port,
                fall_back: !config.listen.named,
                loopback: config.listen.loopback,
            },
            discovery: config.discovery,
            join: join.collect::<Result<_, _>>()?,
            controller_hosts: hosts
                .map(|host| Address::parse(host, CONTROLLER_PORT))
                .collect::<Result<_, _>>()?,
            places: Places {
                projects: absolute(&config.tests_location)?,
                results: absolute(&config.results_folder)?,
                allow_file: config.allow_file,
                reserve: RESERVE,
                keep: Keep {
                    age: Duration::from_secs(u64::from(config.keep_days) * 24 * 3600),
                    bytes: u64::from(config.keep_gb) * 1_000_000_000,
                },
                named: Named {
                    java_home: config.java_home.clone(),
                    sbt_launch: config.sbt_launch.clone(),
                },
            },
            ephemeral: config.ephemeral,
            end_alone: config.end_alone,
            probe: config.probe,
            health: config.health,
            program,
            clock: Clock::start(),
        })
    }
}

/// Gatling, mvn and git run in other folders: no path may depend on ours.
fn absolute(path: &Path) -> Result<PathBuf, AgentError> {
    std::path::absolute(path).map_err(AgentError::disk(path))
}
