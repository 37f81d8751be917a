//! Runs with random faults for as long as it is told: `SOAK_MINUTES` (30), `SOAK_SEED`.
//!
//! After each run its totals must be exact. At the end memory, open files and processes must be what
//! they were after the first runs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[cfg(unix)]
#[tokio::main]
async fn main() {
    soak::soak().await;
}

#[cfg(not(unix))]
fn main() {}

#[cfg(unix)]
mod soak {
    use std::time::{Duration, Instant};

    use bfgg_testkit::cluster::{Cluster, Remote};
    use bfgg_testkit::load::Load;
    use bfgg_testkit::process::Programs;
    use bfgg_testkit::random::Random;
    use bfgg_testkit::taken::{files, memory, processes};
    use bfgg_testkit::wait::{seconds, until};
    use tokio::time::sleep;

    const AGENTS: [&str; 4] = ["lab-1", "lab-2", "lab-3", "lab-4"];
    /// The load of a run, seconds.
    const LOAD: u64 = 25;
    /// Faults end so long before it, so that all is told in time.
    const QUIET: u64 = 10;
    /// More than after the first runs: caches and fragments of memory, connections that are about to
    /// end.
    const MORE_MEMORY: u64 = 64 << 20;
    const MORE_FILES: usize = 24;

    /// What this process and the agents take.
    #[derive(Debug, Clone, Default)]
    struct Taken {
        /// This process, with the controller in it; then the agents. Bytes, files.
        each: Vec<(u64, usize)>,
        processes: usize,
    }

    impl Taken {
        fn now(remotes: &[Remote], programs: &Programs) -> Self {
            let agents = remotes.iter().filter_map(|remote| remote.agent.pid());
            let all = std::iter::once(std::process::id()).chain(agents);
            Self {
                each: all.map(|pid| (memory(pid), files(pid))).collect(),
                processes: processes(&[&programs.agent, &programs.gatling]).len(),
            }
        }

        fn most(&self, other: &Self) -> Self {
            let pairs = self.each.iter().zip(&other.each);
            Self {
                each: pairs.map(|(a, b)| (a.0.max(b.0), a.1.max(b.1))).collect(),
                processes: self.processes.max(other.processes),
            }
        }
    }

    pub(super) async fn soak() {
        let setting = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let minutes: u64 = setting("SOAK_MINUTES").unwrap_or(30);
        let seed = setting("SOAK_SEED").unwrap_or_else(|| bfgg_clock::wall_ms() % 1_000_000);
        println!("soak: {minutes} min, SOAK_SEED={seed}");
        let folder = std::env::current_exe()
            .unwrap()
            .parent()
            .unwrap()
            .to_owned();
        let programs = Programs {
            agent: folder.join("testkit-agent"),
            gatling: folder.join("fake-gatling"),
        };
        let mut random = Random::new(seed);
        let mut cluster = Cluster::start(programs.clone()).await;
        let mut remotes = cluster.remotes(&AGENTS).await;
        let end = Instant::now() + seconds(60 * minutes);
        let (mut runs, mut faults, mut requests) = (0, 0, 0);
        let mut first = Taken::default();
        let mut last = Taken::default();
        while runs < 2 || Instant::now() < end {
            let (struck, counted) = one_run(&mut cluster, &mut remotes, &mut random).await;
            (runs, faults, requests) = (runs + 1, faults + struck, requests + counted);
            last = settled(&remotes, &programs).await;
            println!("run {runs}: {struck} faults, {counted} requests, {last:?}");
            first = match runs {
                1 => last.clone(),
                2 | 3 => first.most(&last),
                _ => first,
            };
        }
        for (number, (last, first)) in last.each.iter().zip(&first.each).enumerate() {
            let who = number
                .checked_sub(1)
                .map_or("controller", |agent| AGENTS[agent]);
            assert!(
                last.0 <= first.0 + MORE_MEMORY,
                "{who}: {} bytes, {} at first",
                last.0,
                first.0
            );
            assert!(
                last.1 <= first.1 + MORE_FILES,
                "{who}: {} files, {} at first",
                last.1,
                first.1
            );
        }
        cluster.end().await;
        drop(remotes);
        let left = processes(&[&programs.agent, &programs.gatling]);
        assert!(left.is_empty(), "processes are left: {left:?}");
        println!(
            "soak: {runs} runs, {faults} faults, {requests} requests, all exact; SOAK_SEED={seed}"
        );
    }

    /// Waits until only the agents are left of all processes.
    async fn settled(remotes: &[Remote], programs: &Programs) -> Taken {
        until("no process of a run is left", seconds(20), async || {
            let taken = Taken::now(remotes, programs);
            (taken.processes == AGENTS.len())
                .then_some(taken.clone())
                .ok_or_else(|| format!("{} processes", taken.processes))
        })
        .await
    }

    /// One run on all agents; how many faults there were, and the requests.
    async fn one_run(
        cluster: &mut Cluster,
        remotes: &mut [Remote],
        random: &mut Random,
    ) -> (usize, u64) {
        cluster.api.available(AGENTS.len(), seconds(60)).await;
        let load = Load {
            rate: 100 + random.below(400) as u32,
            seconds: LOAD as u32,
            ..Load::default()
        };
        let run = cluster.api.start(&cluster.url, &load, &[]).await;
        cluster.under_load(&run, remotes).await;
        let begun = Instant::now();
        let mut faults = 0;
        while begun.elapsed() < seconds(LOAD - QUIET) {
            let remote = random.below(remotes.len() as u64) as usize;
            let left = seconds(LOAD - QUIET).saturating_sub(begun.elapsed());
            let time = Duration::from_millis(500 + random.below(6_000)).min(left);
            strike(random.below(6), cluster, &mut remotes[remote], time).await;
            faults += 1;
            sleep(Duration::from_millis(random.below(2_000))).await;
        }
        let ended = cluster.api.ended(&run, seconds(120)).await;
        assert_eq!(ended["state"], "finished", "{ended:#}");
        let all: Vec<&Remote> = remotes.iter().collect();
        cluster.assert_exact(&ended, &all).await;
        let written = all
            .iter()
            .map(|remote| remote.agent.written(&run).requests());
        (faults, written.sum())
    }

    async fn strike(kind: u64, cluster: &mut Cluster, remote: &mut Remote, time: Duration) {
        match kind {
            0 => {
                remote.agent.kill();
                sleep(time).await;
                remote.agent.start();
            }
            1 => {
                remote.agent.pause();
                sleep(time).await;
                remote.agent.go_on();
            }
            2 => remote.proxy.cut(),
            3 => {
                remote.proxy.partition();
                sleep(time).await;
                remote.proxy.heal();
            }
            4 => {
                remote
                    .proxy
                    .change(|way| way.delay = Duration::from_millis(200));
                sleep(time).await;
                remote.proxy.change(|way| way.delay = Duration::ZERO);
            }
            _ => {
                cluster.end().await;
                sleep(time / 4).await;
                cluster.begin().await;
            }
        }
    }
}
