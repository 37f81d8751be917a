//! Counts by second.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// What happened in one second of the axis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Second {
    /// Requests that were sent and ended OK, whenever that was: Gatling's requests/s.
    pub sent_ok: u64,
    /// Requests that were sent and ended KO.
    pub sent_ko: u64,
    /// Requests that ended OK: Gatling's responses/s.
    pub ok: u64,
    /// Requests that ended KO: errors/s.
    pub ko: u64,
    /// Users that started.
    pub started: u64,
    /// Users that ended.
    pub ended: u64,
    /// Users that had not ended when their log did.
    pub unfinished: u64,
}

impl Second {
    fn merge(&mut self, other: &Self) {
        let pairs = [
            (&mut self.sent_ok, other.sent_ok),
            (&mut self.sent_ko, other.sent_ko),
            (&mut self.ok, other.ok),
            (&mut self.ko, other.ko),
            (&mut self.started, other.started),
            (&mut self.ended, other.ended),
            (&mut self.unfinished, other.unfinished),
        ];
        for (count, more) in pairs {
            *count = count.saturating_add(more);
        }
    }
}

/// The seconds in which something happened, in order.
pub(crate) type Seconds = Vec<(i64, Second)>;

/// Adds the counts of others.
pub(crate) fn merge(seconds: &mut Seconds, others: &[(i64, Second)]) {
    seconds.extend_from_slice(others);
    seconds.sort_by_key(|(at, _)| *at);
    seconds.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1.merge(&next.1);
        }
        same
    });
}

const PAGE: i64 = 64;

/// Seconds while they are counted. A log is nearly in time order: the page wanted is mostly the
/// one used last.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    places: FxHashMap<i64, usize>,
    pages: Vec<(i64, Box<[Second; PAGE as usize]>)>,
    last: usize,
}

impl Pages {
    #[inline]
    pub(crate) fn at(&mut self, second: i64) -> &mut Second {
        let page = second.div_euclid(PAGE);
        if self.pages.get(self.last).is_none_or(|(at, _)| *at != page) {
            self.last = self.place(page);
        }
        // `last` is in bounds now, and the remainder always is.
        &mut self.pages[self.last].1[second.rem_euclid(PAGE) as usize]
    }

    #[cold]
    fn place(&mut self, page: i64) -> usize {
        *self.places.entry(page).or_insert_with(|| {
            self.pages
                .push((page, Box::new([Second::default(); PAGE as usize])));
            self.pages.len() - 1
        })
    }

    pub(crate) fn take(&mut self) -> Seconds {
        let mut pages = std::mem::take(self).pages;
        pages.sort_by_key(|(page, _)| *page);
        let cells = pages
            .iter()
            .flat_map(|(page, cells)| (page * PAGE..).zip(cells.iter().copied()));
        cells
            .filter(|(_, cell)| *cell != Second::default())
            .collect()
    }
}
