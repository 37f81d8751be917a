//! Values of flags.

use std::time::Duration;

use bfgg_controller::api::types::Parameter;
use gatling_log::Version;
use jiff::SignedDuration;

use super::{DeadMan, LastLines};

/// `name=value`; the value may hold further `=` and blanks, and is never split.
pub(super) fn parameter(text: &str) -> Result<Parameter, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok(Parameter {
            name: name.trim().to_owned(),
            value: value.to_owned(),
            secret: false,
        }),
        _ => Err("write name=value, for example users=100".to_owned()),
    }
}

/// `name=ms`; the name may hold further `=`.
pub(super) fn offset(text: &str) -> Result<(String, i64), String> {
    text.rsplit_once('=')
        .and_then(|(name, ms)| Some((name.to_owned(), ms.trim().parse().ok()?)))
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "write NAME=MS, for example lab-1=250 or lab-1=-80".to_owned())
}

/// A Gatling that reads binary logs of a known layout.
pub(super) fn binary_version(text: &str) -> Result<Version, String> {
    Version::parse(text)
        .filter(Version::is_known_binary)
        .ok_or_else(|| {
            "write a version of Gatling 3.13 to 3.16 in full, for example 3.16.0".to_owned()
        })
}

/// `800,1200`
pub(super) fn bounds(text: &str) -> Result<[u32; 2], String> {
    match numbers(text)[..] {
        [Some(lower), Some(higher)] if lower <= higher => Ok([lower, higher]),
        _ => Err("write two whole numbers of ms, the lower first, for example 800,1200".to_owned()),
    }
}

/// `50,75,95,99.9`
pub(super) fn percentiles(text: &str) -> Result<[f64; 4], String> {
    // Columns are named after them, with three decimals.
    let is_short = |part: &str| {
        let (whole, decimals) = part.trim().split_once('.').unwrap_or((part.trim(), ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        decimals.len() <= 3 && is_digits(whole) && is_digits(decimals)
    };
    let is_percent = |percent: f64| percent > 0.0 && percent <= 100.0;
    let found = match numbers(text)[..] {
        [Some(a), Some(b), Some(c), Some(d)] => Some([a, b, c, d]),
        _ => None,
    };
    let found = found.filter(|own| {
        let differs = |(index, percent): (usize, &f64)| !own[..index].contains(percent);
        own.iter().enumerate().all(differs) && own.iter().all(|own| is_percent(*own))
    });
    found
        .filter(|_| text.split(',').all(is_short))
        .ok_or_else(|| {
            "write four different percents above 0 and up to 100, with at most three decimals, for \
             example 50,75,95,99.9"
                .to_owned()
        })
}

fn numbers<T: std::str::FromStr>(text: &str) -> Vec<Option<T>> {
    let parts = text.split(',');
    parts.map(|part| part.trim().parse().ok()).collect()
}

/// `5m`, or `off`.
pub(super) fn dead_man(text: &str) -> Result<DeadMan, String> {
    if text.trim() == "off" {
        return Ok(DeadMan::Off);
    }
    match duration(text) {
        Ok(limit) if !limit.is_zero() => Ok(DeadMan::After(limit)),
        _ => Err("write a time as 90s, 5m or 1h30m, or off".to_owned()),
    }
}

/// `200`, or `all`.
pub(super) fn last_lines(text: &str) -> Result<LastLines, String> {
    match text.trim() {
        "all" => Ok(LastLines::All),
        number => match number.parse() {
            Ok(lines @ 0..=10_000) => Ok(LastLines::Last(lines)),
            _ => Err("write a number of lines from 0 to 10000, or all".to_owned()),
        },
    }
}

/// `90s`, `15m`, `4h`, `1h30m`, or a number of seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a time as 90s, 15m, 4h or 1h30m, up to 30 days".to_owned();
    let duration = match text.trim().parse::<u32>() {
        Ok(seconds) => Duration::from_secs(seconds.into()),
        Err(_) => {
            let signed: SignedDuration = text.trim().parse().map_err(|_| wrong())?;
            Duration::try_from(signed).map_err(|_| wrong())?
        }
    };
    let limit = Duration::from_secs(30 * 24 * 3600);
    if duration.subsec_nanos() == 0 && duration <= limit {
        Ok(duration)
    } else {
        Err(wrong())
    }
}
