//! Stop rules.

use super::*;

/// A text log of `ko` failed requests of 20 in each of some seconds.
fn failing(seconds: u64, ko: u64) -> Cell {
    let mut log = "RUN\ta.B\tb\t1000000\t \t3.12.0\n".to_owned();
    for n in 0..seconds * 20 {
        let (start, outcome) = (
            1_000_000 + n * 50,
            if n % 20 < ko { "KO\tno" } else { "OK\t " },
        );
        log += &format!("REQUEST\t\tr\t{start}\t{}\t{outcome}\n", start + 10);
    }
    let mut decoder = gatling_log::Decoder::new();
    decoder.push(log.as_bytes());
    let mut collector = bfgg_stats::Collector::new(0, bfgg_stats::Limits::default());
    decoder.each_record(|record| collector.add(record)).unwrap();
    Cell {
        number: 0,
        from: 0,
        to: log.len() as u64,
        cut_ms: 0,
        health: Vec::new(),
        last: false,
        figures: bfgg_protocol::encode(&collector.finish(), 1 << 20).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_rule_stops_the_run_by_the_live_figures() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let agent =
        ScriptedAgent::join_with(&api, "lab-1", |script| script.runs_until_stopped = true).await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let mut spec = spec();
    spec["stop_if"] = json!([{"kind": "errors", "percent": 20.0, "seconds": 3}]);
    let (_, run) = api.post("/runs", &spec).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&path, |run| run["agents"][0]["phase"] == "running")
        .await;
    agent
        .tell(run["id"].as_str().unwrap(), vec![failing(5, 5)])
        .await;
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(run["state"], "stopped", "{run:#}");
    assert_eq!(run["stopped"]["kind"], "rule");
    let message = run["stopped"]["message"].as_str().unwrap();
    let says = "The stop rule \"errors > 20 % for 3 s\" is broken: 25.00 % (";
    assert!(message.starts_with(says), "{message}");
    spec["stop_if"] = json!([{"kind": "errors", "percent": 20.0, "seconds": 0}]);
    let (status, error) = api.post("/runs", &spec).await;
    assert_eq!(
        (status, &error["message"]),
        (400, &json!("A stop rule looks at 1 to 600 seconds."))
    );
    controller.shutdown().await;
}
