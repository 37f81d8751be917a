use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::names::first_of;

/// How often each error message came. Beyond a limit of distinct ones the longest are counted
/// together: which these are is a property of the union of all logs, and those shown are whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// By their length, bytes.
    counts: BTreeMap<usize, BTreeMap<String, u64>>,
    distinct: usize,
    other: u64,
    /// Length and text of the first that is not counted by itself.
    beyond: Option<(usize, String)>,
}

impl Messages {
    /// Counts a message `times` times.
    pub(crate) fn add(&mut self, message: &str, times: u64, limit: usize) {
        let length = message.len();
        let alike = self.counts.get_mut(&length);
        if let Some(count) = alike.and_then(|alike| alike.get_mut(message)) {
            *count = count.saturating_add(times);
            return;
        }
        if self.is_beyond(length, message) {
            self.other = self.other.saturating_add(times);
            return;
        }
        let alike = self.counts.entry(length).or_default();
        alike.insert(message.to_owned(), times);
        self.distinct += 1;
        while self.distinct > limit {
            self.give_way();
        }
    }

    fn is_beyond(&self, length: usize, message: &str) -> bool {
        let beyond = self.beyond.as_ref();
        beyond.is_some_and(|(at, text)| (length, message) >= (*at, text.as_str()))
    }

    /// The last one is counted with the others from here on.
    fn give_way(&mut self) {
        let Some(mut longest) = self.counts.last_entry() else {
            return;
        };
        let length = *longest.key();
        if let Some((message, count)) = longest.get_mut().pop_last() {
            self.other = self.other.saturating_add(count);
            self.beyond = Some((length, message));
            self.distinct -= 1;
        }
        if longest.get().is_empty() {
            longest.remove();
        }
    }

    pub(crate) fn merge(&mut self, more: &Self, limit: usize) {
        self.beyond = first_of(self.beyond.take(), more.beyond.clone());
        while let Some((length, message)) = self.last()
            && self.is_beyond(length, message)
        {
            let beyond = self.beyond.take();
            self.give_way();
            self.beyond = beyond;
        }
        for (message, count) in more.sorted() {
            self.add(message, count, limit);
        }
        self.other = self.other.saturating_add(more.other);
    }

    fn last(&self) -> Option<(usize, &str)> {
        let (length, alike) = self.counts.last_key_value()?;
        Some((*length, alike.last_key_value()?.0))
    }

    /// The messages with how often each came: the most frequent first, then by the alphabet.
    #[must_use]
    pub fn sorted(&self) -> Vec<(&str, u64)> {
        let alike = self.counts.values().flatten();
        let mut sorted: Vec<_> = alike
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
        let counts = self.counts.values().flatten();
        counts.map(|(_, count)| count).sum::<u64>() + self.other
    }
}
