//! What viewers see: one snapshot with a number, then one event at a time.

use std::sync::Arc;

use bfgg_protocol::{PeerId, RunId, TestId};

use super::Core;
use crate::api::types::{Event, Run, Test, Tick};

/// An event, serialised once for all viewers.
#[derive(Debug)]
pub(crate) struct Published {
    /// Counts the events of this start.
    pub(crate) sequence: u64,
    /// The event's JSON.
    pub(crate) json: String,
    /// The run it belongs to.
    pub(crate) run: Option<RunId>,
    /// Nothing comes after this event of that run.
    pub(crate) last: bool,
}

/// An event's JSON.
pub(crate) fn json(event: &Event) -> String {
    // Maps with string keys and finite floats: serialising cannot fail.
    serde_json::to_string(event).unwrap_or_default()
}

impl Core {
    fn publish(&mut self, event: &Event, run: Option<RunId>, last: bool) {
        self.sequence += 1;
        if self.viewers.receiver_count() == 0 {
            return;
        }
        let published = Published {
            sequence: self.sequence,
            json: json(event),
            run,
            last,
        };
        // Nobody listening is no error.
        let _ = self.viewers.send(Arc::new(published));
    }

    pub(super) fn publish_agent(&mut self, id: &PeerId) {
        if let Some(agent) = self.agents.view_of(id) {
            self.publish(
                &Event::Agent {
                    agent: Box::new(agent),
                },
                None,
                false,
            );
        }
    }

    pub(super) fn publish_agent_removed(&mut self, id: &PeerId) {
        self.publish(&Event::AgentRemoved { id: id.clone() }, None, false);
    }

    pub(super) fn publish_local_agent(&mut self) {
        let local_agent = Box::new(self.local_view.clone());
        self.publish(&Event::LocalAgent { local_agent }, None, false);
    }

    pub(super) fn publish_run(&mut self, run: Run) {
        let (id, last) = (run.id, run.state.is_final());
        self.publish(&Event::Run { run: Box::new(run) }, Some(id), last);
    }

    pub(super) fn publish_test(&mut self, test: Test) {
        self.publish(
            &Event::Test {
                test: Box::new(test),
            },
            None,
            false,
        );
    }

    pub(super) fn publish_test_removed(&mut self, id: TestId) {
        self.publish(&Event::TestRemoved { id }, None, false);
    }

    pub(super) fn publish_tick(&mut self, run: RunId, tick: Tick) {
        self.publish(&Event::Tick { run, tick }, Some(run), false);
    }
}
