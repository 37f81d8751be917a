//! The table of requests and groups.

use gatling_log::rank;
use maud::{Markup, html};

use super::name;
use super::sections::TALL;
use crate::csv::numbers;
use crate::table::{inexact, kind};
use crate::text::{grouped, two_decimals};
use crate::{Row, RowKind, Summary};

/// More rows make a page that no browser likes; stats.csv has all.
const MAX_ROWS: usize = 2000;

/// Gatling's columns; the script adds sorting, folding and charts.
pub(super) fn table(summary: &Summary) -> Markup {
    let rows = &summary.rows;
    let has_groups = rows.iter().any(|row| row.kind == RowKind::Group);
    let has_durations = rows.iter().any(|row| is_timed(&row));
    html! {
        section #table.card aria-labelledby="table-title" {
            header {
                h2 #table-title { "Requests" }
                p { "Open a row for its charts." }
            }
            div.scroll.tall[rows.len() > TALL] role="group" aria-labelledby="table-title" tabindex="0" {
                table #figures {
                    thead {
                        tr.over {
                            td {}
                            th.edge scope="colgroup" colspan="5" { "Executions" }
                            th.edge scope="colgroup" colspan="8" { "Response time (ms)" }
                        }
                        tr {
                            th.text scope="col" data-sort { "Request" }
                            @for (index, title) in titles(summary).iter().enumerate() {
                                th.edge[index == 0 || index == 5] scope="col" data-sort
                                    data-time[index >= 5] { (title) }
                            }
                        }
                    }
                    tbody { @for row in rows.iter().take(MAX_ROWS) { (line(row)) } }
                }
            }
            @if rows.len() > MAX_ROWS {
                p.foot { "… and " (rows.len() - MAX_ROWS) " more rows: see stats.csv." }
            }
            @if has_groups {
                p.foot {
                    "Of a group: the response times in it added up, without pauses"
                    @if has_durations { "; see Groups for its durations" }
                    "."
                }
            }
            @if let Some(note) = inexact(summary) { p.foot { "± " (note) "." } }
        }
    }
}

/// Of each group its durations beside the cumulated response times.
pub(super) fn groups(summary: &Summary) -> Markup {
    let groups: Vec<&Row> = summary.rows.iter().filter(is_timed).collect();
    if groups.is_empty() {
        return html! {};
    }
    let titles = &titles(summary)[5..];
    html! {
        section #groups.card aria-labelledby="groups-title" {
            header {
                h2 #groups-title { "Groups" }
                p { "How long users were in them, with pauses, beside the response times in them added up." }
            }
            div.scroll.tall[groups.len() > TALL] role="group" aria-labelledby="groups-title" tabindex="0" {
                table {
                    thead {
                        tr.over {
                            td {}
                            td {}
                            th.edge scope="colgroup" colspan=(titles.len()) { "Duration (ms)" }
                            th.edge scope="colgroup" colspan=(titles.len()) { "Cumulated response time (ms)" }
                        }
                        tr {
                            th.text scope="col" { "Group" }
                            th scope="col" { "Executions" }
                            @for _ in 0..2 {
                                @for (index, title) in titles.iter().enumerate() {
                                    th.edge[index == 0] scope="col" { (title) }
                                }
                            }
                        }
                    }
                    tbody { @for row in groups.iter().take(MAX_ROWS) {
                        tr {
                            th.text scope="row" {
                                @for (index, own) in row.path.iter().enumerate() {
                                    @if index > 0 { " / " }
                                    (name(own))
                                }
                            }
                            td { (grouped(row.total)) }
                            @for times in [row.duration.as_ref(), Some(&row.times)] {
                                @for index in 0..titles.len() {
                                    td.edge[index == 0] {
                                        @match times {
                                            Some(times) => (grouped(numbers(times)[index])),
                                            None => "–",
                                        }
                                    }
                                }
                            }
                        }
                    } }
                }
            }
            @if groups.len() > MAX_ROWS {
                p.foot { "… and " (groups.len() - MAX_ROWS) " more: see stats.csv." }
            }
        }
    }
}

/// Of groups that nobody has left there is no time.
fn is_timed(row: &&Row) -> bool {
    row.kind == RowKind::Group && row.total > 0
}

fn titles(summary: &Summary) -> Vec<String> {
    let mut titles = ["Total", "OK", "KO", "% KO", "Cnt/s", "Min"]
        .map(str::to_owned)
        .to_vec();
    titles.extend(summary.columns.percentiles.map(rank));
    titles.extend(["Max", "Mean", "Std Dev"].map(str::to_owned));
    titles
}

fn line(row: &Row) -> Markup {
    let depth = row.path.len().saturating_sub(1);
    let indent = match depth {
        0 => String::new(),
        deep => format!("d{}", deep.min(6)),
    };
    let numbers = numbers(&row.times);
    html! {
        tr.(kind(row.kind)) data-depth=(depth) {
            th.name.(indent) scope="row" {
                @if row.error_percent > 0.0 {
                    abbr.inexact title=(format!("at most {} % off from 2048 ms on", row.error_percent)) { "±" }
                    " "
                }
                span.label {
                    @match row.path.last() {
                        Some(own) => (name(own)),
                        None => "All requests",
                    }
                }
            }
            td.edge { (grouped(row.total)) }
            td { (grouped(row.ok)) }
            td.fails[row.ko > 0] { (grouped(row.ko)) }
            td.fails[row.ko > 0] { (figure_of(row.percent_ko)) }
            td { (figure_of(row.per_second)) }
            @for (index, ms) in numbers.iter().enumerate() {
                // A group nobody left has no times: a 0 would look like one.
                td.edge[index == 0] { @if row.total == 0 { "–" } @else { (grouped(*ms)) } }
            }
        }
    }
}

/// Two decimals, so that they stand below each other; a plain 0 shows that nothing failed.
fn figure_of(value: f64) -> String {
    match value == 0.0 {
        true => "0".to_owned(),
        false => two_decimals(value),
    }
}
