//! A failure as the user reads it: where, what, why and what to do.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// Why something an agent was asked to do could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct Failure {
    /// A stable word for programs.
    pub code: FailureCode,
    /// What the agent was doing ("clone", "build", "start").
    pub phase: String,
    /// What went wrong, and with what, in one sentence.
    pub message: String,
    /// What to do next.
    #[serde(default)]
    pub hint: String,
    /// The lines of output that matter, if any (the first failing line first).
    #[serde(default)]
    pub detail: String,
}

impl Failure {
    /// A failure without output to show.
    pub fn new(
        code: FailureCode,
        phase: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            code,
            phase: phase.into(),
            message: message.into(),
            hint: hint.into(),
            detail: String::new(),
        }
    }

    /// The same failure with lines of output beside it.
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.phase, self.message)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        Ok(())
    }
}

/// The stable code of a [`Failure`]; `docs/errors.md` explains each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureCode {
    /// The repository's URL has a scheme that is not allowed, or begins with `-`.
    UrlRefused,
    /// The ssh host key of the repository is not known to the agent's user.
    HostKeyUnknown,
    /// The repository does not exist, cannot be reached or asks for a login.
    RepositoryUnreachable,
    /// The branch, tag or commit is not in the repository.
    RefUnknown,
    /// No pom.xml and no build.sbt where one was expected.
    NoBuildFile,
    /// The build tool itself (mvn, sbt) is not on the agent.
    NoBuildTool,
    /// The build failed.
    BuildFailed,
    /// The project has no simulation.
    NoSimulation,
    /// The project has several simulations and none was named.
    SeveralSimulations,
    /// The class named is not a simulation of the project.
    UnknownSimulation,
    /// The agent has no JDK.
    NoJdk,
    /// The JDK is older than the project or Gatling needs.
    JdkTooOld,
    /// git is not on the agent.
    NoGit,
    /// Less free space than the reserve.
    DiskFull,
    /// A parameter, Java option or other field was refused.
    BadInput,
    /// The JVM did not start, or Gatling ended with status 1.
    GatlingFailed,
    /// A phase took longer than its deadline.
    TimedOut,
    /// The task was stopped on request.
    Stopped,
    /// The agent's supervisor or a file of the run is gone.
    RunLost,
    /// Another run, maybe of another controller, has the agent.
    Busy,
    /// The agent is not heard any more, or does not answer.
    AgentLost,
    /// A file of the run could not be fetched whole.
    CollectFailed,
    /// No log has anything to report on.
    NoResult,
    /// Anything else: the message says what.
    Internal,
}
