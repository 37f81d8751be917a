//! One run in which every agent has a fault of its own, at the same time. In the end nothing is lost,
//! nothing counted twice, and the one that had none was never disturbed.

use std::collections::BTreeMap;
use std::time::Instant;

use bfgg_testkit::api::Api;
use bfgg_testkit::cluster::{Cluster, Remote};
use bfgg_testkit::load::Load;
use bfgg_testkit::process::{alive, signal};
use bfgg_testkit::proxy::Proxy;
use bfgg_testkit::wait::{seconds, until};
use rustix::process::Signal;
use serde_json::Value;
use tokio::time::sleep;

use crate::{CPU, programs};

const NAMES: [&str; 8] = [
    "well", "stopped", "silent", "apart", "deaf", "mute", "slow", "killed",
];
/// No byte passes for this long.
const PARTED: u64 = 30;
/// An agent does nothing for this long.
const STOPPED: u64 = 60;
/// How long the load takes: whoever is stopped goes on before its end.
const LOAD: u64 = STOPPED + 7;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn faults_of_all_kinds_leave_one_exact_result() {
    let _cpu = CPU.lock().await;
    let cluster = Cluster::start(programs()).await;
    let mut remotes = cluster.remotes(&NAMES).await;
    let mut moved = cluster.remote("moved").await;
    let elsewhere = Proxy::to(cluster.address()).await;
    elsewhere.close();
    let other = elsewhere.address().to_string();
    moved
        .agent
        .environment
        .push(("CONTROLLER_HOST".into(), other));
    moved.agent.start();
    remotes.push(moved);
    let mut poor = cluster.remote("poor").await;
    poor_link(&poor, 20);
    poor.agent.start();
    remotes.push(poor);
    cluster.api.available(NAMES.len() + 2, seconds(60)).await;
    // It is told before anybody waits for it in a run.
    until("a poor link", seconds(20), async || {
        let remark = cluster.api.agent("poor").await["remark"].to_string();
        let told = remark.contains("Poor link");
        told.then_some(()).ok_or(remark)
    })
    .await;

    let load = Load {
        rate: 50,
        seconds: LOAD as u32,
        ..Load::default()
    };
    let run = cluster.api.start(&cluster.url, &load, &[]).await;
    cluster.under_load(&run, &remotes).await;
    let [
        well,
        stopped,
        silent,
        apart,
        deaf,
        mute,
        slow,
        killed,
        moved,
        _,
    ] = &mut remotes[..]
    else {
        panic!("ten agents");
    };
    let (api, run_id) = (&cluster.api, run.as_str());
    poor_link(slow, 5);
    let flaps = async {
        let seen = Seen::over(api, PARTED + 25).await;
        // F12: poor, but never lost. And who has no fault is not touched by those of others.
        assert_eq!(seen.of("slow", "lost"), 0, "{seen:?}");
        assert_eq!(
            seen.of("well", "suspect") + seen.of("well", "lost"),
            0,
            "{seen:?}"
        );
        // F11: gone once and back once, no flapping.
        assert!(seen.of("deaf", "lost") <= 1, "{seen:?}");
        assert!(seen.of("mute", "lost") <= 1, "{seen:?}");
    };
    tokio::join!(
        flaps,
        agent_stopped(api, stopped),
        gatling_stopped(api, silent, run_id),
        partition(api, apart),
        one_way(api, deaf, true),
        one_way(api, mute, false),
        agent_killed(api, killed, run_id),
        moved_controller(api, moved, &elsewhere),
    );
    assert!(alive(well.agent.pid().unwrap()));
    let ended = api.ended(&run, seconds(90)).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
    let all: Vec<&Remote> = remotes.iter().collect();
    cluster.assert_exact(&ended, &all).await;
}

/// F4: suspect ≤ 5 s, lost ≤ 15 s, and back ≤ 5 s after it goes on, a minute later.
async fn agent_stopped(api: &Api, remote: &Remote) {
    remote.agent.pause();
    let begun = Instant::now();
    api.liveness("stopped", "suspect", seconds(5)).await;
    let left = seconds(15).saturating_sub(begun.elapsed());
    api.liveness("stopped", "lost", left).await;
    sleep(seconds(STOPPED).saturating_sub(begun.elapsed())).await;
    remote.agent.go_on();
    api.liveness("stopped", "alive", seconds(5)).await;
}

