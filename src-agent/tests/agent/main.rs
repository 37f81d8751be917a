//! The agent as a process, with a node in the place of its controller.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod gatling;
mod life;
mod pairing;
mod scene;
mod trust;
