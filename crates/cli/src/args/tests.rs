use std::time::Duration;

use bfgg_config::{ControllerConfig, Program, Resolved, Sources};
use clap::{CommandFactory, Parser};

use super::*;

fn parse(line: &[&str]) -> Result<Cli, String> {
    let words = std::iter::once("bfgg").chain(line.iter().copied());
    Cli::try_parse_from(words).map_err(|error| error.to_string())
}

#[test]
fn the_definition_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn a_run_with_everything() {
    let cli = parse(&[
        "run",
        "--repo",
        "https://git.example/shop.git",
        "--ref",
        "v1",
        "--folder",
        "load",
        "--simulation",
        "example.ShopSimulation",
        "--agents",
        "2",
        "--group",
        "lab",
        "--param",
        "users=100",
        "--param",
        "q=a b = c",
        "--divide",
        "users",
        "--java-opts",
        "-Xmx2g",
        "--java-opts=-Dx=a b",
        "--max-duration",
        "1h30m",
        "--on-loss",
        "stop",
        "--stop-if",
        "errors > 5% for 30s",
        "--stop-if=p95 of Search > 800 ms for 10s",
        "--dead-man",
        "5m",
        "--out",
        "out",
        "--controller",
        "http://lab-0:7411",
    ])
    .unwrap();
    let Command::Run(run) = cli.command else {
        panic!("not run")
    };
    let pairs: Vec<_> = run
        .parameters
        .iter()
        .map(|p| (p.name.as_str(), p.value.as_str()))
        .collect();
    assert_eq!(pairs, [("users", "100"), ("q", "a b = c")]);
    assert_eq!(run.java_options, ["-Xmx2g", "-Dx=a b"]);
    assert_eq!(run.on_loss, LossPolicy::Stop);
    let rules: Vec<String> = run.stop_if.iter().map(ToString::to_string).collect();
    assert_eq!(
        rules,
        ["errors > 5 % for 30 s", "p95 of Search > 800 ms for 10 s"]
    );
    let five_minutes = DeadMan::After(Duration::from_secs(300));
    assert_eq!(run.dead_man, Some(five_minutes));
    assert_eq!(run.max_duration, Duration::from_secs(5400));
    assert_eq!((run.agents, run.group.as_deref()), (Some(2), Some("lab")));
    assert_eq!(
        cli.settings.controller.as_deref(),
        Some("http://lab-0:7411")
    );
}

#[test]
fn a_saved_test_takes_parameters_alone() {
    let line = [
        "bfgg",
        "run",
        "--test",
        "Shop",
        "--param",
        "login=hunter22",
        "--secret",
        "login",
    ];
    let cli = Cli::try_parse_from(line).unwrap();
    let Command::Run(run) = cli.command else {
        panic!("not run")
    };
    assert_eq!((run.test.as_deref(), run.repo), (Some("Shop"), None));
    assert_eq!(run.secret, ["login"]);
    for other in [
        ["--repo", "https://h/x.git"],
        ["--agents", "2"],
        ["--divide", "users"],
        ["--max-duration", "1h"],
        ["--on-loss", "stop"],
    ] {
        let line = ["bfgg", "run", "--test", "Shop"].into_iter().chain(other);
        assert!(Cli::try_parse_from(line).is_err(), "{other:?}");
    }
}

#[test]
fn times_as_people_write_them() {
    for (text, seconds) in [
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("4h", 14_400),
        ("1h30m", 5400),
    ] {
        assert_eq!(
            parse::duration(text),
            Ok(Duration::from_secs(seconds)),
            "{text}"
        );
    }
    for text in [
        "",
        "-1s",
        "soon",
        "4 fortnights",
        "31d",
        "1.5s",
        "99999999999h",
    ] {
        let error = parse::duration(text).unwrap_err();
        assert_eq!(
            error, "write a time as 90s, 15m, 4h or 1h30m, up to 30 days",
            "{text}"
        );
    }
}

#[test]
fn what_is_wrong_is_said() {
    for (line, part) in [
        (&["run"][..], "--repo <URL>"),
        (
            &["run", "--repo", "x", "--param", "users"],
            "write name=value, for example users=100",
        ),
        (
            &["run", "--repo", "x", "--agents", "0"],
            "0 is not in 1..=1000",
        ),
        (&["run"], "--repo <URL>"),
        (
            &["run", "--source", ".", "--repo", "x"],
            "cannot be used with",
        ),
        (
            &["run", "--source", ".", "--ref", "x"],
            "cannot be used with",
        ),
        (&["agents", "adopt"], "unrecognized subcommand 'adopt'"),
        (&["serv"], "a similar subcommand exists: 'serve'"),
    ] {
        let error = parse(line).unwrap_err();
        assert!(error.contains(part), "{line:?}: {error}");
    }
}

