//! What hundreds of agents cost their controller.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::taken::most_memory;
use bfgg_testkit::wait::seconds;

use crate::cpu::Cpu;
use crate::viewer::Viewer;
use crate::{percentile, programs};

const AGENTS: u32 = 200;
const SECONDS: u32 = 40;
const NAMES: u32 = 50;
/// Requests of each name and agent in a second.
const EACH: u32 = 4;

pub(crate) async fn measure() {
    let cluster = Cluster::start(programs()).await;
    let mut command = Command::new(cluster.programs.agent.with_file_name("fake-agents"));
    let numbers = [AGENTS, SECONDS, NAMES, EACH].map(|number| number.to_string());
    let token = cluster.token_by(cluster.address());
    let mut agents = command
        .arg(token)
        .args(numbers)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let joining = Instant::now();
    cluster.api.available(AGENTS as usize, seconds(120)).await;
    println!(
        "{AGENTS} agents have joined after {:.1} s",
        joining.elapsed().as_secs_f64()
    );

    let viewer = Viewer::of(&cluster).await;
    let run = cluster.api.start(&cluster.url, &Load::default(), &[]).await;
    let started = cluster.api.state(&run, "running", seconds(60)).await;
    let instant = started["started_ms"].as_u64().unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (cpu, kilobytes) = (Cpu::of(vec![std::process::id()]), viewer.kilobytes());
    tokio::time::sleep(Duration::from_secs(u64::from(SECONDS) - 10)).await;
    let percent = cpu.percent();
    let kilobytes = (viewer.kilobytes() - kilobytes) / u64::from(SECONDS - 10);
    // What a user does meanwhile.
    let asked = Instant::now();
    let _ = cluster.api.run(&run).await;
    let answered = asked.elapsed().as_millis();
    let asked = Instant::now();
    let _ = cluster.api.get("/agents").await;
    let listed = asked.elapsed().as_millis();
    let asked = Instant::now();
    let _ = cluster.api.snapshot().await;
    let shown = asked.elapsed().as_millis();
    let ended = cluster.api.ended(&run, seconds(120)).await;
    assert_eq!(ended["state"], "finished", "{}", ended["failures"]);

    let members = ended["agents"].as_array().unwrap();
    let late = members.iter().filter_map(|agent| {
        let released = agent["probe"]["released_ms"].as_u64()?;
        Some(released.abs_diff(instant))
    });
    let late = late.max().unwrap();
    assert!(late <= 1000, "{late} ms from the instant");
    let summary = cluster.api.get(&format!("/runs/{run}/summary")).await;
    let rows = summary["rows"].as_array().unwrap();
    let all = rows.iter().find(|row| row["kind"] == "all").unwrap();
    let a_second = u64::from(AGENTS * NAMES * EACH);
    // An agent tells a second once it is over.
    let latencies = viewer.latencies(|number| instant + (number / a_second + 1) * 1000);
    println!(
        "{AGENTS} agents, {NAMES} names, {a_second} requests/s: {} requests, the latest agent began \
         {} ms from the instant",
        all["total"], late
    );
    println!(
        "controller and a viewer: {percent:.0} % of a core, {} MB at most; events of {kilobytes} KB/s; \
         a second is seen {} ms after its end (95 % within {} ms); GET /runs/… took {answered} ms, \
         /agents {listed} ms, a snapshot {shown} ms",
        most_memory(std::process::id()) >> 20,
        percentile(&latencies, 50),
        percentile(&latencies, 95),
    );
    drop(agents.stdin.take());
    agents.wait().unwrap();
}
