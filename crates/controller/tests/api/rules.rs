//! Stop rules, whatever the controller's clocks do.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bfgg_clock::{Clock, Now, Source, wall_ms};

use super::*;

/// The clocks of a machine that sleeps, and whose wall clock is set.
#[derive(Debug, Clone)]
struct Hand {
    began: Instant,
    slept: Arc<Mutex<Duration>>,
    set: Arc<Mutex<Duration>>,
}

impl Hand {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            slept: Arc::default(),
            set: Arc::default(),
        }
    }
}

impl Source for Hand {
    fn read(&self) -> Now {
        let (slept, set) = (*self.slept.lock().unwrap(), *self.set.lock().unwrap());
        Now {
            mono: self.began.elapsed() + slept,
            wall_ms: wall_ms() + (slept + set).as_millis() as u64,
        }
    }

    fn counts_sleep(&self) -> bool {
        true
    }
}

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
    let (controller, api, agent) = one_that_runs(folder.path()).await;
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

/// A run under a rule on errors, and what moves the clocks of its controller.
async fn under_rule(folder: &Path, seconds: u64) -> (Controller, Api, ScriptedAgent, String, Hand) {
    let hand = Hand::new();
    let mut settings = settings(folder);
    settings.clock = Clock::of(Arc::new(hand.clone()));
    let controller = Controller::start(settings).await.unwrap();
    let api = Api::of(&controller);
    let agent =
        ScriptedAgent::join_with(&api, "lab-1", |script| script.runs_until_stopped = true).await;
    api.until("/groups", |groups| groups[0]["available"] == 1)
        .await;
    let mut spec = spec();
    spec["stop_if"] = json!([{"kind": "errors", "percent": 20.0, "seconds": seconds}]);
    let (_, run) = api.post("/runs", &spec).await;
    let id = run["id"].as_str().unwrap().to_owned();
    api.until(&format!("/runs/{id}"), |run| {
        run["agents"][0]["phase"] == "running"
    })
    .await;
    (controller, api, agent, id, hand)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_controllers_clock_that_is_set_keeps_no_rule_from_its_work() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent, id, hand) = under_rule(folder.path(), 3).await;
    *hand.set.lock().unwrap() = Duration::from_secs(3600);
    agent.tell(&id, vec![failing(5, 5)]).await;
    let run = api
        .until(&format!("/runs/{id}"), |run| run["ended_ms"].is_u64())
        .await;
    assert_eq!(run["stopped"]["kind"], "rule", "{run:#}");
    assert!(run["live"]["elapsed_s"].as_u64().unwrap() < 600, "{run:#}");
    let lasted = run["ended_ms"].as_u64().unwrap() - run["started_ms"].as_u64().unwrap();
    assert!(lasted < 600_000, "{run:#}");
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_before_a_sleep_breaks_no_rule() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent, id, hand) = under_rule(folder.path(), 300).await;
    agent.tell(&id, vec![failing(310, 20)]).await;
    *hand.slept.lock().unwrap() = Duration::from_secs(3600);
    // The rule has had every second of it, and looks at those from here on.
    let run = api
        .until(&format!("/runs/{id}"), |run| {
            run["live"]["elapsed_s"].as_u64() > Some(3605)
        })
        .await;
    assert_eq!(
        (&run["state"], &run["stopped"]),
        (&json!("running"), &Value::Null)
    );
    controller.shutdown().await;
}
