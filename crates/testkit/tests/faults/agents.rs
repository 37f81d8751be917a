//! Who the agents are, and what the controller makes of it. Most of these are mere nodes.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use bfgg_protocol::version;
use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::node::{FakeAgent, REQUESTS, Says};
use bfgg_testkit::wait::{seconds, until};
use reqwest::Method;
use serde_json::json;
use tokio::time::sleep;

use crate::{CPU, programs};

/// F15: a clock that is 5 minutes off is measured, and the load begins at the same instant all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clocks_that_are_off_are_measured_and_corrected() {
    let cluster = Cluster::start(programs()).await;
    let token = cluster.token_by(cluster.address());
    let mut agents = Vec::new();
    for (name, ahead_ms) in [("right", 0), ("ahead", 300_000), ("behind", -300_000)] {
        let says = Says {
            ahead_ms,
            ..Says::named(name)
        };
        agents.push(FakeAgent::join(&token, says).await);
    }
    cluster.api.available(3, seconds(30)).await;
    for (name, ahead_ms) in [("ahead", 300_000.0), ("behind", -300_000.0)] {
        until("the offset", seconds(10), async || {
            let offset = cluster.api.agent(name).await["clock"]["offset_ms"].as_f64();
            let near = offset.is_some_and(|offset| (offset - ahead_ms).abs() < 500.0);
            near.then_some(())
                .ok_or_else(|| format!("{name}: {offset:?}"))
        })
        .await;
    }
    let run = cluster.api.start(&cluster.url, &Load::default(), &[]).await;
    let ended = cluster.api.ended(&run, seconds(60)).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
    let summary = cluster.api.get(&format!("/runs/{run}/summary")).await;
    let all = summary["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["kind"] == "all")
        .unwrap();
    assert_eq!(all["total"].as_u64(), Some(3 * REQUESTS));
    // A second of load each; on an axis that is not corrected they would be 10 minutes apart.
    let length = summary["duration_ms"].as_u64();
    assert!(length.is_some_and(|ms| ms < 10_000), "{length:?}");
}

/// F17: two machines with one identity are seen within 15 s, and neither is used.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cloned_identity_is_seen_and_not_used() {
    let cluster = Cluster::start(programs()).await;
    let token = cluster.token_by(cluster.address());
    let says = Says::named("image");
    let first = FakeAgent::join(&token, says.clone()).await;
    cluster.api.available(1, seconds(30)).await;
    let second = FakeAgent::join(&token, says).await;
    until("the clone is seen", seconds(15), async || {
        let agent = cluster.api.agent("image").await;
        let remark = agent["remark"].as_str().unwrap_or_default();
        remark
            .contains("bfgg-agent identity reset")
            .then_some(())
            .ok_or_else(|| format!("{agent:#}"))
    })
    .await;
    let spec = cluster
        .api
        .spec(&cluster.url, &Load::default(), &["image"])
        .await;
    let (status, refused) = cluster.api.call(Method::POST, "/runs", Some(&spec)).await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused.to_string().contains("identity"), "{refused}");
    assert_eq!((first.tasks().len(), second.tasks().len()), (0, 0));
}

/// F18: an agent whose protocols are older or newer is shown and refused, with the versions of both.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_protocol_that_is_not_shared_is_refused_with_both_versions() {
    let cluster = Cluster::start(programs()).await;
    let token = cluster.token_by(cluster.address());
    let newer = version::CURRENT + 1;
    let ours = format!("{} to {}", version::OLDEST, version::CURRENT);
    for (name, protocols, who) in [
        ("old", (0, version::OLDEST - 1), "the agent must be updated"),
        ("new", (newer, newer + 1), "the controller must be updated"),
    ] {
        let says = Says {
            protocols,
            ..Says::named(name)
        };
        let agent = FakeAgent::join(&token, says).await;
        let refused = until("it is refused", seconds(15), async || {
            agent.refused().ok_or_else(|| "not yet".to_owned())
        })
        .await;
        let theirs = format!("{} to {}", protocols.0, protocols.1);
        for part in [who, &ours, &theirs] {
            assert!(refused.contains(part), "{refused}");
        }
        assert_eq!(cluster.api.agent(name).await["remark"], refused.as_str());
    }
    // One that speaks more than we do is used by what is shared.
    let says = Says {
        protocols: (version::OLDEST, newer),
        ..Says::named("both")
    };
    let _agent = FakeAgent::join(&token, says).await;
    cluster.api.available(1, seconds(15)).await;
}