/// F5: within 30 s the run says that there is no new data, of an agent that is alive.
async fn gatling_stopped(api: &Api, remote: &Remote, run: &str) {
    let gatling = remote.agent.written(run).pid;
    signal(gatling, Signal::STOP);
    until("no new data", seconds(30), async || {
        let step = member(&api.run(run).await, "silent")["step"].clone();
        let text = step.as_str().unwrap_or_default();
        let said = text.contains("no new data for") && text.contains("Gatling");
        said.then_some(()).ok_or_else(|| step.to_string())
    })
    .await;
    assert_eq!(api.agent("silent").await["liveness"], "alive");
    signal(gatling, Signal::CONT);
    until("new data", seconds(10), async || {
        let step = member(&api.run(run).await, "silent")["step"].clone();
        (step == "").then_some(()).ok_or_else(|| step.to_string())
    })
    .await;
}

/// F10: back ≤ 10 s after the partition of 30 s is healed.
async fn partition(api: &Api, remote: &Remote) {
    remote.proxy.partition();
    api.liveness("apart", "lost", seconds(15)).await;
    sleep(seconds(PARTED - 15)).await;
    remote.proxy.heal();
    api.liveness("apart", "alive", seconds(10)).await;
}

/// F11: bytes pass one way only; within 30 s it is seen, and it is healed like a partition.
async fn one_way(api: &Api, remote: &Remote, up: bool) {
    remote.proxy.change(|way| (way.up, way.down) = (up, !up));
    let begun = Instant::now();
    api.liveness(&remote.agent.name, "suspect", seconds(30))
        .await;
    sleep(seconds(PARTED).saturating_sub(begun.elapsed())).await;
    remote.proxy.heal();
    api.liveness(&remote.agent.name, "alive", seconds(10)).await;
}

/// F12: 300 ms of delay and some loss, for as long as the run takes.
fn poor_link(remote: &Remote, loss_percent: u32) {
    remote.proxy.change(|way| {
        way.delay = std::time::Duration::from_millis(150);
        way.loss_percent = loss_percent;
    });
}

/// F1: lost ≤ 15 s, and the run is found again ≤ 10 s after the agent is back.
async fn agent_killed(api: &Api, remote: &mut Remote, run: &str) {
    let gatling = remote.agent.written(run).pid;
    remote.agent.kill();
    api.liveness("killed", "suspect", seconds(5)).await;
    api.liveness("killed", "lost", seconds(10)).await;
    assert!(alive(gatling), "the load does not need its agent");
    remote.agent.start();
    until("the run is adopted", seconds(10), async || {
        // Its own beats say so, not what was known of it.
        let phase = member(&api.run(run).await, "killed")["phase"].clone();
        (phase == "running")
            .then_some(())
            .ok_or_else(|| phase.to_string())
    })
    .await;
}

/// F9: the controller is elsewhere; ≤ 10 s later the agent is there, too.
async fn moved_controller(api: &Api, remote: &Remote, elsewhere: &Proxy) {
    elsewhere.heal();
    remote.proxy.close();
    let before = api.agent("moved").await["last_seen_ms"].as_u64();
    let begun = Instant::now();
    // Its beats come by the new address, for the old one takes none.
    until("the new address is used", seconds(10), async || {
        let agent = api.agent("moved").await;
        let seen = agent["last_seen_ms"].as_u64();
        let used = seen > before && begun.elapsed() > seconds(3) && agent["liveness"] == "alive";
        used.then_some(()).ok_or_else(|| format!("{agent:#}"))
    })
    .await;
}

fn member(run: &Value, name: &str) -> Value {
    let agents = run["agents"].as_array().unwrap();
    agents.iter().find(|a| a["name"] == name).unwrap().clone()
}

/// How often each agent came into each state.
#[derive(Debug, Default)]
struct Seen(BTreeMap<(String, String), usize>);

impl Seen {
    async fn over(api: &Api, time: u64) -> Self {
        let mut seen = Self::default();
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        let begun = Instant::now();
        while begun.elapsed() < seconds(time) {
            for agent in api.get("/agents").await.as_array().unwrap() {
                let name = agent["name"].as_str().unwrap_or_default().to_owned();
                let liveness = agent["liveness"].as_str().unwrap_or_default().to_owned();
                if last.insert(name.clone(), liveness.clone()).as_ref() != Some(&liveness) {
                    *seen.0.entry((name, liveness)).or_default() += 1;
                }
            }
            sleep(std::time::Duration::from_millis(200)).await;
        }
        seen
    }

    fn of(&self, name: &str, liveness: &str) -> usize {
        let key = (name.to_owned(), liveness.to_owned());
        self.0.get(&key).copied().unwrap_or_default()
    }
}
