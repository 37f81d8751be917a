//! Folders that are sent, and runs of them.

use bfgg_protocol::{ContentHash, SourceAnswer, SourceRequest};

use super::*;

fn hash(text: &str) -> String {
    ContentHash::of(text.as_bytes()).to_string()
}

fn offer(files: &[(&str, &str)]) -> Value {
    let entries = files.iter().map(|(path, text)| {
        let chunks: Vec<String> = (!text.is_empty()).then(|| hash(text)).into_iter().collect();
        json!({"path": path, "size": text.len(), "chunks": chunks})
    });
    json!({"entries": entries.collect::<Vec<_>>()})
}

fn framed(texts: &[&str]) -> Vec<u8> {
    let frame = |text: &&str| [&(text.len() as u32).to_be_bytes(), text.as_bytes()].concat();
    texts.iter().flat_map(frame).collect()
}

/// A run's source.
fn snapshot(id: &Value) -> Value {
    json!({"snapshot": {"id": id, "name": "shop-tests", "base_commit": "1a2b3c4d", "dirty": true}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_sent_and_only_its_runs_agents_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let files = [
        ("pom.xml", "<project/>"),
        ("src/Shop.java", "class Shop {}"),
        ("empty", ""),
    ];
    let (status, state) = api.post("/sources", &offer(&files)).await;
    assert_eq!(status, 200, "{state}");
    let texts = ["<project/>", "class Shop {}"];
    // In the order of their paths.
    assert_eq!(state["missing"], json!(texts.map(hash)));
    assert_eq!((&state["files"], &state["bytes"]), (&json!(3), &json!(23)));
    let id = state["id"].clone();
    let chunks = format!("/sources/{}/chunks", id.as_str().unwrap());

    // No run before it is whole.
    let mut spec = spec();
    spec["source"] = snapshot(&id);
    let (status, error) = api.post("/runs", &spec).await;
    assert_eq!(
        (status, &error["code"]),
        (409, &json!("source-incomplete")),
        "{error}"
    );
    let (status, progress) = api.send(&chunks, framed(&texts[..1])).await;
    assert_eq!(
        (status, &progress),
        (200, &json!({"taken": 1, "missing": 1}))
    );
    for (body, says) in [
        (framed(&["another file"]), "not of this snapshot"),
        (framed(&texts)[..9].to_vec(), "cut"),
        (vec![0xff; 9], "cut, or longer"),
    ] {
        let (status, error) = api.send(&chunks, body).await;
        assert_eq!(
            (status, &error["code"]),
            (400, &json!("bad-input")),
            "{error}"
        );
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    let (_, progress) = api.send(&chunks, framed(&texts)).await;
    assert_eq!(progress, json!({"taken": 2, "missing": 0}));
    let (_, state) = api.get(&format!("/sources/{}", id.as_str().unwrap())).await;
    assert_eq!((&state["id"], &state["missing"]), (&id, &json!([])));
    // One file of an edited folder is missing, no more.
    let edited = offer(&[
        ("pom.xml", "<project/>"),
        ("src/Shop.java", "class Shop { }"),
    ]);
    let (_, state) = api.post("/sources", &edited).await;
    assert_eq!(state["missing"], json!([hash("class Shop { }")]));

    let agent =
        ScriptedAgent::join_with(&api, "lab-1", |script| script.runs_until_stopped = true).await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    spec["selection"] = json!({"count": 1});
    let (status, run) = api.post("/runs", &spec).await;
    assert_eq!(status, 201, "{run}");
    assert_eq!(
        (&run["commit"], &run["spec"]["source"]["url"]),
        (&id, &json!(""))
    );
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&path, |run| run["agents"][0]["phase"] == "running")
        .await;
    let asked = agent.tasks().into_iter().find_map(|task| match task {
        Task::Prepare(prepare) => prepare.snapshot,
        _ => None,
    });
    assert_eq!(asked.map(|id| json!(*id)), Some(id.clone()));

    let other = ScriptedAgent::join(&api, "lab-2").await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let (run_id, snapshot_id) = (
        run["id"].as_str().unwrap().parse().unwrap(),
        id.as_str().unwrap().parse().unwrap(),
    );
    let wanted = |run, snapshot| SourceRequest::Chunks {
        run,
        snapshot,
        chunks: vec![hash("class Shop {}").parse().unwrap()],
    };
    let shop = SourceAnswer::Chunks(vec![b"class Shop {}".to_vec()]);
    assert_eq!(agent.source(wanted(run_id, snapshot_id)).await, shop);
    let list = SourceRequest::Manifest {
        run: run_id,
        snapshot: snapshot_id,
        offset: 0,
    };
    let SourceAnswer::Manifest { bytes, .. } = agent.source(list).await else {
        panic!()
    };
    assert_eq!(json!(ContentHash::of(&bytes)), id);
    let edited_id = state["id"].as_str().unwrap().parse().unwrap();
    for (who, request) in [
        (&other, wanted(run_id, snapshot_id)),
        (&agent, wanted(bfgg_protocol::RunId::new(), snapshot_id)),
        (&agent, wanted(run_id, edited_id)),
    ] {
        let answer = who.source(request).await;
        assert!(
            matches!(&answer, SourceAnswer::Missing(why) if why.contains("not of")),
            "{answer:?}"
        );
    }
    api.post(&format!("{path}/stop"), &json!({})).await;
    let run = api.until(&path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(run["state"], "stopped", "{run:#}");
    let (_, summary) = api.get(&format!("{path}/summary")).await;
    let made_of = "Made of the folder shop-tests, on 1a2b3c4 with uncommitted changes, snapshot ";
    assert!(
        summary["notes"].to_string().contains(made_of),
        "{}",
        summary["notes"]
    );
    // The run is over, and the agent needs no more.
    assert!(matches!(
        agent.source(wanted(run_id, snapshot_id)).await,
        SourceAnswer::Missing(_)
    ));
    controller.shutdown().await;

    // It can be repeated as long as the controller has it.
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (status, error) = api.post("/runs", &run["spec"]).await;
    assert_eq!(
        (status, &error["code"]),
        (409, &json!("too-few-agents")),
        "it is there: {error}"
    );
    std::fs::remove_dir_all(folder.path().join("sources")).unwrap();
    for path in ["/runs", "/simulations", "/prepare"] {
        let body = if path == "/runs" {
            run["spec"].clone()
        } else {
            json!({"source": run["spec"]["source"]})
        };
        let (status, error) = api.post(path, &body).await;
        assert_eq!(
            (status, &error["code"]),
            (404, &json!("source-unknown")),
            "{error}"
        );
        assert!(
            error["message"].as_str().unwrap().contains("shop-tests"),
            "{error}"
        );
    }
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_lists_the_simulations_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent) = one_agent(folder.path()).await;
    let (_, state) = api.post("/sources", &offer(&[("empty", "")])).await;
    let (status, listed) = api
        .post("/simulations", &json!({"source": snapshot(&state["id"])}))
        .await;
    assert_eq!(
        (status, &listed["prepared"]["simulations"]),
        (200, &json!(["example.Shop"]))
    );
    let asked = agent.tasks().into_iter().find_map(|task| match task {
        Task::Prepare(prepare) => prepare.snapshot,
        _ => None,
    });
    assert_eq!(asked.map(|id| json!(*id)), Some(state["id"].clone()));
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_that_would_do_harm_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let file = |path: &str| json!({"entries": [{"path": path, "size": 1, "chunks": [hash("x")]}]});
    let link = |target: &str| json!({"entries": [{"path": "a/b", "link": target}]});
    for (body, status, says) in [
        (json!({"entries": []}), 400, "empty"),
        (file("../x"), 400, "no name"),
        (file("/etc/passwd"), 400, "absolute"),
        (file("a\\b"), 400, "not every system"),
        (file("a\u{0}b"), 400, "not every system"),
        (file(".git/config"), 400, "git's own"),
        (file("AUX"), 400, "device"),
        (link("../../x"), 400, "lead out"),
        (link("/x"), 400, "lead out"),
        (
            json!({"entries": [{"path": "a", "size": 1, "chunks": ["x"]}]}),
            422,
            "SHA-256",
        ),
        (
            json!({"entries": [{"path": "a", "size": 1}]}),
            400,
            "do not fit",
        ),
        (
            json!({"entries": [{"path": "a", "mode": 511}]}),
            422,
            "mode",
        ),
        (offer(&[("a", ""), ("A", "")]), 400, "upper case"),
        (offer(&[("a", ""), ("a/b", "")]), 400, "below"),
    ] {
        let (found, error) = api.post("/sources", &body).await;
        assert_eq!(
            (found, &error["code"]),
            (status, &json!("bad-input")),
            "{body}: {error}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(says),
            "{body}: {error}"
        );
    }
    for id in ["x", "..%2Fruns", &hash("x")] {
        let (status, error) = api.get(&format!("/sources/{id}")).await;
        assert_eq!(
            (status, &error["code"]),
            (404, &json!("source-unknown")),
            "{id}: {error}"
        );
        let (status, _) = api
            .send(&format!("/sources/{id}/chunks"), framed(&["x"]))
            .await;
        assert_eq!(status, 404, "{id}");
    }
    let (_, state) = api.post("/sources", &offer(&[("empty", "")])).await;
    let id = &state["id"];
    for source in [
        json!({"url": "https://x", "snapshot": snapshot(id)["snapshot"]}),
        json!({"reference": "main", "snapshot": snapshot(id)["snapshot"]}),
        json!({"snapshot": {"id": id, "name": "a\nb"}}),
        json!({"snapshot": {"id": id, "name": "a", "base_commit": "--x"}}),
    ] {
        let (status, error) = api.post("/runs", &json!({"source": source})).await;
        assert_eq!(
            (status, &error["code"]),
            (400, &json!("bad-input")),
            "{source}: {error}"
        );
    }
    for (method, path) in [
        ("POST", "/sources"),
        ("GET", "/sources/x"),
        ("POST", "/sources/x/chunks"),
    ] {
        assert_eq!(api.raw(method, path, &[], "").await, 401, "{path}");
    }
    controller.shutdown().await;
}
