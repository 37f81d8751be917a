//! F24: stop in every phase, twice, with force, and lost on the way: one end, and no process left.

use std::time::{Duration, Instant};

use bfgg_testkit::cluster::{Cluster, Remote};
use bfgg_testkit::load::Load;
use bfgg_testkit::process::alive;
use bfgg_testkit::project;
use bfgg_testkit::wait::{seconds, until};
use serde_json::{Value, json};

use crate::programs;

/// When it is stopped, how it is stopped.
struct Case {
    phase: &'static str,
    load: Load,
    build: Option<&'static str>,
    stops: &'static [bool],
    /// The way is cut while it is told.
    lost: bool,
    limit: Duration,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_ends_a_run_in_every_phase() {
    let cluster = Cluster::start(programs()).await;
    let remotes = cluster.remotes(&["lab-1", "lab-2"]).await;
    let long = Load {
        seconds: 300,
        ..Load::default()
    };
    let deaf = Load {
        deaf: true,
        endless: true,
        ..long.clone()
    };
    let late = Load {
        start_up_ms: 60_000,
        ..long.clone()
    };
    let case = |phase, load: &Load, stops, lost| Case {
        phase,
        load: load.clone(),
        build: None,
        stops,
        lost,
        limit: seconds(20),
    };
    let cases = [
        Case {
            build: Some("sleep 300 & wait"),
            ..case("building", &long, &[false], false)
        },
        case("starting", &late, &[false], false),
        case("running", &long, &[false], false),
        case("running", &long, &[false, false], false),
        case("running", &deaf, &[false, true], false),
        case("running", &long, &[false], true),
    ];
    for (number, case) in cases.iter().enumerate() {
        let url = match case.build {
            Some(build) => project::with_build(&cluster.folder().join("slow"), build),
            None => cluster.url.clone(),
        };
        check(&cluster, &remotes, case, &url, number).await;
    }
}

async fn check(cluster: &Cluster, remotes: &[Remote], case: &Case, url: &str, number: usize) {
    let Case { phase, stops, .. } = case;
    let what = format!("case {number}, {phase}, {stops:?}");
    let api = &cluster.api;
    let run = api.start(url, &case.load, &[]).await;
    until(&what, seconds(60), async || {
        let now = api.run(&run).await;
        let there = |a: &Value| a["phase"] == *phase;
        let all = now["agents"].as_array().unwrap().iter().all(there);
        all.then_some(()).ok_or_else(|| format!("{now:#}"))
    })
    .await;
    if *phase == "running" {
        cluster.under_load(&run, remotes).await;
    }
    if case.lost {
        remotes[0].proxy.partition();
    }
    let begun = Instant::now();
    for force in *stops {
        api.post(&format!("/runs/{run}/stop"), &json!({ "force": force }))
            .await;
    }
    if case.lost {
        tokio::time::sleep(seconds(3)).await;
        remotes[0].proxy.heal();
    }
    let ended = api.ended(&run, case.limit).await;
    assert_eq!(ended["state"], "stopped", "{what}: {ended:#}");
    for remote in remotes {
        let left = remote.agent.written(&run).pid;
        assert!(left == 0 || !alive(left), "{what}: {left} is left");
    }
    assert!(begun.elapsed() < case.limit + seconds(2), "{what}");
    // Once more changes nothing.
    let again = api.post(&format!("/runs/{run}/stop"), &json!({})).await;
    assert_eq!(again["state"], "stopped", "{what}");
    api.available(remotes.len(), seconds(20)).await;
    if *phase == "running" {
        let all: Vec<&Remote> = remotes.iter().collect();
        if !case.load.deaf && !stops.contains(&true) {
            cluster.assert_exact(&ended, &all).await;
        }
    }
}
