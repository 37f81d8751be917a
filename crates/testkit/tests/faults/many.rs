//! F20: 200 agents on one controller.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::node::REQUESTS;
use bfgg_testkit::proxy::Proxy;
use bfgg_testkit::wait::{seconds, until};
use tokio::task::JoinHandle;

use crate::{CPU, programs};

const AGENTS: u64 = 200;
/// What this process, with the controller in it, may take for them.
const MEMORY: u64 = 300 << 20;

/// A timer of 10 ms that comes later than this shows a machine that has no time for 201 programs.
const BUSY: Duration = Duration::from_millis(50);

/// How late a timer comes, on the whole; until it is dropped.
struct Lateness(Arc<Mutex<Vec<Duration>>>, JoinHandle<()>);

impl Lateness {
    fn measure() -> Self {
        let late: Arc<Mutex<Vec<Duration>>> = Arc::default();
        let kept = late.clone();
        let measuring = tokio::spawn(async move {
            loop {
                let (asked, wait) = (Instant::now(), Duration::from_millis(10));
                tokio::time::sleep(wait).await;
                kept.lock().unwrap().push(asked.elapsed() - wait);
            }
        });
        Self(late, measuring)
    }

    /// All but the worst hundredth.
    fn usual(&self) -> Duration {
        let mut late = self.0.lock().unwrap().clone();
        late.sort();
        late[late.len() * 99 / 100]
    }
}

impl Drop for Lateness {
    fn drop(&mut self) {
        self.1.abort();
    }
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_agents_start_at_one_instant() {
    let _cpu = CPU.lock().await;
    let cluster = Cluster::start(programs()).await;
    let proxy = Proxy::to(cluster.address()).await;
    let api = &cluster.api;
    let memory = status("VmRSS");
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-agents"));
    command
        .args([cluster.token_by(proxy.address()), AGENTS.to_string()])
        .stdin(Stdio::piped());
    let mut agents = command.spawn().unwrap();
    api.available(AGENTS as usize, seconds(120)).await;
    let connected = files();

    let run = api.start(&cluster.url, &Load::default(), &[]).await;
    let mut actions = Vec::new();
    let lateness = Lateness::measure();
    let begun = Instant::now();
    let ended = loop {
        for path in [
            "/agents".to_owned(),
            format!("/runs/{run}"),
            "/runs".to_owned(),
        ] {
            let asked = Instant::now();
            api.get(&path).await;
            actions.push(asked.elapsed());
        }
        let now = api.run(&run).await;
        if ["finished", "partial", "failed"].contains(&now["state"].as_str().unwrap_or_default()) {
            break now;
        }
        let late = begun.elapsed() >= seconds(120);
        assert!(!late, "{}: {}", now["state"], now["failures"]);
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(ended["state"], "finished", "{}", ended["failures"]);
    let instant = ended["started_ms"].as_u64().unwrap();
    let late = |agent: &serde_json::Value| {
        let released = agent["probe"]["released_ms"].as_u64().unwrap();
        released.abs_diff(instant)
    };
    let latest = ended["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(late)
        .max()
        .unwrap();
    let late = lateness.usual();
    // On a machine that is busy with other things the bounds are ten times as wide.
    let wider = if late > BUSY { 10 } else { 1 };
    assert!(
        latest <= 1_000 * wider,
        "the latest began {latest} ms from the instant; timers come {late:?} late"
    );
    let summary = api.get(&format!("/runs/{run}/summary")).await;
    let rows = summary["rows"].as_array().unwrap();
    let all = rows.iter().find(|row| row["kind"] == "all").unwrap();
    assert_eq!(all["total"].as_u64(), Some(AGENTS * REQUESTS));
    actions.sort();
    let median = actions[actions.len() / 2];
    println!(
        "{AGENTS} agents: the latest began {latest} ms from the instant, answers take {median:?}"
    );
    assert!(
        median <= Duration::from_millis(100 * wider),
        "UI actions take {median:?}"
    );

    // All at once gone, and back one after the other.
    proxy.cut();
    until("all are back", seconds(60), async || {
        let agents = api.get("/agents").await;
        let alive = agents
            .as_array()
            .unwrap()
            .iter()
            .filter(|a| a["liveness"] == "alive");
        let (alive, open) = (alive.count(), files());
        (alive as u64 == AGENTS && open + 40 >= connected)
            .then_some(())
            .ok_or_else(|| format!("{alive} agents, {open} of {connected} files"))
    })
    .await;
    // One connection each, twice through the proxy of this process.
    assert!(
        files() <= connected + 60,
        "{} files, {connected} before",
        files()
    );
    let grown = (status("VmRSS").saturating_sub(memory)) << 10;
    assert!(grown <= MEMORY, "{} MiB more", grown >> 20);
    drop(agents.stdin.take());
    agents.wait().unwrap();
}
