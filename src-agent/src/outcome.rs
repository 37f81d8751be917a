//! How a run ended, in the user's words, and what its log tells about the next one.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use bfgg_protocol::{Failure, FailureCode, RunEnd, RunExit, RunId};
use gatling_log::{Decoder, Record};

use crate::probe;
use crate::run_folder::{Control, Exit, RunFolder};

/// Bytes at the beginning of a log in which its first user must be.
const LOOKED_AT: u64 = 1 << 20;
/// A JVM that took longer than this, ms, had other troubles: the next one starts no earlier.
const LONGEST_START_UP: u64 = 30_000;

/// The end of a run, from what its supervisor wrote.
pub(crate) fn run_end(folder: &RunFolder, run: RunId, exit: Exit) -> RunEnd {
    let log = folder.simulation_log();
    let log_bytes = log
        .as_ref()
        .and_then(|log| std::fs::metadata(log).ok())
        .map(|log| log.len());
    let control = folder.control().unwrap_or_default();
    let spec = folder.spec().ok().flatten();
    let report = folder.probe().ok().flatten();
    // Without a load there is a header at most; with users in it, it began without a word.
    let has_users = || log.as_deref().and_then(first_user_ms).is_some();
    let log_bytes = log_bytes.filter(|_| exit.exit != RunExit::NotStarted || has_users());
    RunEnd {
        run,
        dead_man: exit.dead_man,
        failure: failure(&exit, log_bytes, &control)
            .or_else(|| unheard(&exit, spec.as_ref().and_then(|spec| spec.dead_man_s))),
        exit: exit.exit,
        started_ms: exit.started_ms,
        ended_ms: exit.ended_ms,
        console: exit.console,
        log_bytes,
        probe: spec.and_then(|spec| probe::told(&spec, report)),
    }
}

/// The end of a run whose supervisor is gone without a word.
pub(crate) fn lost(folder: &RunFolder, started_ms: u64) -> Exit {
    Exit {
        exit: RunExit::Failed { status: -1 },
        started_ms,
        ended_ms: crate::clock::wall_ms(),
        console: folder.console().ok().flatten(),
        log_complete: false,
        last_lines: String::new(),
        error: Some("the run's supervisor is gone; what was left of the run was ended".to_owned()),
        dead_man: false,
    }
}

/// The dead man's limit ended it.
fn unheard(exit: &Exit, limit_s: Option<u32>) -> Option<Failure> {
    let limit_s = limit_s.filter(|_| exit.dead_man)?;
    Some(Failure::new(
        FailureCode::TimedOut,
        "run",
        format!(
            "The controller was not heard for {limit_s} s: the dead man's limit ended the run."
        ),
        "See why this machine lost the controller; --dead-man off lets a run go on without it.",
    ))
}

fn failure(exit: &Exit, log_bytes: Option<u64>, control: &Control) -> Option<Failure> {
    let phase = match exit.exit {
        RunExit::NotStarted => "start",
        _ => "run",
    };
    let failed = |code, message: String, hint: &str| {
        Some(Failure::new(code, phase, message, hint).with_detail(exit.last_lines.clone()))
    };
    const SEE: &str = "The last lines of its output are below; all of it is in output.log.";
    let out_of_memory = exit.last_lines.contains("OutOfMemoryError");
    match &exit.exit {
        RunExit::Failed { .. } if exit.error.is_some() => failed(
            FailureCode::RunLost,
            format!("{}.", exit.error.clone().unwrap_or_default()),
            "Somebody or the system ended it (out of memory?); see the machine's log.",
        ),
        RunExit::NotStarted if log_bytes.is_some() => failed(
            FailureCode::GatlingFailed,
            format!(
                "{}; but its log has virtual users, which count.",
                exit.error.as_deref().unwrap_or("The load was not to begin")
            ),
            SEE,
        ),
        RunExit::NotStarted => match &exit.error {
            Some(error) if exit.last_lines.is_empty() => failed(
                FailureCode::GatlingFailed,
                format!("{error}."),
                "Check the JDK.",
            ),
            Some(error) => failed(FailureCode::GatlingFailed, format!("{error}."), SEE),
            None if control.stop => None,
            None => failed(
                FailureCode::TimedOut,
                "The run was armed, but no start instant came in time.".to_owned(),
                "See whether the controller reaches this machine.",
            ),
        },
        RunExit::Failed { .. } | RunExit::Killed { .. } if out_of_memory => failed(
            FailureCode::GatlingFailed,
            "Gatling ran out of memory.".to_owned(),
            "Give it more with the Java option -Xmx, or spread the load over more agents.",
        ),
        RunExit::Failed { status } => failed(
            FailureCode::GatlingFailed,
            format!("Gatling failed with status {status}."),
            SEE,
        ),
        RunExit::Killed { signal } => failed(
            FailureCode::GatlingFailed,
            format!("Gatling was killed by signal {signal}, which nobody here sent."),
            "Signal 9 often means that the machine had no memory left; see its kernel's log.",
        ),
        RunExit::Success | RunExit::AssertionsFailed if log_bytes.is_none() => failed(
            FailureCode::RunLost,
            "Gatling ended, but its simulation.log is not there.".to_owned(),
            "The project may send its results elsewhere (gatling.data in its gatling.conf).",
        ),
        RunExit::Success | RunExit::AssertionsFailed | RunExit::Stopped | RunExit::MaxDuration => {
            None
        }
    }
}

