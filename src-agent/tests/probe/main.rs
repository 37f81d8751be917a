//! The probe in real Gatlings: held, flushed, stopped, and left alone where it does not know them.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod gatling;
mod shop;

use std::process::Command;
use std::thread;

use bfgg_agent::run_folder::Stage;
use bfgg_protocol::RunExit;
use gatling_log::Ending;

use gatling::{Run, now_ms, until};
use shop::Shop;

/// The oldest and the newest that the probe knows, and one between.
const KNOWN: [&str; 3] = ["3.13.5", "3.15.1", "3.16.0"];

/// Runs a test with each version, all at once.
fn each(test: fn(&str)) {
    thread::scope(|scope| {
        let tests = KNOWN.map(|version| scope.spawn(move || test(version)));
        for (version, test) in KNOWN.iter().zip(tests) {
            assert!(test.join().is_ok(), "Gatling {version}");
        }
    });
}

#[test]
fn the_start_is_held_and_a_stop_is_passed_on() {
    each(|version| {
        let shop = Shop::open();
        let run = Run::new(version, &shop, &["-Drate=5", "-Dseconds=300"]);
        let mut supervisor = run.supervise();
        run.armed();
        assert!(run.output().contains("before the load"));
        assert!(run.folder.probe().unwrap().unwrap().armed_ms > 0);
        let release = now_ms() + 700;
        run.tell(Some(release), false);
        until("running", || run.stage() == Some(Stage::Running));
        let probe = run.folder.probe().unwrap().unwrap();
        assert!(probe.acts && probe.held && probe.graceful, "{probe:?}");
        assert_eq!((probe.reason, probe.problem), Default::default());
        assert!(
            (release..release + 1000).contains(&probe.released_ms),
            "{} ms late",
            probe.released_ms as i64 - release as i64
        );
        // At five a second it takes Gatling a minute to fill its buffer.
        until("a request in the log", || run.log().requests > 0);
        let log = run.log();
        let first = log.first_user_ms.unwrap() + probe.released_ms - probe.gatling_ms;
        assert!((release..release + 5000).contains(&first));
        assert!(shop.first_ms().unwrap() >= release, "nothing came earlier");
        until("the heap", || {
            run.folder.probe().unwrap().unwrap().heap_used_bytes > 0
        });

        let answered = shop.answered();
        run.tell(Some(release), true);
        let exit = run.exit();
        assert_eq!((exit.exit, exit.error), (RunExit::Stopped, None));
        assert!(run.folder.probe().unwrap().unwrap().stopped_ms > 0);
        assert!(run.output().contains("after the load"), "{}", run.output());
        let log = run.log();
        assert_eq!(log.ending, Ending::Complete);
        assert!(log.requests >= answered, "{} of {answered}", log.requests);
        assert!(supervisor.wait().unwrap().success());
    });
}

#[test]
fn the_log_is_not_read_again_where_assertions_exist() {
    each(|version| {
        let shop = Shop::open();
        let run = Run::new(version, &shop, &["-Dseconds=1"]);
        let mut supervisor = run.supervise();
        run.armed();
        run.tell(Some(0), false);
        let exit = run.exit();
        // Gatling by itself would say that an assertion has failed.
        assert_eq!((exit.exit, exit.error), (RunExit::Success, None));
        assert!(
            !run.output().contains("Parsing log file"),
            "{}",
            run.output()
        );
        assert!(run.output().contains("after the load"));
        let log = run.log();
        assert_eq!(log.ending, Ending::Complete);
        assert_eq!((log.requests, log.assertions), (20, 1));
        assert_eq!(shop.served(), 20);
        supervisor.wait().unwrap();
    });
}

#[test]
fn a_term_loses_nothing_that_was_answered() {
    each(|version| {
        let shop = Shop::open();
        let run = Run::new(version, &shop, &["-Dseconds=300"]);
        let mut supervisor = run.supervise();
        run.armed();
        run.tell(Some(0), false);
        let answered = shop.answered();
        let pid = run.java();
        let sent = Command::new("kill").arg(pid.to_string()).status();
        assert!(sent.unwrap().success());
        assert_eq!(run.exit().exit, RunExit::Failed { status: 143 });
        let log = run.log();
        assert!(log.requests >= answered, "{} of {answered}", log.requests);
        supervisor.wait().unwrap();
    });
}

#[test]
fn a_gatling_that_is_not_known_is_left_alone_and_started_by_time() {
    const START_UP: u64 = 400;
    let doctored = |run: &mut Run| run.doctor_writer();
    let older: (&str, fn(&mut Run)) = ("3.12.0", |_| {});
    thread::scope(|scope| {
        for (version, change) in [older, ("3.16.0", doctored)] {
            scope.spawn(move || {
                let shop = Shop::open();
                let mut run = Run::new(version, &shop, &["-Dseconds=1"]);
                change(&mut run);
                run.start_up(START_UP);
                let mut supervisor = run.supervise();
                run.armed();
                let probe = run.folder.probe().unwrap().unwrap();
                assert!(!probe.acts && !probe.held && !probe.graceful);
                let writer = "BufferedFileChannelWriter of this Gatling is not known";
                assert!(probe.reason.contains(writer), "{}", probe.reason);
                assert!(!run.output().contains("before the load"));
                let release = now_ms() + 1000;
                run.tell(Some(release), false);
                let exit = run.exit();
                let probe = run.folder.probe().unwrap().unwrap();
                assert!(probe.released_ms >= release - START_UP);
                assert!(shop.first_ms().unwrap() >= release - START_UP);
                // All is Gatling's own doing, its look at the assertions too.
                assert_eq!(exit.exit, RunExit::AssertionsFailed, "{}", exit.last_lines);
                assert!(run.output().contains("Parsing log file"));
                assert_eq!(
                    (run.log().requests, run.log().ending),
                    (20, Ending::Complete)
                );
                supervisor.wait().unwrap();
            });
        }
    });
}

#[test]
fn a_gatling_that_ends_before_it_is_held_is_told_with_its_last_lines() {
    let shop = Shop::open();
    let run = Run::new("3.16.0", &shop, &["-Dbroken=true"]);
    let mut supervisor = run.supervise();
    let exit = run.exit();
    assert_eq!(exit.exit, RunExit::NotStarted);
    assert_eq!(
        exit.error.unwrap(),
        "Gatling ended (status 1) before its load began"
    );
    assert!(
        exit.last_lines.contains("the shop cannot be set up"),
        "{}",
        exit.last_lines
    );
    assert_eq!(shop.served(), 0);
    supervisor.wait().unwrap();
}

#[test]
fn a_gatling_that_the_probe_cannot_hold_does_not_begin() {
    let shop = Shop::open();
    let mut run = Run::new("3.16.0", &shop, &["-Dseconds=1"]);
    run.misspell();
    let mut supervisor = run.supervise();
    let exit = run.exit();
    assert_eq!(exit.exit, RunExit::NotStarted);
    let error = exit.error.unwrap();
    assert!(error.contains("the probe could not begin"), "{error}");
    assert!(error.contains("--no-probe"), "{error}");
    assert!(!run.folder.probe().unwrap().unwrap().held);
    assert_eq!(shop.served(), 0);
    supervisor.wait().unwrap();
}
