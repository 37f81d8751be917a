use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How often each error message came. Beyond a limit of distinct ones the rest is counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    counts: BTreeMap<String, u64>,
    other: u64,
}

impl Messages {
    /// Counts a message `times` times.
    pub(crate) fn add(&mut self, message: &str, times: u64, limit: usize) {
        if let Some(count) = self.counts.get_mut(message) {
            *count = count.saturating_add(times);
        } else if self.counts.len() < limit {
            self.counts.insert(message.to_owned(), times);
        } else {
            self.other = self.other.saturating_add(times);
        }
    }

    pub(crate) fn merge(&mut self, more: &Self, limit: usize) {
        for (message, count) in more.sorted() {
            self.add(message, count, limit);
        }
        self.other = self.other.saturating_add(more.other);
    }

    /// The messages with how often each came: the most frequent first, then by the alphabet.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, u64)> {
        let mut sorted: Vec<_> = self
            .counts
            .iter()
            .map(|(message, count)| (message.as_str(), *count))
            .collect();
        sorted.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
        sorted
    }

    /// How many came with a message beyond the limit.
    #[must_use]
    pub fn other(&self) -> u64 {
        self.other
    }

    /// How many came in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.other
    }
}
