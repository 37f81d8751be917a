//! One agent.

use std::collections::VecDeque;
use std::time::Duration;

use bfgg_net::Address;
use bfgg_protocol::{
    AgentPhase, AgentState, Health, InstanceId, Machine, PeerId, RegistrationRequest, RunId,
    Toolchains,
};
use tokio::sync::watch;

use super::link::Link;
use crate::api::types::{Agent, Kept, Liveness, Run, Trust};
use crate::clock::{ClockHistory, Now, Offset};
use crate::store::{AdmittedAgent, IgnoredAgent};

const SUSPECT: Duration = Duration::from_secs(3);
const LOST: Duration = Duration::from_secs(12);
/// Earlier starts that are remembered to tell a restart from a clone.
const MAX_RETIRED: usize = 8;
/// A beat of an earlier start may come late, after the agent's next one has registered; what beats on
/// for this long is another machine.
const LATE: Duration = Duration::from_secs(2);
/// So long after an earlier start was last heard the other machine is taken for gone.
const APART: Duration = Duration::from_secs(60);
const CLONED: &str = "Two machines have this identity (a copied image?); neither is used. Run \
                      `bfgg-agent identity reset` on one of them.";
/// An agent's clock is measured at its first heartbeat, and again after as many as these.
const CLOCK_EVERY: u64 = 60;
/// While it is not known it is tried as often: over a poor link the first heartbeats may not come.
const CLOCK_SOON: u64 = 5;
/// Names, groups and labels come from outside: longer ones are cut.
const MAX_TEXT: usize = 200;

/// Who has an agent.
#[derive(Debug)]
struct Held {
    run: RunId,
    /// Wall time in ms since 1970.
    since_ms: u64,
}

/// Another machine with the same identity, as far as is known.
#[derive(Debug)]
struct Twin {
    first: Duration,
    last: Duration,
    certain: bool,
}

/// What the controller knows of an agent.
#[derive(Debug)]
pub(crate) struct Record {
    /// As the API shows it.
    pub(crate) view: Agent,
    pub(crate) connected: bool,
    pub(crate) ephemeral: bool,
    /// The group this controller has set.
    pub(crate) set_group: Option<String>,
    /// Where the controller dials it, if it was added by hand.
    pub(crate) dial: Option<Address>,
    /// Its newest heartbeat, for those who wait for a change.
    pub(crate) state: watch::Sender<Option<AgentState>>,
    /// The run of this controller that has it, known before the agent tells its lease.
    held: Option<Held>,
    instance: Option<InstanceId>,
    /// Earlier instances, the newest last: none of them ever beats again, unless the identity was
    /// cloned.
    retired: VecDeque<InstanceId>,
    twin: Option<Twin>,
    /// The view has changed with the twin.
    news: bool,
    sequence: u64,
    heard: Option<Duration>,
    link: Link,
    clock: ClockHistory,
    /// Its clock is being measured.
    measuring: bool,
}

impl Record {
    pub(super) fn new(id: PeerId) -> Self {
        let view = Agent {
            short_id: id.short().to_owned(),
            id,
            name: String::new(),
            group: String::new(),
            labels: Vec::new(),
            address: String::new(),
            trust: Trust::Pending,
            ignored: false,
            remark: String::new(),
            liveness: Liveness::Lost,
            last_seen_ms: 0,
            phase: AgentPhase::Available,
            step: String::new(),
            lease: None,
            failure: None,
            version: String::new(),
            machine: Machine::default(),
            toolchains: Toolchains::default(),
            kept: None,
            health: Health::default(),
            clock: None,
        };
        Self {
            view,
            connected: false,
            ephemeral: false,
            set_group: None,
            dial: None,
            state: watch::channel(None).0,
            held: None,
            instance: None,
            retired: VecDeque::new(),
            twin: None,
            news: false,
            sequence: 0,
            heard: None,
            link: Link::default(),
            clock: ClockHistory::default(),
            measuring: false,
        }
    }

    pub(super) fn known(agent: AdmittedAgent) -> Self {
        let mut record = Self::new(agent.peer);
        record.view.name = agent.name;
        record.view.group = agent.group.clone().unwrap_or_default();
        record.view.trust = Trust::Admitted;
        record.set_group = agent.group;
        record.dial = agent.dial.and_then(|address| address.parse().ok());
        record
    }

    pub(super) fn ignored(agent: IgnoredAgent) -> Self {
        let mut record = Self::new(agent.peer);
        record.view.name = agent.name;
        record.view.ignored = true;
        // Until it says what it is, admitting it would mean nothing to it.
        record.view.trust = Trust::NeedsToken;
        record
    }

    /// One of this controller's agents from now on.
    pub(crate) fn admit(&mut self) {
        self.view.trust = Trust::Admitted;
        self.view.ignored = false;
        self.view.remark = String::new();
    }

