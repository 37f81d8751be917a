//! Real Maven, real Gatling, a real log.

use std::path::Path;
use std::process::Command;

use bfgg_protocol::{AgentPhase, AgentState, RunExit, RunFile, RunId, Task, TaskResult};
use gatling_log::{Decoder, Ending, Record};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::scene::{Agent, Controller, now_ms, prepare, repository, start_task};

/// A shop in which all goes well.
async fn shop() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((visitor, _)) = listener.accept().await {
            tokio::spawn(serve(visitor));
        }
    });
    format!("http://{address}")
}

async fn serve(mut visitor: TcpStream) {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&seen).into_owned();
        let Some((head, rest)) = text.split_once("\r\n\r\n") else {
            match visitor.read(&mut buffer).await {
                Ok(length @ 1..) => seen.extend(&buffer[..length]),
                _ => return,
            }
            continue;
        };
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")?
                .trim()
                .parse()
                .ok()
        });
        let length: usize = length.unwrap_or(0);
        if rest.len() < length {
            match visitor.read(&mut buffer).await {
                Ok(length @ 1..) => seen.extend(&buffer[..length]),
                _ => return,
            }
            continue;
        }
        let status = if head.starts_with("POST /api/cart") {
            "201 Created"
        } else {
            "200 OK"
        };
        let body = r#"{"name":"x","state":"fresh"}"#;
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        seen.drain(..head.len() + 4 + length);
        if visitor.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_project_is_run_from_clone_to_log() {
    let shop = shop().await;
    let mut agent = Agent::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/sample-project");
    let url = repository(&agent.folder.path().join("repository"), |at| {
        for part in ["pom.xml", "src"] {
            let copied = Command::new("cp")
                .arg("-R")
                .arg(sample.join(part))
                .arg(at)
                .status();
            assert!(copied.unwrap().success());
        }
    });
    // A proxy for fetching must not reach Gatling.
    agent.environment.push(("no_proxy", "127.0.0.1".into()));
    let mut controller = Controller::start().await;
    agent.arguments = vec!["--join".into(), controller.token.to_string()];
    agent.start();
    controller.until("a beat", |_, _| Some(())).await;
    let run = RunId::new();
    let prepared = controller
        .done(prepare(run, url, Some("example.ShopSimulation")))
        .await;
    let TaskResult::Prepared(prepared) = prepared else {
        panic!("{prepared:?}")
    };
    assert_eq!(prepared.gatling, "3.16.0");
    let parameters = [
        ("users", "10"),
        ("duration", "3"),
        ("baseUrl", shop.as_str()),
    ];
    assert_eq!(
        controller.done(start_task(run, &parameters)).await,
        TaskResult::Done
    );
    controller.phase(AgentPhase::Starting).await;
    controller.phase(AgentPhase::Armed).await;
    let release = now_ms() + 500;
    assert_eq!(
        controller
            .done(Task::Release {
                run,
                at_ms: release
            })
            .await,
        TaskResult::Done
    );
    controller
        .until("counters", |_, state| state.live.clone())
        .await;
    let heap = |_: &_, state: &AgentState| {
        let probe = state.probe.clone()?;
        (probe.released_ms.is_some() && probe.heap_used_bytes > 0).then_some(probe)
    };
    let probe = controller.until("the heap", heap).await;
    assert!(probe.held && probe.flushed, "{probe:?}");
    let state = controller.phase(AgentPhase::Available).await;
    assert_eq!(state.probe, None, "of a run in progress alone");
    let ended = state.ended.unwrap();
    assert_eq!((ended.exit, ended.failure), (RunExit::Success, None));
    let probe = ended.probe.unwrap();
    let (released, gatling) = (probe.released_ms.unwrap(), probe.gatling_ms.unwrap());
    assert!(ended.started_ms < release && release <= released);

    let log = controller.fetch(run, RunFile::SimulationLog).await;
    assert_eq!(ended.log_bytes, Some(log.len() as u64));
    let mut decoder = Decoder::new();
    decoder.push(&log);
    let (mut ok, mut ko, mut users, mut first) = (0, 0, 0, None);
    while let Some(record) = decoder.next_record().unwrap() {
        match record {
            Record::Request(request) if request.ok => ok += 1,
            Record::Request(_) => ko += 1,
            Record::User(user) if user.starts => {
                users += 1;
                first.get_or_insert(user.time);
            }
            _ => {}
        }
    }
    assert_eq!(decoder.ending(), Ending::Complete);
    let console = ended.console.unwrap();
    assert_eq!((console.ok, console.ko, users), (ok, ko, 10));
    assert_eq!((console.users_done, console.users_active), (10, 0));
    assert!(ok > 0 && ko == 0, "{console:?}");
    let output = String::from_utf8(controller.fetch(run, RunFile::Output).await).unwrap();
    assert!(output.contains("> Global"), "{output}");

    // The first user came after the release, by Gatling's own clock; nothing was timed.
    let begun = decoder.header().unwrap().start as u64 + u64::from(first.unwrap());
    assert!(
        (gatling..gatling + 5000).contains(&begun),
        "{begun} {gatling}"
    );
    let kept = std::fs::read_to_string(agent.data().join("agent.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["start_up_ms"], serde_json::Value::Null);
    let spec = std::fs::read_to_string(agent.data().join(format!("runs/{run}/run.json"))).unwrap();
    assert!(spec.contains("-Dbfgg.agent.count=1") && !spec.contains(&controller.token.to_string()));
}
