//! The supervisor with a shell script in Gatling's place.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bfgg_agent::run_folder::{Control, Exit, RunFolder, RunSpec, Stage};
use bfgg_protocol::{PeerId, RunExit, RunId};

const AGENT: &str = env!("CARGO_BIN_EXE_bfgg-agent");

struct Run {
    _temporary: tempfile::TempDir,
    folder: RunFolder,
    spec: RunSpec,
}

impl Run {
    fn new(script: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let spec = RunSpec {
            run: RunId::new(),
            controller: PeerId::new("12D3KooWExample"),
            controller_name: "here".into(),
            since_ms: 0,
            program: "sh".into(),
            arguments: vec!["-c".into(), script.into()],
            folder: temporary.path().into(),
            environment: vec![("GREETING".into(), "hello there".into())],
            environment_removed: vec!["CARGO".into()],
            max_duration_s: 60,
            probe: false,
            unprobed: String::new(),
            arm_limit_s: 60,
            start_up_ms: 0,
            armed_limit_s: 60,
            dead_man_s: None,
            output_limit: 10_000,
        };
        let folder = RunFolder::of(temporary.path(), spec.run);
        folder.create().unwrap();
        Self {
            _temporary: temporary,
            folder,
            spec,
        }
    }

    fn supervise(&self) -> Child {
        self.folder.write_spec(&self.spec).unwrap();
        let mut command = Command::new(AGENT);
        command.arg("supervise").arg(self.folder.path());
        command.stdin(Stdio::null()).spawn().unwrap()
    }

    fn tell(&self, release_ms: Option<u64>, stop: bool, force: bool) {
        self.folder
            .write_control(&Control {
                release_ms,
                stop,
                force,
                contact_ms: None,
            })
            .unwrap();
    }

    fn stage(&self) -> Option<Stage> {
        self.folder
            .supervisor()
            .unwrap()
            .map(|supervisor| supervisor.stage)
    }

    fn wait_for_file(&self, name: &str) -> PathBuf {
        let path = self.spec.folder.join(name);
        until(name, || {
            std::fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n'))
        });
        path
    }

    fn exit(&self) -> Exit {
        until("exit.json", || self.folder.exit().unwrap().is_some());
        self.folder.exit().unwrap().unwrap()
    }

    fn output(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output.log")).unwrap()
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} within 30 s");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn now_ms() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_millis() as u64
}

/// The ids a script wrote, one a line.
fn ids(path: &Path) -> Vec<u32> {
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| line.parse().unwrap())
        .collect()
}

