//! What must never be overwritten, and what cannot be written.

use std::fs::File;

use crate::scene::{Outcome, START, Scene, encoder, good};

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
