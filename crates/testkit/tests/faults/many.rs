//! F20: many agents on one controller.

use std::process::{Command, Stdio};
use std::time::Instant;

use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::node::REQUESTS;
use bfgg_testkit::proxy::Proxy;
use bfgg_testkit::wait::{seconds, until};
use serde_json::Value;

use crate::{CPU, programs};

const AGENTS: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_agents_run_together_and_come_back_after_a_cut() {
    let _cpu = CPU.lock().await;
    let cluster = Cluster::start(programs()).await;
    let proxy = Proxy::to(cluster.address()).await;
    let api = &cluster.api;
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-agents"));
    command
        .args([cluster.token_by(proxy.address()), AGENTS.to_string()])
        .stdin(Stdio::piped());
    let mut agents = command.spawn().unwrap();
    api.available(AGENTS, seconds(60)).await;

    let run = api.start(&cluster.url, &Load::default(), &[]).await;
    let ended = api.ended(&run, seconds(60)).await;
    assert_eq!(ended["state"], "finished", "{}", ended["failures"]);
    let instant = ended["started_ms"].as_u64().unwrap();
    let members = ended["agents"].as_array().unwrap();
    let late = |agent: &Value| {
        let released = agent["probe"]["released_ms"].as_u64();
        released.map(|released| released.abs_diff(instant))
    };
    let begun: Vec<u64> = members.iter().filter_map(late).collect();
    assert_eq!(begun.len(), AGENTS, "all began");
    let summary = api.get(&format!("/runs/{run}/summary")).await;
    let rows = summary["rows"].as_array().unwrap();
    let all = rows.iter().find(|row| row["kind"] == "all").unwrap();
    assert_eq!(all["total"].as_u64(), Some(AGENTS as u64 * REQUESTS));

    // All at once gone, and back one after the other: each has beaten since.
    proxy.cut();
    let cut = Instant::now();
    let before = newest_beat(&api.get("/agents").await);
    until("all are back", seconds(60), async || {
        let agents = api.get("/agents").await;
        let back = |agent: &&Value| {
            agent["liveness"] == "alive" && agent["last_seen_ms"].as_u64() > before
        };
        let back = agents.as_array().unwrap().iter().filter(back).count();
        (back == AGENTS)
            .then_some(())
            .ok_or_else(|| format!("{back} of {AGENTS} agents"))
    })
    .await;
    // How long things take depends on what else the machine does: it is told, not judged.
    println!(
        "{AGENTS} agents: the latest began {} ms from the instant, all were back after {:?}",
        begun.iter().max().unwrap(),
        cut.elapsed()
    );
    drop(agents.stdin.take());
    agents.wait().unwrap();
}

fn newest_beat(agents: &Value) -> Option<u64> {
    let agents = agents.as_array().unwrap().iter();
    agents.filter_map(|a| a["last_seen_ms"].as_u64()).max()
}
