//! F20: many agents on one controller.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bfgg_protocol::JoinToken;
use bfgg_testkit::api::Api;
use bfgg_testkit::crowd::Crowd;
use bfgg_testkit::load::Load;
use bfgg_testkit::node::{FakeAgent, Says};
use bfgg_testkit::proxy::Proxy;
use bfgg_testkit::taken::{files, memory};
use bfgg_testkit::wait::{seconds, until};
use futures::future::join_all;
use serde_json::Value;

use crate::CPU;

/// Without optimization half of them are as much work as two cores can do.
const AGENTS: usize = if cfg!(debug_assertions) { 100 } else { 200 };
/// How late the latest may begin, ms.
const LATE: u64 = if cfg!(debug_assertions) { 5000 } else { 1000 };
/// How long each makes load, seconds; names of its requests, and requests of each in a second.
const LOAD: (u64, u32, u32) = (3, 2, 2);
/// A figure at which a machine that does other work still is; what is measured is printed.
const PATIENCE: Duration = seconds(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_begins_at_one_instant_and_is_all_counted() {
    let _cpu = CPU.lock().await;
    let began = Instant::now();
    let (runs_for, names, each) = LOAD;
    let crowd = Crowd::gather(AGENTS, |number| Says {
        runs_for: seconds(runs_for),
        load: (names, each),
        ..Says::named(format!("fake-{number:03}"))
    })
    .await;
    let (api, joined) = (&crowd.api, began.elapsed());

    let run = api
        .start("https://example.org/shop", &Load::default(), &[])
        .await;
    reach(api, &run, "running").await;
    // What a user does meanwhile.
    let mut slowest = [Duration::ZERO; 3];
    for _ in 0..3 {
        let asked = Instant::now();
        let agents = tokio::time::timeout(PATIENCE, api.get("/agents")).await;
        assert_eq!(agents.unwrap().as_array().unwrap().len(), AGENTS);
        slowest[0] = slowest[0].max(asked.elapsed());
        let asked = Instant::now();
        tokio::time::timeout(PATIENCE, api.run(&run)).await.unwrap();
        slowest[1] = slowest[1].max(asked.elapsed());
        let asked = Instant::now();
        let snapshot = tokio::time::timeout(PATIENCE, api.snapshot()).await;
        assert!(snapshot.unwrap() > 0);
        slowest[2] = slowest[2].max(asked.elapsed());
    }
    let ended = reach(api, &run, "finished").await;
    let instant = ended["started_ms"].as_u64().unwrap();
    let members = ended["agents"].as_array().unwrap();
    let late = |agent: &Value| {
        let released = agent["probe"]["released_ms"].as_u64();
        released.map(|released| released.abs_diff(instant))
    };
    let mut begun: Vec<u64> = members.iter().filter_map(late).collect();
    begun.sort_unstable();
    assert_eq!(begun.len(), AGENTS, "all began");
    assert!(begun[AGENTS - 1] <= LATE, "ms from the instant: {begun:?}");
    let told = crowd.agents.iter().filter_map(FakeAgent::warned).min();
    // Each request once, live and in the end.
    let total = total(api, &run).await;
    assert_eq!(ended["live"]["times"]["count"].as_u64(), Some(total));
    let least = runs_for.saturating_sub(2) * u64::from(names * each) * AGENTS as u64;
    assert!(total >= least, "{total} requests");

    let cut = Instant::now();
    crowd.cut().await;
    println!(
        "{AGENTS} agents: joined after {joined:.1?}; the last one was told {} ms before the instant, the latest \
         began {} ms from it; agents, run and \
         snapshot took {slowest:.0?} at most; {} MB; all connections again {:.1?} after a cut; {:.1?} in all",
        told.unwrap(),
        begun[AGENTS - 1],
        memory(std::process::id()) >> 20,
        cut.elapsed(),
        began.elapsed(),
    );
    crowd.end().await;
}

/// Waits until a run is in a state. It seldom asks: a run of so many agents is a long answer.
async fn reach(api: &Api, run: &str, wanted: &str) -> Value {
    let begun = Instant::now();
    loop {
        let now = api.run(run).await;
        let state = now["state"].as_str().unwrap_or_default();
        if state == wanted {
            return now;
        }
        let failures = &now["failures"];
        assert_eq!(failures.as_array().map(Vec::len), Some(0), "{failures:#}");
        assert!(begun.elapsed() < seconds(60), "{state}, not {wanted}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn total(api: &Api, run: &str) -> u64 {
    let summary = api.get(&format!("/runs/{run}/summary")).await;
    let rows = summary["rows"].as_array().unwrap();
    let all = rows.iter().find(|row| row["kind"] == "all").unwrap();
    all["total"].as_u64().unwrap()
}

/// Of these each has a socket.
const SOCKETS: usize = 40;
/// They are gone for so long.
const GONE: Duration = seconds(3);
/// Connections and files of the controller that come and go.
const MORE_FILES: usize = 12;
const MOST_MEMORY: u64 = 512 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn agents_that_are_cut_off_come_back_and_leave_nothing_open() {
    let _cpu = CPU.lock().await;
    let at = tempfile::tempdir().unwrap();
    let controller = Alone::start(at.path());
    let (api, pid) = (&controller.api, controller.process.id());
    let alone = files(pid);
    let mut token: JoinToken = api.token().await.parse().unwrap();
    let proxy = Proxy::to(token.addresses[0].parse().unwrap()).await;
    token.addresses = vec![proxy.address().to_string()];
    let token = token.to_string();
    let says = |number| Says::named(format!("fake-{number:02}"));
    let agents = join_all((0..SOCKETS).map(|number| FakeAgent::join(&token, says(number)))).await;
    api.available(SOCKETS, seconds(60)).await;
    let together = files(pid);
    assert!(together >= alone + SOCKETS, "{together} after {alone}");
    assert!(
        together <= alone + SOCKETS + MORE_FILES,
        "{together} after {alone}"
    );

    proxy.close();
    until("all are cut off", seconds(20), async || {
        let there = agents.iter().filter(|a| a.connected_since().is_some());
        match there.count() {
            0 => Ok(()),
            there => Err(format!("{there} are there")),
        }
    })
    .await;
    files_come_back(pid, alone).await;
    tokio::time::sleep(GONE).await;
    proxy.heal();
    let healed = Instant::now();
    let before = newest_beat(&api.get("/agents").await);
    until("all are back", seconds(60), async || {
        let all = api.get("/agents").await;
        let back = |agent: &&Value| {
            agent["liveness"] == "alive" && agent["last_seen_ms"].as_u64() > before
        };
        let back = all.as_array().unwrap().iter().filter(back).count();
        (back == SOCKETS)
            .then_some(())
            .ok_or_else(|| format!("{back} of {SOCKETS} agents"))
    })
    .await;
    let after = healed.elapsed();
    // Each waits a time of its own, so that they do not come all at once.
    let since: Vec<_> = agents
        .iter()
        .filter_map(FakeAgent::connected_since)
        .collect();
    let (first, last) = (since.iter().min().unwrap(), since.iter().max().unwrap());
    let spread = last.duration_since(*first);
    assert!(spread >= Duration::from_millis(300), "{spread:?}");
    let taken = memory(pid);
    assert!(taken <= MOST_MEMORY, "{taken} bytes");
    println!(
        "{SOCKETS} agents on TCP: all were back after {after:.1?}, their connections {spread:.1?} apart; \
         {} MB, {alone} files alone and {together} with them",
        taken >> 20,
    );
    join_all(agents.into_iter().map(FakeAgent::end)).await;
    files_come_back(pid, alone).await;
}

async fn files_come_back(pid: u32, alone: usize) {
    until("files are closed", seconds(20), async || {
        let open = files(pid);
        (open <= alone + MORE_FILES)
            .then_some(())
            .ok_or_else(|| format!("{open} are open, {alone} were before"))
    })
    .await;
}

fn newest_beat(agents: &Value) -> Option<u64> {
    let agents = agents.as_array().unwrap().iter();
    agents.filter_map(|a| a["last_seen_ms"].as_u64()).max()
}

/// A controller in a process of its own, so that what it takes can be told.
struct Alone {
    api: Api,
    process: Child,
}

impl Alone {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_testkit-controller"))
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let (url, token) = line.trim().split_once(' ').unwrap();
        Self {
            api: Api::at(url, token),
            process,
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
