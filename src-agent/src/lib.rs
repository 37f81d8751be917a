//! The BFG-G agent: builds and runs Gatling on one machine for the controllers it has joined.

mod capped;
mod clock;
mod console;
pub mod contain;
pub mod doctor;
mod launch;
mod life;
mod machine;
mod platform;
pub mod prepare;
mod process;
pub mod run_folder;
pub mod supervisor;
pub mod tool;
pub mod toolchain;