/// A URL that begins with `-` must reach the controller, which refuses it by name.
#[test]
fn a_repository_that_looks_like_a_flag_is_still_a_value() {
    let cli = parse(&["run", "--repo", "--upload-pack=x"]).unwrap();
    let Command::Run(run) = cli.command else {
        panic!("not run")
    };
    assert_eq!(run.repo.as_deref(), Some("--upload-pack=x"));
}

#[test]
fn a_folder_in_the_place_of_a_repository() {
    let cli = parse(&["run", "--source", "..", "--folder", "load"]).unwrap();
    let Command::Run(run) = cli.command else {
        panic!("not run")
    };
    assert_eq!((run.repo, run.source), (None, Some("..".into())));
    assert_eq!(run.folder.as_deref(), Some("load"));
}

#[test]
fn flags_become_settings() {
    let cli = parse(&[
        "config",
        "--data-dir",
        "/d",
        "--listen",
        "127.0.0.1:0",
        "--no-keychain",
        "--no-discovery",
        "--advertise",
        "a:1",
        "--advertise",
        "b:2",
    ])
    .unwrap();
    let sources = Sources {
        program: Program::Controller,
        flags: cli.settings.layer(),
        environment: Vec::new(),
        dotenv: None,
        file: None,
    };
    let config = ControllerConfig::new(&Resolved::new(&sources).unwrap()).unwrap();
    assert_eq!(config.data_folder, PathBuf::from("/d"));
    assert!(config.listen.loopback && !config.keychain && !config.discovery);
    assert_eq!(config.advertise, ["a:1", "b:2"]);
}

#[test]
fn stopping_and_what_may_stop_a_run() {
    let stop = |line: &[&str]| match parse(line).unwrap().command {
        Command::Stop(args)
        | Command::Runs {
            command: Some(RunsCommand::Stop(args)),
        } => (args.id, args.force),
        other => panic!("{other:?}"),
    };
    assert_eq!(stop(&["stop"]), ("last".to_owned(), false));
    assert_eq!(
        stop(&["stop", "0193", "--force"]),
        ("0193".to_owned(), true)
    );
    assert_eq!(
        stop(&["runs", "stop", "--force"]),
        ("last".to_owned(), true)
    );
    let dead_man = |limit: &str| -> Result<Option<DeadMan>, String> {
        let cli = parse(&["run", "--repo", "x", "--dead-man", limit])?;
        match cli.command {
            Command::Run(run) => Ok(run.dead_man),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(dead_man("off"), Ok(Some(DeadMan::Off)));
    for wrong in ["0", "soon"] {
        assert!(dead_man(wrong).unwrap_err().contains("or off"), "{wrong}");
    }
    let error = parse(&["run", "--repo", "x", "--stop-if", "errors > 5"]).unwrap_err();
    assert!(
        error.contains("write a rule as \"errors > 5% for 30s\""),
        "{error}"
    );
}

#[test]
fn which_outputs_are_shown() {
    let logs = |line: &[&str]| match parse(line).unwrap().command {
        Command::Logs(args) => args,
        other => panic!("{other:?}"),
    };
    let plain = logs(&["logs"]);
    assert_eq!(
        (plain.run.as_str(), plain.lines),
        ("last", LastLines::Last(50))
    );
    assert!(!plain.build && !plain.gatling && !plain.follow && plain.agents.is_empty());
    let args = logs(&[
        "logs",
        "0193",
        "--agent",
        "lab-1",
        "--agent=lab-2",
        "--build",
        "-f",
        "-n",
        "all",
    ]);
    assert_eq!((args.run.as_str(), args.lines), ("0193", LastLines::All));
    assert!(args.build && !args.gatling && args.follow);
    assert_eq!(args.agents, ["lab-1", "lab-2"]);
    assert_eq!(logs(&["logs", "--lines", "0"]).lines, LastLines::Last(0));
    for wrong in ["-1", "10001", "many", ""] {
        let error = parse(&["logs", &format!("--lines={wrong}")]).unwrap_err();
        assert!(
            error.contains("write a number of lines"),
            "{wrong}: {error}"
        );
    }
}
