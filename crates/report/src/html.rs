//! The report as one page.

mod figures;
mod sections;
mod verdict;

use data_encoding::BASE64;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use crate::table::capital;
use crate::text::named;
use crate::{Charts, Report, RowKind, Summary, printable};

const STYLE: &str = concat!(
    include_str!("html/theme.css"),
    include_str!("html/page.css"),
    include_str!("html/chart.css"),
    include_str!("html/print.css"),
);
const SCRIPT: &str = concat!(include_str!("html/chart.js"), include_str!("html/page.js"));

/// The report as a page of its own: nothing is loaded, so that it opens from a disk; light and dark,
/// and printable. It has Gatling's columns and charts, and each agent's share.
///
/// Names and messages come from the tested project. They get into the page as text only: the
/// templates escape them, the script puts them where text belongs, and the page's policy lets no
/// other script and no other address through.
#[must_use]
pub fn html(report: &Report) -> String {
    let summary = &report.summary;
    let title = format!("{} – BFG-G report", printable(&summary.simulation));
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (sections::masthead(report))
                (navigation(summary))
                main {
                    (verdict::banner(summary))
                    (sections::tiles(summary))
                    (sections::assertions(&summary.assertions))
                    (sections::notes(&summary.notes))
                    (figures::table(summary))
                    (sections::ranges(summary))
                    (figures::groups(summary))
                    section #charts aria-label="Charts" {
                        noscript { p { "The charts need JavaScript. All figures are in the tables." } }
                        div #charts-grid.charts {}
                    }
                    div.two {
                        (sections::errors(&summary.errors))
                        (sections::users(&summary.users))
                    }
                    (sections::agents(summary))
                    (verdict::proofs(summary))
                    footer { "Made by BFG-G. Counts, means and deviations are exact; percentiles are nearest ranks of all response times." }
                }
                script #data type="application/json" { (PreEscaped(json(&report.charts()))) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn navigation(summary: &Summary) -> Markup {
    let sources = capital(summary.sources());
    let parts = [
        ("verdict", "Verdict", summary.verdict.is_some()),
        ("assertions", "Assertions", !summary.assertions.is_empty()),
        ("notes", "Notes", !summary.notes.is_empty()),
        ("table", "Requests", true),
        (
            "groups",
            "Groups",
            summary
                .rows
                .iter()
                .any(|row| row.kind == RowKind::Group && row.total > 0),
        ),
        ("charts", "Charts", true),
        ("errors", "Errors", !summary.errors.is_empty()),
        ("users", "Users", !summary.users.is_empty()),
        ("agents", sources.as_str(), true),
        ("proofs", "Completeness", !summary.proofs.is_empty()),
    ];
    html! {
        nav aria-label="Parts of the report" {
            div {
                @for (id, name, _) in parts.iter().filter(|(.., is_there)| *is_there) {
                    a href={ "#" (id) } { (name) }
                }
            }
        }
    }
}

/// A name of others: escaped, and its direction kept to itself.
fn name(text: &str) -> Markup {
    html! { bdi { (named(text)) } }
}

/// The charts as JSON within a script element, whose text ends at the first `</`. Names are made
/// printable here, for the script shows them as they are.
fn json(charts: &Charts) -> String {
    let mut charts = charts.clone();
    for own in charts.users.iter_mut().skip(1) {
        own.scenario = named(&own.scenario).into_owned();
    }
    // Numbers and text can always be written.
    let json = serde_json::to_string(&charts).unwrap_or_default();
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(text)))
}
