//! Values as text.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Names and messages come from other machines: what would steer the terminal, or reverse what
/// is read, is shown escaped.
pub(crate) fn printable(text: &str) -> String {
    bfgg_report::printable(text).into_owned()
}

/// As [`printable`], line by line.
pub(super) fn printable_lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().map(|line| printable(line.trim_end()))
}

/// `1.5 GB`
pub(crate) fn bytes(count: u64) -> String {
    indicatif::DecimalBytes(count).to_string()
}

/// `0.4 s`, `12.3 s`, `3 min 20 s`
pub(super) fn span_ms(ms: u64) -> String {
    match ms {
        0..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => span_s(ms / 1000),
    }
}

/// `45 s`, `3 min 20 s`, `4 h`
pub(super) fn span_s(seconds: u64) -> String {
    let parts = [
        (seconds / 3600, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let shown: Vec<_> = parts
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, unit)| format!("{n} {unit}"))
        .collect();
    if shown.is_empty() {
        "0 s".to_owned()
    } else {
        shown.join(" ")
    }
}

/// Wall time in ms since 1970 as local date and time.
pub(super) fn date_time(ms: u64, zone: &TimeZone) -> String {
    zoned(ms, zone, "%Y-%m-%d %H:%M:%S")
}

/// Wall time in ms since 1970 as local time with ms.
pub(super) fn time_ms(ms: u64, zone: &TimeZone) -> String {
    zoned(ms, zone, "%H:%M:%S%.3f")
}

fn zoned(ms: u64, zone: &TimeZone, format: &str) -> String {
    let timestamp = i64::try_from(ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match timestamp {
        Some(timestamp) => timestamp
            .to_zoned_datetime(zone.clone())
            .strftime(format)
            .to_string(),
        None => "?".to_owned(),
    }
}

/// How long ago, `3 s ago`.
pub(super) fn ago(ms: u64, now_ms: u64) -> String {
    let seconds = Duration::from_millis(now_ms.saturating_sub(ms)).as_secs();
    format!("{} ago", span_s(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(
            printable("lab\u{1b}[2J\u{202e}1é"),
            "lab\\u{1b}[2J\\u{202e}1é"
        );
    }

    #[test]
    fn spans() {
        for (ms, text) in [
            (0, "0.0 s"),
            (999, "0.9 s"),
            (59_999, "59.9 s"),
            (60_000, "1 min"),
            (3_723_000, "1 h 2 min 3 s"),
        ] {
            assert_eq!(span_ms(ms), text);
        }
        assert_eq!(
            (span_s(0), span_s(14_400)),
            ("0 s".to_owned(), "4 h".to_owned())
        );
    }

    #[test]
    fn times() {
        assert_eq!(time_ms(1_700_000_000_123, &TimeZone::UTC), "22:13:20.123");
        assert_eq!(
            date_time(1_700_000_000_123, &TimeZone::UTC),
            "2023-11-14 22:13:20"
        );
        assert_eq!(date_time(u64::MAX, &TimeZone::UTC), "?");
    }
}
