//! The faults of docs/faults.md, each at its bound, with a real controller, real agents and a fake
//! Gatling. The numbers (F4, F10 …) are those of that table.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

// Tests are begun in the order of their names, as many at once as there are cores: with these names the
// longest one, which is in `every_kind`, begins early.
mod agents;
mod crowd;
mod disk;
mod every_kind;
mod fetch;
mod gatling;
mod sleep;
mod stop;

use bfgg_testkit::process::Programs;
use tokio::sync::Mutex;

/// For tests that take all the CPU there is, and for the one that looks at every second: one at a time.
static CPU: Mutex<()> = Mutex::const_new(());

/// The programs of this crate.
fn programs() -> Programs {
    Programs {
        agent: env!("CARGO_BIN_EXE_testkit-agent").into(),
        gatling: env!("CARGO_BIN_EXE_fake-gatling").into(),
    }
}
