use console::measure_text_width;

use super::text::fit;

/// Names may be cut to this, but no further: a table that is too wide can still be read.
const MIN_NAME: usize = 14;
/// With this much room for names the columns are set two blanks apart, whatever is cut.
const GOOD_NAME: usize = 30;

/// A table: the first column is text and takes the room there is, the others are numbers and as
/// wide as they need.
pub(super) struct Grid {
    titles: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub(super) fn new(titles: Vec<String>) -> Self {
        Self {
            titles,
            rows: Vec::new(),
        }
    }

    /// As many cells as there are titles.
    pub(super) fn push(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Draws it within `width` columns. `spans` are titles above as many columns each, from the
    /// second on.
    pub(super) fn draw(&self, width: usize, spans: &[(&str, usize)], lines: &mut Vec<String>) {
        let column_width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            let widths = cells
                .chain(self.titles.get(column))
                .map(|cell| measure_text_width(cell));
            widths.max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.titles.len()).map(column_width).collect();
        let Some((name, numbers)) = widths.split_first_mut() else {
            return;
        };
        let wanted = *name;
        let room = |gap: usize| width.saturating_sub(numbers.iter().map(|width| width + gap).sum());
        let gap = if room(2) >= wanted.min(GOOD_NAME) {
            2
        } else {
            1
        };
        *name = wanted.min(room(gap).max(MIN_NAME));

        if !spans.is_empty() {
            lines.push(span_line(&widths, gap, spans));
        }
        for cells in std::iter::once(&self.titles).chain(&self.rows) {
            lines.push(line(cells, &widths, gap));
        }
    }
}

fn line(cells: &[String], widths: &[usize], gap: usize) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        if column == 0 {
            let cell = fit(cell, *width);
            line.push_str(&cell);
            pad(
                &mut line,
                width.saturating_sub(measure_text_width(&cell)),
                ' ',
            );
        } else {
            pad(
                &mut line,
                gap + width.saturating_sub(measure_text_width(cell)),
                ' ',
            );
            line.push_str(cell);
        }
    }
    line
}

/// `── Executions ──` above the columns it belongs to.
fn span_line(widths: &[usize], gap: usize, spans: &[(&str, usize)]) -> String {
    let mut line = String::new();
    let mut columns = widths.iter();
    pad(&mut line, columns.next().copied().unwrap_or(0), ' ');
    for (title, count) in spans {
        let width = columns
            .by_ref()
            .take(*count)
            .map(|width| width + gap)
            .sum::<usize>();
        let rule = width.saturating_sub(gap + title.len() + 2);
        pad(&mut line, gap, ' ');
        pad(&mut line, rule / 2, '─');
        line.push(' ');
        line.push_str(title);
        line.push(' ');
        pad(&mut line, rule - rule / 2, '─');
    }
    line
}

fn pad(line: &mut String, count: usize, with: char) {
    line.extend(std::iter::repeat_n(with, count));
}
