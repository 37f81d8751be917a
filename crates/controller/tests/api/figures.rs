//! The figures of a run in progress.

use bfgg_protocol::{Cell, TelemetryAnswer};
use serde_json::json;

use crate::scripted::one_agent;
use crate::{spec, whole_log};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_what_the_agents_have_told_until_the_run_has_ended() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent) = one_agent(folder.path()).await;
    let (_, run) = api.post("/runs", &spec()).await;
    let id = run["id"].as_str().unwrap().to_owned();
    let path = format!("/runs/{id}/figures");
    // The report waits for agents that tell.
    let at_first = TelemetryAnswer::Next { number: 0, from: 0 };
    assert_eq!(agent.tell(&id, Vec::new()).await, at_first);
    let before = api.events(&path).await.next().await.unwrap();
    assert_eq!(before["rows"], json!([]), "{before}");

    let whole = whole_log();
    let end = Cell {
        number: 1,
        from: whole.to,
        health: Vec::new(),
        ..whole.clone()
    };
    let cell = Cell {
        last: false,
        ..whole
    };
    agent.tell(&id, vec![cell]).await;
    let mut stream = api.events(&path).await;
    let figures = stream.next().await.unwrap();
    let row = &figures["rows"][0];
    assert_eq!(row["kind"], "all");
    assert!(row["total"].as_u64().unwrap() > 0);
    let seconds = figures["seconds"].as_array().unwrap();
    let counted: u64 = seconds.iter().map(|s| s["sent"].as_u64().unwrap()).sum();
    assert_eq!(row["total"], counted);
    assert!(seconds.iter().any(|second| second["times"].is_array()));

    // An empty cell is the end of the log.
    let end = Cell {
        figures: bfgg_protocol::encode(
            &bfgg_stats::Figures::new(bfgg_stats::Limits::default()),
            1 << 20,
        )
        .unwrap(),
        ..end
    };
    agent.tell(&id, vec![end]).await;
    while stream.next().await.is_some() {}
    api.until(&format!("/runs/{id}"), |run| run["ended_ms"].is_u64())
        .await;
    let (status, refused) = api.get(&path).await;
    assert_eq!((status, &refused["code"]), (409, &json!("not-in-progress")));
    controller.shutdown().await;
}
