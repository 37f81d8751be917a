//! The built program against a controller of its own: what it prints and how it ends.
#![allow(
    clippy::unwrap_used,
    reason = "a test cannot go on without what it unwraps"
)]

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

fn bfgg(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bfgg"));
    for (key, _) in std::env::vars_os() {
        if key
            .to_str()
            .is_some_and(|key| key.starts_with("BFGG_") || key == "LOG_LEVEL")
        {
            command.env_remove(key);
        }
    }
    let settings = folder.join("bfgg.toml");
    std::fs::write(&settings, "").unwrap();
    command
        .arg("--config")
        .arg(settings)
        .args(arguments)
        .current_dir(folder)
        .env("BFGG_DATA_DIR", folder.join("data"))
        .env("BFGG_KEYCHAIN", "off")
        .env("BFGG_DISCOVERY", "off")
        .env("BFGG_LISTEN", "127.0.0.1:0")
        .env("BFGG_HTTP", "127.0.0.1:0");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    parts(bfgg(folder, arguments).output().unwrap())
}

fn parts(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A controller that is killed when the test ends, however it ends.
struct Serving(Child);

impl Serving {
    fn start(folder: &Path) -> Self {
        let mut command = bfgg(folder, &["serve"]);
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let serving = Self(child);
        let deadline = Instant::now() + Duration::from_secs(30);
        while !folder.join("data/controller.json").is_file() {
            assert!(Instant::now() < deadline, "the controller did not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        serving
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn commands_use_the_controller_of_the_data_folder() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());

    let (code, out, _) = run(folder.path(), &["token"]);
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with("bfgg-agent --join bfgg1-") && out.lines().count() == 1,
        "{out}"
    );
    let (code, rotated, _) = run(folder.path(), &["token", "--rotate"]);
    assert_eq!(code, Some(0));
    assert_ne!(rotated, out);

    let (code, out, _) = run(folder.path(), &["agents"]);
    assert_eq!(
        (code, out.contains("no agents yet")),
        (Some(0), true),
        "{out}"
    );
    let (code, out, _) = run(folder.path(), &["runs"]);
    assert_eq!(
        (code, out.contains("no runs yet")),
        (Some(0), true),
        "{out}"
    );

    for (arguments, sentence) in [
        (
            &["runs", "show", "x"][..],
            "error: there is no run \"x\"; `bfgg runs` lists them\n",
        ),
        (
            &["logs", "x"],
            "error: there is no run \"x\"; `bfgg runs` lists them\n",
        ),
        (
            &["agents", "remove", "x"],
            "error: no agent is called \"x\"; `bfgg agents` lists them with their ids\n",
        ),
        (&["serve"], "uses the data folder"),
        (
            &["identity", "move"],
            "runs on this data folder: stop it first",
        ),
        (
            &["run", "--repo", "https://git.invalid/x", "--wait", "0s"],
            "0 of 1 agents are there",
        ),
    ] {
        let (code, _, err) = run(folder.path(), arguments);
        assert_eq!(
            (code, err.contains(sentence)),
            (Some(1), true),
            "{arguments:?}: {err}"
        );
    }
    drop(serving);

    // It was killed and left controller.json behind: that is no controller.
    let (code, _, err) = run(folder.path(), &["token"]);
    assert_eq!(code, Some(1));
    assert!(
        err.contains("no controller runs on the data folder"),
        "{err}"
    );
    assert!(err.contains("hint: start one with `bfgg serve`"), "{err}");
}

#[test]
fn run_is_its_own_controller_where_none_runs() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["run", "--repo", "https://git.invalid/x", "--wait", "0s"];
    let (code, _, err) = run(folder.path(), &arguments);
    assert_eq!(code, Some(1));
    assert!(
        err.contains("a machine joins by: bfgg-agent --join bfgg1-"),
        "{err}"
    );
    assert!(
        err.contains("error: 0 of 1 agents are there after 0 s"),
        "{err}"
    );
    assert!(!folder.path().join("data/controller.json").exists());
}

#[test]
fn exit_codes_of_wrong_input() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, sentence) in [
        (&["--help"][..], 0, ""),
        (&["frobnicate"], 64, "unrecognized subcommand"),
        (&["run"], 64, "--repo <URL>"),
        // Told before the run, not after it.
        (
            &["run", "--repo", "x", "--out", "bfgg.toml/out"],
            1,
            "cannot create bfgg.toml/out",
        ),
        (
            &["config", "--listen", "nowhere"],
            1,
            "BFGG_LISTEN is \"nowhere\" (flag --listen)",
        ),
        (
            &["token", "--controller", "lab-0:7411"],
            1,
            "BFGG_TOKEN is not set",
        ),
    ] {
        let (found, _, err) = run(folder.path(), arguments);
        assert_eq!(
            (found, err.contains(sentence)),
            (Some(code), true),
            "{arguments:?}: {err}"
        );
    }
    let mut misspelt = bfgg(folder.path(), &["config"]);
    let (code, _, err) = parts(misspelt.env("BFGG_DATA_DIRR", "x").output().unwrap());
    assert_eq!(code, Some(1));
    let sentence =
        "error: there is no setting BFGG_DATA_DIRR (environment); did you mean BFGG_DATA_DIR?\n";
    assert_eq!(err, sentence);
}

#[test]
fn config_names_each_origin_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join(".env"),
        "LOG_LEVEL=debug\nBFGG_NAME=from-a-project\n",
    )
    .unwrap();
    let mut command = bfgg(folder.path(), &["config", "--name", "desk"]);
    let (code, out, _) = parts(
        command
            .env("BFGG_TOKEN", "0123456789abcdef")
            .output()
            .unwrap(),
    );
    assert_eq!(code, Some(0));
    for part in [
        "BFGG_NAME = desk\n    from: flag --name\n",
        "BFGG_TOKEN = ********\n    from: environment\n",
        ".env, line 1\n",
        "BFGG_ADVERTISE = (not set)\n    from: default\n",
        ".env, line 2) is not read by bfgg",
    ] {
        assert!(out.contains(part), "{part:?} is not in {out}");
    }
    assert!(!out.contains("0123456789abcdef"), "{out}");
}

/// Ctrl-C ends a controller in order: controller.json is gone, the exit code is 0.
#[cfg(unix)]
#[test]
fn serve_ends_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(folder.path());
    let pid = rustix::process::Pid::from_child(&serving.0);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(serving.0.wait().unwrap().code(), Some(0));
    assert!(!folder.path().join("data/controller.json").exists());
}