    /// What one that is not admitted waits for; empty for an admitted one.
    pub(crate) fn waits_for(&self) -> &'static str {
        match self.view.trust {
            Trust::Admitted => "",
            Trust::Pending => "It trusts this controller and waits to be admitted.",
            Trust::NeedsCode => "It trusts no controller yet: pair it by the code that it shows.",
            Trust::NeedsToken => "It trusts no controller yet: start it with the join token.",
        }
    }

    /// What is kept of an admitted agent.
    pub(crate) fn admitted(&self) -> AdmittedAgent {
        AdmittedAgent {
            peer: self.view.id.clone(),
            name: self.view.name.clone(),
            group: self.set_group.clone(),
            dial: self.dial.as_ref().map(ToString::to_string),
        }
    }

    pub(super) fn introduce(&mut self, address: &Address, said: &RegistrationRequest, now: Now) {
        self.connected = true;
        self.ephemeral = said.ephemeral;
        self.heard = Some(now.mono);
        self.view.address = address.to_string();
        self.view.name = cut(&said.name);
        self.view.group = self.set_group.clone().unwrap_or_else(|| cut(&said.group));
        self.view.labels = said
            .labels
            .iter()
            .take(32)
            .map(|label| cut(label))
            .collect();
        self.view.version = cut(&said.software);
        self.view.machine = said.machine.clone();
        self.view.toolchains = said.toolchains.clone();
        self.view.liveness = Liveness::Alive;
        self.view.last_seen_ms = now.wall_ms;
        self.begin_instance(said.instance, now);
    }

    /// What there is to remark on an agent that may be used else.
    pub(super) fn remark(&self) -> &'static str {
        if self.is_cloned() { CLONED } else { "" }
    }

    /// What there is to say of a poor link.
    pub(super) fn poor_link(&self) -> Option<String> {
        // A clock is known to half of the time that the quickest answer took.
        let clock = self.view.clock.as_ref();
        self.link
            .remark(clock.map(|clock| 2.0 * clock.uncertainty_ms))
    }

    fn is_cloned(&self) -> bool {
        self.twin.as_ref().is_some_and(|twin| twin.certain)
    }

    /// An earlier start is heard, or comes back.
    fn sees_twin(&mut self, comes_back: bool, now: Now) {
        let twin = self.twin.get_or_insert(Twin {
            first: now.mono,
            last: now.mono,
            certain: false,
        });
        twin.last = now.mono;
        let certain = comes_back || now.mono.saturating_sub(twin.first) >= LATE;
        if certain && !twin.certain {
            twin.certain = true;
            self.view.remark = CLONED.to_owned();
            self.news = true;
        }
    }

    fn begin_instance(&mut self, instance: InstanceId, now: Now) {
        if self.instance == Some(instance) {
            return;
        }
        if self.retired.contains(&instance) {
            self.sees_twin(true, now);
        }
        if let Some(old) = self.instance.replace(instance) {
            self.retired.push_back(old);
            if self.retired.len() > MAX_RETIRED {
                self.retired.pop_front();
            }
        }
        self.sequence = 0;
        self.link.begins();
    }

    /// Takes a heartbeat, unless it is an old one that came late. Returns it if it counts.
    pub(super) fn heard(&mut self, mut state: AgentState, now: Now) -> Option<AgentState> {
        if self.instance != Some(state.instance) {
            if self.retired.contains(&state.instance) {
                self.sees_twin(false, now);
            }
            // A restarted agent registers before its beats count.
            return None;
        }
        if state.sequence <= self.sequence {
            return None;
        }
        self.sequence = state.sequence;
        self.heard = Some(now.mono);
        self.link.heard(now.mono);
        // Whoever looks at it, as a stop rule on the CPU does, sees figures that can be.
        state.health = state.health.bounded();
        let view = &mut self.view;
        view.last_seen_ms = now.wall_ms;
        view.liveness = Liveness::Alive;
        view.name = cut(&state.name);
        view.group = self.set_group.clone().unwrap_or_else(|| cut(&state.group));
        view.phase = state.phase;
        view.step = cut(&state.step);
        view.lease = state.lease.clone();
        view.failure = state.failure.clone();
        view.health = state.health.clone();
        view.kept = state.kept.as_ref().map(|kept| Kept {
            runs: kept.runs,
            bytes: kept.bytes,
        });
        self.state.send_replace(Some(state.clone()));
        Some(state)
    }

    /// Whether its clock is to be measured now, after a heartbeat: at the first one and then and when.
    pub(crate) fn wants_clock(&mut self) -> bool {
        let every = match self.view.clock {
            Some(_) => CLOCK_EVERY,
            None => CLOCK_SOON,
        };
        let wants = self.sequence % every == 1 && !self.measuring;
        self.measuring |= wants;
        wants
    }

    /// Its clock was measured, or could not be. If it has jumped, by how much, µs.
    pub(crate) fn clock_measured(&mut self, offset: Option<Offset>) -> Option<i64> {
        self.measuring = false;
        let jump = self.clock.add(offset?);
        self.view.clock = self.clock.clock();
        jump
    }

    /// Time passes; returns whether there is news to show.
    pub(super) fn age(&mut self, now: Now) -> bool {
        let gone = |twin: &Twin| now.mono.saturating_sub(twin.last) > APART;
        if self.twin.as_ref().is_some_and(gone) {
            if self.is_cloned() && self.view.remark == CLONED {
                self.view.remark.clear();
                self.news = true;
            }
            self.twin = None;
        }
        let news = std::mem::take(&mut self.news);
        self.lives(now) || news
    }

    /// Returns whether the liveness has changed.
    fn lives(&mut self, now: Now) -> bool {
        let Some(silence) = self.silent_for(now) else {
            return false;
        };
        if silence >= LOST {
            self.link.begins();
        }
        let liveness = match silence {
            _ if self.view.trust != Trust::Admitted && self.connected => Liveness::Alive,
            silence if silence >= LOST => Liveness::Lost,
            silence if silence >= SUSPECT => Liveness::Suspect,
            _ => Liveness::Alive,
        };
        std::mem::replace(&mut self.view.liveness, liveness) != liveness
    }

    /// How long nothing was heard; `None` if never anything was.
    pub(super) fn silent_for(&self, now: Now) -> Option<Duration> {
        self.heard.map(|heard| now.mono.saturating_sub(heard))
    }

    /// Gives the agent to a run of this controller, or takes it back.
    pub(super) fn hold(&mut self, run: &Run, works: bool) {
        if works {
            self.held = Some(Held {
                run: run.id,
                since_ms: run.created_ms,
            });
        } else if self.held.as_ref().is_some_and(|held| held.run == run.id) {
            self.held = None;
        }
    }

    /// Whether a run, maybe of another controller, has the agent.
    pub(crate) fn is_busy(&self) -> bool {
        self.held.is_some() || self.view.lease.is_some()
    }

    /// Why the agent cannot take a run, if it cannot.
    pub(crate) fn unusable(&self) -> Option<String> {
        let view = &self.view;
        if view.trust != Trust::Admitted {
            return Some("is not admitted".into());
        }
        if self.is_cloned() {
            return Some("shares its identity with another machine".into());
        }
        if !view.remark.is_empty() {
            return Some(format!("cannot be used: {}", view.remark));
        }
        match view.liveness {
            Liveness::Alive => {}
            Liveness::Suspect => return Some("has not been heard for 3 s".into()),
            Liveness::Lost if view.last_seen_ms == 0 => {
                return Some("has not been heard since the controller's start".into());
            }
            Liveness::Lost => return Some("is lost".into()),
        }
        if let Some(lease) = &view.lease {
            let since = crate::clock::wall_text(lease.since_ms);
            let of = match lease.controller_name.as_str() {
                "" => String::new(),
                name => format!(" of {name}"),
            };
            return Some(format!("is busy: run {}{of} since {since}", lease.run));
        }
        if let Some(Held { run, since_ms }) = &self.held {
            let since = crate::clock::wall_text(*since_ms);
            return Some(format!("is busy: run {run} since {since}"));
        }
        if self.state.borrow().is_none() {
            return Some("has registered but not yet sent its state".into());
        }
        match view.phase {
            AgentPhase::Available | AgentPhase::Error => None,
            _ => Some("is busy".into()),
        }
    }
}

