use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::cursor::Text;

/// What names read as for which there was no room.
pub(crate) const OTHER: &str = "(other names)";

/// The number of a name or message in one log, in order of first use, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub(crate) u32);

impl NameId {
    /// The id with this number.
    #[must_use]
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The number. Numbers have no gaps: they can index a list.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// How many names and messages a decoder keeps, so that no log can fill the memory. Those for which
/// there is no room read `(other names)`, all under one number; counts and times stay exact.
///
/// Gatling keeps all its names and messages in memory as well, so that a log of its own seldom gets
/// here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Distinct names and messages.
    pub names: usize,
    /// The bytes of all of them, in UTF-8.
    pub name_bytes: usize,
}

impl Default for Limits {
    /// 2^20 names in 64 MiB.
    fn default() -> Self {
        Self {
            names: 1 << 20,
            name_bytes: 64 << 20,
        }
    }
}

/// The names and messages of one log, each kept once.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// All of them, one after the other.
    text: String,
    /// Where each ends in `text`.
    ends: Vec<usize>,
    /// How many were pushed, with those for which there was no room.
    pushed: usize,
    /// Of a part of a log: what lies before it.
    before: Before,
    /// Whoever refers to an id below this one is right, as far as is known here.
    quick_below: u32,
    limits: Limits,
    /// Where to find a text: for text logs alone.
    index: HashTable<u32>,
    /// The id of the empty text, if it is in `index`: no message is what most records have.
    empty: Option<NameId>,
    hasher: DefaultHashBuilder,
}

/// What a part of a log cannot know: the names of what comes before it.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    /// How many there are, at most.
    names: usize,
    /// They may be fewer: the first new name tells.
    unsettled: bool,
    /// So many there must be, by what was referred to.
    least: usize,
}

/// How far a table was filled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pushed: usize,
    before: Before,
}

impl Names {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Of a part of a binary log, where any number of names may lie before it.
    pub(crate) fn of_part(limits: Limits) -> Self {
        let before = Before {
            names: limits.names,
            unsettled: true,
            least: 0,
        };
        let mut names = Self {
            before,
            ..Self::new(limits)
        };
        names.set_quick();
        names
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    /// How many there are, `(other names)` included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len() + usize::from(self.is_full())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pushed == 0
    }

