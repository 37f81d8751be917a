//! How long it takes to fetch a log from an agent, beside `scp` of the same file (by dropbear's server),
//! both in turn: over loopback, or over the link to another network namespace.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::process::{Agent, within};
use bfgg_testkit::random::Random;
use bfgg_testkit::wait::{seconds, until};
use serde_json::Value;
use tokio::time::sleep;

use crate::programs;

const REQUESTS: &str = "33000000";
const TURNS: usize = 3;
/// Those that both of them have; the quickest one counts.
const CIPHERS: [&str; 3] = ["chacha20-poly1305@openssh.com", "aes128-ctr", "aes256-ctr"];

/// Where the agent and the ssh server are.
struct There {
    /// A network namespace, if it is not this one.
    namespace: Option<String>,
    /// Its address.
    address: String,
}

/// `there`: a network namespace and its address.
pub(crate) async fn measure(there: &[String]) {
    let there = match there {
        [namespace, address] => There {
            namespace: Some(namespace.clone()),
            address: address.clone(),
        },
        _ => There {
            namespace: None,
            address: "127.0.0.1".to_owned(),
        },
    };
    let at = tempfile::tempdir().unwrap();
    let log = at.path().join("simulation.log");
    let writer = std::env::current_exe()
        .unwrap()
        .with_file_name("bfgg-bench");
    run(Command::new(writer)
        .args(["write", "binary", REQUESTS, "1"])
        .arg(&log));
    let noise = at.path().join("noise");
    random_file(&noise, fs::metadata(&log).unwrap().len());
    let mut ssh = Ssh::start(at.path(), &there);
    let copy = at.path().join("copy");
    println!("| 1 GB | MB | Fetched, s | scp, s | Times as fast |");
    println!("|---|---|---|---|---|");
    for (what, file) in [("random bytes", &noise), ("a log", &log)] {
        let size = fs::metadata(file).unwrap().len();
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        ssh.choose(file, &copy);
        for turn in 0..TURNS {
            theirs.push(ssh.copy(file, &copy));
            ours.push(fetch(at.path(), &format!("{what} {turn}"), file, &there).await);
        }
        eprintln!(
            "{what}: fetched {ours:.1?} s, scp -c {} {theirs:.1?} s",
            ssh.cipher
        );
        let (ours, theirs) = (median(&mut ours), median(&mut theirs));
        println!(
            "| {what} | {} | {ours:.1} | {theirs:.1} | {:.1} |",
            size / 1_000_000,
            theirs / ours
        );
    }
    println!();
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}

fn random_file(path: &Path, size: u64) {
    let mut random = Random::new(1);
    let mut file = std::io::BufWriter::new(fs::File::create(path).unwrap());
    for _ in 0..size / 8 {
        let bytes = random.below(u64::MAX).to_le_bytes();
        file.write_all(&bytes).unwrap();
    }
}

/// Seconds from the first byte asked for to the last one checked.
async fn fetch(at: &Path, name: &str, file: &Path, there: &There) -> f64 {
    let loopback = there.namespace.is_none();
    let cluster = Cluster::with(programs(), |settings| settings.loopback = loopback).await;
    let folder = at.join(name.replace(' ', "-"));
    let token = cluster.token_by(cluster.address());
    let mut agent = Agent::new(&folder, "lab-1", &token, &cluster.programs);
    agent.namespace.clone_from(&there.namespace);
    let release = folder.join("release");
    java(&folder.join("jdk/bin/java"), file, &release);
    // A script is held by no probe.
    agent.environment.push(("BFGG_PROBE".into(), "off".into()));
    agent.start();
    cluster.api.available(1, seconds(60)).await;
    let run = cluster.api.start(&cluster.url, &Load::default(), &[]).await;
    cluster.api.state(&run, "running", seconds(60)).await;
    // What can be told live has been told: nothing else is to be done meanwhile.
    let told = |run: &Value| run["live"]["times"]["count"].as_u64();
    let mut last = None;
    loop {
        sleep(Duration::from_secs(4)).await;
        let now = told(&cluster.api.run(&run).await);
        if now == last {
            break;
        }
        last = now;
    }
    fs::write(&release, "").unwrap();
    phase(&cluster, &run, &["collecting", "collected"]).await;
    let began = Instant::now();
    phase(&cluster, &run, &["collected"]).await;
    let took = began.elapsed().as_secs_f64();
    drop(agent);
    fs::remove_dir_all(folder).unwrap();
    took
}

