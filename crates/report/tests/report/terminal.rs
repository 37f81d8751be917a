//! The table as it is printed.

use bfgg_report::{AssertionRow, table};
use console::measure_text_width;

use crate::common::report;

#[test]
fn fits_140_columns() {
    let mut summary = report(&["3.16.0-agent1", "3.16.0-agent2"]).summary;
    summary.agents[0].name = "lab-1".to_owned();
    summary.agents[0].peer = "12D3KooWQ1aPhfP4xFeZJzAbCdEfGh".to_owned();
    summary.agents[1].name = "lab-2".to_owned();
    summary.notes.push(
        "agent lab-2: its log ends in the middle of a record at byte 9049; the 439 records before \
         it count, what Gatling had not yet written is missing"
            .to_owned(),
    );
    insta::assert_snapshot!(table(&summary, 140));
    assert!(
        table(&summary, 140)
            .lines()
            .all(|line| measure_text_width(line) <= 140)
    );
}

#[test]
fn fits_100_columns() {
    let summary = report(&["3.16.0-edge"]).summary;
    let text = table(&summary, 100);
    assert!(text.lines().all(|line| measure_text_width(line) <= 100));
    insta::assert_snapshot!(text);
}

#[test]
fn names_cannot_steer_the_terminal() {
    let mut summary = report(&["3.16.0"]).summary;
    let hostile = "a\u{1b}[2J\u{202e}\nb\u{7}";
    summary.simulation = hostile.to_owned();
    summary.agents[0].name = hostile.to_owned();
    summary.agents[0].peer = hostile.to_owned();
    summary.rows[1].path[0] = hostile.to_owned();
    summary.errors[0].message = hostile.to_owned();
    summary.notes.push(hostile.to_owned());
    summary.assertions[0].text = hostile.to_owned();
    let text = table(&summary, 200);
    assert!(
        !text
            .chars()
            .any(|c| c != '\n' && c.is_control() || c == '\u{202e}')
    );
    assert!(
        text.matches("\\u{1b}[2J\\u{202e}\\nb").count() >= 5,
        "{text}"
    );
}

#[test]
fn of_many_assertions_those_that_fail_are_shown() {
    let mut summary = report(&["3.16.0"]).summary;
    let assertion = |index: usize| AssertionRow {
        text: format!("request {index}: count of all events is 5.0"),
        holds: !index.is_multiple_of(30),
        undecided: false,
        actual: 5.5,
        note: None,
    };
    summary.assertions = (1..=100).map(assertion).collect();
    let text = table(&summary, 120);
    assert!(text.contains("Assertions: 3 of 100 fail\n"), "{text}");
    assert!(text.contains("✗ FAILS  request 90: count of all events is 5.0 (actual: 5.50)"));
    assert!(text.contains("\n97 more hold\n"));
    assert!(!text.contains("request 91:"));
}
