//! What reaches the terminal.

use crate::scene::{Outcome, START, Scene, encoder, good};

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
        &["report", "good.log", "--format", "\u{1b}[2J"],
        &[
            "merge",
            "good.log",
            "-o",
            "merged",
            "--gatling",
            "3.16.0\u{9b}31m",
        ],
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