/// F19: other versions of Java and Gatling are shown before the start.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_versions_are_shown_before_the_start() {
    let cluster = Cluster::start(programs()).await;
    let token = cluster.token_by(cluster.address());
    let mut agents = Vec::new();
    for (name, versions) in [
        ("lab-1", ("17.0.1", "3.16.0")),
        ("lab-2", ("21.0.2", "3.15.1")),
        ("lab-3", ("17.0.1", "3.16.0")),
    ] {
        let says = Says {
            versions,
            ..Says::named(name)
        };
        agents.push(FakeAgent::join(&token, says).await);
    }
    cluster.api.available(3, seconds(30)).await;
    let run = cluster.api.start(&cluster.url, &Load::default(), &[]).await;
    let noted = until("the notes", seconds(30), async || {
        let now = cluster.api.run(&run).await;
        let notes = now["notes"].to_string();
        // In the same moment as the agents are told to come up, before the instant is named.
        notes
            .contains("Java is not")
            .then_some(notes)
            .ok_or_else(|| format!("{now:#}"))
    })
    .await;
    for table in [
        "Java is not the same everywhere: lab-1 17.0.1, lab-2 21.0.2, lab-3 17.0.1.",
        "Gatling is not the same everywhere: lab-1 3.16.0, lab-2 3.15.1, lab-3 3.16.0.",
    ] {
        assert!(noted.contains(table), "{noted}");
    }
    let ended = cluster.api.ended(&run, seconds(60)).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
}

/// F24, lost on the way: a stop that does not arrive is sent again, and is one stop.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_that_is_lost_is_sent_again() {
    let cluster = Cluster::start(programs()).await;
    let token = cluster.token_by(cluster.address());
    let says = Says {
        loses_stops: 2,
        runs_for: seconds(300),
        ..Says::named("lab-1")
    };
    let agent = FakeAgent::join(&token, says).await;
    cluster.api.available(1, seconds(30)).await;
    let run = cluster.api.start(&cluster.url, &Load::default(), &[]).await;
    cluster.api.state(&run, "running", seconds(30)).await;
    until("the load", seconds(10), async || {
        let now = cluster.api.run(&run).await;
        let phase = now["agents"][0]["phase"].clone();
        (phase == "running")
            .then_some(())
            .ok_or_else(|| phase.to_string())
    })
    .await;
    cluster
        .api
        .post(&format!("/runs/{run}/stop"), &json!({}))
        .await;
    let ended = cluster.api.ended(&run, seconds(20)).await;
    assert_eq!(ended["state"], "stopped", "{ended:#}");
    let stops = |task: &&bfgg_protocol::Task| matches!(task, bfgg_protocol::Task::Stop { .. });
    assert_eq!(agent.tasks().iter().filter(stops).count(), 1);
}

/// Programs that want all the CPU there is.
struct Burners(Vec<Child>);

impl Burners {
    fn light(count: usize) -> Self {
        let burn = || {
            let mut command = Command::new("sh");
            command
                .args(["-c", "while :; do :; done"])
                .stdin(Stdio::null());
            command.spawn().unwrap()
        };
        Self((0..count).map(|_| burn()).collect())
    }
}

impl Drop for Burners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// F25: an agent on a machine without a free cycle is not lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_agent_that_gets_little_cpu_is_not_lost() {
    let _cpu = CPU.lock().await;
    let cluster = Cluster::start(programs()).await;
    let _remotes = cluster.remotes(&["lab-1"]).await;
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let _burners = Burners::light(2 * cores);
    let begun = Instant::now();
    while begun.elapsed() < seconds(8) {
        let agent = cluster.api.agent("lab-1").await;
        assert_ne!(agent["liveness"], "lost", "{agent:#}");
        sleep(std::time::Duration::from_millis(100)).await;
    }
    cluster.api.liveness("lab-1", "alive", seconds(5)).await;
}

/// F26: with addresses at which nobody is, or nobody answers, it takes no 4 s.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn dead_addresses_before_the_right_one_cost_little() {
    let cluster = Cluster::start(programs()).await;
    let mut addresses = vec![([127, 0, 0, 1], 1).into()];
    let mut silent = Vec::new();
    for _ in 0..4 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        addresses.push(listener.local_addr().unwrap());
        silent.push(listener);
    }
    addresses.push(cluster.address());
    let token = cluster.token_with(&addresses);
    let begun = Instant::now();
    let _agent = FakeAgent::join(&token, Says::named("far")).await;
    cluster.api.available(1, seconds(10)).await;
    // It dials within half a second, and beats within one.
    assert!(begun.elapsed() < seconds(4), "{:?}", begun.elapsed());
}
