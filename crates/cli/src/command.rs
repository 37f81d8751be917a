//! The commands.

pub(crate) mod access;
pub(crate) mod agents;
pub(crate) mod config;
pub(crate) mod identity;
pub(crate) mod log;
pub(crate) mod logs;
pub(crate) mod merge;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod runs;
pub(crate) mod serve;
pub(crate) mod tests;
pub(crate) mod token;
