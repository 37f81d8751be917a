//! The parts of the page around table and charts.

use gatling_log::rank;
use maud::{Markup, html};

use super::name;
use crate::clock::{start_sentences, started_within};
use crate::rows::percent;
use crate::table::{after, capital, span};
use crate::text::{figure, grouped, grouped_figure, two_decimals};
use crate::{
    AgentShare, AssertionRow, ErrorRow, Report, Summary, UsersRow, clock_span, drift_text,
    printable, step_text, with_uncertainty,
};

/// Longer lists scroll by themselves, so that what follows is not far.
pub(super) const TALL: usize = 30;
/// What is shown of each list; summary.json has all.
pub(super) const MAX_ROWS: usize = 500;

/// What ran, and the verdict.
pub(super) fn masthead(report: &Report) -> Markup {
    let summary = &report.summary;
    let started: String = summary.started.chars().take(19).collect();
    let agents = match summary.agents.len() {
        1 => "1".to_owned(),
        count => format!("{count}, {}", started_within(summary)),
    };
    html! {
        header.masthead {
            div {
                div {
                    div.brand { "BFG-G · load test report" }
                    h1 { (name(&summary.simulation)) }
                    @if !report.description.trim().is_empty() { p { (name(&report.description)) } }
                    dl.facts {
                        div { dt { "Started" } dd { (started.replace('T', " ")) " UTC" } }
                        div { dt { "Duration" } dd { (span(summary.duration_ms)) } }
                        div { dt { (capital(summary.sources())) } dd { (agents) } }
                        @if !summary.run.is_empty() {
                            div { dt { "Run" } dd { (name(&summary.run)) } }
                        }
                    }
                }
                (verdict(&summary.assertions))
            }
        }
    }
}

/// Clocks that were set in the run.
fn clock_steps(summary: &Summary) -> Markup {
    html! {
        @for step in summary.clock_steps.iter().take(MAX_ROWS) {
            p.foot { (name(&step_text(step))) }
        }
    }
}

fn verdict(assertions: &[AssertionRow]) -> Markup {
    let failed = assertions.iter().filter(|row| !row.holds).count();
    let all = assertions.len();
    html! {
        @match (all, failed) {
            (0, _) => div.verdict.plain { "No assertions" },
            (_, 0) => div.verdict.good { "✓ Passed" small { (all) " of " (all) " assertions hold" } },
            _ => div.verdict.bad { "✗ Failed" small { "Assertions: " (crate::table::counted(assertions)) } },
        }
    }
}

/// From here on a tile has no room for all digits.
const BIG: u64 = 10_000_000;

/// A number as a tile has room for; the exact one is its title.
fn count(value: u64) -> Markup {
    if value < BIG {
        return html! { dd { (grouped(value)) } };
    }
    let (part, unit) = match value {
        1_000_000_000.. => (value as f64 / 1e9, "bn"),
        _ => (value as f64 / 1e6, "M"),
    };
    html! { dd title=(grouped(value)) { (two_decimals(part)) " " small { (unit) } } }
}

/// The same of a rate, with two decimals where there is room.
fn rate(value: f64) -> Markup {
    match value < BIG as f64 {
        true => html! { dd { (two_decimals(value)) } },
        false => count(value as u64),
    }
}

/// The figures one looks for first.
pub(super) fn tiles(summary: &Summary) -> Markup {
    let Some(all) = summary.rows.first() else {
        return html! {};
    };
    let sources = summary.sources();
    let [_, _, third, fourth] = summary.columns.percentiles;
    let ms = |value: u64| match all.total {
        // A 0 would look like a time.
        0 => html! { dd { "–" } },
        _ if value < BIG => html! { dd { (grouped(value)) " " small { "ms" } } },
        _ => html! { dd title=(format!("{} ms", grouped(value))) { (span(value)) } },
    };
    html! {
        dl.tiles {
            div { dt { "Requests" } (count(all.total)) }
            div.alarm[all.ko > 0] {
                dt { "Failed" }
                dd { (figure(all.percent_ko)) " " small { "%" } }
                dd.more { (grouped(all.ko)) " KO" }
            }
            div { dt { "Requests/s" } (rate(all.per_second)) dd.more { "over the whole run" } }
            // Of one alone it would say nothing more.
            @if summary.agents.len() > 1 {
                div {
                    dt { "Steady requests/s" }
                    @match &summary.steady {
                        Some(steady) => {
                            (rate(steady.per_second))
                            dd.more { "in the " (span(steady.duration_ms)) " in which all " (sources) " made load" }
                        },
                        None => { dd { "–" } dd.more { "no second in which all " (sources) " made load" } },
                    }
                }
            }
            div { dt { (rank(third)) " percentile" } (ms(all.times.p95)) }
            div { dt { (rank(fourth)) " percentile" } (ms(all.times.p99)) }
            @if let Some(users) = summary.users.first().filter(|users| users.started > 0) {
                div {
                    dt { "Users at once" }
                    (count(users.max_active))
                    dd.more { (grouped(users.started)) " in all" }
                }
            }
        }
    }
}

