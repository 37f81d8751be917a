use crate::figures::{Figures, Span};

/// When an agent made load, ms on the axis: from its first user (its first record, if it has no
/// users) to its last record. `None` if it made none.
#[must_use]
pub fn load_of(agent: &Figures) -> Option<Span> {
    let span = agent.span()?;
    Some(Span {
        start: agent.first_user().unwrap_or(span.start),
        end: span.end,
    })
}

/// The whole seconds of the axis in which all agents made load. `None` if there is no whole one.
#[must_use]
pub fn steady_window(loads: impl IntoIterator<Item = Span>) -> Option<Span> {
    let common = loads.into_iter().reduce(|a, b| Span {
        start: a.start.max(b.start),
        end: a.end.min(b.end),
    })?;
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
