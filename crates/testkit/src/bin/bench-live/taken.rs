//! What processes take.

use std::path::Path;
use std::time::Instant;

/// Ticks of `/proc/…/stat` in a second; Linux has no other.
const TICKS: f64 = 100.0;

/// The processor time of some processes from one moment to another.
pub(crate) struct Cpu {
    pids: Vec<u32>,
    ticks: u64,
    at: Instant,
}

impl Cpu {
    /// From now on.
    pub(crate) fn of(pids: Vec<u32>) -> Self {
        let ticks = pids.iter().map(|pid| ticks(*pid)).sum();
        Self {
            pids,
            ticks,
            at: Instant::now(),
        }
    }

    /// Percent of a core until now.
    pub(crate) fn percent(&self) -> f64 {
        let ticks: u64 = self.pids.iter().map(|pid| ticks(*pid)).sum();
        (ticks - self.ticks) as f64 / TICKS / self.at.elapsed().as_secs_f64() * 100.0
    }
}

/// User and system time of a process, in ticks.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name may have spaces; it is in parentheses.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = rest.split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// The most memory that a process has had, MB.
pub(crate) fn most_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

/// Processes of a program.
pub(crate) fn processes(program: &Path) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter(|entry| std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program))
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