    /// Whether there was no room for some: they are `(other names)`.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.pushed > self.ends.len()
    }

    /// The text of a name. Ids of another log give a wrong or an empty one, as do those of names
    /// that lie before a [part](crate::Decoder::part) of a log.
    #[must_use]
    pub fn get(&self, id: NameId) -> &str {
        let Some(index) = id.index().checked_sub(self.before.names) else {
            return "";
        };
        match self.ends.get(index) {
            Some(end) => self.text.get(self.start(index)..*end).unwrap_or_default(),
            None if self.is_full() => OTHER,
            None => "",
        }
    }

    /// The bytes of a name that was kept.
    #[inline]
    fn kept(&self, index: usize) -> &[u8] {
        let end = self.ends.get(index).copied().unwrap_or(0);
        let range = self.start(index)..end;
        self.text.as_bytes().get(range).unwrap_or_default()
    }

    #[inline]
    fn start(&self, index: usize) -> usize {
        index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0)
    }

    /// How many were pushed, those before a part included.
    pub(crate) fn pushed(&self) -> usize {
        self.before.names + self.pushed
    }

    /// The id of what was pushed as number `index` (from 0).
    pub(crate) fn id(&self, index: usize) -> NameId {
        // No name is kept after one for which there was no room, so the next number is free.
        NameId::from_index(index.min(self.before.names + self.ends.len()))
    }

    /// The id that a binary log refers to by the negative of its index, if it was kept.
    #[inline]
    pub(crate) fn quick(&self, reference: i32) -> Option<NameId> {
        let index = reference.wrapping_neg().cast_unsigned().wrapping_sub(1);
        // The smallest and the positive ones become too large.
        (index < self.quick_below).then_some(NameId(index))
    }

    fn set_quick(&mut self) {
        let kept = self.before.names + self.ends.len();
        // No reference is to a larger one; the smallest number, which has no positive, reads as that.
        self.quick_below = kept.min(i32::MAX as usize) as u32;
    }

    /// Whether the next name to be pushed has this index (from 1).
    pub(crate) fn is_next(&mut self, index: usize) -> bool {
        if self.before.unsettled && (1..=self.before.names + 1).contains(&index) {
            self.before.names = index - 1;
            self.before.unsettled = false;
        }
        index == self.pushed() + 1
    }

    /// Whether nobody knows how many names lie before this part of a log.
    #[inline]
    pub(crate) fn is_unsettled(&self) -> bool {
        self.before.unsettled
    }

    /// Takes note that a name is referred to.
    #[inline]
    pub(crate) fn refer(&mut self, id: NameId) {
        if self.before.unsettled {
            self.before.least = self.before.least.max(id.index() + 1);
        }
    }

    pub(crate) fn push(&mut self, text: Text<'_>) {
        self.pushed += 1;
        let kept = self.before.names + self.ends.len();
        if self.pushed - 1 > self.ends.len() || kept >= self.limits.names {
            return;
        }
        let before = self.text.len();
        text.append_to(&mut self.text);
        if self.text.len() > self.limits.name_bytes {
            self.text.truncate(before);
        } else {
            self.ends.push(self.text.len());
            self.set_quick();
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            pushed: self.pushed,
            before: self.before,
        }
    }

    /// Forgets what was pushed since then.
    pub(crate) fn back_to(&mut self, mark: Mark) {
        self.pushed = self.pushed.min(mark.pushed);
        self.before = Before {
            least: self.before.least,
            ..mark.before
        };
        if self.pushed < self.ends.len() {
            self.text.truncate(self.start(self.pushed));
            self.ends.truncate(self.pushed);
        }
        self.set_quick();
    }

    /// Whether these and those of another table, even if none is in both, are within the limits.
    pub(crate) fn has_room_for(&self, more: &Self) -> bool {
        let is_within = self.ends.len() + more.ends.len() <= self.limits.names
            && self.text.len() + more.text.len() <= self.limits.name_bytes;
        is_within && !self.is_full() && !more.is_full()
    }

    /// Adds the names of the part that follows, if they do.
    pub(crate) fn join(&mut self, part: &Self) -> bool {
        let before = part.before;
        let follows = before.unsettled || before.names == self.pushed();
        if !follows || before.least > self.pushed() || !self.has_room_for(part) {
            return false;
        }
        let length = self.text.len();
        self.text.push_str(&part.text);
        self.ends.extend(part.ends.iter().map(|end| length + end));
        self.pushed += part.pushed;
        self.set_quick();
        true
    }

    /// The id of a text, which is kept if it is new. Not to be mixed with [`Self::push`].
    #[inline]
    pub(crate) fn intern(&mut self, text: &[u8]) -> NameId {
        if let (Some(empty), []) = (self.empty, text) {
            return empty;
        }
        let hash = self.hasher.hash_one(text);
        let found = self.index.find(hash, |id| self.kept(*id as usize) == text);
        match found {
            Some(id) => NameId(*id),
            None => self.intern_new(text, hash),
        }
    }

    #[cold]
    fn intern_new(&mut self, text: &[u8], hash: u64) -> NameId {
        let Ok(text) = std::str::from_utf8(text) else {
            // Gatling's `core.charset` can be another than UTF-8.
            return self.intern(String::from_utf8_lossy(text).as_bytes());
        };
        self.push(Text::Utf8(text));
        let id = self.id(self.pushed - 1);
        if self.is_full() {
            // One is enough to know that there are others.
            self.pushed = self.ends.len() + 1;
        } else {
            if text.is_empty() {
                self.empty = Some(id);
            }
            let Self {
                text,
                ends,
                index,
                hasher,
                ..
            } = self;
            index.insert_unique(hash, id.0, |id| {
                let id = *id as usize;
                let start = id.checked_sub(1).and_then(|before| ends.get(before));
                let range = start.copied().unwrap_or(0)..ends.get(id).copied().unwrap_or(0);
                hasher.hash_one(text.get(range).unwrap_or_default().as_bytes())
            });
        }
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(names: usize, name_bytes: usize) -> Names {
        Names::new(Limits { names, name_bytes })
    }

    #[test]
    fn what_has_no_room_is_other() {
        for mut names in [limited(2, 1000), limited(1000, 3)] {
            let ids = ["a", "bc", "def", "g", "a", "g"].map(|text| names.intern(text.as_bytes()).0);
            assert_eq!(ids, [0, 1, 2, 2, 0, 2]);
            assert_eq!(names.get(NameId(1)), "bc");
            assert_eq!(names.get(NameId(2)), OTHER);
            assert_eq!((names.len(), names.is_full()), (3, true));
        }
    }

    #[test]
    fn what_is_taken_back_leaves_room_again() {
        let mut names = limited(2, 1000);
        let marks = ["a", "b", "c", "d"].map(|text| {
            let mark = names.mark();
            names.push(Text::Utf8(text));
            mark
        });
        assert_eq!([0, 1, 2, 3].map(|index| names.id(index).0), [0, 1, 2, 2]);
        names.back_to(marks[3]);
        assert!(names.is_full());
        names.back_to(marks[1]);
        assert_eq!((names.len(), names.is_full()), (1, false));
        names.push(Text::Utf8("e"));
        assert_eq!(names.get(names.id(1)), "e");
    }

    #[test]
    fn other_charsets_are_replaced() {
        let mut names = Names::default();
        let id = names.intern(b"caf\xe9");
        assert_eq!(names.get(id), "caf\u{fffd}");
        assert_eq!(names.intern(b"caf\xe9"), id);
        assert_eq!(names.intern("caf\u{fffd}".as_bytes()), id);
    }
}
