//! The table of requests and groups.

use gatling_log::rank;
use maud::{Markup, html};

use super::name;
use crate::table::kind;
use crate::text::figure;
use crate::{Row, RowKind, Summary};

/// More rows make a page that no browser likes; stats.csv has all.
const MAX_ROWS: usize = 2000;

/// Gatling's columns; the script adds sorting, folding and charts.
pub(super) fn table(summary: &Summary) -> Markup {
    let rows = &summary.rows;
    let has_groups = rows.iter().any(|row| row.kind == RowKind::Group);
    let error = rows.iter().map(|row| row.error_percent).fold(0.0, f64::max);
    html! {
        section #table.card aria-labelledby="table-title" {
            header {
                h2 #table-title { "Requests" }
                p { "Open a row for its charts." }
            }
            div.scroll role="region" aria-labelledby="table-title" tabindex="0" {
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
                                th.edge[index == 0 || index == 5] scope="col" data-sort { (title) }
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
                    "Groups: the response times in them added up, without pauses. Their ranges, and the second "
                    "charts of each, are of their durations, with pauses."
                }
            }
            @if error > 0.0 {
                p.foot { "Percentiles above 2 s are at most " (error) " % off." }
            }
        }
    }
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
    let times = &row.times;
    let numbers = [
        times.min,
        times.p50,
        times.p75,
        times.p95,
        times.p99,
        times.max,
        times.mean,
        times.std_dev,
    ];
    html! {
        tr.(kind(row.kind)) data-depth=(depth) {
            th.name.(indent) scope="row" {
                span.label {
                    @match row.path.last() {
                        Some(own) => (name(own)),
                        None => "All requests",
                    }
                }
            }
            td.edge { (row.total) }
            td { (row.ok) }
            td.fails[row.ko > 0] { (row.ko) }
            td.fails[row.ko > 0] { (figure_of(row.percent_ko)) }
            td { (figure_of(row.per_second)) }
            @for (index, ms) in numbers.iter().enumerate() {
                // A group nobody left has no times: a 0 would look like one.
                td.edge[index == 0] { @if row.total == 0 { "-" } @else { (ms) } }
            }
        }
    }
}

fn figure_of(value: f64) -> String {
    if value == 0.0 {
        figure(value)
    } else {
        format!("{value:.2}")
    }
}
