//! What Linux tells of a group of processes (cgroup v2) that may use only a part of the machine: texts in,
//! figures out.

use std::path::{Component, Path, PathBuf};

/// Groups above a process that are looked at.
const DEEPEST: usize = 16;

/// What a group has used of processors so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Time, µs.
    pub(crate) us: u64,
    /// Periods in which it had something to do, and those of them in which its quota was used up.
    pub(crate) periods: u64,
    pub(crate) throttled: u64,
}

/// The folders of a process's group and of those above it, by `/proc/PID/cgroup`. What a container sees is
/// its own from the root on.
pub(crate) fn groups(cgroup: &str, root: &Path) -> Vec<PathBuf> {
    let own = cgroup.lines().find_map(|line| line.strip_prefix("0::"));
    let own = Path::new(own.unwrap_or("/"));
    // "/../x" is of a process that is moved out of what is seen here.
    let names = own.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    let own = root.join(names.collect::<PathBuf>());
    let above = own.ancestors().take_while(|path| path.starts_with(root));
    above.take(DEEPEST).map(Path::to_owned).collect()
}

/// `cpu.max`: how many processors a group may use; `None` for all.
pub(crate) fn quota(max: &str) -> Option<f64> {
    let mut words = max.split_whitespace().map(str::parse::<u32>);
    let (quota, period) = (words.next()?.ok()?, words.next()?.ok()?);
    (period > 0).then(|| f64::from(quota) / f64::from(period))
}

/// `cpu.stat`.
pub(crate) fn used(stat: &str) -> Option<Used> {
    let value = |wanted: &str| {
        let mut lines = stat.lines().filter_map(|line| line.split_once(' '));
        let found = lines.find(|(name, _)| *name == wanted);
        found.and_then(|(_, value)| value.trim().parse().ok())
    };
    Some(Used {
        us: value("usage_usec")?,
        periods: value("nr_periods").unwrap_or_default(),
        throttled: value("nr_throttled").unwrap_or_default(),
    })
}

/// How much of its quota a group has used in so many µs, and in how many of its periods that was all of it:
/// percent.
pub(crate) fn shares(before: Used, now: Used, passed_us: u64, quota: f64) -> (f32, f32) {
    let since = |now: u64, before: u64| now.saturating_sub(before) as f64;
    let percent = |part: f64, all: f64| match all > 0.0 {
        true => (part * 100.0 / all).min(100.0) as f32,
        false => 0.0,
    };
    let may = passed_us as f64 * quota;
    (
        percent(since(now.us, before.us), may),
        percent(
            since(now.throttled, before.throttled),
            since(now.periods, before.periods),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_a_process() {
        let root = Path::new("/sys/fs/cgroup");
        for (text, expected) in [
            ("0::/\n", &["/sys/fs/cgroup"][..]),
            (
                "1:cpu:/x\n0::/a.slice/b.service\n",
                &[
                    "/sys/fs/cgroup/a.slice/b.service",
                    "/sys/fs/cgroup/a.slice",
                    "/sys/fs/cgroup",
                ],
            ),
            ("0::/../b\n", &["/sys/fs/cgroup/b", "/sys/fs/cgroup"]),
            ("", &["/sys/fs/cgroup"]),
        ] {
            let expected: Vec<PathBuf> = expected.iter().map(PathBuf::from).collect();
            assert_eq!(groups(text, root), expected, "{text:?}");
        }
    }

    #[test]
    fn a_quota_of_processors() {
        for (text, expected) in [
            ("max 100000\n", None),
            ("200000 100000\n", Some(2.0)),
            ("50000 100000", Some(0.5)),
            ("5 0", None),
            ("", None),
        ] {
            assert_eq!(quota(text), expected, "{text:?}");
        }
        let stat = |us: u64, periods: u64, throttled: u64| {
            format!(
                "usage_usec {us}\nuser_usec 5\nsystem_usec 6\nnr_periods {periods}\n\
                 nr_throttled {throttled}\nthrottled_usec 9\n"
            )
        };
        let (before, now) = (used(&stat(1_000, 10, 2)), used(&stat(1_801_000, 20, 6)));
        let (before, now) = (before.unwrap(), now.unwrap());
        // 1.8 s of processors in a second, of the 2 that it may use.
        assert_eq!(shares(before, now, 1_000_000, 2.0), (90.0, 40.0));
        assert_eq!(shares(before, before, 1_000_000, 2.0), (0.0, 0.0));
        assert_eq!(shares(now, before, 0, 2.0), (0.0, 0.0));
        // Where there is no quota there are no periods.
        assert_eq!(used("usage_usec 7\n").map(|used| used.periods), Some(0));
        assert_eq!(used("user_usec 7\n"), None);
    }
}
