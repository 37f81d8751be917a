//! The machine, and its load.

use std::path::Path;

use bfgg_protocol::{Health, Machine};
use sysinfo::System;

use crate::platform;

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

fn total(system: &System) -> u64 {
    let limit = system
        .cgroup_limits()
        .map_or(u64::MAX, |limits| limits.total_memory);
    system.total_memory().min(limit)
}

/// Measures the load from one call to the next.
pub(crate) struct Gauge(Option<System>);

impl Gauge {
    pub(crate) fn new() -> Self {
        Self(System::new().ok())
    }

    /// The load since the last call.
    pub(crate) fn read(&mut self, results: &Path) -> Health {
        let Some(system) = &mut self.0 else {
            return Health::default();
        };
        system.refresh_memory();
        system.refresh_cpu_usage();
        Health {
            cpu_percent: system.global_cpu_usage().clamp(0.0, 100.0),
            memory_used_bytes: system.used_memory(),
            memory_total_bytes: total(system),
            disk_free_bytes: platform::free_space(results).unwrap_or_default(),
            ..Health::default()
        }
    }
}
