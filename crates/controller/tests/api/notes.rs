//! Notes pinned to a time of a run.

use bfgg_controller::Controller;
use serde_json::{Value, json};

use crate::scripted::{Api, one_agent, settings};
use crate::spec;

fn texts(run: &Value) -> Vec<&str> {
    let notes = run["pinned"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    notes
        .iter()
        .map(|note| note["text"].as_str().unwrap())
        .collect()
}

async fn put(api: &Api, path: &str, body: &Value) -> u16 {
    let headers = [
        ("authorization", api.bearer()),
        ("content-type", "application/json".to_owned()),
    ];
    api.raw("PUT", path, &headers, &body.to_string()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_told_to_viewers_and_kept_with_the_run() {
    let hostile = "<script>alert(1)</script> \u{202e}\"' ${x}";
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, _agent) = one_agent(folder.path()).await;
    let mut events = api.events("/events").await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    let notes = format!("{path}/notes");
    let created = run["created_ms"].as_u64().unwrap();
    let note = |at_ms: u64, text: &str| json!({"at_ms": at_ms, "text": text});

    // While it is in progress.
    let (status, first) = api.post(&notes, &note(created + 20, " deployed ")).await;
    assert_eq!(
        (status, &first["text"]),
        (201, &json!("deployed")),
        "{first}"
    );
    let event = events
        .until(|event| event["type"] == "run" && !texts(&event["run"]).is_empty())
        .await;
    assert_eq!(event["run"]["pinned"][0], first);
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(texts(&run), ["deployed"], "the run went on with it");

    // And once it has ended.
    let (_, second) = api.post(&notes, &note(created + 5, hostile)).await;
    events
        .until(|event| event["type"] == "run" && texts(&event["run"]) == [hostile, "deployed"])
        .await;
    let of = |note: &Value| format!("{notes}/{}", note["id"]);
    assert_eq!(put(&api, &of(&first), &note(created, "moved")).await, 200);
    let (_, third) = api.post(&notes, &note(created + 9, "gone soon")).await;
    let headers = [("authorization", api.bearer())];
    assert_eq!(api.raw("DELETE", &of(&third), &headers, "").await, 204);
    for (status, code, refused) in [
        (404, "note-unknown", api.delete(&of(&third)).await),
        (404, "note-unknown", api.delete(&format!("{notes}/x")).await),
        (400, "bad-input", api.post(&notes, &note(created, "")).await),
        (
            400,
            "bad-input",
            api.post(&notes, &note(created - 1, "x")).await,
        ),
        (
            400,
            "bad-input",
            api.post(&notes, &note(created, &"x".repeat(501))).await,
        ),
        (
            422,
            "bad-input",
            api.post(&notes, &json!({"text": "x"})).await,
        ),
        (
            404,
            "run-unknown",
            api.post("/runs/x/notes", &note(created, "x")).await,
        ),
    ] {
        assert_eq!(
            (refused.0, &refused.1["code"]),
            (status, &json!(code)),
            "{}",
            refused.1
        );
    }
    controller.shutdown().await;

    // A restart keeps them, in the database and in the run's folder.
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (_, again) = api.get(&path).await;
    assert_eq!(texts(&again), ["moved", hostile]);
    assert_eq!(again["pinned"][1], second);
    let file = std::path::Path::new(again["folder"].as_str().unwrap()).join("run.json");
    let kept: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(kept["pinned"], again["pinned"]);
    controller.shutdown().await;
}
