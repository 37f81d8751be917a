//! What a day of load takes of its controller: memory, and room on its disk.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::taken::{memory, most_memory};
use bfgg_testkit::wait::seconds;

use crate::cpu::Cpu;
use crate::programs;

const AGENTS: u32 = 20;
const NAMES: u32 = 100;
/// Requests of each name and agent in a second.
const EACH: u32 = 1;
const HOUR: u32 = 3600;
/// Lines of the table.
const LINES: u64 = 8;

/// Agents tell so many hours, second by second, as quickly as the controller takes them.
pub(crate) async fn measure(hours: u32) {
    let cluster = Cluster::start(programs()).await;
    let mut command = Command::new(cluster.programs.agent.with_file_name("fake-agents"));
    // They are at work for as long as it takes.
    let numbers = [AGENTS, 24 * HOUR, NAMES, EACH, hours * HOUR].map(|number| number.to_string());
    let mut agents = command
        .arg(cluster.token_by(cluster.address()))
        .args(numbers)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    cluster.api.available(AGENTS as usize, seconds(60)).await;
    let alone = memory(std::process::id()) >> 20;
    let run = cluster.api.start(&cluster.url, &Load::default(), &[]).await;
    let started = cluster.api.state(&run, "running", seconds(60)).await;
    let folder = started["folder"].as_str().unwrap();
    let (began, cpu) = (Instant::now(), Cpu::of(vec![std::process::id()]));
    println!("{AGENTS} agents, {NAMES} names; the controller alone: {alone} MB");
    println!("| Hours told | MB of memory | Most | GB of cells | After, s |");
    println!("|---|---|---|---|---|");
    let all = u64::from(AGENTS * NAMES * EACH) * u64::from(hours * HOUR);
    let mut line = 1;
    while line <= LINES {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let run = cluster.api.run(&run).await;
        let told = run["live"]["times"]["count"].as_u64().unwrap_or_default();
        if told < all * line / LINES {
            continue;
        }
        line += 1;
        let kept = std::fs::metadata(format!("{folder}/timeline.cells")).unwrap();
        println!(
            "| {:.1} | {} | {} | {:.2} | {:.0} |",
            told as f64 * f64::from(hours) / all as f64,
            memory(std::process::id()) >> 20,
            most_memory(std::process::id()) >> 20,
            kept.len() as f64 / 1e9,
            began.elapsed().as_secs_f64(),
        );
    }
    println!("{:.0} % of a core meanwhile", cpu.percent());
    drop(agents.stdin.take());
    agents.wait().unwrap();
}
