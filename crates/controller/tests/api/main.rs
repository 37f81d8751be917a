//! The controller as its callers see it: over HTTP, with scripted agents on the real network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests end at surprises"
)]

mod access;
mod figures;
mod late;
mod local;
mod notes;
mod output;
mod pairing;
mod rules;
mod saved_tests;
mod scripted;
mod sources;
mod stretch;
mod verdict;

use bfgg_controller::{Controller, ControllerError, Endpoint, Settings};
use bfgg_protocol::{
    AgentPhase, Cell, FailureCode, Health, HealthSample, RefusalCode, RunExit, Task,
    TelemetryAnswer,
};
use scripted::{Api, ScriptedAgent, one_agent, one_that_runs, settings};
use serde_json::{Value, json};

fn spec() -> Value {
    json!({"source": {"url": "https://example.org/shop.git"}, "simulation": "example.Shop"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_joins_by_token_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let agents = [
        ScriptedAgent::join(&api, "lab-1").await,
        ScriptedAgent::join(&api, "lab-2").await,
    ];
    api.until("/agents", |agents| agents.as_array().unwrap().len() == 2)
        .await;
    api.until("/groups", |groups| groups[0]["available"] == 2)
        .await;

    let mut spec = spec();
    spec["parameters"] = json!([{"name": "users", "value": "7"}]);
    spec["divide"] = json!(["users"]);
    let (status, run) = api.post("/runs", &spec).await;
    assert_eq!(status, 201, "{run}");
    let id = run["id"].as_str().unwrap().to_owned();
    let run = api
        .until(&format!("/runs/{id}"), |run| run["ended_ms"].is_u64())
        .await;
    assert_eq!(run["state"], "finished", "{run:#}");
    assert_eq!(run["commit"], "a".repeat(40));
    assert_eq!(run["agents"][0]["parameters"]["users"], "4");
    assert_eq!(run["agents"][1]["parameters"]["users"], "3");
    let (status, summary) = api.get(&format!("/runs/{id}/summary")).await;
    assert_eq!(status, 200);
    assert_eq!(summary["agents"].as_array().unwrap().len(), 2);
    let total = |agent: usize| summary["agents"][agent]["total"].as_u64().unwrap();
    assert_eq!(summary["rows"][0]["total"], total(0) + total(1));

    // Both got one instant, and were told that their files are safe.
    let releases: Vec<u64> = agents
        .iter()
        .map(|agent| {
            agent.tasks().into_iter().find_map(|t| match t {
                Task::Release { at_ms, .. } => Some(at_ms),
                _ => None,
            })
        })
        .collect::<Option<_>>()
        .unwrap();
    assert!(releases[0].abs_diff(releases[1]) <= 50, "{releases:?}");
    for agent in &agents {
        agent
            .until(|tasks| tasks.iter().any(|t| matches!(t, Task::Confirm { .. })))
            .await;
    }
    let log = api
        .bytes(&format!("/runs/{id}/agents/0/files/simulation-log"))
        .await;
    assert_eq!(log, scripted::LOG);
    for (file, begins) in [
        ("report.html", "<!DOCTYPE html>"),
        ("stats.csv", "kind,groups,name,total,"),
        ("junit.xml", "<?xml "),
        ("summary.json", "{\n  \"run\""),
    ] {
        let (headers, bytes) = api.download(&format!("/runs/{id}/files/{file}")).await;
        assert!(bytes.starts_with(begins.as_bytes()), "{file}");
        // A browser saves it and never shows it with this origin's rights.
        let header = |name: &str| headers[name].to_str().unwrap();
        assert_eq!(
            header("content-disposition"),
            format!("attachment; filename=\"{id}-{file}\"")
        );
        assert_eq!(header("content-type"), "application/octet-stream");
        assert_eq!(
            header("content-security-policy"),
            "default-src 'none'; sandbox"
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
    }
    for file in [
        "series.json",
        "..%2Frun.json",
        "run.json",
        "report.html.new",
    ] {
        let (status, error) = api.get(&format!("/runs/{id}/files/{file}")).await;
        assert_eq!(
            (status, &error["code"]),
            (404, &json!("file-unknown")),
            "{file}"
        );
    }
    controller.shutdown().await;

    // All of it is there after a restart.
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (_, runs) = api.get("/runs").await;
    assert_eq!(runs[0]["state"], "finished");
    let (_, agents) = api.get("/agents").await;
    assert_eq!(agents.as_array().unwrap().len(), 2);
    controller.shutdown().await;
}

/// The figures of all of the scripted agents' log, as its only cell.
fn whole_log() -> Cell {
    let mut decoder = gatling_log::Decoder::new();
    decoder.push(scripted::LOG);
    let mut collector = bfgg_stats::Collector::new(0, bfgg_stats::Limits::default());
    let counting = decoder.each_record(|record| collector.add(record));
    counting.unwrap();
    Cell {
        number: 0,
        from: 0,
        to: scripted::LOG.len() as u64,
        cut_ms: 0,
        last: true,
        figures: bfgg_protocol::encode(&collector.finish(), 1 << 20).unwrap(),
        health: [scripted::now_ms(), 2_000_000_000_000]
            .map(|at_ms| HealthSample {
                at_ms,
                health: Health {
                    cpu_percent: 42.5,
                    ..Health::default()
                },
            })
            .to_vec(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_report_waits_for_the_live_figures_of_who_tells_them() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let telling = ScriptedAgent::join(&api, "lab-1").await;
    let _silent = ScriptedAgent::join(&api, "lab-2").await;
    api.until("/groups", |groups| groups[0]["available"] == 2)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let id = run["id"].as_str().unwrap().to_owned();
    let path = format!("/runs/{id}");
    let at_first = TelemetryAnswer::Next { number: 0, from: 0 };
    assert_eq!(telling.tell(&id, Vec::new()).await, at_first);
    api.until(&path, |run| {
        let mut agents = run["agents"].as_array().unwrap().iter();
        agents.all(|agent| agent["phase"] == "collected")
    })
    .await;
    let answer = telling.tell(&id, vec![whole_log()]).await;
    let TelemetryAnswer::Next { number: 1, .. } = answer else {
        panic!("it is waited for: {answer:?}")
    };
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    let (_, summary) = api.get(&format!("{path}/summary")).await;
    let mut told = summary["agents"].as_array().unwrap().iter();
    let told = told.find(|agent| agent["name"] == "lab-1").unwrap();
    assert_eq!(run["live"]["times"]["count"], told["total"], "{run:#}");
    let notes = summary["notes"].to_string();
    assert!(!notes.contains("its live figures"), "{notes}");
    let (_, health) = api.get(&format!("{path}/health")).await;
    let names = [0, 1].map(|agent| health["agents"][agent]["name"].clone());
    assert_eq!(names, ["lab-1", "lab-2"]);
    let points = health["agents"][0]["points"].as_array().unwrap();
    assert_eq!(points.len(), 1, "the other is by a wrong clock");
    assert_eq!(points[0]["health"]["cpu_percent"], 42.5);
    assert_eq!(health["agents"][1]["points"], json!([]));
    assert_eq!(api.get("/runs/x/health").await.0, 404);
    assert_eq!(summary["start"]["held"], false, "nobody told of a probe");
    assert!(told["clock"]["uncertainty_ms"].as_f64().unwrap() > 0.0);
    let late = telling.tell(&id, Vec::new()).await;
    assert_eq!(late, TelemetryAnswer::Unwanted);
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_fails_fails_the_run_and_releases_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let good = ScriptedAgent::join(&api, "lab-1").await;
    let bad = ScriptedAgent::join_with(&api, "lab-2", |script| {
        script.prepare = Err(FailureCode::BuildFailed);
    })
    .await;
    api.until("/groups", |groups| groups[0]["available"] == 2)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(run["state"], "failed", "{run:#}");
    assert_eq!(run["failures"][0]["agent"], "lab-2");
    assert_eq!(run["failures"][0]["failure"]["code"], "build-failed");
    good.until(|tasks| tasks.iter().any(|t| matches!(t, Task::Stop { .. })))
        .await;
    api.until("/groups", |groups| groups[0]["available"] == 2)
        .await;
    drop(bad);
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_ends_the_agents_and_keeps_what_was_logged() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent) = one_that_runs(folder.path()).await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    let run = api
        .until(&path, |run| run["agents"][0]["phase"] == "running")
        .await;
    assert_eq!(run["state"], "running");
    // Busy meanwhile: a second start names the run that has the agent.
    let (status, error) = api.post("/runs", &spec()).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (409, Some("busy")),
        "{error}"
    );
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains(run["id"].as_str().unwrap()),
        "{error}"
    );
    for _ in 0..2 {
        let (status, _) = api.post(&format!("{path}/stop"), &json!({})).await;
        assert_eq!(status, 202);
    }
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(run["state"], "stopped", "{run:#}");
    assert_eq!(run["has_summary"], true);
    assert_eq!(run["agents"][0]["end"]["exit"], json!(RunExit::Stopped));
    let stops = agent
        .tasks()
        .iter()
        .filter(|t| matches!(t, Task::Stop { .. }))
        .count();
    assert_eq!(stops, 1, "a second stop is the same stop");
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_controller_finds_its_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    let controller = Controller::start(settings.clone()).await.unwrap();
    let api = Api::of(&controller);
    let agent =
        ScriptedAgent::join_with(&api, "lab-1", |script| script.runs_until_stopped = true).await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&path, |run| run["agents"][0]["phase"] == "running")
        .await;
    let (_, info) = api.get("/info").await;
    let address = info["addresses"][0].as_str().unwrap();
    settings.port = address.rsplit_once(':').unwrap().1.parse().unwrap();
    controller.shutdown().await;

    let controller = Controller::start(settings).await.unwrap();
    let api = Api::of(&controller);
    let run = api
        .until(&path, |run| run["agents"][0]["live"]["ok"].is_u64())
        .await;
    assert_eq!(run["state"], "running");
    api.post(&format!("{path}/stop"), &json!({})).await;
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(
        (&run["state"], &run["has_summary"]),
        (&json!("stopped"), &json!(true))
    );
    drop(agent);
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_join() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (_, join) = api.get("/token").await;
    let old = join["token"].as_str().unwrap().to_owned();
    // Known and trusting, but without the secret: pending until admitted.
    let pending = ScriptedAgent::start(&api, "lab-1", &old, false, |_| {}).await;
    let agents = api
        .until("/agents", |agents| agents[0]["trust"] == "pending")
        .await;
    let id = agents[0]["id"].as_str().unwrap();
    let (status, error) = api.post("/runs", &spec()).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (409, Some("no-agents")),
        "{error}"
    );
    api.post(&format!("/agents/{id}/admit"), &json!({})).await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    // A rotated token admits nobody, and keeps those who were admitted.
    let (_, join) = api.post("/token/rotate", &json!({})).await;
    assert_ne!(join["token"].as_str().unwrap(), old);
    let refused = ScriptedAgent::start(&api, "lab-2", &old, true, |_| {}).await;
    let reason = refused.refused().await;
    assert!(reason.contains("not valid"), "{reason}");
    let (_, agents) = api.get("/agents").await;
    assert_eq!(agents.as_array().unwrap().len(), 1);
    assert_eq!(agents[0]["trust"], "admitted");
    // The fourth wrong token in 8 s is not even compared.
    let mut last = String::new();
    for _ in 0..3 {
        let wrong = ScriptedAgent::start(&api, "lab-3", &old, true, |_| {}).await;
        last = wrong.refused().await;
    }
    assert!(last.contains("Too many wrong join tokens"), "{last}");
    drop(pending);
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_gets_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let id = "01900000-0000-7000-8000-000000000000";
    for (path, body, status, code, says) in [
        (
            "/runs",
            json!({"source": {"url": ""}}),
            400,
            "bad-input",
            "URL is missing",
        ),
        (
            "/runs",
            json!({"source": {"url": "-oProxyCommand=x"}}),
            400,
            "bad-input",
            "begins with",
        ),
        (
            "/runs",
            json!({"source": {"url": "x", "reference": "--upload-pack=x"}}),
            400,
            "bad-input",
            "begins with",
        ),
        (
            "/runs",
            json!({"source": {"url": "x"}, "max_duration_s": 0}),
            400,
            "bad-input",
            "duration",
        ),
        (
            "/runs",
            json!({"source": {"url": "x"}, "users": 1}),
            422,
            "bad-input",
            "users",
        ),
        ("/runs", json!([]), 422, "bad-input", "RunSpec"),
        ("/runs", spec(), 409, "no-agents", "No agent"),
        (
            "/agents",
            json!({"address": "no address"}),
            400,
            "bad-input",
            "host:port",
        ),
        (
            "/agents",
            json!({"address": "127.0.0.1:1"}),
            502,
            "agent-unreachable",
            "127.0.0.1:1",
        ),
        (
            "/agents/nobody/admit",
            json!({}),
            404,
            "agent-unknown",
            "nobody",
        ),
        (
            &format!("/runs/{id}/stop"),
            json!({}),
            404,
            "run-unknown",
            id,
        ),
        ("/runs/x/stop", json!({}), 404, "run-unknown", "x"),
    ] {
        let (found, error) = api.post(path, &body).await;
        assert_eq!(
            (found, error["code"].as_str()),
            (status, Some(code)),
            "{path} {body}: {error}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(says),
            "{path} {body}: {error}"
        );
    }
    let (status, error) = api.get("/nothing").await;
    assert_eq!((status, error["code"].as_str()), (404, Some("not-found")));
    let (status, error) = api.get(&format!("/runs/{id}/summary")).await;
    assert_eq!((status, error["code"].as_str()), (404, Some("run-unknown")));
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_holds_the_token_on_our_own_origin_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    for (headers, status) in [
        (vec![], 401),
        (vec![("authorization", "Bearer wrong".to_owned())], 401),
        (
            vec![("authorization", api.bearer()), ("origin", "null".into())],
            403,
        ),
        (
            vec![
                ("authorization", api.bearer()),
                ("origin", "http://evil.example".into()),
            ],
            403,
        ),
        (
            vec![
                ("authorization", api.bearer()),
                ("host", "evil.example".into()),
            ],
            403,
        ),
        (
            vec![
                ("authorization", api.bearer()),
                ("origin", "tauri://localhost".into()),
            ],
            200,
        ),
        (vec![("authorization", api.bearer())], 200),
    ] {
        let found = api.raw("GET", "/agents", &headers, "").await;
        assert_eq!(found, status, "{headers:?}");
    }
    // A form post is no JSON.
    let form = [
        ("authorization", api.bearer()),
        ("content-type", "application/x-www-form-urlencoded".into()),
    ];
    assert_eq!(api.raw("POST", "/runs", &form, "url=x").await, 415);
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_data_folder_has_one_owner() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let endpoint = Endpoint::read(folder.path()).unwrap();
    assert_eq!(endpoint.url, controller.url());
    let second = Controller::start(settings(folder.path()))
        .await
        .unwrap_err();
    assert!(matches!(second, ControllerError::InUse { .. }));
    assert!(second.to_string().contains(controller.url()), "{second}");
    // A port the user named is not given up silently.
    let other = tempfile::tempdir().unwrap();
    let named = Settings {
        http: endpoint
            .url
            .strip_prefix("http://")
            .unwrap()
            .parse()
            .unwrap(),
        http_may_move: false,
        ..settings(other.path())
    };
    let error = Controller::start(named).await.unwrap_err();
    assert!(matches!(error, ControllerError::Http { .. }), "{error}");
    controller.shutdown().await;
    assert_eq!(Endpoint::read(folder.path()), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_begin_with_a_snapshot_and_end_with_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let mut all = api.events("/events").await;
    assert_eq!(all.next().await.unwrap()["type"], "snapshot");
    let _agent = ScriptedAgent::join(&api, "lab-1").await;
    let seen = all.until(|event| event["type"] == "agent").await;
    assert_eq!(seen["agent"]["name"], "lab-1");
    let seen = all.until(|event| event["agent"]["clock"].is_object()).await;
    assert!(
        seen["agent"]["clock"]["offset_ms"].as_f64().unwrap().abs() < 1000.0,
        "{seen}"
    );
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let id = run["id"].as_str().unwrap();
    let mut of_run = api.events(&format!("/runs/{id}/events")).await;
    let first = of_run.next().await.unwrap();
    assert_eq!(
        (&first["type"], &first["run"]["id"]),
        (&json!("run"), &json!(id))
    );
    let last = of_run
        .until(|event| event["run"]["state"] == "finished")
        .await;
    assert_eq!(last["run"]["has_summary"], true);
    assert!(of_run.next().await.is_none());
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_is_prepared_and_its_simulations_listed() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent) = one_agent(folder.path()).await;
    let source = json!({"source": {"url": "https://example.org/shop.git"}});
    let (status, found) = api.post("/simulations", &source).await;
    assert_eq!(status, 200, "{found}");
    assert_eq!(found["prepared"]["simulations"], json!(["example.Shop"]));
    let (status, found) = api.post("/prepare", &source).await;
    assert_eq!((status, &found[0]["name"]), (200, &json!("lab-1")));
    let (_, agents) = api.get("/agents").await;
    assert_eq!(agents[0]["phase"], json!(AgentPhase::Available));
    // A busy agent refuses, in a sentence.
    agent.refuse(RefusalCode::Busy);
    let (_, found) = api.post("/simulations", &source).await;
    assert_eq!(found["failure"]["code"], "busy", "{found}");
    controller.shutdown().await;
}
