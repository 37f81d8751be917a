//! How late a request is seen, and what an agent takes meanwhile.

use std::time::Duration;

use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::taken::{most_memory, processes};
use bfgg_testkit::wait::seconds;

use crate::cpu::Cpu;
use crate::viewer::Viewer;
use crate::{percentile, programs};

/// How long the loads take.
const SECONDS: u32 = 30;

pub(crate) async fn measure() {
    println!(
        "| One agent, requests/s | Seen after, ms: median | 95 % | most | Agent, % of a core | MB |"
    );
    println!("|---|---|---|---|---|---|");
    for rate in [5, 20_000] {
        let cluster = Cluster::start(programs()).await;
        let remotes = cluster.remotes(&["lab-1"]).await;
        let viewer = Viewer::of(&cluster).await;
        let load = Load {
            rate,
            seconds: SECONDS,
            ..Load::default()
        };
        let run = cluster.api.start(&cluster.url, &load, &[]).await;
        cluster.under_load(&run, &remotes).await;
        // The agent and the supervisor of its run.
        let pids = processes(&[&cluster.programs.agent]);
        let cpu = Cpu::of(pids.clone());
        tokio::time::sleep(Duration::from_secs(u64::from(SECONDS) - 5)).await;
        let percent = cpu.percent();
        let memory: u64 = pids.iter().map(|pid| most_memory(*pid)).sum();
        let memory = memory >> 20;
        let ended = cluster.api.ended(&run, seconds(60)).await;
        assert_eq!(ended["state"], "finished", "{ended:#}");
        let began = remotes[0].agent.written(&run).began_ms;
        let latencies = viewer.latencies(|number| began + number * 1000 / u64::from(rate));
        println!(
            "| {rate} | {} | {} | {} | {percent:.1} | {memory} |",
            percentile(&latencies, 50),
            percentile(&latencies, 95),
            percentile(&latencies, 100),
        );
    }
    println!();
}
