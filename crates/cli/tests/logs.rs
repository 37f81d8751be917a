//! `bfgg merge` and `bfgg log`, on logs that Gatling wrote and on what is none.
#![allow(
    clippy::unwrap_used,
    reason = "a test cannot go on without what it unwraps"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../gatling-log/tests/samples")
        .join(name)
        .join("simulation.log")
}

struct Scene(tempfile::TempDir);

impl Scene {
    /// Two agents' logs below `logs/`.
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        for (agent, name) in [("lab-1", "3.16.0-agent1"), ("lab-2", "3.16.0-agent2")] {
            let folder = scene.0.path().join("logs").join(agent);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::copy(sample(name), folder.join("simulation.log")).unwrap();
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn bfgg(&self, arguments: &[&str], stdin: Stdio) -> (Option<i32>, String, String) {
        let settings = self.path("bfgg.toml");
        std::fs::write(&settings, "").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_bfgg"))
            .arg("--config")
            .arg(settings)
            .args(arguments)
            .current_dir(self.0.path())
            .env("BFGG_DATA_DIR", self.path("data"))
            .stdin(stdin)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    fn run(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        self.bfgg(arguments, Stdio::null())
    }

    fn lines(&self, log: &str) -> usize {
        let (code, out, err) = self.run(&["log", "dump", log]);
        assert_eq!(code, Some(0), "{err}");
        out.lines().count()
    }
}

#[test]
fn logs_of_a_folder_become_one() {
    let scene = Scene::new();
    let (code, _, err) = scene.run(&["merge", "logs", "-o", "all.log"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        err.contains("of 2 logs, for Gatling 3.16.0: all.log"),
        "{err}"
    );
    // Each record once, under one header.
    let parts = scene.lines("logs/lab-1/simulation.log") + scene.lines("logs/lab-2/simulation.log");
    assert_eq!(scene.lines("all.log"), parts - 1);

    // The same by standard input, and shifted by the folder's name.
    let stdin = File::open(scene.path("logs/lab-2/simulation.log")).unwrap();
    let line = ["merge", "logs/lab-1", "-", "-o", "again.log"];
    let (code, _, err) = scene.bfgg(&line, stdin.into());
    assert_eq!(code, Some(0), "{err}");
    let bytes = |name: &str| std::fs::read(scene.path(name)).unwrap();
    assert_eq!(bytes("again.log"), bytes("all.log"));
    let (code, _, err) = scene.run(&["merge", "logs", "-o", "moved.log", "--offset", "lab-2=500"]);
    assert_eq!(code, Some(0), "{err}");
    assert_ne!(bytes("moved.log"), bytes("all.log"));

    // A text log by standard input, into what an older Gatling reads.
    let stdin = File::open(sample("3.12.0")).unwrap();
    let line = ["merge", "-", "-o", "text.log", "--gatling", "3.13.5"];
    let (code, _, err) = scene.bfgg(&line, stdin.into());
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("for Gatling 3.13.5"), "{err}");
}

#[test]
fn what_cannot_be_merged_is_named() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("none")).unwrap();
    std::fs::write(scene.path("notes.txt"), "hello\n").unwrap();
    std::fs::write(scene.path("empty.log"), "").unwrap();
    let log = "logs/lab-1/simulation.log";
    for (arguments, code, says) in [
        (
            &["merge", "none", "-o", "x"][..],
            1,
            "there is no simulation.log in none",
        ),
        (
            &["merge", "gone", "-o", "x"],
            1,
            "gone: there is no such file",
        ),
        (
            &["merge", "notes.txt", "-o", "x"],
            1,
            "notes.txt: its simulation.log cannot be used",
        ),
        (
            &["merge", "empty.log", "-o", "x"],
            1,
            "empty.log: its simulation.log is empty",
        ),
        (
            &["merge", log, "notes.txt", "-o", "x"],
            3,
            "its records are missing here",
        ),
        (
            &["merge", log, "-o", "x", "--offset", "lab-9=5"],
            1,
            "no log has this name",
        ),
        (
            &["merge", log, "-o", "x", "--offset", "lab-1"],
            64,
            "NAME=MS",
        ),
        (
            &["merge", log, "-o", "x", "--gatling", "3.12.0"],
            64,
            "3.13 to 3.16",
        ),
        (&["merge", "-", "-", "-o", "x"], 1, "counts once"),
        (
            &["merge", log, "-o", "logs/lab-1/../lab-1/simulation.log"],
            19,
            "would be overwritten",
        ),
        (&["merge", "-o", "x"], 64, "LOG"),
        (
            &["log", "dump", "notes.txt"],
            1,
            "this is not a Gatling log",
        ),
    ] {
        let (found, _, err) = scene.run(arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {err}");
        assert!(err.contains(says), "{arguments:?}: {err}");
        let kept = code == 3;
        assert_eq!(scene.path("x").exists(), kept, "{arguments:?}");
        if kept {
            std::fs::remove_file(scene.path("x")).unwrap();
        }
    }
}
