//! `bfgg report`, `merge` and `log dump` with files: which they read, which they write, and what they
//! must never touch.
#![allow(
    clippy::unwrap_used,
    reason = "a test cannot go on without what it unwraps"
)]

use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use gatling_log::{Encoder, Header, Version};

fn encoder(version: &str, start: i64) -> Encoder {
    Encoder::new(&Header {
        version: Version::parse(version).unwrap(),
        simulation: "demo.Shop".to_owned(),
        start,
        description: String::new(),
        scenarios: Vec::new(),
        assertions: Vec::new(),
    })
}

/// A log of three requests.
fn log_of(version: &str, start: i64) -> Vec<u8> {
    let mut encoder = encoder(version, start);
    for n in 0..3 {
        encoder.request(&[], "home", n * 1000..n * 1000 + 40, true, "");
    }
    encoder.take()
}

const START: i64 = 1_750_000_000_000;

fn good() -> Vec<u8> {
    log_of("3.16.0", START)
}

struct Scene(tempfile::TempDir);

impl Scene {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With these logs.
    fn with(names: &[&str]) -> Self {
        let scene = Self::new();
        for name in names {
            scene.write(name, &good());
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let settings = self.path("bfgg.toml");
        std::fs::write(&settings, "").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_bfgg"));
        command
            .arg("--config")
            .arg(settings)
            .args(arguments)
            .current_dir(self.0.path())
            .env("BFGG_DATA_DIR", self.path("data"))
            .stdin(Stdio::null());
        command
    }

    /// Of a line of words.
    fn bfgg(&self, line: &str) -> Outcome {
        let words: Vec<&str> = line.split(' ').collect();
        self.command(&words).output().unwrap().into()
    }

    /// All files and folders, but the settings.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !["bfgg.toml", "data"].contains(&name.as_str()))
            .collect();
        names.sort();
        names
    }

    /// How many requests a report counts.
    fn total(&self, folder: &str) -> u64 {
        let summary: bfgg_report::Summary =
            serde_json::from_slice(&self.bytes(&format!("{folder}/summary.json"))).unwrap();
        summary.rows[0].total
    }
}

