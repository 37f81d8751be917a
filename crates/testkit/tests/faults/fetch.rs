//! F21: fetching a log is cut at any byte.

use std::time::Duration;

use bfgg_testkit::cluster::Cluster;
use bfgg_testkit::load::Load;
use bfgg_testkit::random::Random;
use bfgg_testkit::wait::seconds;

use crate::programs;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_fetch_that_is_cut_goes_on_where_it_was() {
    let cluster = Cluster::start(programs()).await;
    let remotes = cluster.remotes(&["lab-1"]).await;
    let remote = &remotes[0];
    let load = Load {
        rate: 60_000,
        seconds: 4,
        ..Load::default()
    };
    let run = cluster.api.start(&cluster.url, &load, &[]).await;
    cluster.under_load(&run, &remotes).await;
    cluster.api.state(&run, "collecting", seconds(60)).await;
    // Slow enough that it can be cut often.
    remote.proxy.change(|way| way.bytes_per_s = 1 << 20);
    let mut random = Random::new(21);
    let (mut fetched, mut cuts) = (0, 0);
    loop {
        let now = cluster.api.run(&run).await;
        if now["state"] != "collecting" {
            break;
        }
        let bytes = now["agents"][0]["collected_bytes"].as_u64().unwrap();
        assert!(bytes >= fetched, "{bytes} bytes after {fetched}");
        fetched = bytes;
        if cuts < 5 {
            remote.proxy.cut();
            cuts += 1;
        } else {
            remote.proxy.change(|way| way.bytes_per_s = 0);
        }
        tokio::time::sleep(Duration::from_millis(700 + random.below(700))).await;
    }
    assert!(cuts >= 3, "it was over after {cuts} cuts");
    let ended = cluster.api.ended(&run, seconds(60)).await;
    assert_eq!(ended["state"], "finished", "{ended:#}");
    cluster.assert_exact(&ended, &[remote]).await;
    // Byte for byte.
    let written = remote.agent.written(&run);
    let folder = ended["folder"].as_str().unwrap();
    let log = std::fs::read(format!("{folder}/agents/0/simulation.log")).unwrap();
    assert_eq!(log.len() as u64, written.bytes);
}
