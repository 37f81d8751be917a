//! Tasks and their results, by id: kept for a day, across restarts, so that no task is done twice.

use bfgg_protocol::{PeerId, TaskId, TaskOutcome, TaskResult};
use serde::{Deserialize, Serialize};

/// How long a result is kept, ms.
const KEPT_MS: u64 = 24 * 3600 * 1000;
/// At most this many tasks are kept, whatever a controller sends.
const MAX_TASKS: usize = 2000;
/// Tasks told in a heartbeat.
const TOLD: usize = 16;

/// A task is its controller's: two controllers never see each other's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TaskKey {
    pub(crate) controller: PeerId,
    pub(crate) task: TaskId,
}

/// What kind of work a task in progress is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Prepare,
    Start,
    Stop,
    Other,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Entry {
    #[serde(flatten)]
    key: TaskKey,
    kind: Kind,
    at_ms: u64,
    result: Option<TaskResult>,
}

/// All tasks, the oldest first.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ledger {
    entries: Vec<Entry>,
    #[serde(skip)]
    changed: bool,
}

impl Ledger {
    /// `None` for an unknown task, `Some(None)` for one in progress.
    pub(crate) fn look_up(&self, key: &TaskKey) -> Option<Option<&TaskResult>> {
        self.entries
            .iter()
            .find(|entry| entry.key == *key)
            .map(|entry| entry.result.as_ref())
    }

    /// A task was begun, and is done if there is a result.
    pub(crate) fn enter(
        &mut self,
        key: TaskKey,
        kind: Kind,
        at_ms: u64,
        result: Option<TaskResult>,
    ) {
        self.entries
            .retain(|entry| entry.result.is_none() || entry.at_ms.saturating_add(KEPT_MS) > at_ms);
        if self.entries.len() >= MAX_TASKS
            && let Some(oldest) = self.entries.iter().position(|entry| entry.result.is_some())
        {
            self.entries.remove(oldest);
        }
        self.entries.push(Entry {
            key,
            kind,
            at_ms,
            result,
        });
        self.changed = true;
    }

    /// A task ended.
    pub(crate) fn finish(&mut self, key: &TaskKey, result: TaskResult) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == *key) {
            entry.result = Some(result);
            self.changed = true;
        }
    }

    /// All tasks of a kind that are in progress end with a result.
    pub(crate) fn finish_all(&mut self, kind: Kind, result: &TaskResult) {
        for entry in &mut self.entries {
            if entry.kind == kind && entry.result.is_none() {
                entry.result = Some(result.clone());
                self.changed = true;
            }
        }
    }

    /// The newest tasks of a controller, newest last.
    pub(crate) fn outcomes(&self, controller: &PeerId) -> Vec<TaskOutcome> {
        let own = self
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.key.controller == *controller);
        let mut newest: Vec<TaskOutcome> = own.take(TOLD).map(Entry::outcome).collect();
        newest.reverse();
        newest
    }

    /// Whether there is something to save; asking clears it.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}

impl Entry {
    fn outcome(&self) -> TaskOutcome {
        let succeeded = self
            .result
            .as_ref()
            .map(|result| !matches!(result, TaskResult::Failed(_)));
        TaskOutcome {
            task: self.key.task,
            succeeded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(controller: &str) -> TaskKey {
        TaskKey {
            controller: PeerId::new(controller),
            task: TaskId::new(),
        }
    }

    #[test]
    fn results_outlive_a_restart_and_a_day_ends_them() {
        let mut ledger = Ledger::default();
        let (old, open) = (key("a"), key("a"));
        ledger.enter(old.clone(), Kind::Other, 0, Some(TaskResult::Done));
        ledger.enter(open.clone(), Kind::Prepare, 0, None);
        let text = serde_json::to_string(&ledger).unwrap();
        let mut ledger: Ledger = serde_json::from_str(&text).unwrap();
        assert_eq!(ledger.look_up(&old), Some(Some(&TaskResult::Done)));
        assert_eq!(ledger.look_up(&open), Some(None));
        assert_eq!(
            ledger.look_up(&TaskKey {
                controller: PeerId::new("b"),
                ..old.clone()
            }),
            None
        );
        ledger.enter(key("a"), Kind::Other, KEPT_MS + 1, Some(TaskResult::Done));
        assert_eq!(ledger.look_up(&old), None);
        assert_eq!(
            ledger.look_up(&open),
            Some(None),
            "what is in progress stays"
        );
    }

    #[test]
    fn a_heartbeat_tells_a_controllers_own_newest_tasks() {
        let mut ledger = Ledger::default();
        let keys: Vec<TaskKey> = (0..20).map(|_| key("a")).collect();
        for key in &keys {
            ledger.enter(key.clone(), Kind::Other, 0, None);
        }
        ledger.enter(key("b"), Kind::Other, 0, None);
        ledger.finish(&keys[19], TaskResult::Done);
        let told = ledger.outcomes(&PeerId::new("a"));
        assert_eq!(told.len(), TOLD);
        assert_eq!((told[0].task, told[0].succeeded), (keys[4].task, None));
        assert_eq!(
            (told[15].task, told[15].succeeded),
            (keys[19].task, Some(true))
        );
        for _ in 0..2 * MAX_TASKS {
            ledger.enter(key("c"), Kind::Other, 0, Some(TaskResult::Done));
        }
        assert_eq!(ledger.entries.len(), MAX_TASKS);
    }
}
