use std::collections::VecDeque;

use clap::Parser;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;
use crate::view::samples;

fn args(line: &[&str]) -> LogsArgs {
    let words = ["bfgg", "logs"].iter().chain(line);
    match crate::Cli::try_parse_from(words).unwrap().command {
        crate::args::Command::Logs(args) => args,
        other => panic!("{other:?}"),
    }
}

#[test]
fn which_outputs_are_meant() {
    let run = samples::run();
    let all = [
        "lab-1 build   | ",
        "lab-1 gatling | ",
        "lab-2 build   | ",
        "lab-2 gatling | ",
    ];
    for (line, expected) in [
        (&[][..], &all[..]),
        (
            &["--build", "--gatling", "--agent", "lab-2"],
            &["build   | ", "gatling | "],
        ),
        (&["--gatling"], &["lab-1 | ", "lab-2 | "]),
        (&["--build", "--agent", "Lab1aaaaaaaa"], &[""]),
    ] {
        let outputs = choose(&run, &args(line)).unwrap();
        let labels: Vec<&str> = outputs.iter().map(|own| own.label.as_str()).collect();
        assert_eq!(labels, expected, "{line:?}");
    }
    let error = choose(&run, &args(&["--agent", "lab-3"])).unwrap_err();
    let says = "has no agent \"lab-3\": it has lab-1, lab-2";
    assert_eq!(error.to_string(), format!("run {} {says}", samples::RUN));
}

#[test]
fn agents_of_one_name_are_told_apart() {
    let mut run = samples::run();
    run.agents[1].name = "lab-1".into();
    run.agents[1].id = bfgg_protocol::PeerId::new("QmOtherbbbbbbbb");
    let outputs = choose(&run, &args(&["--build"])).unwrap();
    assert_eq!(outputs.len(), 2);
    assert_ne!(outputs[0].label, outputs[1].label);
    assert!(outputs[0].label.starts_with("lab-1 ("));
}

/// A controller that gives these answers one after the other; it gives back what it was asked.
async fn controller(answers: Vec<(u16, Value)>) -> (Client, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "t").unwrap();
    let serving = tokio::spawn(async move {
        let mut answers = VecDeque::from(answers);
        let mut asked = Vec::new();
        while let Some((status, body)) = answers.pop_front() {
            let (mut caller, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(caller.read_u8().await.unwrap());
            }
            let text = String::from_utf8(request).unwrap();
            let path = text.split(' ').nth(1).unwrap();
            let query = path.split_once('?').map_or(path, |(_, query)| query);
            asked.push(query.to_owned());
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            caller.write_all((head + &body).as_bytes()).await.unwrap();
        }
        asked
    });
    (client, serving)
}

fn answer(from: u64, lines: &[&str], next: u64, skipped: u64, ended: bool) -> (u16, Value) {
    let body =
        json!({"from": from, "lines": lines, "next": next, "skipped": skipped, "ended": ended});
    (200, body)
}

fn refusal(status: u16, code: &str) -> (u16, Value) {
    (
        status,
        json!({"code": code, "message": "It is away.", "hint": ""}),
    )
}

/// Reads the Gatling output of an agent to its end: the end, what was shown, what was asked.
async fn read(
    line: &[&str],
    answers: Vec<(u16, Value)>,
) -> (Result<Read, CliError>, String, Vec<String>) {
    let (client, serving) = controller(answers).await;
    let args = args(line);
    let output = Output {
        index: 1,
        agent: "lab-2".into(),
        printer: Printer::Gatling,
        label: "lab-2 | ".into(),
    };
    let (texts, mut queue) = mpsc::channel(QUEUE);
    let reader = Reader {
        client: &client,
        id: samples::RUN.parse().unwrap(),
        output: &output,
        args: &args,
        texts,
    };
    let showing = async {
        let mut shown = String::new();
        while let Some(text) = queue.recv().await {
            shown.push_str(&text);
        }
        shown
    };
    let (end, shown) = tokio::join!(reader.read(), showing);
    (end, shown, serving.await.unwrap())
}

#[tokio::test]
async fn the_last_lines_are_shown_once() {
    let answers = vec![answer(90, &["one", "two"], 98, 0, false)];
    let (end, shown, asked) = read(&["-n", "2"], answers).await;
    assert_eq!(end.unwrap(), Read::Something);
    assert_eq!(shown, "lab-2 | one\nlab-2 | two\n");
    assert_eq!(asked, ["what=gatling&last=2&wait_s=0"]);
}