fn alive(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit_once(')')
        .is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Children, a grandchild whose parent has ended, and one that left the session; all deaf to TERM
/// where `deaf` says so.
fn crowd(deaf: bool) -> String {
    let trap = if deaf { "trap '' TERM;" } else { "" };
    format!(
        "{trap} sleep 300 & echo $! >> ids; (sleep 301 & echo $! >> ids); \
         setsid sh -c '{trap} echo $$ >> ids; sleep 302 & echo $! >> ids; wait' & \
         while [ $(wc -l < ids) -lt 4 ]; do sleep 0.05; done; echo $$ > main; wait; sleep 303",
    )
}

#[test]
fn a_run_starts_at_its_instant_and_ends_by_itself() {
    for (status, expected) in [
        (0, RunExit::Success),
        (2, RunExit::AssertionsFailed),
        (1, RunExit::Failed { status: 1 }),
        (137, RunExit::Failed { status: 137 }),
    ] {
        let mut run = Run::new(&format!(
            "echo \"$GREETING ${{CARGO-none}}\"; pwd; echo \"$0\" \"$1\" >&2; exit {status}"
        ));
        run.spec
            .arguments
            .extend(["zero".into(), "a b;\"x\nnext".into()]);
        run.spec.start_up_ms = 500;
        let mut supervisor = run.supervise();
        until("armed", || run.stage() == Some(Stage::Armed));
        assert!(run.folder.supervisor().unwrap().unwrap().is_alive());
        let release = now_ms() + 700;
        run.tell(Some(release), false, false);
        let exit = run.exit();
        assert_eq!(exit.exit, expected);
        assert!(
            exit.started_ms >= release - 500,
            "not before the instant less the start-up time"
        );
        assert!(exit.ended_ms >= exit.started_ms);
        let folder = run.spec.folder.canonicalize().unwrap();
        let expected = format!(
            "hello there none\n{}\nzero a b;\"x\nnext\n",
            folder.display()
        );
        assert_eq!(run.output(), expected);
        assert_eq!(exit.last_lines, expected.trim_end());
        assert!(supervisor.wait().unwrap().success());
        assert!(!run.folder.supervisor().unwrap().unwrap().is_alive());
    }
}

#[test]
fn stop_ends_the_whole_tree() {
    for (deaf, force) in [(false, false), (true, true)] {
        let run = Run::new(&crowd(deaf));
        let mut supervisor = run.supervise();
        run.tell(Some(0), false, false);
        run.wait_for_file("main");
        let ids = ids(&run.spec.folder.join("ids"));
        assert_eq!(ids.len(), 4);
        assert!(ids.iter().all(|id| alive(*id)));
        let asked = Instant::now();
        run.tell(Some(0), true, force);
        // Twice is as once.
        run.tell(Some(0), true, force);
        assert_eq!(run.exit().exit, RunExit::Stopped);
        assert!(
            asked.elapsed() < Duration::from_secs(10),
            "long before the KILL after 15 s"
        );
        assert!(!ids.iter().any(|id| alive(*id)), "nothing is left");
        assert!(supervisor.wait().unwrap().success());
    }
}

#[test]
fn force_overtakes_a_stop_that_is_not_heard() {
    let run = Run::new(&crowd(true));
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    run.wait_for_file("main");
    run.tell(Some(0), true, false);
    until("stopping", || run.stage() == Some(Stage::Stopping));
    assert!(run.folder.exit().unwrap().is_none());
    run.tell(Some(0), true, true);
    assert_eq!(run.exit().exit, RunExit::Stopped);
    assert!(
        !ids(&run.spec.folder.join("ids"))
            .iter()
            .any(|id| alive(*id))
    );
    supervisor.wait().unwrap();
}

#[test]
fn the_maximum_duration_is_kept_without_the_agent() {
    let mut run = Run::new(&crowd(false));
    run.spec.max_duration_s = 1;
    run.folder.write_spec(&run.spec).unwrap();
    // Its parent, this shell, is gone at once.
    let mut command = Command::new("sh");
    let line = r#""$0" supervise "$1" & "#;
    command
        .args(["-c", line, AGENT])
        .arg(run.folder.path())
        .stdin(Stdio::null());
    assert!(command.status().unwrap().success());
    run.tell(Some(0), false, false);
    let exit = run.exit();
    assert_eq!(exit.exit, RunExit::MaxDuration);
    assert!(exit.ended_ms - exit.started_ms >= 1000);
    assert!(
        !ids(&run.spec.folder.join("ids"))
            .iter()
            .any(|id| alive(*id))
    );
}

#[test]
fn the_dead_mans_limit_ends_a_run_whose_controller_is_silent() {
    // Whether the controller is heard meanwhile.
    for heard in [false, true] {
        let mut run = Run::new("echo up > up; sleep 300");
        (run.spec.dead_man_s, run.spec.max_duration_s) = (Some(2), 6);
        let mut supervisor = run.supervise();
        run.tell(Some(0), false, false);
        run.wait_for_file("up");
        let mut contact = 1;
        while heard && run.folder.exit().unwrap().is_none() {
            contact += 1;
            let control = Control {
                release_ms: Some(0),
                contact_ms: Some(contact),
                ..Control::default()
            };
            run.folder.write_control(&control).unwrap();
            std::thread::sleep(Duration::from_millis(100));
        }
        let exit = run.exit();
        let took = exit.ended_ms - exit.started_ms;
        let (expected, least) = match heard {
            true => (RunExit::MaxDuration, 6000),
            false => (RunExit::Stopped, 2000),
        };
        assert_eq!((exit.exit, exit.dead_man), (expected, !heard));
        assert!(took >= least, "{took}");
        supervisor.wait().unwrap();
    }
}

#[test]
fn what_gatling_leaves_behind_is_ended() {
    let run = Run::new("setsid sleep 300 & echo $! > ids; exit 0");
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    assert_eq!(run.exit().exit, RunExit::Success);
    assert!(
        !ids(&run.spec.folder.join("ids"))
            .iter()
            .any(|id| alive(*id))
    );
    supervisor.wait().unwrap();
}

#[test]
fn a_run_that_is_not_released_is_not_started() {
    for (stop, limit) in [(true, 60), (false, 1)] {
        let mut run = Run::new("touch started");
        run.spec.armed_limit_s = limit;
        let mut supervisor = run.supervise();
        run.tell(None, stop, false);
        let exit = run.exit();
        assert_eq!((exit.exit, exit.started_ms), (RunExit::NotStarted, 0));
        assert!(!run.spec.folder.join("started").exists());
        supervisor.wait().unwrap();
    }
}

/// A script that does as a Gatling with a probe: `says` is what probe.json has beside `acts`.
fn probed(says: &str, then: &str) -> Run {
    let mut run = Run::new("");
    let file = run.folder.path().join("probe.json");
    let (file, stop) = (file.display(), run.folder.path().join("stop"));
    run.spec.probe = true;
    run.spec.arguments[1] = format!(
        "say() {{ echo '{{\"acts\":true,\"held\":true,'\"$1\"'}}' > {file}.new; mv {file}.new {file}; }}\n\
         say '{says}'; stop={}; echo $$ > main\n{then}",
        stop.display()
    );
    run
}

#[test]
fn with_a_probe_gatling_is_started_at_once_and_its_load_counts() {
    let mut run = probed(
        "\"graceful\":true,\"armed_ms\":5",
        "until [ -e go ]; do sleep 0.05; done; say '\"graceful\":true,\"armed_ms\":5,\"released_ms\":6'\n\
         until [ -e $stop ]; do sleep 0.05; done; echo the last word",
    );
    // It counts from the release.
    run.spec.max_duration_s = 1;
    let mut supervisor = run.supervise();
    until("armed", || run.stage() == Some(Stage::Armed));
    run.wait_for_file("main");
    std::fs::write(run.spec.folder.join("go"), "").unwrap();
    until("running", || run.stage() == Some(Stage::Running));
    let exit = run.exit();
    assert_eq!((exit.exit, exit.error), (RunExit::MaxDuration, None));
    assert_eq!(
        exit.last_lines, "the last word",
        "it was not ended but asked"
    );
    assert!(exit.started_ms > 0);
    supervisor.wait().unwrap();
}

#[test]
fn a_gatling_that_does_not_stop_when_asked_is_forced_to() {
    let says = "\"graceful\":true,\"armed_ms\":5,\"released_ms\":6";
    let run = probed(says, "trap '' TERM; while :; do sleep 0.1; done");
    let mut supervisor = run.supervise();
    until("running", || run.stage() == Some(Stage::Running));
    run.tell(Some(0), true, false);
    until("asked", || run.folder.path().join("stop").exists());
    assert!(run.folder.exit().unwrap().is_none());
    run.tell(Some(0), true, true);
    assert_eq!(run.exit().exit, RunExit::Stopped);
    supervisor.wait().unwrap();
}

#[test]
fn a_stop_that_the_probe_cannot_pass_on_is_a_term() {
    let run = probed(
        "\"graceful\":true,\"armed_ms\":5,\"released_ms\":6",
        "trap 'echo TERM came; exit 143' TERM; until [ -e $stop ]; do sleep 0.05; done\n\
         say '\"graceful\":false,\"armed_ms\":5,\"released_ms\":6'; while :; do sleep 0.05; done",
    );
    let mut supervisor = run.supervise();
    until("running", || run.stage() == Some(Stage::Running));
    run.tell(Some(0), true, false);
    // Otherwise it would be waited for, for longer than this test does.
    let exit = run.exit();
    assert_eq!(exit.exit, RunExit::Stopped);
    assert!(
        exit.last_lines.ends_with("TERM came"),
        "{}",
        exit.last_lines
    );
    supervisor.wait().unwrap();
}

#[test]
fn an_instant_that_is_too_far_away_is_none() {
    for probe in [true, false] {
        let mut run = probed("\"armed_ms\":5", "exec sleep 300");
        (run.spec.probe, run.spec.armed_limit_s) = (probe, 1);
        let mut supervisor = run.supervise();
        run.tell(Some(now_ms() + 3_600_000), false, false);
        assert_eq!(run.exit().exit, RunExit::NotStarted);
        supervisor.wait().unwrap();
    }
}

#[test]
fn what_ends_before_its_load_was_not_started() {
    let held = "\"armed_ms\":5";
    for (says, then, stop, expected) in [
        (
            "\"x\":0",
            "sleep 300",
            false,
            Some("was not ready for its load within 1 s"),
        ),
        ("\"x\":0", "exec sleep 300", true, None),
        (held, "exec sleep 300", false, None),
        (held, "exec sleep 300", true, None),
        (
            held,
            "exit 3",
            false,
            Some("ended (status 3) before its load began"),
        ),
        (
            "\"problem\":\"it could not begin\"",
            "exit 1",
            false,
            Some("ended (status 1) before its load began: it could not begin"),
        ),
        (
            held,
            "kill -9 $$",
            false,
            Some("ended (signal 9) before its load began"),
        ),
    ] {
        let mut run = probed(says, then);
        (run.spec.arm_limit_s, run.spec.armed_limit_s) = (1, 1);
        let mut supervisor = run.supervise();
        if stop {
            run.wait_for_file("main");
            run.tell(None, true, false);
        }
        let exit = run.exit();
        let case = format!("{says} {then} {stop}: {exit:?}");
        assert_eq!(
            (&exit.exit, exit.started_ms),
            (&RunExit::NotStarted, 0),
            "{case}"
        );
        match expected {
            Some(expected) => assert!(exit.error.unwrap().contains(expected), "{case}"),
            None => assert_eq!(exit.error, None, "{case}"),
        }
        supervisor.wait().unwrap();
    }
}

#[test]
fn a_start_that_the_probe_does_not_tell_of_counts_all_the_same() {
    let run = probed("\"armed_ms\":5", "until [ -e go ]; do sleep 0.05; done");
    let mut supervisor = run.supervise();
    until("armed", || run.stage() == Some(Stage::Armed));
    run.tell(Some(1), false, false);
    until("running", || run.stage() == Some(Stage::Running));
    std::fs::write(run.spec.folder.join("go"), "").unwrap();
    assert_eq!(run.exit().exit, RunExit::Success);
    supervisor.wait().unwrap();
}

#[test]
fn a_program_that_cannot_start_is_named() {
    let mut run = Run::new("");
    run.spec.program = "/nowhere/java".into();
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    let exit = run.exit();
    assert_eq!(exit.exit, RunExit::NotStarted);
    let error = exit.error.unwrap();
    assert!(
        error.contains("/nowhere/java could not be started"),
        "{error}"
    );
    supervisor.wait().unwrap();
}

#[test]
fn a_killed_gatling_is_told_apart() {
    let run = Run::new("echo last words; kill -9 $$");
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    let exit = run.exit();
    assert_eq!(exit.exit, RunExit::Killed { signal: 9 });
    assert_eq!(exit.last_lines, "last words");
    supervisor.wait().unwrap();
}

#[test]
fn a_failure_after_the_log_is_complete_does_not_count() {
    let run = Run::new("echo 'Parsing log file(s)...'; echo OutOfMemoryError >&2; exit 1");
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    let exit = run.exit();
    assert_eq!((exit.exit, exit.log_complete), (RunExit::Success, true));
    assert!(
        run.output()
            .contains("Gatling failed (status 1) after its log was complete")
    );
    supervisor.wait().unwrap();
}

#[test]
fn a_flood_of_output_is_cut_and_does_not_block() {
    let run = Run::new("head -c 50000000 /dev/zero | tr '\\0' x; echo; echo the end");
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    assert_eq!(run.exit().exit, RunExit::Success);
    let output = run.output();
    assert!(output.len() < 21_000, "{}", output.len());
    assert!(output.contains("bytes dropped here"), "{output}");
    assert!(output.ends_with("the end\n"));
    supervisor.wait().unwrap();
}

#[test]
fn a_second_supervisor_of_a_run_gives_up() {
    let run = Run::new("sleep 300");
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    until("running", || run.stage() == Some(Stage::Running));
    assert!(!run.supervise().wait().unwrap().success());
    run.tell(Some(0), true, false);
    run.exit();
    supervisor.wait().unwrap();
    assert!(!run.supervise().wait().unwrap().success());
    assert_eq!(run.exit().exit, RunExit::Stopped);
}

#[test]
fn a_signal_to_the_supervisor_ends_the_run() {
    let run = Run::new(&crowd(false));
    let mut supervisor = run.supervise();
    run.tell(Some(0), false, false);
    run.wait_for_file("main");
    let id = supervisor.id().to_string();
    assert!(Command::new("kill").arg(id).status().unwrap().success());
    assert_eq!(run.exit().exit, RunExit::Stopped);
    assert!(
        !ids(&run.spec.folder.join("ids"))
            .iter()
            .any(|id| alive(*id))
    );
    supervisor.wait().unwrap();
}
