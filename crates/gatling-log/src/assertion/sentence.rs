//! Gatling's own sentences (those of 3.16).

use super::{Assertion, Condition, Metric, Stat, Target};

impl Assertion {
    /// The sentence Gatling writes for this assertion on the request or group at `path`; with an
    /// empty path, on all requests: "Checkout / slow pay: 95th percentile of response time is less
    /// than 1000.0".
    #[must_use]
    pub fn sentence<S: AsRef<str>>(&self, path: &[S]) -> String {
        let names: Vec<&str> = path.iter().map(AsRef::as_ref).collect();
        let path = if names.is_empty() {
            "Global".to_owned()
        } else {
            names.join(" / ")
        };
        format!(
            "{path}: {} {}",
            target(&self.target),
            condition(&self.condition)
        )
    }
}

fn target(target: &Target) -> String {
    match target {
        Target::Count(metric) => format!("count of {}", events(*metric)),
        Target::Percent(metric) => format!("percentage of {}", events(*metric)),
        Target::ResponseTime(stat) => {
            let stat = match stat {
                Stat::Min => "min".to_owned(),
                Stat::Max => "max".to_owned(),
                Stat::Mean => "mean".to_owned(),
                Stat::StandardDeviation => "standard deviation".to_owned(),
                Stat::Percentile(percent) => format!("{} percentile", rank(*percent)),
            };
            format!("{stat} of response time")
        }
        Target::MeanRequestsPerSecond => "mean requests per second".to_owned(),
    }
}

fn events(metric: Metric) -> &'static str {
    match metric {
        Metric::All => "all events",
        Metric::Ok => "successful events",
        Metric::Ko => "failed events",
    }
}

fn condition(condition: &Condition) -> String {
    match condition {
        Condition::Lte(bound) => format!("is less than or equal to {}", double(*bound)),
        Condition::Gte(bound) => format!("is greater than or equal to {}", double(*bound)),
        Condition::Lt(bound) => format!("is less than {}", double(*bound)),
        Condition::Gt(bound) => format!("is greater than {}", double(*bound)),
        Condition::Is(value) => format!("is {}", double(*value)),
        Condition::Between {
            lower,
            upper,
            inclusive,
        } => {
            let inclusive = if *inclusive { " inclusive" } else { "" };
            format!(
                "is between {} and {}{inclusive}",
                double(*lower),
                double(*upper)
            )
        }
        Condition::In(values) => {
            let values: Vec<String> = values.iter().copied().map(double).collect();
            format!("is in List({})", values.join(", "))
        }
    }
}

/// A percentile as Gatling names it: "50th", "99.9th", "1st".
#[must_use]
pub fn rank(percent: f64) -> String {
    let printed = format!("{percent:.3}");
    let printed = printed.trim_end_matches('0').trim_end_matches('.');
    // Gatling takes the ending from the first two decimals where there are some.
    let ending = if percent == percent.floor() {
        percent
    } else {
        percent * 100.0
    };
    let ending = match ending as i64 % 100 {
        11..=13 => "th",
        n => match n % 10 {
            1 => "st",
            2 => "nd",
            3 => "rd",
            _ => "th",
        },
    };
    format!("{printed}{ending}")
}

/// A number as Java prints a double.
fn double(value: f64) -> String {
    if !value.is_finite() {
        return match value {
            _ if value.is_nan() => "NaN",
            _ if value > 0.0 => "Infinity",
            _ => "-Infinity",
        }
        .to_owned();
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if digits.contains('.') => format!("{digits}E{exponent}"),
        Some((digits, exponent)) => format!("{digits}.0E{exponent}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AssertionPath;

    #[test]
    fn prints_doubles_as_java_does() {
        let printed = [
            0.0,
            -0.0,
            5000.0,
            99.9,
            0.001,
            1e-4,
            1.25e-5,
            1e7,
            12_345_678.9,
            -2e10,
        ]
        .map(double)
        .join(" ");
        assert_eq!(
            printed,
            "0.0 -0.0 5000.0 99.9 0.001 1.0E-4 1.25E-5 1.0E7 1.23456789E7 -2.0E10"
        );
        assert_eq!(
            [f64::NAN, f64::INFINITY, -f64::INFINITY]
                .map(double)
                .join(" "),
            "NaN Infinity -Infinity"
        );
    }

    #[test]
    fn ranks_percentiles_as_gatling_does() {
        let ranked = [
            50.0, 99.9, 1.0, 2.0, 3.0, 11.0, 12.0, 13.0, 21.0, 99.99, 100.0, 99.5,
        ]
        .map(rank);
        assert_eq!(
            ranked.join(" "),
            "50th 99.9th 1st 2nd 3rd 11th 12th 13th 21st 99.99th 100th 99.5th"
        );
    }

    #[test]
    fn an_empty_path_means_all_requests() {
        let assertion = Assertion {
            path: AssertionPath::Global,
            target: Target::Percent(Metric::Ko),
            condition: Condition::In(vec![1.0, 2.5]),
        };
        let none: [&str; 0] = [];
        assert_eq!(
            assertion.sentence(&none),
            "Global: percentage of failed events is in List(1.0, 2.5)"
        );
        assert_eq!(
            assertion.sentence(&["a", "b"]),
            "a / b: percentage of failed events is in List(1.0, 2.5)"
        );
        assert_eq!(
            assertion.sentence(&[""]),
            ": percentage of failed events is in List(1.0, 2.5)"
        );
    }
}
