//! The load where `/proc` does not tell it: what `sysinfo` knows.

use std::ops::RangeInclusive;

use bfgg_protocol::Health;
use sysinfo::System;

/// Measures what has changed from one call to the next.
#[derive(Debug, Default)]
pub(crate) struct Meter(Option<System>);

impl Meter {
    /// Fills in the processors.
    pub(crate) fn read(&mut self, _supervisor: Option<u32>, health: &mut Health) {
        if self.0.is_none() {
            self.0 = System::new().ok();
        }
        if let Some(system) = &mut self.0 {
            system.refresh_cpu_usage();
            health.cpu_percent = system.global_cpu_usage().clamp(0.0, 100.0);
        }
    }
}

/// The ports that connections get by themselves.
pub(crate) fn ephemeral_ports() -> Option<RangeInclusive<u16>> {
    None
}

/// A setting of the kernel.
pub(crate) fn kernel_setting(_name: &str) -> Option<String> {
    None
}

/// A clock that only counts, and counts on while the machine sleeps.
pub(crate) fn counting_us() -> Option<u64> {
    None
}
