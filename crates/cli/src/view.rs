//! What the commands show. Everything here is a pure function to text, but [`Screen`].

mod access;
mod agents;
mod changes;
mod logs;
mod outcome;
mod runs;
mod saved_tests;
mod screen;
mod text;

pub(crate) use access::api_tokens;
pub(crate) use agents::{agents, doctor, joined};
pub(crate) use changes::changes;
pub(crate) use logs::{labels, lines};
pub(crate) use outcome::outcome;
pub(crate) use runs::{run, runs};
pub(crate) use saved_tests::tests;
pub(crate) use screen::Screen;
pub(crate) use text::{bytes, printable};

#[cfg(test)]
pub(crate) mod samples;
