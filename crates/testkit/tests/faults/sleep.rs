//! F8: the controller's machine sleeps for 10 minutes in a run, with either kind of monotonic clock.

use std::time::Instant;

use bfgg_testkit::cluster::{Cluster, Remote};
use bfgg_testkit::laptop::{InSleep, Laptop};
use bfgg_testkit::load::Load;
use bfgg_testkit::wait::seconds;
use tokio::time::sleep;

use crate::programs;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_dies_while_the_controller_sleeps() {
    tokio::join!(night(InSleep::StandsStill), night(InSleep::GoesOn));
}

async fn night(kind: InSleep) {
    let laptop = Laptop::new(kind);
    let clock = laptop.clock();
    let cluster = Cluster::with(programs(), |settings| settings.clock = clock).await;
    let remotes = cluster.remotes(&["lab-1", "lab-2"]).await;
    let load = Load {
        rate: 50,
        seconds: 12,
        ..Load::default()
    };
    let run = cluster.api.start(&cluster.url, &load, &[]).await;
    cluster.under_load(&run, &remotes).await;
    // The connections do not outlive the night.
    for remote in &remotes {
        remote.proxy.close();
    }
    laptop.sleep(seconds(600));
    let woken = Instant::now();
    for remote in &remotes {
        remote.proxy.heal();
    }
    let mut all_back = None;
    while woken.elapsed() < seconds(11) {
        let agents = cluster.api.get("/agents").await;
        let agents = agents.as_array().unwrap();
        for agent in agents {
            assert_ne!(agent["liveness"], "lost", "{kind:?}: a false death");
        }
        if agents.iter().all(|agent| agent["liveness"] == "alive") {
            all_back.get_or_insert(woken.elapsed());
        }
        sleep(std::time::Duration::from_millis(200)).await;
    }
    assert!(
        all_back.is_some_and(|after| after < seconds(10)),
        "{kind:?}: {all_back:?}"
    );
    let ended = cluster.api.ended(&run, seconds(60)).await;
    assert_eq!(ended["state"], "finished", "{kind:?}: {ended:#}");
    let all: Vec<&Remote> = remotes.iter().collect();
    cluster.assert_exact(&ended, &all).await;
}
