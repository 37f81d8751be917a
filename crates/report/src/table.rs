//! The terminal's table.

mod grid;
mod text;
mod verdict;

use gatling_log::rank;

use crate::clock::{drift_text, start_sentences, step_text, with_uncertainty};
use crate::text::named;
use crate::{AgentClock, AssertionRow, Row, RowKind, Summary, Times, printable};
use grid::Grid;
use text::wrap;

pub(crate) use text::{after, length, span};
pub(crate) use verdict::{is_told, word as proof_word};

/// What is shown of each list; `summary.json` has all.
const MAX_ROWS: usize = 200;
const MAX_ERRORS: usize = 20;
const MAX_ASSERTIONS: usize = 40;

/// The summary as text for a terminal of `width` columns: Gatling's table, errors, assertions,
/// each agent's share, what proves that the logs are whole, the notes and the verdict. Names are safe to print. No colours.
#[must_use]
pub fn table(summary: &Summary, width: usize) -> String {
    let mut lines = vec![heading(summary), String::new()];
    figures(summary, width, &mut lines);
    load(summary, &mut lines);
    errors(summary, width, &mut lines);
    assertions(summary, width, &mut lines);
    agents(summary, width, &mut lines);
    verdict::proofs(summary, width, &mut lines);
    notes(summary, width, &mut lines);
    verdict::verdict(summary, width, &mut lines);
    let mut text = lines.join("\n");
    text.push('\n');
    text
}

fn heading(summary: &Summary) -> String {
    let agents = match summary.agents.len() {
        1 => format!("1 {}", summary.sources().trim_end_matches('s')),
        count => format!("{count} {}", summary.sources()),
    };
    let started: String = summary
        .started
        .chars()
        .take(19)
        .map(|c| if c == 'T' { ' ' } else { c })
        .collect();
    format!(
        "{}  ·  {} UTC  ·  {}  ·  {agents}",
        printable(&summary.simulation),
        printable(&started),
        span(summary.duration_ms)
    )
}

fn figures(summary: &Summary, width: usize, lines: &mut Vec<String>) {
    let mut titles = ["Request", "Total", "OK", "KO", "% KO", "Cnt/s", "Min"]
        .map(str::to_owned)
        .to_vec();
    titles.extend(summary.columns.percentiles.map(rank));
    titles.extend(["Max", "Mean", "Std Dev"].map(str::to_owned));
    let mut grid = Grid::new(titles);
    for row in summary.rows.iter().take(MAX_ROWS) {
        let Times {
            min,
            max,
            mean,
            std_dev,
            p50,
            p75,
            p95,
            p99,
        } = row.times;
        let mut cells = vec![name(row)];
        cells.extend([row.total, row.ok, row.ko].map(|count| count.to_string()));
        cells.extend([row.percent_ko, row.per_second].map(|value| format!("{value:.2}")));
        // A group nobody left and the KO of none have no times: a 0 would look like one.
        let time = |ms: u64| {
            if row.total == 0 {
                "-".to_owned()
            } else {
                ms.to_string()
            }
        };
        cells.extend([min, p50, p75, p95, p99, max, mean, std_dev].map(time));
        grid.push(cells);
    }
    grid.draw(
        width,
        &[("Executions", 5), ("Response time (ms)", 8)],
        lines,
    );
    left_out(summary.rows.len(), MAX_ROWS, "rows", lines);
    if summary.rows.iter().any(|row| row.kind == RowKind::Group) {
        lines.push("▾ group: the response times in it added up, without pauses".to_owned());
    }
    if let Some(note) = inexact(summary) {
        lines.push(format!("± {note}"));
    }
}

/// How far the rows are off that have times in steps, if there are any.
pub(crate) fn inexact(summary: &Summary) -> Option<String> {
    let errors = summary.rows.iter().map(|row| row.error_percent);
    let most = errors.fold(0.0, f64::max);
    (most > 0.0).then(|| {
        format!("percentiles and ranges from 2048 ms on are at most {most} % off: too many different times")
    })
}

/// Users, and the rate while all made load.
fn load(summary: &Summary, lines: &mut Vec<String>) {
    let users = summary.users.first().filter(|users| users.started > 0);
    let steady = summary.steady.as_ref();
    let steady = steady.filter(|_| summary.agents.len() > 1);
    if users.is_some() || steady.is_some() {
        lines.push(String::new());
    }
    if let Some(users) = users {
        let unfinished = match users.unfinished {
            0 => String::new(),
            count => format!(", {count} had not ended when their log did"),
        };
        lines.push(format!(
            "Users: {} in all, at most {} at once{unfinished}",
            users.started, users.max_active
        ));
    }
    if let Some(steady) = steady {
        lines.push(format!(
            "Steady requests/s: {:.2} in the {} in which all {} made load",
            steady.per_second,
            span(steady.duration_ms),
            summary.sources()
        ));
    }
}

/// The word for a row's kind.
pub(crate) fn kind(kind: RowKind) -> &'static str {
    match kind {
        RowKind::All => "all",
        RowKind::Group => "group",
        RowKind::Request => "request",
    }
}

