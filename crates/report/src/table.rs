//! The terminal's table.

use crate::Summary;

/// The summary as text for a terminal of `width` columns.
#[must_use]
pub fn table(summary: &Summary, width: usize) -> String {
    let _ = width;
    summary.simulation.clone()
}
