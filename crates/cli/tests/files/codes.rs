//! Codes and sentences.

use crate::scene::{START, Scene, encoder, good, log_of};

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
    let no_files = "REQUEST\t\thome\t1700000000002\t1700000000009\tKO\tj.n.SocketException: Too many open files\n";
    scene.write("no-files.log", format!("{text}{no_files}").as_bytes());
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
        // The verdict is INVALID though all is there; what is missing says more.
        ("report no-files.log", 4, "", "note: "),
        ("report no-files.log lines.log", 3, "does not fit", ""),
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
            || code > 4
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
