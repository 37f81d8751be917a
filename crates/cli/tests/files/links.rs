//! Links and pipes.

use std::io::Write as _;
use std::os::unix::fs::{FileTypeExt as _, symlink};
use std::process::{Command, Stdio};

use crate::scene::{Outcome, Scene, good};

#[test]
fn a_log_counts_once_by_whatever_path() {
    let scene = Scene::with(&["logs/a/simulation.log", "logs/b/simulation.log"]);
    std::fs::hard_link(scene.path("logs/a/simulation.log"), scene.path("hard.log")).unwrap();
    symlink("logs/a/simulation.log", scene.path("soft.log")).unwrap();
    symlink("logs/a", scene.path("a")).unwrap();
    // A folder that contains itself, a log that is a folder, and one that leads nowhere.
    symlink("..", scene.path("logs/a/up")).unwrap();
    symlink("../b", scene.path("logs/a/simulation.log.d")).unwrap();
    for (inputs, logs) in [
        ("logs", 2),
        ("logs logs", 2),
        ("logs logs/a/simulation.log", 2),
        ("logs ./logs/a", 2),
        ("hard.log logs", 2),
        ("hard.log soft.log a/simulation.log", 1),
        ("a soft.log", 2),
    ] {
        let found = scene.bfgg(&format!("report {inputs} -o out --format json"));
        assert_eq!(found.code, Some(0), "{inputs}: {}", found.err);
        assert_eq!(scene.total("out"), 3 * logs, "{inputs}: {}", found.err);
        let said = found.err.matches("counts once").count();
        let found = scene.bfgg(&format!("merge {inputs} -o x"));
        assert_eq!(found.code, Some(0), "{inputs}: {}", found.err);
        let says = format!("{} records of {logs} logs", 3 * logs);
        assert!(found.err.contains(&says), "{inputs}: {}", found.err);
        assert_eq!(found.err.matches("counts once").count(), said, "{inputs}");
        assert_eq!(said > 0, inputs.contains(' '), "{inputs}");
    }
    // An offset may use any of the names.
    let found = scene.bfgg("merge logs hard.log -o x --offset hard.log=500");
    assert_eq!(found.code, Some(0), "{}", found.err);
    // A link to the output is the output; one to a log is the log.
    for out in ["soft.log", "hard.log", "a/simulation.log"] {
        let found = scene.bfgg(&format!("merge logs -o {out}"));
        assert_eq!(found.code, Some(19), "{out}: {}", found.err);
        assert_eq!(scene.bytes(out), good());
    }
}

#[test]
fn links_to_folders_and_logs_are_followed() {
    let scene = Scene::with(&["real/simulation.log"]);
    std::fs::create_dir_all(scene.path("logs/lab-1")).unwrap();
    std::fs::create_dir_all(scene.path("logs/lab-2")).unwrap();
    scene.write("other.log", &good());
    symlink("../../real", scene.path("logs/lab-1/simulation.log")).unwrap();
    symlink("../../other.log", scene.path("logs/lab-2/simulation.log")).unwrap();
    let found = scene.bfgg("report logs --offset lab-2=5");
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert_eq!(scene.total("bfgg-report"), 6);
    symlink("nowhere", scene.path("logs/simulation.log")).unwrap();
    let found = scene.bfgg("report logs");
    assert_eq!(found.code, Some(18), "{}", found.err);
    assert!(
        found
            .err
            .contains("logs/simulation.log: there is no such file"),
        "{}",
        found.err
    );
}

#[test]
fn a_link_stays_a_link() {
    let scene = Scene::with(&["good.log"]);
    scene.write("store/kept.log", b"old");
    symlink("store/kept.log", scene.path("link")).unwrap();
    let found = scene.bfgg("merge good.log -o link");
    assert_eq!(found.code, Some(0), "{}", found.err);
    assert!(scene.path("link").is_symlink());
    assert_eq!(scene.bytes("store/kept.log"), good());
    let full = std::fs::metadata("/dev/full").unwrap();
    assert!(full.file_type().is_char_device());
}

#[test]
fn what_cannot_be_written_leaves_all_as_it_was() {
    let scene = Scene::with(&["good.log"]);
    scene.write("out/report.html", b"old");
    scene.write("out/stats.csv", b"old");
    symlink("/dev/full", scene.path("out/summary.json")).unwrap();
    let found = scene.bfgg("report good.log -o out");
    assert_eq!(found.code, Some(19), "{}", found.err);
    let says = "the report cannot be written to out/summary.json: ";
    assert!(found.err.contains(says), "{}", found.err);
    for name in ["out/report.html", "out/stats.csv"] {
        assert_eq!(scene.bytes(name), b"old", "{name}");
    }
    assert_eq!(std::fs::read_dir(scene.path("out")).unwrap().count(), 3);
}

/// What can be read once only is read once, whatever is made of it.
#[test]
fn pipes_are_logs() {
    let scene = Scene::new();
    let text = "RUN\tdemo.Old\told\t1700000000000\t \t3.12.0\nREQUEST\t\thome\t1700000000001\t1700000000009\tOK\t \n";
    for (name, bytes, records) in [("binary", good(), 3), ("text", text.as_bytes().to_vec(), 1)] {
        for line in [
            "report /dev/stdin --format log,json -o out",
            "report - --format log,json -o out",
            "report - /dev/stdin --format log,json -o out --offset -=5",
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            let mut command = scene.command(&words);
            let command = command
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            child.stdin.take().unwrap().write_all(&bytes).unwrap();
            let found: Outcome = child.wait_with_output().unwrap().into();
            assert_eq!(found.code, Some(0), "{name}: {line}: {}", found.err);
            assert_eq!(scene.total("out"), records, "{name}: {line}");
            let dumped = scene.bfgg("log dump out/simulation.log");
            assert_eq!(
                dumped.out.lines().count() as u64,
                records + 1,
                "{name}: {line}"
            );
            std::fs::remove_dir_all(scene.path("out")).unwrap();
        }
        let fifo = scene.path("fifo");
        assert!(
            Command::new("mkfifo")
                .arg(&fifo)
                .status()
                .unwrap()
                .success()
        );
        let writer = std::thread::spawn({
            let (fifo, bytes) = (fifo.clone(), bytes.clone());
            move || std::fs::write(fifo, bytes).unwrap()
        });
        let found = scene.bfgg("report fifo fifo --format log,json -o out");
        assert_eq!(found.code, Some(0), "{name}: {}", found.err);
        assert_eq!(scene.total("out"), records, "{name}");
        writer.join().unwrap();
        std::fs::remove_file(fifo).unwrap();
    }
    // An endless device is no log, and does not fill the disk.
    let found = scene.bfgg("report /dev/zero");
    assert_eq!(found.code, Some(10), "{}", found.err);
}
