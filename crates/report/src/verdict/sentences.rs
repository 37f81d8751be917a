//! Times, lengths and figures in the findings' sentences.

use super::over::Sum;

/// `00:03:10` after the start.
pub(super) fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(super) fn length(ms: u64) -> String {
    let seconds = ms / 1000;
    match (seconds, ms % 1000) {
        (0, _) => format!("{ms} ms"),
        (1..10, rest) if rest >= 100 => format!("{seconds}.{} s", rest / 100),
        (..120, _) => format!("{seconds} s"),
        (..7200, _) => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// Of a length that is over a limit: with as many digits as show it.
pub(super) fn length_over(ms: u64, limit_ms: u64) -> String {
    let shown = length(ms);
    match shown == length(limit_ms) {
        true => format!("{}.{:03} s", ms / 1000, ms % 1000),
        false => shown,
    }
}

/// With one decimal where there is one.
pub(super) fn percent(value: f64) -> String {
    let text = format!("{value:.1}");
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// Of a share that is over a limit: with as many digits as show it.
pub(super) fn percent_over(value: f64, limit: f64) -> String {
    let digits = |digits: usize| format!("{value:.digits$}");
    let is_over = |text: &String| text.parse::<f64>().is_ok_and(|shown| shown > limit);
    match (2..10).map(digits).find(is_over) {
        Some(text) if !is_over(&digits(1)) => format!("{text} %"),
        _ => percent(value),
    }
}

/// Since when, or from when to when, and for how long.
pub(super) fn time(sum: &Sum) -> String {
    let lasted = length(sum.lasted_ms);
    let (from, to) = (clock(sum.from_ms), clock(sum.to_ms));
    match (sum.stretches, sum.goes_on) {
        (..2, true) => format!("since {from}, for {lasted} so far"),
        (..2, false) => format!("from {from} to {to}, for {lasted}"),
        (times, true) => format!("{times} times since {from} and now, for {lasted} in all"),
        (times, false) => {
            format!("{times} times between {from} and {to}, for {lasted} in all")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_lengths() {
        assert_eq!(clock(190_999), "00:03:10");
        assert_eq!(clock(100 * 3_600_000), "100:00:00");
        let lengths = [0, 850, 1_000, 1_250, 12_340, 200_000, 7_500_000].map(length);
        let expected = [
            "0 ms",
            "850 ms",
            "1 s",
            "1.2 s",
            "12 s",
            "3 min 20 s",
            "2 h 5 min",
        ];
        assert_eq!(lengths, expected);
        assert_eq!([85.0, 91.26, 0.04].map(percent), ["85 %", "91.3 %", "0 %"]);
    }

    #[test]
    fn what_is_over_a_limit_does_not_read_as_the_limit() {
        for (value, limit, expected) in [
            (5.01, 5.0, "5.01 %"),
            (5.004, 5.0, "5.004 %"),
            (5.06, 5.0, "5.1 %"),
            (12.5, 5.0, "12.5 %"),
            (100.0, 5.0, "100 %"),
            (5.26, 5.25, "5.3 %"),
            (5.21, 5.2, "5.21 %"),
            (5.0 + 1e-12, 5.0, "5 %"),
        ] {
            assert_eq!(percent_over(value, limit), expected);
        }
        for (ms, limit_ms, expected) in [
            (1_001, 1_000, "1.001 s"),
            (1_150, 1_100, "1.150 s"),
            (1_300, 1_000, "1.3 s"),
            (501, 500, "501 ms"),
            (125_400, 125_000, "125.400 s"),
            (7_300_000, 1_000, "2 h 1 min"),
        ] {
            assert_eq!(length_over(ms, limit_ms), expected);
        }
    }
}
