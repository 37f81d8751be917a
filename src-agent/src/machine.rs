//! What the machine is.

use bfgg_protocol::Machine;
use sysinfo::System;

/// What the machine is.
pub(crate) fn describe() -> Machine {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Machine {
        os: System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned()),
        arch: std::env::consts::ARCH.to_owned(),
        cores: u32::try_from(cores).unwrap_or(u32::MAX),
        memory_bytes: memory(),
    }
}

/// Memory this process may use, bytes: the machine's, or its container's.
pub(crate) fn memory() -> u64 {
    let Ok(mut system) = System::new() else {
        return 0;
    };
    system.refresh_memory();
    total(&system)
}

/// Memory that is here or that a container may use, bytes.
pub(crate) fn total(system: &System) -> u64 {
    let limit = system
        .cgroup_limits()
        .map_or(u64::MAX, |limits| limits.total_memory);
    system.total_memory().min(limit)
}
