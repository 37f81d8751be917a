//! Runs: their life as a state machine, and what it takes to carry it out.

mod beginning;
mod cells_file;
mod clocks;
mod collect;
mod delivery;
mod differences;
mod ending;
mod evidence;
pub(crate) mod health;
mod judging;
mod live;
mod loss;
mod machine;
mod member;
mod notes;
mod part_end;
mod progress;
mod recorder;
mod report;
mod split;
mod stop_rules;
pub(crate) mod stretch;
#[cfg(test)]
mod tests;
mod timeline;

pub(crate) use beginning::Chosen;
pub(crate) use clocks::{offset_ms, run_clocks, timing};
pub(crate) use collect::{Collection, Progress, collect};
pub(crate) use delivery::{Errand as LateErrand, delivered, errand_of, revised};
pub use evidence::thresholds;
pub(crate) use evidence::{Observed, sample};
pub(crate) use judging::Judging;
pub(crate) use live::Live;
pub(crate) use machine::{Effect, Input, Machine};
pub(crate) use notes::NoteChange;
pub(crate) use progress::start_note;
pub(crate) use recorder::{Recorder, Summary};
pub(crate) use report::{REPORT_FILES, ReportTask, Reported, columns, write_report};
pub(crate) use stop_rules::{FigureRules, Watermark, complete_until};
pub(crate) use timeline::Told;
