//! What an agent's machine is and has.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The machine an agent runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Machine {
    /// Operating system and its version, as shown ("Debian GNU/Linux 12").
    pub os: String,
    /// Processor architecture ("x86_64").
    pub arch: String,
    /// Logical processors.
    pub cores: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
}

/// The tools an agent found at its last look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Toolchains {
    /// Every JDK found; the first is the one used when nothing else is asked.
    #[serde(default)]
    pub jdks: Vec<Jdk>,
    /// `git --version`, without the word "git version"; empty if there is none.
    #[serde(default)]
    pub git: String,
    /// Build tools found on the path.
    #[serde(default)]
    pub build_tools: Vec<BuildTool>,
}

/// One Java development kit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Jdk {
    /// Its JAVA_HOME on the agent.
    pub home: String,
    /// The full version ("17.0.15").
    pub version: String,
    /// The feature version (17).
    pub feature: u32,
    /// Who built it ("Debian", "Eclipse Adoptium").
    pub vendor: String,
}

/// A build tool on the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct BuildTool {
    /// Its command ("mvn", "sbt").
    pub name: String,
    /// Its version, if it could be read.
    pub version: String,
    /// The path of the command.
    pub path: String,
}