fn cut(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(MAX_TEXT)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Now {
        Now {
            mono: Duration::from_secs(seconds),
            wall_ms: seconds * 1000,
        }
    }

    #[test]
    fn a_late_beat_is_no_twin_and_a_twin_that_is_gone_is_forgotten() {
        let mut record = Record::new(PeerId::new("a"));
        let (old, new) = (InstanceId::new(), InstanceId::new());
        record.begin_instance(old, at(0));
        record.begin_instance(new, at(10));
        // What was under way when the agent was restarted.
        record.sees_twin(false, at(10));
        record.sees_twin(false, at(11));
        assert!(!record.is_cloned());
        record.age(at(80));
        for seconds in 100..103 {
            record.sees_twin(false, at(seconds));
        }
        assert!(record.is_cloned() && record.age(at(103)));
        assert_eq!(record.remark(), CLONED);
        assert!(!record.age(at(104)));
        assert!(record.age(at(163)) && !record.is_cloned());
        assert_eq!(record.view.remark, "");
        // The old one registers again, beside the new one.
        record.begin_instance(old, at(200));
        assert!(record.is_cloned());
    }

    #[test]
    fn figures_of_the_machine_are_bounded_before_anyone_looks() {
        let mut record = Record::new(PeerId::new("a"));
        let instance = InstanceId::new();
        record.begin_instance(instance, at(0));
        let state = AgentState {
            sequence: 1,
            health: Health {
                cpu_percent: f32::NAN,
                steal_percent: 1e9,
                ..Health::default()
            },
            ..AgentState::available(instance, "lab-1")
        };
        let heard = record.heard(state, at(1)).unwrap();
        for health in [&heard.health, &record.view.health] {
            assert_eq!((health.cpu_percent, health.steal_percent), (0.0, 100.0));
        }
    }
}
