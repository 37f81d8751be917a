use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use gatling_log::NameId;
use serde::{Deserialize, Serialize};

use crate::check::{LONGEST_TEXT, Unacceptable};
use crate::names::first_of;

/// Of all messages together, bytes.
const TEXT: usize = 16 << 20;

/// How often each error message came. Beyond a limit of distinct ones, or 16 MiB of text, the longest
/// are counted together: which these are is a property of the union of all logs, and those shown are
/// whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Sent", into = "Sent")]
pub struct Messages {
    /// By their length, bytes.
    counts: BTreeMap<usize, BTreeMap<String, u64>>,
    distinct: usize,
    /// Bytes of their texts.
    text: usize,
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
        self.text += length;
        while self.distinct > limit || self.text > TEXT {
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
            self.text -= length;
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

    /// Whether those from elsewhere are such as are made here.
    pub(crate) fn check(&self, limit: usize) -> Result<(), Unacceptable> {
        if self.distinct > limit {
            return Err(Unacceptable("too many messages"));
        }
        let lengths = self.counts.keys().copied();
        let mut lengths = lengths.chain(self.beyond.iter().map(|(length, _)| *length));
        if lengths.any(|length| length > LONGEST_TEXT) {
            return Err(Unacceptable("a message that is too long"));
        }
        Ok(())
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
        counts.fold(self.other, |a, (_, b)| a.saturating_add(*b))
    }
}

/// As they are sent and stored.
#[derive(Serialize, Deserialize)]
struct Sent {
    counts: Vec<(String, u64)>,
    other: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beyond: Option<String>,
}

impl From<Messages> for Sent {
    fn from(messages: Messages) -> Self {
        Self {
            counts: messages.counts.into_values().flatten().collect(),
            other: messages.other,
            beyond: messages.beyond.map(|(_, text)| text),
        }
    }
}

impl From<Sent> for Messages {
    fn from(sent: Sent) -> Self {
        let mut messages = Self {
            other: sent.other,
            beyond: sent.beyond.map(|text| (text.len(), text)),
            ..Self::default()
        };
        for (message, count) in sent.counts {
            messages.add(&message, count, usize::MAX);
        }
        messages
    }
}

/// The messages of one log while they are counted.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    /// Where a message is counted, by its id; those that share a text share the place.
    places: Vec<Place>,
    /// By length and text those that are counted by themselves.
    known: BTreeMap<(usize, String), Own>,
    counts: Vec<u64>,
    other: u64,
    /// Length and text of the first that is not counted by itself.
    beyond: Option<(usize, String)>,
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

#[derive(Debug)]
struct Own {
    place: usize,
    /// Of the messages with this text.
    ids: Vec<usize>,
}

impl Counting {
    /// Counts a message; `text` tells that of `id`, of the same log always.
    #[inline]
    pub(crate) fn add(&mut self, id: NameId, text: impl FnOnce() -> String, limit: usize) {
        let place = match self.places.get(id.index()) {
            Some(place) if *place != Place::Unknown => *place,
            _ => self.find(id, &text(), limit),
        };
        match place {
            Place::Count(place) => self.counts[place] += 1,
            Place::Other => self.other += 1,
            Place::Empty | Place::Unknown => {}
        }
    }

    #[cold]
    fn find(&mut self, id: NameId, text: &str, limit: usize) -> Place {
        let id = id.index();
        if id >= self.places.len() {
            self.places.resize(id + 1, Place::Unknown);
        }
        let text = trimmed(text);
        let message = (text.len(), text.to_owned());
        let place = match self.known.get_mut(&message) {
            _ if text.is_empty() => Place::Empty,
            Some(own) => {
                own.ids.push(id);
                Place::Count(own.place)
            }
            None => self.new_place(id, message, limit),
        };
        self.places[id] = place;
        place
    }

    /// If there are as many as may be one has to give way: the last in their order, maybe this one.
    fn new_place(&mut self, id: usize, message: (usize, String), limit: usize) -> Place {
        if self
            .beyond
            .as_ref()
            .is_some_and(|beyond| message >= *beyond)
        {
            return Place::Other;
        }
        let place = if self.known.len() < limit {
            self.counts.push(0);
            self.counts.len() - 1
        } else {
            match self.known.pop_last() {
                Some((last, own)) if last > message => {
                    for id in own.ids {
                        self.places[id] = Place::Other;
                    }
                    self.other += std::mem::take(&mut self.counts[own.place]);
                    self.beyond = Some(last);
                    own.place
                }
                last => {
                    self.known.extend(last);
                    self.beyond = Some(message);
                    return Place::Other;
                }
            }
        };
        let ids = vec![id];
        self.known.insert(message, Own { place, ids });
        Place::Count(place)
    }

    /// Whether each is counted by itself.
    pub(crate) fn all_are_counted(&self) -> bool {
        self.beyond.is_none()
    }

    /// Puts the texts in place of what stands for them, after [all were counted](Self::all_are_counted).
    pub(crate) fn name<'a>(&mut self, text: impl Fn(&str) -> &'a str) {
        for ((_, number), own) in std::mem::take(&mut self.known) {
            let text = trimmed(text(&number));
            if text.is_empty() {
                continue;
            }
            match self.known.entry((text.len(), text.to_owned())) {
                Entry::Vacant(entry) => _ = entry.insert(own),
                Entry::Occupied(alike) => {
                    self.counts[alike.get().place] += self.counts[own.place];
                }
            }
        }
    }

    /// What was counted since the last time.
    pub(crate) fn take(&mut self) -> Messages {
        let mut messages = Messages {
            other: std::mem::take(&mut self.other),
            beyond: self.beyond.clone(),
            ..Messages::default()
        };
        for ((length, text), own) in &self.known {
            let count = std::mem::take(&mut self.counts[own.place]);
            if count > 0 {
                let alike = messages.counts.entry(*length).or_default();
                alike.insert(text.clone(), count);
                messages.distinct += 1;
                messages.text += length;
            }
        }
        messages
    }
}

/// Gatling trims messages, in Java's sense.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c| c <= ' ')
}