async fn phase(cluster: &Cluster, run: &str, wanted: &[&str]) {
    until(&format!("{wanted:?}"), seconds(300), async || {
        let run = cluster.api.run(run).await;
        let phase = run["agents"][0]["phase"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        wanted.contains(&phase.as_str()).then_some(()).ok_or(phase)
    })
    .await;
}

/// A `java` whose Gatling has written this file at once, and ends when it is released.
fn java(at: &Path, file: &Path, release: &Path) {
    let script = format!(
        "#!/bin/sh\n\
         case \"$*\" in *Indicators.java*) echo indicators 800 1200 50000 75000 95000 99000; exit;; esac\n\
         while [ $# -gt 0 ]; do if [ \"$1\" = -rf ]; then results=$2; fi; shift; done\n\
         [ -n \"$results\" ] || exit 1\n\
         mkdir -p \"$results/shop-1\"\n\
         ln '{}' \"$results/shop-1/simulation.log\"\n\
         while [ ! -e '{}' ] && [ -d \"$results\" ]; do sleep 0.1; done\n",
        file.display(),
        release.display()
    );
    fs::remove_file(at).unwrap();
    fs::write(at, script).unwrap();
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).unwrap();
}

/// An ssh server that takes one key of its own.
struct Ssh {
    server: Child,
    key: PathBuf,
    host: String,
    port: String,
    cipher: &'static str,
}

impl Ssh {
    fn start(at: &Path, there: &There) -> Self {
        let key = at.join("key");
        run(Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&key));
        let host = at.join("host");
        run(Command::new("dropbearkey")
            .args(["-t", "ed25519", "-f"])
            .arg(&host)
            .stdout(Stdio::null()));
        // The server looks for keys at the user's home: it gets its own view of that.
        let known = at.join("ssh");
        fs::create_dir(&known).unwrap();
        fs::copy(at.join("key.pub"), known.join("authorized_keys")).unwrap();
        fs::set_permissions(&known, fs::Permissions::from_mode(0o700)).unwrap();
        let port = free_port();
        let line = format!(
            "mkdir -p ~/.ssh && mount --bind '{}' ~/.ssh && exec dropbear -F -W 1000000 -r '{}' -p {}:{port}",
            known.display(),
            host.display(),
            there.address
        );
        let server = within(there.namespace.as_deref(), Path::new("unshare"))
            .args(["-m", "sh", "-c", &line])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            server,
            key,
            host: there.address.clone(),
            port,
            cipher: CIPHERS[0],
        }
    }

    /// The quickest cipher for a file.
    fn choose(&mut self, from: &Path, to: &Path) {
        let mut times = Vec::new();
        for cipher in CIPHERS {
            self.cipher = cipher;
            times.push((self.copy(from, to), cipher));
        }
        times.sort_by(|one, other| one.0.total_cmp(&other.0));
        self.cipher = times[0].1;
    }

    fn copy(&self, from: &Path, to: &Path) -> f64 {
        let mut copy = Command::new("scp");
        copy.args([
            "-O",
            "-q",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
        ])
        .args([
            "-o",
            "ConnectionAttempts=20",
            "-o",
            "LogLevel=ERROR",
            "-P",
            &self.port,
            "-i",
        ])
        .arg(&self.key)
        .args(["-c", self.cipher])
        .arg(format!("root@{}:{}", self.host, from.display()))
        .arg(to);
        let began = Instant::now();
        run(&mut copy);
        began.elapsed().as_secs_f64()
    }
}

impl Drop for Ssh {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}