/// The simulation's assertions; those that fail come first.
pub(super) fn assertions(all: &[AssertionRow]) -> Markup {
    let mut rows: Vec<&AssertionRow> = all.iter().collect();
    rows.sort_by_key(|row| row.holds);
    html! {
        @if !rows.is_empty() {
            section #assertions.card aria-labelledby="assertions-title" {
                header { h2 #assertions-title { "Assertions" } p { "On all together." } }
                div.scroll.tall[rows.len() > TALL] role="group" aria-labelledby="assertions-title" tabindex="0" {
                    table {
                        thead { tr {
                            th.text scope="col" { "Assertion" }
                            th scope="col" { "Actual" }
                            th scope="col" { "Result" }
                        } }
                        tbody { @for row in rows.iter().take(MAX_ROWS) {
                            tr {
                                td.text {
                                    (name(&row.text))
                                    @if let Some(note) = &row.note { div.none { (name(note)) } }
                                }
                                td { @if row.undecided { "–" } @else { (grouped_figure(row.actual)) } }
                                td {
                                    @if row.holds { span.pill.good { "✓ holds" } }
                                    @else if row.undecided { span.pill.bad { "? not decided" } }
                                    @else { span.pill.bad { "✗ fails" } }
                                }
                            }
                        } }
                    }
                }
                (left_out(rows.len()))
            }
        }
    }
}

/// What the reader has to know to believe the figures.
pub(super) fn notes(notes: &[String]) -> Markup {
    html! {
        @if !notes.is_empty() {
            section #notes.card.notes aria-labelledby="notes-title" {
                header { h2 #notes-title { "Notes" } }
                ul.plain-list { @for note in notes.iter().take(MAX_ROWS) { li { (name(note)) } } }
                (left_out(notes.len()))
            }
        }
    }
}

/// Gatling's response time ranges, as one bar. Its parts are drawn without styles, which the page's
/// policy would not let through.
pub(super) fn ranges(summary: &Summary) -> Markup {
    let Some(all) = summary.rows.first().filter(|row| row.total > 0) else {
        return html! {};
    };
    let (lower, higher) = (
        summary.columns.lower_bound_ms,
        summary.columns.higher_bound_ms,
    );
    let names = [
        format!("below {lower} ms"),
        format!("{lower} to {higher} ms"),
        format!("{higher} ms and more"),
        "failed".to_owned(),
    ];
    let classes = ["c-fast", "c-mid", "c-slow", "c-ko"];
    let mut from = 0.0;
    let parts: Vec<_> = (0..4)
        .map(|index| {
            let share = percent(all.ranges[index], all.total);
            let left = from;
            from += share;
            (index, left, share)
        })
        .collect();
    html! {
        section #ranges aria-label="Response time ranges" {
            figure.wide {
                figcaption {
                    h3 { "Response time ranges" }
                    p { "All requests; OK by response time, and those that failed." }
                }
                svg viewBox="0 0 1000 26" preserveAspectRatio="none" height="26" role="img"
                    aria-label="Shares of the response time ranges" {
                    @for (index, left, share) in parts.iter().filter(|(.., share)| *share > 0.0) {
                        rect.bar.(classes[*index]) x=(format!("{:.2}", left * 10.0)) y="0"
                            width=(format!("{:.2}", share * 10.0)) height="26" {}
                    }
                }
                ul.legend {
                    @for (index, _, share) in &parts {
                        li {
                            span.swatch.(classes[*index]) {}
                            span data-range { (names[*index]) } ": " strong { (grouped(all.ranges[*index])) }
                            " (" (format!("{share:.2}")) " %)"
                        }
                    }
                }
            }
        }
    }
}

/// The messages, the most frequent first.
pub(super) fn errors(rows: &[ErrorRow]) -> Markup {
    html! {
        section #errors.card aria-labelledby="errors-title" {
            header { h2 #errors-title { "Errors" } }
            @if rows.is_empty() { p.foot { "None." } }
            @else {
                div.scroll.tall[rows.len() > TALL] role="group" aria-labelledby="errors-title" tabindex="0" {
                    table {
                        thead { tr {
                            th.text scope="col" { "Message" }
                            th scope="col" { "Count" }
                            th scope="col" { "%" }
                        } }
                        tbody { @for row in rows.iter().take(MAX_ROWS) {
                            tr {
                                td.text { (name(&row.message)) }
                                td { (grouped(row.count)) }
                                td { (format!("{:.2}", row.percent)) }
                            }
                        } }
                    }
                }
                (left_out(rows.len()))
            }
        }
    }
}

