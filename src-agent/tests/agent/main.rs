//! The agent as a process, with a node in the place of its controller.
#![cfg(unix)]

mod life;
mod scene;
mod trust;