fn name(row: &Row) -> String {
    let Some((name, groups)) = row.path.split_last() else {
        let inexact = if row.error_percent > 0.0 { "± " } else { "" };
        return format!("{inexact}All requests");
    };
    let indent = "  ".repeat(groups.len());
    let mark = if row.kind == RowKind::Group {
        "▾ "
    } else {
        ""
    };
    let inexact = if row.error_percent > 0.0 { "± " } else { "" };
    format!("{indent}{inexact}{mark}{}", named(name))
}

fn errors(summary: &Summary, width: usize, lines: &mut Vec<String>) {
    if summary.errors.is_empty() {
        return;
    }
    let mut grid = Grid::new(["Errors", "Count", "%"].map(str::to_owned).to_vec());
    for error in summary.errors.iter().take(MAX_ERRORS) {
        let percent = format!("{:.2}", error.percent);
        grid.push(vec![
            printable(&error.message).into_owned(),
            error.count.to_string(),
            percent,
        ]);
    }
    lines.push(String::new());
    grid.draw(width, &[], lines);
    left_out(summary.errors.len(), MAX_ERRORS, "messages", lines);
}

fn assertions(summary: &Summary, width: usize, lines: &mut Vec<String>) {
    let all = &summary.assertions;
    if all.is_empty() {
        return;
    }
    let failed = all.iter().filter(|assertion| !assertion.holds).count();
    let counted = counted(all);
    lines.push(String::new());
    lines.push(format!("Assertions: {counted}"));
    // Where there are too many those that fail are what matters.
    let only_failed = all.len() > MAX_ASSERTIONS;
    let shown = all
        .iter()
        .filter(|assertion| !only_failed || !assertion.holds);
    for assertion in shown.take(MAX_ASSERTIONS) {
        let mark = match (assertion.holds, assertion.undecided) {
            (true, _) => "✓ holds  ",
            (false, true) => "? OPEN   ",
            (false, false) => "✗ FAILS  ",
        };
        let text = format!("{} ({})", assertion.text, assertion.found());
        wrap(mark, &printable(&text), width, lines);
    }
    if only_failed {
        left_out(failed, MAX_ASSERTIONS, "that do not hold", lines);
        lines.push(format!("{} more hold", all.len() - failed));
    }
}

/// How many fail, and how many could not be decided.
pub(crate) fn counted(all: &[AssertionRow]) -> String {
    let open = all.iter().filter(|row| row.undecided).count();
    let failed = all.iter().filter(|row| !row.holds).count() - open;
    let of = all.len();
    match (failed, open) {
        (0, 0) => "all hold".to_owned(),
        (failed, 0) => format!("{failed} of {of} fail"),
        (0, open) => format!("{open} of {of} could not be decided"),
        (failed, open) => format!("{failed} of {of} fail, {open} could not be decided"),
    }
}

fn agents(summary: &Summary, width: usize, lines: &mut Vec<String>) {
    let first = capital(summary.sources());
    let titles = [
        first.as_str(),
        "Total",
        "OK",
        "KO",
        "% of all",
        "First user",
    ];
    let mut grid = Grid::new(titles.map(str::to_owned).to_vec());
    let all: u64 = summary.agents.iter().map(|agent| agent.total).sum();
    for agent in &summary.agents {
        let mut cells = vec![agent_name(&agent.name, &agent.peer)];
        cells.extend([agent.total, agent.ok, agent.ko].map(|count| count.to_string()));
        cells.push(format!("{:.2}", crate::rows::percent(agent.total, all)));
        cells.push(after(agent.start_offset_ms));
        grid.push(cells);
    }
    lines.push(String::new());
    grid.draw(width, &[], lines);
    if summary.agents.len() > 1 {
        wrap("", &start_sentences(summary), width, lines);
    }
    // The others are in the page and in summary.json.
    let far = |clock: &&AgentClock| clock.offset_ms.abs() >= 1000.0;
    for agent in &summary.agents {
        let Some(clock) = agent.clock.as_ref().filter(far) else {
            continue;
        };
        let drift = clock.drift.map_or(String::new(), |drift| {
            format!(", drift {}", drift_text(&drift))
        });
        let (name, clock) = (printable(&agent.name), with_uncertainty(clock));
        wrap(
            "",
            &format!("Clock of {name}: {clock}{drift}."),
            width,
            lines,
        );
    }
    for step in &summary.clock_steps {
        wrap("! ", &printable(&step_text(step)), width, lines);
    }
}

/// With a capital letter.
pub(crate) fn capital(word: &str) -> String {
    let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
    first.to_uppercase() + rest
}

/// Names can be alike: the end of the peer id tells them apart.
pub(crate) fn short_peer(peer: &str) -> &str {
    peer.get(peer.len().saturating_sub(8)..).unwrap_or(peer)
}

fn agent_name(name: &str, peer: &str) -> String {
    match short_peer(peer) {
        "" => printable(name).into_owned(),
        short => format!("{} ({})", printable(name), printable(short)),
    }
}

fn notes(summary: &Summary, width: usize, lines: &mut Vec<String>) {
    if summary.notes.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push("Notes".to_owned());
    for note in &summary.notes {
        wrap("! ", &printable(note), width, lines);
    }
}

fn left_out(all: usize, shown: usize, what: &str, lines: &mut Vec<String>) {
    if all > shown {
        lines.push(format!(
            "… and {} more {what}: see summary.json",
            all - shown
        ));
    }
}
