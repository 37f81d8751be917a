//! The table for spreadsheets.

use crate::table::kind;
use crate::{Row, Summary, Times, printable};

/// The rows of the table as comma separated values (RFC 4180), with the figures of OK and KO apart.
///
/// Names come from the tested project: a cell that a spreadsheet would take for a formula begins
/// with an apostrophe, and what would steer a terminal is escaped.
#[must_use]
pub fn csv(summary: &Summary) -> String {
    let mut out = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let mut write = |record: Vec<String>| {
        // Nothing can fail: it goes to memory, and all records are of one length.
        let _ = out.write_record(record);
    };
    write(titles(summary));
    for row in &summary.rows {
        write(record(row));
    }
    let bytes = out.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn titles(summary: &Summary) -> Vec<String> {
    let columns = &summary.columns;
    let mut titles: Vec<String> = [
        "kind",
        "groups",
        "name",
        "total",
        "ok",
        "ko",
        "percent_ko",
        "per_second",
    ]
    .map(str::to_owned)
    .to_vec();
    for of in ["", "ok_", "ko_", "duration_"] {
        titles.push(format!("{of}min_ms"));
        titles.extend(
            columns
                .percentiles
                .map(|percent| format!("{of}p{percent}_ms")),
        );
        titles.extend(["max_ms", "mean_ms", "std_dev_ms"].map(|name| format!("{of}{name}")));
    }
    let (lower, higher) = (columns.lower_bound_ms, columns.higher_bound_ms);
    titles.push(format!("ok_below_{lower}_ms"));
    titles.push(format!("ok_{lower}_to_{higher}_ms"));
    titles.push(format!("ok_from_{higher}_ms"));
    titles.push("failed".to_owned());
    titles.push("error_percent".to_owned());
    titles
}

fn record(row: &Row) -> Vec<String> {
    let (name, groups) = match row.path.split_last() {
        Some((name, groups)) => (cell(name), cell(&groups.join(" / "))),
        None => ("All requests".to_owned(), String::new()),
    };
    let mut record = vec![kind(row.kind).to_owned(), groups, name];
    record.extend([row.total, row.ok, row.ko].map(|count| count.to_string()));
    record.extend([row.percent_ko, row.per_second].map(|value| format!("{value:.2}")));
    let all = [
        (row.total, Some(&row.times)),
        (row.ok, Some(&row.ok_only)),
        (row.ko, Some(&row.ko_only)),
        (row.total, row.duration.as_ref()),
    ];
    for (count, times) in all {
        // Nothing was counted, and a 0 would look like a time.
        let known = times.filter(|_| count > 0);
        let texts = known.map(|own| numbers(own).map(|ms| ms.to_string()));
        record.extend(texts.unwrap_or_default());
    }
    record.extend(row.ranges.map(|count| count.to_string()));
    record.push(format!("{}", row.error_percent));
    record
}

/// In the order of the table's columns.
pub(crate) fn numbers(times: &Times) -> [u64; 8] {
    let Times {
        min,
        max,
        mean,
        std_dev,
        p50,
        p75,
        p95,
        p99,
    } = *times;
    [min, p50, p75, p95, p99, max, mean, std_dev]
}

/// Text of others as a spreadsheet may have it: see OWASP's "CSV Injection".
fn cell(text: &str) -> String {
    let text = printable(text);
    let begins = text.trim_start().chars().next();
    if matches!(
        begins,
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
    ) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}
