//! Saved tests: kept, changed by revision, started; their secret values are told to agents alone.

use std::path::Path;

use super::*;

/// A test with a secret parameter.
fn wanted(name: &str) -> Value {
    let mut spec = spec();
    spec["parameters"] = json!([
        {"name": "users", "value": "7"},
        {"name": "login", "value": "hunter22", "secret": true},
    ]);
    json!({"name": name, "description": "why", "labels": [" nightly ", "shop", "nightly"], "spec": spec})
}

/// What agents were told to start with, newest last.
fn starts(agent: &ScriptedAgent) -> Vec<bfgg_protocol::Start> {
    let starts = agent.tasks().into_iter().filter_map(|task| match task {
        Task::Start(start) => Some(start),
        _ => None,
    });
    starts.collect()
}

/// Every file of a folder that holds a text, but for some.
fn files_with(folder: &Path, text: &str, except: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files_with(&path, text, except));
        } else if !except.contains(&name.as_str()) {
            let bytes = std::fs::read(&path).unwrap();
            let holds = bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes());
            if holds {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_is_kept_changed_started_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent) = one_agent(folder.path()).await;
    let mut events = api.events("/events").await;
    let first = events.next().await.unwrap();
    assert_eq!(first["tests"], json!([]));
    let (status, test) = api.post("/tests", &wanted(" Shop ")).await;
    assert_eq!(status, 201, "{test}");
    assert_eq!(
        (&test["name"], &test["revision"]),
        (&json!("Shop"), &json!(1))
    );
    assert_eq!(test["labels"], json!(["nightly", "shop"]));
    assert_eq!(test["spec"]["parameters"][1]["value"], "•••");
    let place = test["secrets"].as_str().unwrap();
    assert!(place.contains("secrets.json (mode 0600)"), "{place}");
    let path = format!("/tests/{}", test["id"].as_str().unwrap());
    let told = events.until(|event| event["type"] == "test").await;
    assert_eq!(told["test"], test);

    // It is changed by its revision; what is masked keeps its value.
    let mut change = wanted("Shop 2");
    change["spec"]["parameters"] = test["spec"]["parameters"].clone();
    change["revision"] = json!(1);
    let (status, changed) = api.put(&path, &change).await;
    assert_eq!(
        (status, &changed["revision"]),
        (200, &json!(2)),
        "{changed}"
    );
    let (status, error) = api.put(&path, &change).await;
    assert_eq!((status, &error["code"]), (409, &json!("test-changed")));
    assert_eq!(
        error["message"],
        "The test \"Shop 2\" was changed meanwhile: revision 1 was edited, 2 is saved."
    );

    // It is started as it is saved.
    let (status, run) = api.post(&format!("{path}/runs"), &json!({})).await;
    assert_eq!(status, 201, "{run}");
    let of_test = json!({"id": test["id"], "name": "Shop 2", "changed": false});
    assert_eq!(run["test"], of_test);
    assert_eq!(run["spec"]["parameters"][1]["value"], "•••");
    let ended = events
        .until(|event| event["type"] == "test" && event["test"]["runs"][0]["figures"].is_object())
        .await;
    let run_path = format!("/runs/{}", run["id"].as_str().unwrap());
    let run = api.until(&run_path, |run| run["ended_ms"].is_u64()).await;
    assert_eq!(run["state"], "finished", "{run:#}");
    let last = &ended["test"]["runs"][0];
    assert_eq!((&last["id"], &last["state"]), (&run["id"], &run["state"]));
    let (_, summary) = api.get(&format!("{run_path}/summary")).await;
    let all = &summary["rows"][0];
    let figures = json!({"ok": all["ok"], "ko": all["ko"], "p95_ms": all["p95"]});
    assert_eq!((&last["figures"], &run["figures"]), (&figures, &figures));
    let start = starts(&agent).pop().unwrap();
    let login = ("login".to_owned(), "hunter22".to_owned());
    assert!(start.parameters.contains(&login), "{:?}", start.parameters);
    assert_eq!(start.secret, ["login"]);
    let kept = files_with(folder.path(), "hunter22", &["secrets.json"]);
    assert_eq!(kept, [""; 0], "a secret is in the vault alone");

    // With other parameters this once; what is secret stays secret.
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let other = json!({"parameters": [{"name": "login", "value": "swordfish"}]});
    let (status, run) = api.post(&format!("{path}/runs"), &other).await;
    assert_eq!(
        (status, &run["test"]["changed"]),
        (201, &json!(true)),
        "{run}"
    );
    assert!(!run.to_string().contains("swordfish"), "{run}");
    let run_path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&run_path, |run| run["ended_ms"].is_u64()).await;
    let start = starts(&agent).pop().unwrap();
    assert!(
        start
            .parameters
            .contains(&("login".into(), "swordfish".into()))
    );

    // A copy takes the values over; the test goes, its runs stay.
    let mut copy = change.clone();
    copy["name"] = json!("Copy");
    copy["copy_of"] = test["id"].clone();
    let (status, copied) = api.post("/tests", &copy).await;
    assert_eq!((status, &copied["runs"]), (201, &json!([])), "{copied}");
    let (status, _) = api.remove(&path).await;
    assert_eq!(status, 204);
    events
        .until(|event| event["type"] == "test-removed" && event["id"] == test["id"])
        .await;
    let (_, gone) = api.get(&path).await;
    assert_eq!(gone["code"], "test-unknown");
    assert_eq!(api.get(&run_path).await.1["test"]["name"], "Shop 2");
    controller.shutdown().await;

    // It is there after a restart, and knows its secret.
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (_, tests) = api.get("/tests").await;
    assert_eq!(tests, json!([copied]));
    let secrets = std::fs::read_to_string(folder.path().join("secrets.json")).unwrap();
    assert!(secrets.contains("hunter22"), "{secrets}");
    assert!(!secrets.contains(test["id"].as_str().unwrap()), "{secrets}");
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_a_test_is_refused_by_its_field() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let (status, test) = api.post("/tests", &wanted("Shop")).await;
    assert_eq!(status, 201, "{test}");
    let path = format!("/tests/{}", test["id"].as_str().unwrap());
    let parameter = |value: Value| json!([value]);
    for (at, value, says) in [
        ("/name", json!(" "), "name has 1 to 100 characters"),
        (
            "/name",
            json!("x".repeat(101)),
            "name has 1 to 100 characters",
        ),
        ("/name", json!("two\nlines"), "no line breaks"),
        (
            "/description",
            json!("x".repeat(2001)),
            "more than 2000 characters",
        ),
        ("/labels", json!(vec!["x"; 21]), "more than 20 labels"),
        ("/labels", json!([""]), "does not have 1 to 50 characters"),
        ("/spec/source/url", json!(""), "URL is missing"),
        (
            "/spec/source/url",
            json!("--upload-pack=x"),
            "begins with \"-\"",
        ),
        ("/spec/max_duration_s", json!(0), "maximum duration is 0 s"),
        ("/spec/dead_man_s", json!(0), "dead man's limit is 0 s"),
        (
            "/spec/divide",
            json!(["rate"]),
            "\"rate\" is to be divided but is no parameter",
        ),
        (
            "/spec/parameters",
            parameter(json!({"name": "a b", "value": ""})),
            "\"a b\" cannot be",
        ),
        (
            "/spec/parameters",
            json!([{"name": "a", "value": ""}, {"name": "a", "value": ""}]),
            "parameter a is there twice",
        ),
        (
            "/spec/parameters",
            parameter(json!({"name": "a", "value": "abc", "secret": true})),
            "less than 4 characters",
        ),
        (
            "/spec/parameters",
            parameter(json!({"name": "other", "value": "•••", "secret": true})),
            "value of the secret parameter other is not known",
        ),
    ] {
        let mut bad = wanted("Other");
        bad["spec"]["dead_man_s"] = json!(60);
        bad["spec"]["max_duration_s"] = json!(60);
        bad["spec"]["divide"] = json!([]);
        *bad.pointer_mut(at).unwrap() = value;
        bad["revision"] = json!(1);
        for (status, error) in [api.post("/tests", &bad).await, api.put(&path, &bad).await] {
            assert_eq!(
                (status, &error["code"]),
                (400, &json!("bad-input")),
                "{error}"
            );
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(says), "{message}");
        }
    }
    let mut divided = wanted("Other");
    divided["spec"]["divide"] = json!(["login"]);
    let (status, error) = api.post("/tests", &divided).await;
    assert_eq!(status, 400, "{error}");
    let (status, error) = api.post("/tests", &wanted("SHOP")).await;
    assert_eq!(
        (status, &error["code"]),
        (409, &json!("test-name-taken")),
        "{error}"
    );
    let (status, error) = api.put(&path, &wanted("Shop")).await;
    assert_eq!(status, 400);
    assert_eq!(error["message"], "The field revision is missing.");
    // A run that is of no test has no value to fall back on.
    let mut spec = spec();
    spec["parameters"] = json!([{"name": "login", "value": "•••", "secret": true}]);
    let (status, error) = api.post("/runs", &spec).await;
    assert_eq!(status, 400, "{error}");
    for id in ["x", "0195f0a0-0000-7000-8000-000000000001"] {
        let (status, error) = api.post(&format!("/tests/{id}/runs"), &json!({})).await;
        assert_eq!((status, &error["code"]), (404, &json!("test-unknown")));
    }
    let (_, tests) = api.get("/tests").await;
    assert_eq!(tests, json!([test]), "nothing of it was kept");
    controller.shutdown().await;
}
