use std::collections::{BTreeMap, HashMap};

use gatling_log::NameId;
use serde::{Deserialize, Serialize};

use crate::check::{LONGEST_TEXT, Unacceptable};

/// Of all messages together, bytes.
const TEXT: usize = 16 << 20;

/// How often each error message came. Beyond a limit of distinct ones, or 16 MiB of text, the rest
/// is counted together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    counts: BTreeMap<String, u64>,
    other: u64,
}

impl Messages {
    pub(crate) fn merge(&mut self, more: &Self, limit: usize) {
        let mut text: usize = self.counts.keys().map(String::len).sum();
        for (message, times) in more.sorted() {
            if let Some(count) = self.counts.get_mut(message) {
                *count = count.saturating_add(times);
            } else if self.counts.len() < limit && text.saturating_add(message.len()) <= TEXT {
                text += message.len();
                self.counts.insert(message.to_owned(), times);
            } else {
                self.other = self.other.saturating_add(times);
            }
        }
        self.other = self.other.saturating_add(more.other);
    }

    pub(crate) fn check(&self, limit: usize) -> Result<(), Unacceptable> {
        if self.counts.len() > limit {
            return Err(Unacceptable("too many messages"));
        }
        if self.counts.keys().any(|text| text.len() > LONGEST_TEXT) {
            return Err(Unacceptable("a message that is too long"));
        }
        Ok(())
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
        let counts = self.counts.values();
        counts.fold(self.other, |a, b| a.saturating_add(*b))
    }
}

/// The messages of one log while they are counted.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    /// Where a message is counted, by its id; those that share a text share the place.
    places: Vec<Place>,
    known: HashMap<String, usize>,
    counts: Vec<u64>,
    other: u64,
}

/// Where a message is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    /// Not looked for yet.
    #[default]
    Unknown,
    /// Nowhere: there is nothing in it.
    Empty,
    Count(usize),
    Other,
}

impl Counting {
    /// Counts a message; `text` tells that of `id`, of the same log always.
    #[inline]
    pub(crate) fn add<'a>(&mut self, id: NameId, text: impl FnOnce() -> &'a str, limit: usize) {
        let place = match self.places.get(id.index()) {
            Some(place) if *place != Place::Unknown => *place,
            _ => self.find(id, text(), limit),
        };
        match place {
            Place::Count(place) => self.counts[place] += 1,
            Place::Other => self.other += 1,
            Place::Empty | Place::Unknown => {}
        }
    }

    #[cold]
    fn find(&mut self, id: NameId, text: &str, limit: usize) -> Place {
        if id.index() >= self.places.len() {
            self.places.resize(id.index() + 1, Place::Unknown);
        }
        // Gatling trims them, in Java's sense.
        let text = text.trim_matches(|c| c <= ' ');
        let place = match self.known.get(text) {
            _ if text.is_empty() => Place::Empty,
            Some(place) => Place::Count(*place),
            None if self.counts.len() < limit => {
                self.known.insert(text.to_owned(), self.counts.len());
                self.counts.push(0);
                Place::Count(self.counts.len() - 1)
            }
            None => Place::Other,
        };
        self.places[id.index()] = place;
        place
    }

    /// What was counted since the last time.
    pub(crate) fn take(&mut self) -> Messages {
        let counted = self.known.iter().map(|(text, place)| {
            let count = std::mem::take(&mut self.counts[*place]);
            (text.clone(), count)
        });
        Messages {
            counts: counted.filter(|(_, count)| *count > 0).collect(),
            other: std::mem::take(&mut self.other),
        }
    }
}
