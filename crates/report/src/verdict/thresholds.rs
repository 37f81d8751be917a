/// From where on something is evidence. An infinite or the greatest value switches a rule off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Busy processors of a machine, percent: so many or more, all through a window.
    pub cpu_percent: f64,
    /// The window of processors and garbage collection, ms.
    pub window_ms: u64,
    /// Time collecting garbage, percent of a window: more than this.
    pub gc_percent: f64,
    /// A pause for it, ms: longer than this.
    pub gc_pause_ms: u64,
    /// Open files of those allowed, percent: so many or more.
    pub files_percent: f64,
    /// Local ports used of those there are, percent: so many or more.
    pub ports_percent: f64,
    /// What is sent or received of what the link carries, percent: so much or more.
    pub network_percent: f64,
    /// The agents' first users apart, ms: more than this.
    pub spread_ms: u64,
    /// A step of an agent's clock, forward or back, ms: more than this.
    pub clock_jump_ms: u64,
    /// Requests/s of the whole run and while all agents made load apart, percent: more than this.
    pub rates_percent: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            cpu_percent: 85.0,
            window_ms: 10_000,
            gc_percent: 5.0,
            gc_pause_ms: 500,
            files_percent: 80.0,
            ports_percent: 80.0,
            network_percent: 90.0,
            spread_ms: 1_000,
            clock_jump_ms: 100,
            rates_percent: 5.0,
        }
    }
}
