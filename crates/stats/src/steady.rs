use crate::figures::{Figures, Span};

/// The whole seconds of the axis in which all agents made load: from the latest first user (or
/// first record, without users) to the earliest last record. `None` if there is no whole one.
///
/// The figures are those of the single agents; ones without records are left out.
#[must_use]
pub fn steady_window<'a>(agents: impl IntoIterator<Item = &'a Figures>) -> Option<Span> {
    let mut common: Option<Span> = None;
    for figures in agents {
        let Some(span) = figures.span() else { continue };
        let start = figures.first_user().unwrap_or(span.start);
        let common = common.get_or_insert(Span {
            start,
            end: span.end,
        });
        common.start = common.start.max(start);
        common.end = common.end.min(span.end);
    }
    let common = common?;
    let start = common.start.checked_add(999)?.div_euclid(1000);
    let end = common.end.div_euclid(1000);
    (start < end).then_some(Span {
        start: start * 1000,
        end: end * 1000,
    })
}

impl Figures {
    /// Requests sent within a window of whole seconds (ms on the axis), OK and KO.
    #[must_use]
    pub fn sent_within(&self, window: Span) -> u64 {
        let seconds = window.start.div_euclid(1000)..window.end.div_euclid(1000);
        self.seconds()
            .iter()
            .filter(|(second, _)| seconds.contains(second))
            .map(|(_, cell)| cell.sent_ok.saturating_add(cell.sent_ko))
            .sum()
    }
}
