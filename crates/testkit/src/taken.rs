//! What processes take, by `/proc`.

use std::path::Path;

/// User and system time of a process, in ticks: a hundredth of a second on Linux.
pub fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name may have spaces; it is in parentheses.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    // Fields 14 and 15 of proc(5); behind the name comes the third.
    let fields = rest.split_whitespace().skip(11).take(2);
    fields.filter_map(|field| field.parse::<u64>().ok()).sum()
}

/// The memory that a process has now, bytes.
pub fn memory(pid: u32) -> u64 {
    status_bytes(pid, "VmRSS:")
}

/// The most memory that a process has had, bytes.
pub fn most_memory(pid: u32) -> u64 {
    status_bytes(pid, "VmHWM:")
}

fn status_bytes(pid: u32, field: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or_default() << 10
}

/// The files that a process has open.
pub fn files(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
}

/// The processes of some programs.
pub fn processes(programs: &[&Path]) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter(|entry| {
        let program = std::fs::read_link(entry.path().join("exe"));
        program.is_ok_and(|program| programs.contains(&program.as_path()))
    })
    .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
    .collect()
}
