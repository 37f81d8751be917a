//! How a load generator does: its machine's load from second to second, and its clock.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// The largest figure: numbers of JSON are exact up to it.
const MOST: u64 = 1 << 53;

/// The load of an agent's machine, and of Gatling on it, in one second. What is not known, on this
/// system or because no run is in progress, is 0.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
#[serde(default)]
pub struct Health {
    /// Busy processors, 0–100, of the whole machine.
    pub cpu_percent: f32,
    /// Processor time that the host of a virtual machine gave to others, 0–100, of the whole machine.
    pub steal_percent: f32,
    /// What Gatling's container or service has used of the processors that it may use, 0–100; 0 where it may
    /// use all.
    pub quota_percent: f32,
    /// Periods in which all of these were used and Gatling was held back, 0–100.
    pub throttled_percent: f32,
    /// Gatling's processes, 0–100, of the whole machine.
    pub jvm_percent: f32,
    /// Processes that ran or wanted to, on average of the last minute.
    pub load_1m: f32,
    /// Memory in use, bytes.
    pub memory_used_bytes: u64,
    /// Memory, bytes.
    pub memory_total_bytes: u64,
    /// Swap in use, bytes.
    pub swap_used_bytes: u64,
    /// Gatling's heap in use, bytes.
    pub heap_used_bytes: u64,
    /// Gatling's heap at most, bytes.
    pub heap_max_bytes: u64,
    /// Time Gatling's JVM spent collecting garbage in this second, ms.
    pub gc_ms: u32,
    /// The longest pause for it that ended in this second, ms.
    pub gc_pause_ms: u32,
    /// Bytes received in a second, by the network interface that carries the most; loopback is none.
    pub rx_bytes_s: u64,
    /// Bytes sent by it in a second.
    pub tx_bytes_s: u64,
    /// What it carries at most in each direction, bits in a second.
    pub link_bits_s: u64,
    /// Files and sockets that Gatling's JVM has open.
    pub open_files: u32,
    /// How many it may have open.
    pub open_files_limit: u64,
    /// Ephemeral ports in use from one local address to one remote address and port, those that take
    /// the most of them.
    pub ports_used: u32,
    /// Ephemeral ports there are between two such.
    pub ports_range: u32,
    /// TCP sockets with a connection.
    pub sockets_established: u32,
    /// TCP sockets that wait after their end.
    pub sockets_time_wait: u32,
    /// TCP sockets whose other side has closed.
    pub sockets_close_wait: u32,
    /// TCP sockets in any other state but listening.
    pub sockets_other: u32,
    /// TCP segments sent again in a second.
    pub retransmits_s: u32,
    /// TCP segments sent in a second, loopback included.
    pub segments_s: u32,
    /// Free space where runs are kept, bytes.
    pub disk_free_bytes: u64,
}

impl Health {
    /// Busy processors, 0–100, of the machine or of those that Gatling may use, whichever is more.
    pub fn busy_percent(&self) -> f32 {
        self.cpu_percent.max(self.quota_percent)
    }

    /// The same, fit to be added up and shown: what comes from outside may be anything.
    pub fn bounded(self) -> Self {
        let percent = |value: f32| match value.is_finite() {
            true => value.clamp(0.0, 100.0),
            false => 0.0,
        };
        let load = if self.load_1m.is_finite() {
            self.load_1m.clamp(0.0, 1e6)
        } else {
            0.0
        };
        let count = |value: u64| value.min(MOST);
        Self {
            cpu_percent: percent(self.cpu_percent),
            steal_percent: percent(self.steal_percent),
            quota_percent: percent(self.quota_percent),
            throttled_percent: percent(self.throttled_percent),
            jvm_percent: percent(self.jvm_percent),
            load_1m: load,
            memory_used_bytes: count(self.memory_used_bytes),
            memory_total_bytes: count(self.memory_total_bytes),
            swap_used_bytes: count(self.swap_used_bytes),
            heap_used_bytes: count(self.heap_used_bytes),
            heap_max_bytes: count(self.heap_max_bytes),
            rx_bytes_s: count(self.rx_bytes_s),
            tx_bytes_s: count(self.tx_bytes_s),
            link_bits_s: count(self.link_bits_s),
            open_files_limit: count(self.open_files_limit),
            disk_free_bytes: count(self.disk_free_bytes),
            ..self
        }
    }
}

/// [`Health`] at one moment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, TS, ToSchema)]
pub struct HealthSample {
    /// The end of its second, wall time of the agent in ms since 1970.
    pub at_ms: u64,
    /// The load in that second.
    pub health: Health,
}

/// A step of an agent's wall clock against the clock that only counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, ToSchema)]
pub struct ClockJump {
    /// Counts the jumps since the agent's start, from 1.
    pub number: u32,
    /// When it was seen, by the agent's wall clock after it, ms since 1970.
    pub at_ms: u64,
    /// How far the clock was set forward, ms; below 0 it was set back.
    pub by_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_from_outside_can_be_shown() {
        let health = Health {
            cpu_percent: f32::NAN,
            steal_percent: -3.0,
            throttled_percent: f32::NEG_INFINITY,
            quota_percent: 100.5,
            jvm_percent: 400.0,
            load_1m: f32::INFINITY,
            heap_used_bytes: u64::MAX,
            open_files: 7,
            ..Health::default()
        };
        let expected = Health {
            jvm_percent: 100.0,
            quota_percent: 100.0,
            heap_used_bytes: MOST,
            open_files: 7,
            ..Health::default()
        };
        assert_eq!(health.bounded(), expected);
        assert_eq!(expected.busy_percent(), 100.0);
    }
}
