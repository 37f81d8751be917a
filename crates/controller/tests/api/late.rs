//! An agent that is lost in a run, and delivers when it is back.

use std::path::Path;

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_lost_in_a_run_leaves_a_partial_result() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let _good = ScriptedAgent::join(&api, "lab-1").await;
    let bad =
        ScriptedAgent::join_with(&api, "lab-2", |script| script.runs_until_stopped = true).await;
    api.until("/groups", |groups| groups[0]["available"] == 2)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&path, |run| run["agents"][1]["phase"] == "running")
        .await;
    bad.vanish().await;
    api.until(&path, |run| run["agents"][1]["phase"] == "lost")
        .await;
    let (_, agents) = api.get("/agents").await;
    assert_eq!(agents[1]["liveness"], "lost");
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(run["state"], "partial", "{run:#}");
    assert_eq!(run["agents"][0]["phase"], "collected");
    assert_eq!(run["failures"][0]["failure"]["code"], "agent-lost");
    assert_eq!(
        (&run["revision"], &run["offered_load"][0]["percent"]),
        (&json!(1), &json!(50.0))
    );
    let (_, before) = api.get(&format!("{path}/summary")).await;
    let load = before["offered_load"][0].clone();
    assert_eq!(load["reason"], "lab-2 was not heard", "{before:#}");
    controller.shutdown().await;

    // A delivery before had failed once its log was here.
    let own = Path::new(run["folder"].as_str().unwrap()).join("agents/1");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("simulation.log"), scripted::LOG).unwrap();
    // Another day, at a controller that was restarted: the agent is back, and has kept the run.
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let kept = run["id"].as_str().unwrap().parse().unwrap();
    let back = ScriptedAgent::join_with(&api, "lab-2", |script| {
        script.identity = Some(bad.identity.clone());
        script.keeps = Some(kept);
    })
    .await;
    let run = api.until(&path, |run| run["revision"] == 2).await;
    assert_eq!(run["state"], "finished", "{run:#}");
    assert_eq!(run["failures"], json!([]));
    let event = run["events"].as_array().unwrap().last().unwrap()["message"].clone();
    assert!(
        event
            .as_str()
            .unwrap()
            .starts_with("Revision 2: lab-2 delivered at "),
        "{event}"
    );
    let (_, after) = api.get(&format!("{path}/summary")).await;
    let total = |summary: &Value| summary["rows"][0]["total"].as_u64().unwrap();
    assert_eq!(total(&after), 2 * total(&before));
    assert_eq!(after["offered_load"], json!([]));
    let beside = Path::new(run["folder"].as_str().unwrap()).join("revisions/1/summary.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(beside).unwrap()).unwrap();
    assert_eq!(kept, before);
    assert_eq!(back.reads(), 0, "its log was here");
    back.until(|tasks| {
        tasks
            .iter()
            .any(|task| matches!(task, Task::Confirm { .. }))
    })
    .await;
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_is_not_as_large_as_was_said_is_fetched_whole() {
    let real = scripted::LOG.len() as u64;
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let mut agents = Vec::new();
    for (name, said) in [("less", real - 9), ("more", real + 9), ("none", 0)] {
        agents.push(ScriptedAgent::join_with(&api, name, |script| script.log_bytes = said).await);
    }
    api.until("/groups", |groups| groups[0]["available"] == 3)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    let own = Path::new(run["folder"].as_str().unwrap()).join("agents");
    for index in 0..3 {
        let fetched = std::fs::read(own.join(index.to_string()).join("simulation.log")).unwrap();
        assert_eq!(fetched, scripted::LOG, "{run:#}");
    }
    controller.shutdown().await;
}
