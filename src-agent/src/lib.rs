//! The BFG-G agent: builds and runs Gatling on one machine for the controllers it has joined.

mod capped;
mod clock;
mod console;
pub mod contain;
mod platform;
mod process;
pub mod run_folder;
pub mod supervisor;
