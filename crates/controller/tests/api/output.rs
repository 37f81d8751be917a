//! Following what agents' programs print.

use std::time::{Duration, Instant};

use bfgg_protocol::RunFile;

use super::*;

/// A run on one agent that goes on until it is stopped; its path.
async fn running(api: &Api) -> String {
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&path, |run| run["agents"][0]["phase"] == "running")
        .await;
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outputs_are_followed_in_the_run_and_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent) = one_that_runs(folder.path()).await;
    let path = running(&api).await;
    let of = |query: &str| format!("{path}/agents/0/output?{query}");

    // Nothing is printed yet: that is no error, and is waited for.
    for (query, at) in [("", 0), ("&last=9", 0), ("&from=500", 500)] {
        let nothing = json!({
            "from": at, "lines": [], "next": at, "skipped": 0, "ended": false, "end": 0,
        });
        let answer = api.get(&of(&format!("what=gatling{query}"))).await;
        assert_eq!(answer, (200, nothing), "{query}");
    }
    let begun = Instant::now();
    let waiting = async {
        let answer = api.get(&of("what=gatling&last=50&wait_s=30")).await;
        (answer, begun.elapsed())
    };
    let printing = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        agent.prints(RunFile::Output, 0, "one\n\u{1b}[1mtwo\nthr");
    };
    let ((answer, took), ()) = tokio::join!(waiting, printing);
    let two = json!(["one", "\\u{1b}[1mtwo"]);
    let expected =
        json!({"from": 0, "lines": two, "next": 12, "skipped": 0, "ended": false, "end": 15});
    assert_eq!(answer, (200, expected));
    assert!((500..20_000).contains(&took.as_millis()), "{took:?}");

    // The wait is bounded where nothing comes.
    let begun = Instant::now();
    let (status, answer) = api.get(&of("what=gatling&from=12&wait_s=1")).await;
    assert_eq!(
        (status, &answer["lines"], &answer["next"]),
        (200, &json!([]), &json!(12))
    );
    assert!(begun.elapsed() >= Duration::from_secs(1));

    // Without any line to begin with, what comes is what is printed from then on.
    let path_of_none = of("what=gatling&last=0&wait_s=30");
    let waiting = api.get(&path_of_none);
    let printing = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        agent.prints(RunFile::Output, 15, "ee\n");
    };
    let ((_, answer), ()) = tokio::join!(waiting, printing);
    assert_eq!(
        (&answer["lines"], &answer["next"]),
        (&json!(["three"]), &json!(18))
    );
    agent.prints(RunFile::Output, 100, "cut\nlast\nopen");
    agent.prints(RunFile::BuildOutput, 0, "built\n");
    for (query, from, lines, next, skipped) in [
        ("from=12", 12, json!(["three"]), 18, 0),
        ("from=18", 100, json!(["cut", "last"]), 109, 82),
        ("from=104", 104, json!(["last"]), 109, 0),
        ("last=1", 104, json!(["last"]), 109, 0),
        ("last=50", 100, json!(["cut", "last"]), 109, 0),
        ("from=109", 109, json!([]), 109, 0),
    ] {
        let (status, found) = api.get(&of(&format!("what=gatling&{query}"))).await;
        let expected = json!({
            "from": from, "lines": lines, "next": next, "skipped": skipped, "ended": false, "end": 113,
        });
        assert_eq!((status, found), (200, expected), "{query}");
    }
    let (_, build) = api.get(&of("what=build&last=9&wait_s=30")).await;
    assert_eq!(
        (&build["lines"], &build["ended"]),
        (&json!(["built"]), &json!(true))
    );

    for (query, status, code, says) in [
        (
            "what=log",
            400,
            "bad-input",
            "\"log\" is no output: what is build or gatling.",
        ),
        ("what=build&wait_s=99", 400, "bad-input", "wait_s is \"99\""),
    ] {
        let (found, error) = api.get(&of(query)).await;
        assert_eq!((found, &error["code"]), (status, &json!(code)), "{query}");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
    }
    for index in ["1", "x", "-1"] {
        let (status, error) = api
            .get(&format!("{path}/agents/{index}/output?what=build"))
            .await;
        assert_eq!(
            (status, &error["code"]),
            (404, &json!("agent-unknown")),
            "{error}"
        );
    }

    api.post(&format!("{path}/stop"), &json!({})).await;
    api.until(&path, |run| run["ended_ms"].is_u64()).await;
    agent.vanish().await;
    // Now from the run's folder: the agent is gone.
    let (status, rest) = api.get(&of("what=gatling&from=0&wait_s=30")).await;
    let whole = json!(["one", "\\u{1b}[1mtwo", "three", "cut", "last", "open"]);
    assert_eq!(
        (status, &rest["lines"], &rest["ended"]),
        (200, &whole, &json!(true))
    );
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_output_that_is_not_to_be_had_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let agent = ScriptedAgent::join_with(&api, "lab-1", |script| {
        script.prepare = Err(FailureCode::BuildFailed);
    })
    .await;
    agent.prints(RunFile::BuildOutput, 0, "[ERROR] Shop.java\nfailed");
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&path, |run| run["ended_ms"].is_u64()).await;

    // What a failed build printed is on the agent.
    let of = |what: &str| format!("{path}/agents/0/output?what={what}&wait_s=30");
    let (_, build) = api.get(&of("build")).await;
    let lines = json!(["[ERROR] Shop.java", "failed"]);
    assert_eq!((&build["lines"], &build["ended"]), (&lines, &json!(true)));
    let (status, error) = api.get(&of("gatling")).await;
    assert_eq!((status, &error["code"]), (404, &json!("output-unknown")));
    let says = "There is no Gatling output of lab-1: there is none.";
    assert_eq!(error["message"], says);

    // Nothing is printed at such a position.
    agent.prints(RunFile::Output, u64::MAX / 2, "far\n");
    let (status, error) = api.get(&of("gatling")).await;
    assert_eq!(
        (status, &error["code"]),
        (502, &json!("agent-unreachable")),
        "{error}"
    );

    agent.vanish().await;
    api.until("/agents", |agents| agents[0]["liveness"] != "alive")
        .await;
    let (status, error) = api.get(&of("build")).await;
    assert_eq!(
        (status, &error["code"]),
        (502, &json!("agent-unreachable")),
        "{error}"
    );
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_ends_with_the_controller() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, _agent) = one_that_runs(folder.path()).await;
    let path = running(&api).await;
    let begun = Instant::now();
    let query = format!("{path}/agents/0/output?what=gatling&wait_s=30");
    let headers = [("authorization", api.bearer())];
    let ending = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        controller.shutdown().await;
    };
    let (_, ()) = tokio::join!(api.raw("GET", &query, &headers, ""), ending);
    assert!(begun.elapsed() < Duration::from_secs(20));
}
