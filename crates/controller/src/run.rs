//! Runs: their life as a state machine, and what it takes to carry it out.

mod cells_file;
mod collect;
mod differences;
mod ending;
mod live;
mod machine;
mod progress;
mod recorder;
mod report;
mod split;
#[cfg(test)]
mod tests;
mod timeline;

pub(crate) use collect::{Collection, Progress, collect};
pub(crate) use live::Live;
pub(crate) use machine::{Chosen, Effect, Input, Machine};
pub(crate) use progress::start_note;
pub(crate) use recorder::{Recorder, Summary};
pub(crate) use report::{REPORT_FILES, ReportTask, write_report};
pub(crate) use timeline::Told;
