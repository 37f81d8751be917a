//! The verdict on a run: so far, and at its end.

use bfgg_controller::Controller;
use bfgg_protocol::Health;
use serde_json::{Value, json};

use crate::scripted::{Api, ScriptedAgent, settings};
use crate::spec;

/// Requests in the scripted agents' log.
fn logged() -> (u64, u64) {
    let mut decoder = gatling_log::Decoder::new();
    decoder.push(crate::scripted::LOG);
    let (mut ok, mut ko) = (0, 0);
    let counted = decoder.each_record(|record| {
        if let gatling_log::Record::Request(request) = record {
            *if request.ok { &mut ok } else { &mut ko } += 1;
        }
    });
    counted.unwrap();
    (ok, ko)
}

fn finding<'a>(verdict: &'a Value, code: &str) -> Option<&'a Value> {
    let mut findings = verdict["findings"].as_array()?.iter();
    findings.find(|finding| finding["code"] == code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_found_in_a_run_is_shown_in_it_and_in_its_result() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    settings.verdict.window_ms = 2_000;
    let controller = Controller::start(settings).await.unwrap();
    let api = Api::of(&controller);
    let busy = ScriptedAgent::join_with(&api, "lab-1", |script| {
        script.runs_until_stopped = true;
        script.health = Health {
            cpu_percent: 97.0,
            ..Health::default()
        };
    })
    .await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    assert_eq!(run["verdict"], Value::Null, "nothing has begun");
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    let run = api
        .until(&path, |run| finding(&run["verdict"], "cpu").is_some())
        .await;
    assert_eq!(run["verdict"]["level"], "suspect");
    let cpu = finding(&run["verdict"], "cpu").unwrap();
    assert_eq!(
        (&cpu["agent"], &cpu["to_ms"]),
        (&json!("lab-1"), &Value::Null)
    );
    let sentence = cpu["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("CPU 97 % since 00:00:0"), "{sentence}");

    busy.jump(-5_000);
    let run = api
        .until(&path, |run| {
            finding(&run["verdict"], "clock-jump").is_some()
        })
        .await;
    assert_eq!(run["state"], "running");

    api.post(&format!("{path}/stop"), &json!({})).await;
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    let (_, summary) = api.get(&format!("{path}/summary")).await;
    let verdict = &summary["verdict"];
    assert_eq!(&run["verdict"], verdict);
    for code in ["cpu", "clock-jump"] {
        let found = finding(verdict, code).unwrap();
        assert_eq!(found["level"], "suspect");
        assert!(found["to_ms"].is_u64(), "it has ended: {found}");
    }
    // Its console has told nothing.
    assert_eq!(summary["proofs"][0]["state"], "not-proved");
    assert_eq!(finding(verdict, "not-proved").unwrap()["level"], "valid");
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_agents_log_is_compared_with_its_console() {
    let (ok, ko) = logged();
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let _right = ScriptedAgent::join_with(&api, "lab-1", |script| {
        script.console = Some((ok, ko));
    })
    .await;
    let _wrong = ScriptedAgent::join_with(&api, "lab-2", |script| {
        script.console = Some((ok + 1, ko));
    })
    .await;
    api.until("/groups", |groups| groups[0]["available"] == 2)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(run["state"], "finished", "{run:#}");
    let (_, summary) = api.get(&format!("{path}/summary")).await;
    let mut states: Vec<_> = summary["proofs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|proof| {
            (
                proof["agent"].as_str().unwrap(),
                proof["state"].as_str().unwrap(),
            )
        })
        .collect();
    states.sort_unstable();
    assert_eq!(states, [("lab-1", "complete"), ("lab-2", "differs")]);
    assert_eq!(run["verdict"]["level"], "invalid");
    let differs = finding(&run["verdict"], "console-differs").unwrap();
    assert_eq!(differs["agent"], "lab-2");
    let (_, runs) = api.get("/runs").await;
    assert_eq!(runs[0]["verdict"]["level"], "invalid");
    controller.shutdown().await;
}
