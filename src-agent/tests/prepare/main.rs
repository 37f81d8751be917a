//! Prepare with real git repositories, real Maven and sbt, and builds that are scripts.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod build;
mod folder;
mod repository;
mod scene;
