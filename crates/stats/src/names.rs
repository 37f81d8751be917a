//! Which names have figures of their own where there are too many.

use serde::{Deserialize, Serialize};

use crate::figures::Path;

/// A request's or group's place in the order in which rows are given: the shortest path first, so
/// that names with numbers and ids in them come last; of those of one length groups first, then by
/// the alphabet.
///
/// The order depends on the name alone. So the names with rows are the first of the union of all
/// logs, whichever log is read first and however logs are merged, and what they show is all there
/// is of them: a name that once had to give way comes behind all that stay.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Bytes of all names and one for each: a group comes before what is in it.
    length: usize,
    pub(crate) kind: Kind,
    pub(crate) path: Path,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Group,
    Request,
}

impl Place {
    pub(crate) fn new(kind: Kind, path: Path) -> Self {
        Self {
            length: path.iter().map(|name| name.len() + 1).sum(),
            kind,
            path,
        }
    }

    /// Whether it comes behind those with figures of their own; `beyond` is the first that has none.
    pub(crate) fn is_beyond(&self, beyond: Option<&Self>) -> bool {
        beyond.is_some_and(|beyond| self >= beyond)
    }
}

/// The lesser of the two, if there is one.
pub(crate) fn first_of<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
