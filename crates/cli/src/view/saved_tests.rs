//! Saved tests.

use bfgg_controller::api::types::{RunFigures, Test};
use bfgg_report::percent;
use jiff::tz::TimeZone;

use super::agents::{finish, table};
use super::runs::state;
use super::text::{date_time, printable};

/// The table of all saved tests, with the last run of each.
pub(crate) fn tests(tests: &[Test], zone: &TimeZone, width: u16) -> String {
    if tests.is_empty() {
        return "no saved tests yet; the page's form of a run saves one\n".into();
    }
    let mut table = table(width);
    table.set_header([
        "NAME",
        "PROJECT",
        "SIMULATION",
        "LAST RUN",
        "STATE",
        "VERDICT",
        "P95",
        "KO",
    ]);
    for test in tests {
        let last = test.runs.first();
        let verdict = last.and_then(|run| run.verdict);
        let figures = last.and_then(|run| run.figures.as_ref());
        table.add_row([
            printable(&test.name),
            printable(&test.spec.source.shown()),
            test.spec
                .simulation
                .as_deref()
                .map(printable)
                .unwrap_or_default(),
            last.map_or_else(|| "never".to_owned(), |run| date_time(run.created_ms, zone)),
            last.map_or_else(String::new, |run| state(run.state).to_owned()),
            verdict
                .map(|level| level.word().to_owned())
                .unwrap_or_default(),
            figures
                .and_then(|figures| figures.p95_ms)
                .map(|ms| format!("{ms} ms"))
                .unwrap_or_default(),
            figures.map(share).unwrap_or_default(),
        ]);
    }
    finish(&table)
}

/// The part of the requests that failed.
fn share(figures: &RunFigures) -> String {
    let all = figures.ok.saturating_add(figures.ko);
    if all == 0 {
        return String::new();
    }
    format!("{:.2} %", percent(figures.ko, all))
}

#[cfg(test)]
mod tests {
    use bfgg_controller::api::types::{RunState, TestRun};
    use bfgg_report::VerdictLevel;

    use super::*;
    use crate::view::samples;

    #[test]
    fn the_list() {
        let run = samples::run();
        let test = |name: &str, runs| Test {
            id: "01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap(),
            name: name.into(),
            description: String::new(),
            labels: Vec::new(),
            spec: run.spec.clone(),
            revision: 1,
            created_ms: 0,
            changed_ms: 0,
            secrets: None,
            runs,
        };
        let last = TestRun {
            id: run.id,
            state: RunState::Finished,
            created_ms: 1_700_000_000_000,
            verdict: Some(VerdictLevel::Valid),
            figures: Some(RunFigures {
                ok: 990,
                ko: 10,
                p95_ms: Some(184),
            }),
        };
        let all = [test("Shop", vec![last]), test("New", Vec::new())];
        let shown = super::tests(&all, &TimeZone::UTC, 200);
        let row = |name: &str| shown.lines().find(|line| line.contains(name)).unwrap();
        for part in [
            "https://git.example/shop.git",
            "2023-11-14",
            "finished",
            "VALID",
            "184 ms",
            "1.00 %",
        ] {
            assert!(row("Shop ").contains(part), "{part} in {shown}");
        }
        assert!(row("New ").contains("never"), "{shown}");
        assert!(super::tests(&[], &TimeZone::UTC, 80).starts_with("no saved tests yet"));
    }
}
