//! The load of the machine, and of Gatling on it, measured once a second.

#[cfg(any(target_os = "linux", test))]
pub(crate) mod cgroup;
#[cfg(any(target_os = "linux", test))]
pub(crate) mod proc;
mod samples;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_protocol::{ClockJump, Health, HealthSample};
use sysinfo::System;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::clock::JumpWatch;
use crate::probe::ProbeReport;
use crate::run_folder::RunFolder;
use crate::{clock, machine, platform};
pub(crate) use samples::Samples;

const EVERY: Duration = Duration::from_secs(1);

/// What a heartbeat tells of the machine.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Measured {
    pub(crate) health: Health,
    /// The newest jump of the wall clock.
    pub(crate) clock_jump: Option<ClockJump>,
}

/// Measures once a second until it is stopped; what a run in progress needs of it goes to `samples`
/// too.
pub(crate) async fn measure(
    results: PathBuf,
    samples: Samples,
    measured: watch::Sender<Measured>,
    stop: CancellationToken,
) {
    let mut gauge = Gauge::new();
    let mut clock = JumpWatch::default();
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        let (results, run) = (results.clone(), samples.run());
        // A disk that does not answer keeps this task, and none else.
        let read = tokio::task::spawn_blocking(move || {
            let health = gauge.read(&results, run.as_ref());
            let jumped = clock.look();
            (gauge, clock, health, run, jumped)
        });
        let Some(Ok(read)) = stop.run_until_cancelled(read).await else {
            return;
        };
        let (health, run, jumped);
        (gauge, clock, health, run, jumped) = read;
        if let Some(run) = &run {
            let at_ms = clock::wall_ms();
            let health = health.clone();
            samples.add(run, HealthSample { at_ms, health });
        }
        if let Some(ClockJump { by_ms, .. }) = jumped {
            warn!(by_ms, "the wall clock was set");
        }
        measured.send_modify(|told| {
            told.health = health;
            told.clock_jump = jumped.or(told.clock_jump);
        });
    }
}

/// Measures the load from one call to the next.
struct Gauge {
    memory: Option<System>,
    meter: platform::Meter,
    /// The run whose garbage is counted.
    run: Option<PathBuf>,
    garbage: Option<Garbage>,
}

impl Gauge {
    fn new() -> Self {
        Self {
            memory: System::new().ok(),
            meter: platform::Meter::default(),
            run: None,
            garbage: None,
        }
    }

    /// The load since the last call.
    fn read(&mut self, results: &Path, run: Option<&RunFolder>) -> Health {
        let mut health = Health {
            disk_free_bytes: platform::free_space(results).unwrap_or_default(),
            ..Health::default()
        };
        if let Some(system) = &mut self.memory {
            system.refresh_memory();
            health.memory_used_bytes = system.used_memory();
            health.memory_total_bytes = machine::total(system);
            health.swap_used_bytes = system.used_swap();
        }
        let supervisor = run.and_then(|run| run.supervisor().ok().flatten());
        let supervisor = supervisor.map(|supervisor| supervisor.pid);
        self.meter.read(supervisor, &mut health);
        self.heap(run, &mut health);
        health
    }

    fn heap(&mut self, run: Option<&RunFolder>, health: &mut Health) {
        let path = run.map(|run| run.path().to_owned());
        if self.run != path {
            (self.run, self.garbage) = (path, None);
        }
        let Some(report) = run.and_then(|run| run.probe().ok().flatten()) else {
            return;
        };
        health.heap_used_bytes = report.heap_used_bytes;
        health.heap_max_bytes = report.heap_max_bytes;
        let now = Garbage::of(&report);
        if let Some(before) = self.garbage.replace(now) {
            (health.gc_ms, health.gc_pause_ms) = now.since(before, &report);
        }
    }
}

/// Garbage collected so far.
#[derive(Debug, Clone, Copy)]
struct Garbage {
    ms: u64,
    pauses: u64,
}

impl Garbage {
    fn of(report: &ProbeReport) -> Self {
        Self {
            ms: report.gc_ms,
            pauses: report.gc_pauses,
        }
    }

    /// The time spent since, and the longest pause, ms.
    fn since(self, before: Self, report: &ProbeReport) -> (u32, u32) {
        let small = |ms: u64| u32::try_from(ms).unwrap_or(u32::MAX);
        let new = self.pauses.saturating_sub(before.pauses);
        let new = usize::try_from(new).unwrap_or(usize::MAX);
        let pauses = report.gc_last_ms.iter().rev().take(new);
        let longest = pauses.copied().max().unwrap_or_default();
        (small(self.ms.saturating_sub(before.ms)), small(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_count_once() {
        let report = |ms, pauses, last: &[u64]| ProbeReport {
            gc_ms: ms,
            gc_pauses: pauses,
            gc_last_ms: last.into(),
            ..ProbeReport::default()
        };
        let first = report(100, 3, &[90, 5, 5]);
        let second = report(160, 5, &[90, 5, 5, 20, 40]);
        let (before, now) = (Garbage::of(&first), Garbage::of(&second));
        assert_eq!(now.since(before, &second), (60, 40));
        assert_eq!(now.since(now, &second), (0, 0));
        // More than are told one by one.
        let many = report(900, 500, &[7, 300, 2]);
        assert_eq!(Garbage::of(&many).since(now, &many), (740, 300));
        // Another JVM.
        assert_eq!(before.since(now, &first), (0, 0));
    }

    #[test]
    fn the_heap_is_that_of_the_run_in_progress() {
        let at = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(at.path());
        let put = |ms: u64| {
            let text = format!(
                "{{\"heap_used_bytes\":7,\"heap_max_bytes\":9,\"gc_ms\":{ms},\"gc_pauses\":{ms},\"gc_last_ms\":[{ms}]}}"
            );
            std::fs::write(at.path().join("probe.json"), text).unwrap();
        };
        let mut gauge = Gauge::new();
        put(50);
        let health = gauge.read(at.path(), Some(&folder));
        // What an earlier agent has told.
        assert_eq!((health.heap_used_bytes, health.heap_max_bytes), (7, 9));
        assert_eq!((health.gc_ms, health.gc_pause_ms), (0, 0));
        put(80);
        let health = gauge.read(at.path(), Some(&folder));
        assert_eq!((health.gc_ms, health.gc_pause_ms), (30, 80));
        assert!(health.memory_total_bytes > 0 && health.disk_free_bytes > 0);
        let health = gauge.read(at.path(), None);
        assert_eq!((health.heap_used_bytes, health.gc_ms), (0, 0));
    }
}