/// From the start of the JVM, or its release by the probe, to its first virtual user, ms.
pub(crate) fn start_up_ms(folder: &RunFolder, started_ms: u64) -> Option<u64> {
    let first = first_user_ms(&folder.simulation_log()?)?;
    let took = u64::try_from(first).ok()?.checked_sub(started_ms)?;
    (started_ms > 0 && took <= LONGEST_START_UP).then_some(took)
}

/// When the first virtual user started, ms since 1970.
fn first_user_ms(log: &Path) -> Option<i64> {
    let mut bytes = Vec::new();
    File::open(log)
        .ok()?
        .take(LOOKED_AT)
        .read_to_end(&mut bytes)
        .ok()?;
    let mut decoder = Decoder::new();
    decoder.push(&bytes);
    let time = loop {
        match decoder.next_record().ok()?? {
            Record::User(user) if user.starts => break user.time,
            _ => {}
        }
    };
    Some(decoder.header()?.start + i64::from(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exit(exit: RunExit, last_lines: &str) -> Exit {
        Exit {
            exit,
            started_ms: 1,
            ended_ms: 2,
            console: None,
            log_complete: false,
            last_lines: last_lines.into(),
            error: None,
            dead_man: false,
        }
    }

    #[test]
    fn each_end_is_told_apart() {
        let stop = Control {
            stop: true,
            ..Control::default()
        };
        let none = Control::default();
        for (ended, last, log, control, expected) in [
            (RunExit::Success, "", Some(1), &none, None),
            (RunExit::AssertionsFailed, "", Some(1), &none, None),
            (RunExit::Stopped, "", None, &stop, None),
            (RunExit::MaxDuration, "", Some(1), &none, None),
            (RunExit::NotStarted, "", None, &stop, None),
            (
                RunExit::NotStarted,
                "",
                None,
                &none,
                Some(FailureCode::TimedOut),
            ),
            (
                RunExit::Success,
                "",
                None,
                &none,
                Some(FailureCode::RunLost),
            ),
            (
                RunExit::Failed { status: 1 },
                "x",
                Some(1),
                &none,
                Some(FailureCode::GatlingFailed),
            ),
            (
                RunExit::Killed { signal: 9 },
                "x",
                Some(1),
                &none,
                Some(FailureCode::GatlingFailed),
            ),
        ] {
            let failure = failure(&exit(ended.clone(), last), log, control);
            assert_eq!(
                failure.as_ref().map(|failure| failure.code),
                expected,
                "{ended:?}"
            );
            assert_eq!(
                failure.map(|failure| failure.detail).unwrap_or_default(),
                last
            );
        }
        let memory = exit(
            RunExit::Failed { status: 1 },
            "java.lang.OutOfMemoryError: Java heap space",
        );
        assert!(failure(&memory, None, &none).unwrap().hint.contains("-Xmx"));
    }

    #[test]
    fn a_load_that_nobody_told_of_is_kept() {
        let temporary = tempfile::tempdir().unwrap();
        let run = RunFolder::at(temporary.path());
        let gatling = run.results().join("shop-1");
        std::fs::create_dir_all(&gatling).unwrap();
        let log = gatling.join("simulation.log");
        let end = || {
            let mut ended = exit(RunExit::NotStarted, "");
            ended.error = Some("Gatling ended (status 0) before its load began".into());
            run_end(&run, RunId::new(), ended)
        };
        let header = "RUN\ta.B\tb\t1000\t \t3.12.0\n";
        std::fs::write(&log, header).unwrap();
        assert_eq!(end().log_bytes, None);
        let users = format!("{header}USER\ts\tSTART\t1001\n");
        std::fs::write(&log, &users).unwrap();
        let end = end();
        assert_eq!(end.log_bytes, Some(users.len() as u64));
        assert!(end.failure.unwrap().message.contains("virtual users"));
    }

    #[test]
    fn the_start_up_is_that_to_the_first_user() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path());
        let gatling = run.results().join("shop-1");
        std::fs::create_dir_all(&gatling).unwrap();
        assert_eq!(start_up_ms(&run, 1), None);
        let mut log = vec![0];
        log.extend(b"\0\0\0\x063.16.0\0\0\0\0\x06a.Shop\0");
        log.extend(1_750_000_000_000_i64.to_be_bytes());
        log.extend(b"\0\0\0\0\0\0\0\x01\0\0\0\x01s\0\0\0\0\0");
        log.extend(b"\x02\0\0\0\0\x01\0\0\x01\x2c");
        std::fs::write(gatling.join("simulation.log"), log).unwrap();
        assert_eq!(start_up_ms(&run, 1_749_999_998_500), Some(1800));
        assert_eq!(
            start_up_ms(&run, 1_750_000_002_000),
            None,
            "a clock that jumped"
        );
        assert_eq!(
            start_up_ms(&run, 1_749_999_900_000),
            None,
            "too long to be true"
        );
        assert_eq!(start_up_ms(&run, 0), None, "never started");
    }
}
