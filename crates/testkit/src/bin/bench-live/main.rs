//! Measures what a live run costs and how late its figures are: `bench-live [latency|many|collect|day]`;
//! all but the last without an argument. `collect NAMESPACE ADDRESS` has the agent in that network namespace,
//! `day HOURS` takes less than 24. The tables are those of `docs/performance.md`.
//!
//! The controller is in this process, with one viewer of its events; agents, their supervisors and fake
//! Gatlings are processes, and hundreds of agents that are mere nodes are one more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement that cannot go on has failed"
)]

#[cfg(unix)]
mod collect;
#[cfg(unix)]
mod cpu;
#[cfg(unix)]
mod day;
#[cfg(unix)]
mod latency;
#[cfg(unix)]
mod many;
#[cfg(unix)]
mod viewer;

#[cfg(unix)]
#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next();
    let rest: Vec<String> = arguments.collect();
    let known = ["latency", "many", "collect", "day"];
    if let Some(what) = &what
        && !known.contains(&what.as_str())
    {
        panic!("there is no measurement \"{what}\": {}", known.join(", "));
    }
    let wants = |name: &str| what.as_deref().is_none_or(|what| what == name);
    if wants("latency") {
        latency::measure().await;
    }
    if wants("many") {
        many::measure().await;
    }
    if wants("collect") {
        collect::measure(&rest).await;
    }
    if what.as_deref() == Some("day") {
        let hours = rest.first().map_or(24, |hours| {
            hours.parse().expect("the hours are a whole number")
        });
        day::measure(hours).await;
    }
}

#[cfg(not(unix))]
fn main() {}

/// The programs beside this one.
#[cfg(unix)]
fn programs() -> bfgg_testkit::process::Programs {
    let beside = |name: &str| std::env::current_exe().unwrap().with_file_name(name);
    bfgg_testkit::process::Programs {
        agent: beside("testkit-agent"),
        gatling: beside("fake-gatling"),
    }
}

/// The value that so many percent of the sorted ones do not exceed.
#[cfg(unix)]
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}