#[tokio::test]
async fn all_lines_are_read_up_to_now() {
    let answers = vec![
        answer(0, &["one"], 4, 0, false),
        answer(104, &["two"], 108, 100, false),
        answer(108, &[], 108, 0, false),
    ];
    let (end, shown, asked) = read(&["-n", "all"], answers).await;
    assert_eq!(end.unwrap(), Read::Something);
    assert_eq!(
        shown,
        "lab-2 | one\nlab-2 | [bfgg] 100 B are not kept here\nlab-2 | two\n"
    );
    assert_eq!(asked[1], "what=gatling&from=4&wait_s=0");
}

#[tokio::test]
async fn what_is_printed_meanwhile_is_not_read_without_end() {
    let to = |end: u64, (status, mut body): (u16, Value)| {
        body["end"] = json!(end);
        (status, body)
    };
    for (answers, expected) in [
        // It goes on printing.
        (
            vec![
                to(6, answer(0, &["one"], 4, 0, false)),
                to(12, answer(4, &["two"], 8, 0, false)),
            ],
            "lab-2 | one\nlab-2 | two\n",
        ),
        // The last line has no end yet.
        (
            vec![
                to(6, answer(0, &["one"], 4, 0, false)),
                to(6, answer(4, &[], 4, 0, false)),
            ],
            "lab-2 | one\n",
        ),
        // It is begun anew each time.
        (
            vec![
                to(6, answer(0, &["one"], 4, 0, false)),
                to(2, answer(0, &["x"], 2, 0, false)),
            ],
            "lab-2 | one\nlab-2 | [bfgg] ",
        ),
    ] {
        let count = answers.len();
        let (end, shown, asked) = read(&["-n", "all"], answers).await;
        assert_eq!(end.unwrap(), Read::Something);
        assert!(shown.starts_with(expected), "{shown}");
        assert_eq!(asked.len(), count);
    }
}

#[tokio::test]
async fn following_waits_for_what_comes_and_for_an_agent_that_is_away() {
    let answers = vec![
        answer(0, &[], 0, 0, false),
        answer(0, &["one"], 4, 0, false),
        refusal(502, "agent-unreachable"),
        // Whether the run goes on.
        (200, serde_json::to_value(samples::run()).unwrap()),
        answer(4, &["two"], 8, 0, true),
    ];
    let (end, shown, asked) = read(&["--follow"], answers).await;
    assert_eq!(end.unwrap(), Read::Something);
    let note = "[bfgg] It is away.; trying again";
    assert_eq!(shown, format!("lab-2 | one\nlab-2 | {note}\nlab-2 | two\n"));
    assert_eq!(asked[0], "what=gatling&last=50&wait_s=25");
    assert_eq!(asked[4], "what=gatling&from=4&wait_s=25");
}

#[tokio::test]
async fn what_is_not_to_be_had_is_an_error_where_nothing_is() {
    let mut over = samples::run();
    over.state = bfgg_controller::api::types::RunState::Partial;
    let over = (200, serde_json::to_value(over).unwrap());
    for (line, answers) in [
        (&["--follow"][..], vec![refusal(404, "output-unknown")]),
        (&["--follow"], vec![refusal(502, "agent-unreachable"), over]),
        (&[], vec![refusal(502, "agent-unreachable")]),
    ] {
        let (end, shown, _) = read(line, answers).await;
        assert!(end.is_err() && shown.is_empty(), "{line:?}");
    }
}

#[test]
fn what_could_not_be_read_is_an_error_only_where_nothing_could() {
    let output = |printer| Output {
        index: 0,
        agent: "lab-1".into(),
        printer,
        label: String::new(),
    };
    let refused = |status, code| -> CliError {
        let (_, body) = refusal(status, code);
        CliError::Refused(serde_json::from_value(body).unwrap())
    };
    let screen = Screen::new(false);
    let (build, gatling) = (output(Printer::Build), output(Printer::Gatling));
    let unknown = || Err(refused(404, "output-unknown"));
    let ends = vec![
        (build.clone(), Ok(Read::Something)),
        (gatling.clone(), unknown()),
    ];
    assert!(conclude(ends, &args(&[]), &screen).is_ok());
    let away = Err(refused(502, "agent-unreachable"));
    let ends = vec![(build, unknown()), (gatling, away)];
    let error = conclude(ends, &args(&[]), &screen).unwrap_err();
    assert!(matches!(error, CliError::Refused(error) if error.code == "agent-unreachable"));
    assert!(conclude(Vec::new(), &args(&[]), &screen).is_ok());
}
