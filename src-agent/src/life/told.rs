//! What a heartbeat tells of the agent's life.

use bfgg_protocol::{AgentState, Failure, InstanceId, PeerId};

use super::{Life, State};

/// Bytes of a failure's text in a heartbeat; the task's result has all of it.
const TOLD_DETAIL: usize = 2200;

impl Life {
    /// The heartbeat for one controller, but for what the sender fills in (number, load).
    pub(crate) fn told(&self, controller: &PeerId, instance: InstanceId, name: &str) -> AgentState {
        let (live, probe) = match &self.state {
            State::Started(started) => (started.live.clone(), started.probe.clone()),
            _ => (None, None),
        };
        let step = match &self.state {
            State::Preparing { stopping: true, .. } => "stopping".to_owned(),
            State::Preparing { step, .. } => step.clone(),
            State::Started(started) => match started.quiet_s {
                Some(seconds) => format!(
                    "no new data for {seconds} s: Gatling's process is there but says nothing"
                ),
                None => started.doing.clone(),
            },
            _ => String::new(),
        };
        let failure = match &self.state {
            State::Error(failure) => Some(brief(failure)),
            _ => None,
        };
        let mut ended = self.kept.ended.get(controller.as_str()).cloned();
        if let Some(failure) = ended.as_mut().and_then(|end| end.failure.as_mut()) {
            *failure = brief(failure);
        }
        AgentState {
            group: self.group().to_owned(),
            phase: self.phase(),
            step,
            lease: self.lease().cloned(),
            failure,
            tasks: self.ledger.outcomes(controller),
            live,
            probe,
            kept: self.unconfirmed.told(controller),
            ended,
            ..AgentState::available(instance, name)
        }
    }
}

/// A failure as a heartbeat has room for.
fn brief(failure: &Failure) -> Failure {
    let cut = |text: &str| {
        let mut end = text.len().min(TOLD_DETAIL);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text[..end].to_owned()
    };
    Failure {
        code: failure.code,
        phase: cut(&failure.phase),
        message: cut(&failure.message),
        hint: cut(&failure.hint),
        detail: cut(&failure.detail),
    }
}