#[derive(Debug)]
struct Outcome {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Lines, exit code, a part of what is said.
#[test]
fn codes_and_sentences() {
    let scene = Scene::with(&[
        "good.log",
        "a/simulation.log",
        "two/x/n/simulation.log",
        "two/y/n/simulation.log",
    ]);
    scene.write("far.log", &log_of("3.16.0", START + 4_000_000_000));
    scene.write("cut.log", &good()[..good().len() - 3]);
    scene.write("damaged.log", &[&good()[..], &[77; 9]].concat());
    scene.write("newer.log", &log_of("4.1.0", START));
    scene.write(
        "newer-damaged.log",
        &[&log_of("4.1.0", START)[..], &[77; 9]].concat(),
    );
    scene.write("start.log", &log_of("3.16.0", -5));
    scene.write("old.log", b"RUN\tdemo.Old\told\t5\t \t2.3.1\n");
    scene.write("header.log", &encoder("3.16.0", START).take());
    let mut errors = encoder("3.16.0", START);
    errors.error("no feeder", 7);
    scene.write("errors.log", &errors.take());
    let text = "RUN\tdemo.Old\told\t1700000000000\t \t3.12.0\nREQUEST\t\thome\t1700000000001\t1700000000009\tOK\t \n";
    scene.write("bom.log", format!("\u{feff}{text}").as_bytes());
    scene.write("lines.log", format!("{text}what\n").as_bytes());
    scene.write(
        "times.log",
        format!("{text}ERROR\tboom\t1699999999999\n").as_bytes(),
    );
    let copy = "copy the log again";
    for (line, code, says, says_not) in [
        // A merged log says what it lacks.
        ("merge good.log -o x", 0, "3 records of 1 logs", "note"),
        (
            "merge cut.log -o x",
            3,
            "note: cut.log: its log ends in the middle",
            "",
        ),
        (
            "merge damaged.log good.log -o x",
            3,
            "note: damaged.log: its log is damaged",
            "",
        ),
        (
            "merge good.log far.log -o x",
            3,
            "note: far.log: all 3 records are left out: ",
            "",
        ),
        (
            "merge lines.log -o x",
            3,
            "1 line of its log does not fit",
            "",
        ),
        ("merge newer.log -o x", 0, "newer than those known", ""),
        (
            "merge old.log -o x",
            1,
            "Gatling 2.3.1, which is not supported",
            "damaged",
        ),
        ("merge bom.log -o x", 0, "1 records of 1 logs", "note"),
        ("merge good.log -o deep/er/x", 0, "deep/er/x", ""),
        ("merge old.log -o deep/er/x", 1, "", ""),
        (
            "merge good.log -o good.log/x",
            19,
            "cannot write good.log/x: ",
            "",
        ),
        ("merge good.log -o a", 19, "cannot write a: ", ""),
        (
            "merge good.log -o /dev/full",
            19,
            "cannot write /dev/full: ",
            "",
        ),
        (
            "merge good.log -o a/../good.log",
            19,
            "would be overwritten\nhint: -o names",
            "",
        ),
        (
            "merge good.log -o x --gatling 3.13.5",
            0,
            "for Gatling 3.13.5",
            "",
        ),
        (
            "merge good.log -o x --gatling 4.0.0",
            64,
            "3.13 to 3.16 in full, for example 3.16.0",
            "",
        ),
        ("merge good.log -o x --gatling 3.16", 64, "in full", ""),
        (
            "merge good.log -o x --gatling 3.16.0\tevil",
            64,
            "in full",
            "",
        ),
        ("merge good.log -o x --gatling 3.16.0\n", 64, "in full", ""),
        // So does a dump.
        ("log dump good.log", 0, "", "note"),
        ("log dump cut.log", 3, "note: cut.log: its log ends", ""),
        (
            "log dump damaged.log",
            3,
            "note: damaged.log: its log is damaged",
            "",
        ),
        ("log dump newer.log", 0, "newer than", ""),
        (
            "log dump times.log",
            3,
            "1 records of its log have impossible times",
            "",
        ),
        ("log dump bom.log", 0, "", "note"),
        // Each trouble has its own code and hint.
        ("report newer.log", 0, "hint: a newer bfgg", copy),
        ("report newer-damaged.log", 3, "hint: a newer bfgg", copy),
        (
            "report lines.log",
            3,
            "hint: a name or message with a tab",
            copy,
        ),
        (
            "report times.log",
            3,
            "hint: the clock of that machine",
            copy,
        ),
        (
            "report start.log",
            3,
            "start.log: its simulation.log cannot be used: the run's start, -5 ms",
            copy,
        ),
        (
            "report old.log",
            10,
            "Gatling 2.3.1, which is not supported",
            copy,
        ),
        (
            "report errors.log",
            13,
            "error: none of the logs can be used: errors.log: its log has no request and no user, only errors (1), most often: no feeder",
            copy,
        ),
        ("report errors.log good.log", 0, "", ""),
        ("report bom.log", 0, "", "note"),
        (
            "report good.log far.log --format log",
            3,
            "note: simulation.log: far.log: all 3 records are left out: ",
            copy,
        ),
        (
            "report good.log newer.log --mixed",
            0,
            "note: newer.log ran Gatling 4.1.0",
            "--mixed",
        ),
        // Offsets name one log each.
        ("report good.log --offset good.log=5", 0, "", "error"),
        ("report good.log --offset ./good.log=5", 0, "", "error"),
        ("report a --offset a=5", 0, "", "error"),
        ("report a --offset a/=5", 0, "", "error"),
        ("report a --offset ./a=5", 0, "", "error"),
        (
            "report two --offset x/n=5 --offset two/y/n=7",
            0,
            "",
            "error",
        ),
        ("report two --offset two/../two/x/n=7", 0, "", "error"),
        (
            "report two --offset n=5",
            1,
            "--offset n: more than one log has this name",
            "",
        ),
        (
            "report two --offset two=5",
            1,
            "--offset two: no log has this name",
            "",
        ),
        (
            "report a --offset a=5 --offset a=5",
            1,
            "--offset a: it is given twice",
            "",
        ),
        (
            "report a --offset a=5 --offset a/simulation.log=6",
            1,
            "a/simulation.log has one already, by --offset a",
            "",
        ),
        (
            "report a a/simulation.log a --offset a=5",
            0,
            "was named twice and counts once",
            "",
        ),
        (
            "report - --offset tmp=5",
            1,
            "--offset tmp: no log has this name; the logs are standard input",
            "",
        ),
        (
            "report - --offset -=5",
            11,
            "standard input: its simulation.log is empty",
            "--offset",
        ),
        (
            "report - -",
            11,
            "standard input was named twice and counts once",
            "",
        ),
        // A folder is made for what is written alone.
        ("report header.log -o deep/er", 12, "", ""),
        ("report gone.log -o deep/er", 18, "", ""),
        ("report old.log -o deep/er", 10, "", ""),
        ("report good.log -o good.log/x", 19, "", ""),
        ("report good.log -o deep/er", 0, "", ""),
    ] {
        let found = scene.bfgg(line);
        assert_eq!(found.code, Some(code), "{line}: {}", found.err);
        assert!(found.err.contains(says), "{line}: {}", found.err);
        assert!(
            says_not.is_empty() || !found.err.contains(says_not),
            "{line}: {}",
            found.err
        );
        let is_dump = line.starts_with("log");
        assert_eq!(is_dump, is_dump && !found.out.is_empty(), "{line}");
        let nothing = is_dump
            || code > 3
            || ["merge old", "report start"]
                .iter()
                .any(|own| line.starts_with(own))
            || code == 1;
        let written = ["x", "deep", "bfgg-report"]
            .iter()
            .any(|own| scene.path(own).exists());
        assert_eq!(written, !nothing, "{line}");
        let _ = std::fs::remove_file(scene.path("x"));
        for folder in ["deep", "bfgg-report"] {
            let _ = std::fs::remove_dir_all(scene.path(folder));
        }
    }
    // No half of a file anywhere.
    let names = scene.names();
    assert!(
        names
            .iter()
            .all(|name| name.ends_with(".log") || ["a", "two"].contains(&name.as_str())),
        "{names:?}"
    );
}

#[test]
fn no_log_is_overwritten() {
    for name in [
        "report.html",
        "summary.json",
        "stats.csv",
        "junit.xml",
        "simulation.log",
    ] {
        let format = match name {
            "report.html" => "html",
            "summary.json" => "json",
            "stats.csv" => "csv",
            "junit.xml" => "junit",
            _ => "log",
        };
        let scene = Scene::new();
        scene.write(&format!("out/{name}"), &good());
        for input in [format!("out/{name}"), format!("./out/../out/{name}")] {
            let found = scene.bfgg(&format!("report {input} -o out --format {format}"));
            assert_eq!(found.code, Some(19), "{name}: {}", found.err);
            let says =
                "is one of the logs and would be overwritten\nhint: --out names another folder";
            assert!(found.err.contains(says), "{name}: {}", found.err);
            assert_eq!(scene.bytes(&format!("out/{name}")), good(), "{name}");
            let entries = std::fs::read_dir(scene.path("out")).unwrap();
            assert_eq!(entries.count(), 1, "{name}: nothing is written");
        }
        // It is in nobody's way where that format is not asked for.
        let other = if format == "csv" { "json" } else { "csv" };
        let found = scene.bfgg(&format!("report out/{name} -o out --format {other}"));
        assert_eq!(found.code, Some(0), "{name}: {}", found.err);
        assert_eq!(scene.bytes(&format!("out/{name}")), good(), "{name}");
    }
}

/// Names that a temporary file might have are the user's.
#[test]
fn files_beside_the_output_are_left_alone() {
    let scene = Scene::with(&["x.part", "x.new", "out/stats.csv.part"]);
    let found = scene.bfgg("merge x.part -o x");
    assert_eq!(found.code, Some(0), "{}", found.err);
    let found = scene.bfgg("report out/stats.csv.part -o out --format csv");
    assert_eq!(found.code, Some(0), "{}", found.err);
    for name in ["x.part", "x.new", "x", "out/stats.csv.part"] {
        assert_eq!(scene.bytes(name), good(), "{name}");
    }
    assert_eq!(scene.names(), ["out", "x", "x.new", "x.part"]);
}

/// Whatever others wrote (a version, a name) is text, and never a line of its own.
#[test]
fn nothing_of_others_steers_the_terminal() {
    let evil = "\u{1b}[2J\nerror: forged\r\u{9b}31m\u{202e}";
    let scene = Scene::new();
    let name = format!("a{evil}.log");
    // Windows has no such names.
    let name = if cfg!(unix) { name.as_str() } else { "a.log" };
    let mut log = encoder(&format!("3.17.0-{evil}"), START);
    log.request(&[evil], evil, 0..5, false, evil);
    log.error(evil, 5);
    scene.write(name, &[&log.take()[..], &[77; 9]].concat());
    scene.write("good.log", &good());
    let mut errors = encoder("3.16.0", START);
    errors.error(evil, 7);
    scene.write("errors.log", &errors.take());
    let folder = format!("out{evil}");
    let folder = if cfg!(unix) { folder.as_str() } else { "out" };
    for arguments in [
        &["report", name, "good.log", "-o", folder][..],
        &["report", name, name, "good.log", "--mixed"],
        &["report", "errors.log"],
        &["report", &format!("gone{evil}")],
        &["report", "good.log", name, "--offset", "b=5"],
        &["report", "good.log", "--offset", &format!("{evil}=5")],
        &["report", "good.log", "-o", name],
        &["merge", name, "good.log", "-o", &format!("merged{evil}")],
        &["merge", name, "-o", name],
        &["merge", "good.log", name, name, "-o", "merged"],
        &["merge", &format!("gone{evil}"), "-o", "merged"],
        &["log", "dump", name],
        &["log", "dump", &format!("gone{evil}")],
    ] {
        let found: Outcome = scene.command(arguments).output().unwrap().into();
        for line in found.out.lines().chain(found.err.lines()) {
            assert_eq!(bfgg_report::printable(line), line, "{arguments:?}");
            assert!(!line.starts_with("error: forged"), "{arguments:?}: {line}");
        }
        assert!(!(found.out + &found.err).contains('\r'), "{arguments:?}");
    }
}

#[test]
fn a_table_that_cannot_be_written_is_told() {
    let scene = Scene::with(&["good.log"]);
    let mut many = encoder("3.16.0", START);
    for n in 0..50_000 {
        many.request(&[], "home", n..n + 40, true, "");
    }
    scene.write("many.log", &many.take());
    for (line, closed, full) in [
        ("report good.log", 0, 19),
        ("log dump good.log", 0, 1),
        ("log dump many.log", 0, 1),
        ("merge good.log -o /dev/stdout", 19, 19),
    ] {
        if cfg!(not(unix)) {
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        // Nobody reads.
        let (_, writer) = std::io::pipe().unwrap();
        let output = scene.command(&words).stdout(writer).output();
        let found: Outcome = output.unwrap().into();
        assert_eq!(found.code, Some(closed), "{line}: {}", found.err);
        assert_eq!(
            found.err.contains("error"),
            closed != 0,
            "{line}: {}",
            found.err
        );

        let device = File::options().write(true).open("/dev/full").unwrap();
        let output = scene.command(&words).stdout(device).output();
        let found: Outcome = output.unwrap().into();
        assert_eq!(found.code, Some(full), "{line}: {}", found.err);
        assert!(found.err.contains("error: "), "{line}: {}", found.err);
    }
}

#[cfg(unix)]
mod unix {
    use std::io::Write as _;
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    use super::*;

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
        for (name, bytes, records) in [("binary", good(), 3), ("text", text.as_bytes().to_vec(), 1)]
        {
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
}
