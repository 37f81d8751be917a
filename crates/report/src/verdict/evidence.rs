use super::{Proof, Seen, Watch};

/// What is known of a run. Times are ms after the start instant.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Its agents, in any order.
    pub agents: Vec<AgentEvidence>,
    /// The moment at which a run in progress is judged; `None` once it has ended.
    pub now_ms: Option<u64>,
    /// The agents' first users apart, ms.
    pub spread_ms: Option<u64>,
    /// Requests in all logs together; `None` while the run goes on.
    pub requests: Option<u64>,
    /// Its requests/s.
    pub rates: Option<Rates>,
    /// Signs in the errors of all agents together, where it is not known whose they are.
    pub signs: Vec<Seen>,
}

/// What is known of one agent.
#[derive(Debug, Clone, Default)]
pub struct AgentEvidence {
    /// Its label.
    pub name: String,
    /// The load of its machine; `None` where nobody was to tell it, as for logs copied by hand.
    pub watch: Option<Watch>,
    /// Up to when it made load, so far; `None` if that is not known.
    pub until_ms: Option<u64>,
    /// When it was not heard, in the order of time.
    pub absences: Vec<Absence>,
    /// Its load ended before it should.
    pub ended_early: Option<EndedEarly>,
    /// Steps of its clock.
    pub clock_jumps: Vec<ClockJump>,
    /// Signs of exhausted resources in its errors and its output.
    pub signs: Vec<Seen>,
    /// Its log lacks what Gatling had not written yet when it was stopped on request, and nothing else.
    pub cut_by_stop: bool,
    /// What proves that its log is whole; `None` while the run goes on.
    pub proof: Option<Proof>,
}

/// A time in which an agent was not heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Absence {
    /// When it was heard last.
    pub from_ms: u64,
    /// When it was back; `None` if it was not.
    pub to_ms: Option<u64>,
}

/// A load that ended before it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedEarly {
    /// When, if that is known.
    pub at_ms: Option<u64>,
    /// How, as a clause: "Gatling was killed by signal 9".
    pub how: String,
    /// What to do, as a sentence.
    pub remedy: String,
}

/// A step of an agent's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ClockJump {
    /// When it was seen.
    pub at_ms: u64,
    /// Forward, or back if negative, ms.
    pub by_ms: i64,
}

/// Requests/s of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// Requests.
    pub requests: u64,
    /// How long the whole run was, ms.
    pub whole_ms: u64,
    /// While all agents made load: requests/s, and how long that was in ms; `None` if they never did
    /// for a whole second.
    pub steady: Option<(f64, u64)>,
}
