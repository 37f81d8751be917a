//! F14: the controller's disk is full.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bfgg_testkit::cluster::{Cluster, Remote};
use bfgg_testkit::load::Load;
use bfgg_testkit::wait::{seconds, until};

use crate::programs;

/// A small disk, gone at its end.
struct Disk(PathBuf);

impl Disk {
    /// `None` where this user may not mount one.
    fn mount(at: &Path, mib: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"]);
        let mounted = mount
            .arg(at)
            .output()
            .is_ok_and(|done| done.status.success());
        mounted.then(|| Self(at.to_owned()))
    }

    /// Takes all the room that is left.
    fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        let mut file = std::fs::File::create(&ballast).unwrap();
        let zeros = vec![0; 4096];
        while std::io::Write::write_all(&mut file, &zeros).is_ok() {}
        ballast
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn collecting_waits_for_room_and_goes_on() {
    let at = tempfile::tempdir().unwrap();
    let data = at.path().join("data");
    let Some(disk) = Disk::mount(&data, 24) else {
        return skip("collecting_waits_for_room_and_goes_on: mounting needs root");
    };
    let cluster = Cluster::with(programs(), |settings| settings.data_dir = data.clone()).await;
    let remotes = cluster.remotes(&["lab-1", "lab-2"]).await;
    let load = Load {
        rate: 5_000,
        seconds: 8,
        ..Load::default()
    };
    let run = cluster.api.start(&cluster.url, &load, &[]).await;
    cluster.under_load(&run, &remotes).await;
    let ballast = disk.fill();
    let waiting = until("collecting waits", seconds(60), async || {
        let now = cluster.api.run(&run).await;
        let agents = now["agents"].as_array().unwrap();
        let step = |a: &serde_json::Value| a["step"].as_str().unwrap_or_default().to_owned();
        agents
            .iter()
            .map(step)
            .find(|step| step.contains("the disk is full"))
            .ok_or_else(|| format!("{now:#}"))
    })
    .await;
    // Path, needed, free.
    assert!(
        waiting.contains("simulation.log.part") || waiting.contains(".log.part"),
        "{waiting}"
    );
    assert!(
        waiting.contains("bytes, ") && waiting.contains("are free"),
        "{waiting}"
    );
    // It answers all the while.
    assert_eq!(
        cluster.api.get("/agents").await.as_array().map(Vec::len),
        Some(2)
    );
    std::fs::remove_file(ballast).unwrap();
    let room = Instant::now();
    until("collecting goes on", seconds(10), async || {
        let now = cluster.api.run(&run).await;
        let agents = now["agents"].as_array().unwrap();
        let waits =
            |a: &&serde_json::Value| a["step"].as_str().unwrap_or_default().contains("full");
        (agents.iter().filter(waits).count() == 0)
            .then_some(())
            .ok_or_else(|| format!("{now:#}"))
    })
    .await;
    let ended = cluster.api.ended(&run, seconds(60)).await;
    assert_eq!(
        ended["state"],
        "finished",
        "{:?} later: {ended:#}",
        room.elapsed()
    );
    let all: Vec<&Remote> = remotes.iter().collect();
    // Live figures could not be kept meanwhile: where some came too late the result says so.
    cluster.assert_counted(&ended, &all).await;
    // The database is whole: it is opened again, and has the run.
    let mut cluster = cluster;
    cluster.restart().await;
    assert_eq!(cluster.api.run(&run).await["state"], "finished");
    cluster.end().await;
    drop(disk);
}

fn skip(why: &str) {
    use std::io::Write as _;
    if let Some(file) = std::env::var_os("SKIPPED_TESTS") {
        let mut file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(file)
            .unwrap();
        writeln!(file, "{why}").unwrap();
    }
}
