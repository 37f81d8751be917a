//! What goes wrong with Gatling itself.

use std::time::Instant;

use bfgg_testkit::cluster::{Cluster, Remote};
use bfgg_testkit::load::{Fault, Load, VARIABLE};
use bfgg_testkit::process::alive;
use bfgg_testkit::wait::seconds;
use serde_json::json;

use crate::programs;

/// F2: of a Gatling that is killed, or runs out of memory, what it wrote counts, but for half a record.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_gatling_that_dies_leaves_what_it_wrote() {
    let cluster = Cluster::start(programs()).await;
    let faults = [
        ("killed", Some(Fault::Die(9))),
        ("cut", Some(Fault::CutRecord)),
        ("memory", Some(Fault::OutOfMemory)),
        ("well", None),
    ];
    let mut remotes = Vec::new();
    for (name, fault) in faults {
        let mut remote = cluster.remote(name).await;
        if let Some(fault) = fault {
            let own = json!({ "fault": [2000, fault], "seconds": 60 });
            remote
                .agent
                .environment
                .push((VARIABLE.into(), own.to_string()));
        }
        remote.agent.start();
        remotes.push(remote);
    }
    cluster.api.available(faults.len(), seconds(60)).await;
    let load = Load {
        seconds: 4,
        ..Load::default()
    };
    let run = cluster.api.start(&cluster.url, &load, &[]).await;
    cluster.under_load(&run, &remotes).await;
    let ended = cluster.api.ended(&run, seconds(60)).await;
    for (name, said) in [
        ("killed", "signal 9"),
        ("cut", "signal 9"),
        ("memory", "out of memory"),
    ] {
        let agents = ended["agents"].as_array().unwrap();
        let member = agents.iter().find(|a| a["name"] == name).unwrap();
        let failure = &member["failure"];
        assert!(
            failure["message"].as_str().unwrap().contains(said),
            "{failure:#}"
        );
        let detail = failure["detail"].as_str().unwrap();
        let last = if name == "memory" {
            "OutOfMemoryError"
        } else {
            "elapsed"
        };
        assert!(detail.contains(last), "{failure:#}");
    }
    let all: Vec<&Remote> = remotes.iter().collect();
    cluster.assert_exact(&ended, &all).await;
}

/// F27: a run that never ends is ended by its maximum duration.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_without_an_end_is_ended_by_its_maximum_duration() {
    let cluster = Cluster::start(programs()).await;
    let remotes = cluster.remotes(&["lab-1"]).await;
    let load = Load {
        endless: true,
        ..Load::default()
    };
    let mut spec = cluster.api.spec(&cluster.url, &load, &[]).await;
    spec["max_duration_s"] = 3.into();
    let run = cluster.api.post("/runs", &spec).await;
    let run = run["id"].as_str().unwrap();
    cluster.under_load(run, &remotes).await;
    let begun = Instant::now();
    let ended = cluster.api.ended(run, seconds(20)).await;
    assert!(begun.elapsed() > seconds(1), "{ended:#}");
    assert_eq!(
        ended["agents"][0]["end"]["exit"]["kind"], "max-duration",
        "{ended:#}"
    );
    assert!(!alive(remotes[0].agent.written(run).pid));
    cluster.assert_exact(&ended, &[&remotes[0]]).await;
}
