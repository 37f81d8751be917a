//! Runs: their life as a state machine, and what it takes to carry it out.

mod cells_file;
mod clocks;
mod collect;
mod ending;
mod evidence;
pub(crate) mod health;
mod judging;
mod live;
mod machine;
mod progress;
mod recorder;
mod report;
mod split;
#[cfg(test)]
mod tests;
mod timeline;

pub(crate) use clocks::{offset_ms, run_clocks, timing};
pub(crate) use collect::{Collection, collect};
pub use evidence::thresholds;
pub(crate) use evidence::{Observed, sample};
pub(crate) use judging::Judging;
pub(crate) use live::Live;
pub(crate) use machine::{Chosen, Effect, Input, Machine};
pub(crate) use progress::start_note;
pub(crate) use recorder::{Recorder, Summary};
pub(crate) use report::{REPORT_FILES, ReportTask, Reported, write_report};
pub(crate) use timeline::Told;
