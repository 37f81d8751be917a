//! Runs and their ends, for the tests of others too.

use bfgg_protocol::{RunEnd, RunExit};

use super::Rig;
use crate::api::types::Run;

/// A run of two agents that was asked for and has started at these times, ms since 1970, for so many
/// seconds at most.
pub(in crate::run) fn started_run(created_ms: u64, started_ms: u64, max_duration_s: u32) -> Run {
    let spec = serde_json::json!({"source": {"url": "x"}, "max_duration_s": max_duration_s});
    let mut run = Rig::of(spec).machine.run().clone();
    (run.created_ms, run.started_ms) = (created_ms, Some(started_ms));
    run
}

/// An end of an agent's part, without a word of when.
pub(in crate::run) fn run_end(run: &Run, exit: RunExit) -> RunEnd {
    RunEnd {
        run: run.id,
        exit,
        started_ms: 1,
        ended_ms: 0,
        console: None,
        log_bytes: Some(7),
        failure: None,
        probe: None,
        dead_man: false,
    }
}
