//! Live figures are those of the result, as soon as they are known.

use bfgg_report::{Columns, live};

use crate::common::report;

#[test]
fn of_a_whole_run_they_are_the_results() {
    for sample in ["3.13.5", "3.16.0"] {
        let report = report(&[sample]);
        let columns = Columns::default();
        let live_figures = live(&report.figures, &columns, i64::MIN);
        assert_eq!(live_figures.rows, report.summary.rows, "{sample}");
        assert_eq!(live_figures.errors, report.summary.errors, "{sample}");
        let counts = |second: &bfgg_report::LiveSecond| (second.ok, second.ko, second.users);
        let seconds: Vec<_> = live_figures.seconds.iter().map(counts).collect();
        let series = &report.series.seconds;
        let expected: Vec<_> = series.iter().map(|p| (p.ok, p.ko, p.users)).collect();
        assert_eq!(seconds, expected, "{sample}");
        let sent: u64 = live_figures.seconds.iter().map(|second| second.sent).sum();
        assert_eq!(sent, report.summary.rows[0].total, "{sample}");
        // The greatest of all OK times is that of one second.
        let most = live_figures
            .seconds
            .iter()
            .filter_map(|second| second.times);
        let ok = report.figures.all().ok.measures();
        assert_eq!(most.map(|times| times[4]).max(), Some(ok.max()), "{sample}");

        // Some seconds of it are the same seconds.
        let from = live_figures.seconds[2].second;
        let tail = live(&report.figures, &columns, from);
        assert_eq!(tail.seconds, live_figures.seconds[2..], "{sample}");
    }
}

#[test]
fn before_the_first_request_there_is_nothing() {
    let none = bfgg_stats::Figures::new(bfgg_stats::Limits::default());
    let figures = live(&none, &Columns::default(), i64::MIN);
    assert!(figures.rows.is_empty() && figures.seconds.is_empty() && figures.errors.is_empty());
}
