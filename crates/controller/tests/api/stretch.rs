//! The figures of some seconds of a run alone.

use std::collections::BTreeMap;

use bfgg_controller::Controller;
use bfgg_protocol::{Cell, encode};
use bfgg_stats::{Collector, Figures, Limits};
use gatling_log::{Decoder, Record};
use serde_json::{Value, json};

use crate::scripted::{self, Api, ScriptedAgent, one_that_runs, settings};
use crate::spec;

/// Total, OK and KO of each row by its path, added to those that are there.
fn add_counts(sum: &mut BTreeMap<String, [u64; 3]>, rows: &Value) {
    for row in rows.as_array().unwrap() {
        let key = format!("{} {}", row["kind"], row["path"]);
        let own = sum.entry(key).or_default();
        for (count, name) in own.iter_mut().zip(["total", "ok", "ko"]) {
            *count += row[name].as_u64().unwrap();
        }
    }
}

fn add_errors(sum: &mut BTreeMap<String, u64>, errors: &Value) {
    for row in errors.as_array().unwrap() {
        *sum.entry(row["message"].to_string()).or_default() += row["count"].as_u64().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_run_that_has_ended_adjacent_stretches_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let _agents = [
        ScriptedAgent::join(&api, "lab-1").await,
        ScriptedAgent::join(&api, "lab-2").await,
    ];
    api.until("/groups", |groups| groups[0]["available"] == 2)
        .await;
    let (_, run) = api.post("/runs", &spec()).await;
    let path = format!("/runs/{}", run["id"].as_str().unwrap());
    api.until(&path, |run| run["ended_ms"].is_u64()).await;
    let (_, summary) = api.get(&format!("{path}/summary")).await;
    let (_, series) = api.get(&format!("{path}/series")).await;
    let seconds = series["seconds"].as_array().unwrap();
    let length = seconds.len();
    assert!(length > 3, "{length} s");

    // All of it is the result, but for the rates: they are over whole seconds here.
    let stretch =
        |from: usize, until: usize| format!("{path}/stretch?from_s={from}&until_s={until}");
    let (status, whole) = api.get(&stretch(0, length)).await;
    assert_eq!(status, 200, "{whole:#}");
    assert_eq!(
        (&whole["counted"], &whole["notes"]),
        (&json!("ended"), &json!([]))
    );
    assert_eq!(whole["errors"], summary["errors"]);
    let without_rate = |rows: &Value| {
        let mut rows = rows.clone();
        for row in rows.as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("per_second");
        }
        rows
    };
    assert_eq!(without_rate(&whole["rows"]), without_rate(&summary["rows"]));

    // Cut anywhere, also into single seconds, nothing is lost and nothing is twice.
    let single: Vec<usize> = (0..=length).collect();
    for cuts in [vec![0, 1, length], vec![0, length / 2, length], single] {
        let (mut rows, mut errors) = (BTreeMap::new(), BTreeMap::new());
        for pair in cuts.windows(2) {
            let (_, part) = api.get(&stretch(pair[0], pair[1])).await;
            assert_eq!(part["from_s"], pair[0]);
            add_counts(&mut rows, &part["rows"]);
            add_errors(&mut errors, &part["errors"]);
            // What the chart shows of these seconds.
            let responses = |name: &str| -> u64 {
                let points = seconds[pair[0]..pair[1]].iter();
                points.map(|point| point[name].as_u64().unwrap()).sum()
            };
            let all = &part["rows"][0];
            assert_eq!(
                (&all["ok"], &all["ko"]),
                (&json!(responses("ok")), &json!(responses("ko")))
            );
        }
        let (mut all_rows, mut all_errors) = (BTreeMap::new(), BTreeMap::new());
        add_counts(&mut all_rows, &summary["rows"]);
        add_errors(&mut all_errors, &summary["errors"]);
        assert_eq!(rows, all_rows, "{cuts:?}");
        assert_eq!(errors, all_errors, "{cuts:?}");
    }

    // What lies beyond the run is clipped.
    let (_, beyond) = api
        .get(&format!("{path}/stretch?from_s=-5&until_s=9999"))
        .await;
    assert_eq!(
        (&beyond["from_s"], &beyond["until_s"]),
        (&json!(0), &json!(length))
    );
    assert_eq!(beyond["rows"], whole["rows"]);
    for query in [
        "",
        "?from_s=1",
        "?from_s=a&until_s=3",
        "?from_s=1.5&until_s=3",
        "?from_s=3&until_s=3",
        "?from_s=4&until_s=3",
        "?from_s=5000&until_s=6000",
        "?from_s=-20&until_s=0",
        "?from_s=0&until_s=9223372036854775807",
        "?from_s=-9223372036854775808&until_s=1",
        "?from_s=0&until_s=9223372036854775808",
    ] {
        let (status, refused) = api.get(&format!("{path}/stretch{query}")).await;
        assert_eq!(
            (status, &refused["code"]),
            (400, &json!("bad-input")),
            "{query}"
        );
        let message = refused["message"].as_str().unwrap();
        assert!(message.ends_with('.'), "{query}: {message}");
    }
    assert_eq!(api.get("/runs/x/stretch?from_s=0&until_s=1").await.0, 404);

    // A log that is gone since is named.
    let agents =
        std::path::Path::new(api.get(&path).await.1["folder"].as_str().unwrap()).join("agents");
    std::fs::remove_file(agents.join("1/simulation.log")).unwrap();
    let (_, half) = api.get(&stretch(0, length)).await;
    let total = |figures: &Value| figures["rows"][0]["total"].as_u64().unwrap();
    assert_eq!(2 * total(&half), total(&whole));
    let note = half["notes"][0].as_str().unwrap();
    assert!(
        note.contains("simulation.log") && note.contains("missing here"),
        "{note}"
    );
    controller.shutdown().await;
}

