use crate::cursor::Text;

/// The number of a name or message in one log, in order of first use, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub(crate) u32);

impl NameId {
    /// The number.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The names and messages of one log, each kept once.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// All of them, one after the other.
    text: String,
    /// Where each ends in `text`.
    ends: Vec<usize>,
}

impl Names {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a name. Ids of another log give a wrong or an empty one.
    #[must_use]
    pub fn get(&self, id: NameId) -> &str {
        let end = self.ends.get(id.index()).copied().unwrap_or(0);
        self.text.get(self.start(id.index())..end).unwrap_or("")
    }

    fn start(&self, index: usize) -> usize {
        index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0)
    }

    pub(crate) fn push(&mut self, text: Text<'_>) {
        text.append_to(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// Forgets the names after the first `len`.
    pub(crate) fn truncate(&mut self, len: usize) {
        if len < self.ends.len() {
            self.text.truncate(self.start(len));
            self.ends.truncate(len);
        }
    }
}
