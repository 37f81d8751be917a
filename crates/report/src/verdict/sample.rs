use serde::{Deserialize, Serialize};

/// What one load generator's machine told of one second. What it did not tell is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// The end of that second, ms after the start instant.
    pub at_ms: u64,
    /// Busy processors, 0–100, of the whole machine.
    pub cpu_percent: Option<f64>,
    /// Of these what the host of a virtual machine took away, 0–100.
    pub steal_percent: Option<f64>,
    /// Time that Gatling's JVM spent collecting garbage in this second, ms.
    pub gc_ms: Option<u64>,
    /// The longest pause for it in this second, ms.
    pub gc_pause_ms: Option<u64>,
    /// Files that Gatling's process has open, sockets too.
    pub open_files: Option<u64>,
    /// How many it may have.
    pub open_files_limit: Option<u64>,
    /// Local ports in use.
    pub ports_used: Option<u64>,
    /// How many there are.
    pub ports_range: Option<u64>,
    /// Bytes received.
    pub rx_bytes_s: Option<u64>,
    /// Bytes sent.
    pub tx_bytes_s: Option<u64>,
    /// What the network link carries in either direction, bits.
    pub link_bits_s: Option<u64>,
}

impl Sample {
    /// Open files of those allowed, percent.
    pub(super) fn files_percent(&self) -> Option<f64> {
        share(self.open_files, self.open_files_limit)
    }

    /// Local ports used of those there are, percent.
    pub(super) fn ports_percent(&self) -> Option<f64> {
        share(self.ports_used, self.ports_range)
    }

    /// The busier direction of the link, percent.
    pub(super) fn network_percent(&self) -> Option<f64> {
        let bytes = self.rx_bytes_s.max(self.tx_bytes_s)?;
        share(Some(bytes.saturating_mul(8)), self.link_bits_s)
    }
}

fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let whole = whole.filter(|whole| *whole > 0)?;
    Some(part? as f64 * 100.0 / whole as f64)
}