/// The virtual users of each scenario.
pub(super) fn users(rows: &[UsersRow]) -> Markup {
    if rows.is_empty() {
        return html! {};
    }
    html! {
        section #users.card aria-labelledby="users-title" {
            header {
                h2 #users-title { "Users" }
                @if rows.iter().any(|row| row.unfinished > 0) {
                    p { "Who had not ended leaves with the last record of the own log." }
                }
            }
            div.scroll.tall[rows.len() > TALL] role="group" aria-labelledby="users-title" tabindex="0" {
                table {
                    thead { tr {
                        th.text scope="col" { "Scenario" }
                        th scope="col" { "Started" }
                        th scope="col" { "Ended" }
                        th scope="col" { "Unfinished" }
                        th scope="col" { "Most at once" }
                    } }
                    tbody { @for (index, row) in rows.iter().take(MAX_ROWS).enumerate() {
                        tr.all[index == 0] {
                            th.text scope="row" {
                                @if index == 0 { "All" } @else { (name(&row.scenario)) }
                            }
                            td { (grouped(row.started)) }
                            td { (grouped(row.ended)) }
                            td { (grouped(row.unfinished)) }
                            td { (grouped(row.max_active)) }
                        }
                    } }
                }
            }
            (left_out(rows.len()))
        }
    }
}

/// Each agent's share.
pub(super) fn agents(summary: &Summary) -> Markup {
    let all: u64 = summary.agents.iter().map(|agent| agent.total).sum();
    let sources = capital(summary.sources());
    let released = summary
        .agents
        .iter()
        .any(|agent| agent.released_after_ms.is_some());
    let clocks = summary.agents.iter().any(|agent| agent.clock.is_some());
    html! {
        section #agents.card aria-labelledby="agents-title" {
            header {
                h2 #agents-title { (sources) }
                @if summary.agents.len() > 1 {
                    p { (start_sentences(summary)) }
                }
            }
            div.scroll.tall[summary.agents.len() > TALL] role="group" aria-labelledby="agents-title" tabindex="0" {
                table {
                    thead { tr {
                        th.text scope="col" { (sources.trim_end_matches('s')) }
                        th scope="col" { "Requests" }
                        th scope="col" { "OK" }
                        th scope="col" { "KO" }
                        th scope="col" { "Share" }
                        @if released { th scope="col" { "Released" } }
                        th scope="col" { "First user" }
                        @if clocks {
                            th scope="col" { "Clock" }
                            th scope="col" { "Drift" }
                        }
                        th scope="col" { "Unfinished users" }
                    } }
                    tbody { @for agent in summary.agents.iter().take(MAX_ROWS) {
                        @let share = percent(agent.total, all);
                        tr {
                            th.text scope="row" {
                                (name(&agent.name))
                                @if !agent.peer.is_empty() {
                                    " " span.none { (printable(crate::table::short_peer(&agent.peer))) }
                                }
                            }
                            td { (grouped(agent.total)) }
                            td { (grouped(agent.ok)) }
                            td.fails[agent.ko > 0] { (grouped(agent.ko)) }
                            td.share {
                                svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                                    rect.back width="100" height="8" {}
                                    rect.part width=(format!("{share:.2}")) height="8" {}
                                }
                                (format!("{share:.2}")) " %"
                            }
                            @if released {
                                td { (agent.released_after_ms.map_or("not held".to_owned(), signed)) }
                            }
                            td { (after(agent.start_offset_ms)) }
                            @if clocks {
                                td { (agent.clock.map_or("not known".to_owned(), |clock| with_uncertainty(&clock))) }
                                td { (drift(agent)) }
                            }
                            td { (grouped(agent.unfinished_users)) }
                        }
                    } }
                }
            }
            (left_out(summary.agents.len()))
            (clock_steps(summary))
        }
    }
}

/// After the start instant.
fn signed(ms: f64) -> String {
    let sign = if ms < 0.0 { "−" } else { "+" };
    format!("{sign}{}", clock_span(ms.abs()))
}

fn drift(agent: &AgentShare) -> String {
    let drift = agent.clock.and_then(|clock| clock.drift);
    drift.map_or("not known".to_owned(), |drift| drift_text(&drift))
}

pub(super) fn left_out(all: usize) -> Markup {
    html! {
        @if all > MAX_ROWS {
            p.foot { "… and " (all - MAX_ROWS) " more: see summary.json." }
        }
    }
}