/// The scripted agents' log in cells of so many records, and the seconds in which its responses ended.
fn cells(records: u64) -> (Vec<Cell>, Figures) {
    let mut decoder = Decoder::new();
    decoder.push(scripted::LOG);
    let mut collector = Collector::new(0, Limits::default());
    let mut whole = Figures::new(Limits::default());
    let mut cells: Vec<Cell> = Vec::new();
    let mut more = true;
    while more {
        let until = decoder.records() + records;
        while more && decoder.records() < until {
            match decoder.next_record().unwrap() {
                Some(Record::Run(_)) => {}
                Some(record) => collector.add(&record),
                None => more = false,
            }
        }
        let figures = collector.take();
        whole.merge(figures.clone());
        cells.push(Cell {
            number: cells.len() as u64,
            from: cells.last().map_or(0, |cell| cell.to),
            to: decoder.offset() + u64::from(!more),
            cut_ms: 0,
            last: false,
            figures: encode(&figures, 1 << 20).unwrap(),
            health: Vec::new(),
        });
    }
    (cells, whole)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_run_in_progress_they_are_what_the_agents_have_told() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api, agent) = one_that_runs(folder.path()).await;
    let (_, run) = api.post("/runs", &spec()).await;
    let id = run["id"].as_str().unwrap().to_owned();
    agent.tell(&id, Vec::new()).await;
    let stretch =
        |from: i64, until: i64| format!("/runs/{id}/stretch?from_s={from}&until_s={until}");
    let (status, before) = api.get(&stretch(0, 5)).await;
    assert_eq!(
        (status, &before["rows"][0]["total"]),
        (200, &json!(0)),
        "{before:#}"
    );

    let (cells, whole) = cells(40);
    assert!(cells.len() > 3);
    agent.tell(&id, cells).await;
    let (first, last) = (whole.seconds()[0].0, whole.seconds().last().unwrap().0);
    let (_, all) = api.get(&stretch(first - 3, last + 9)).await;
    assert_eq!(
        (&all["counted"], &all["outside"]),
        (&json!("told"), &json!(0))
    );
    assert_eq!(all["rows"][0]["total"], whole.all().count());

    let (mut rows, mut errors, mut outside, mut elsewhere) =
        (BTreeMap::new(), BTreeMap::new(), 0, 0);
    for second in first..=last {
        let (status, part) = api.get(&stretch(second, second + 1)).await;
        if status == 400 {
            // Nothing was told of it, as before the first of the cells' seconds.
            continue;
        }
        assert_eq!(status, 200, "{part:#}");
        add_counts(&mut rows, &part["rows"]);
        add_errors(&mut errors, &part["errors"]);
        let [out, other] = ["outside", "elsewhere"].map(|name| part[name].as_u64().unwrap());
        // With those at its edges it is what ended in this second.
        let ended = whole.seconds().iter().find(|(at, _)| *at == second);
        let ended = ended.map_or(0, |(_, counts)| counts.ok + counts.ko);
        let total = part["rows"][0]["total"].as_u64().unwrap();
        assert_eq!(total - out + other, ended, "second {second}: {part:#}");
        (outside, elsewhere) = (outside + out, elsewhere + other);
    }
    assert!(outside > 0, "cells of 40 records are no seconds");
    assert!(elsewhere <= outside);
    let (mut all_rows, mut all_errors) = (BTreeMap::new(), BTreeMap::new());
    add_counts(&mut all_rows, &all["rows"]);
    add_errors(&mut all_errors, &all["errors"]);
    assert_eq!((rows, errors), (all_rows, all_errors));
    controller.shutdown().await;
}
