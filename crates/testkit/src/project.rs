//! A project that is built in no time, and the JDK whose `java` is the fake Gatling.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const BUILD: &str = "mkdir -p target/test-classes/example gatling-app\n\
    touch gatling-app/gatling-app-3.16.0.jar\n\
    cp Shop.class target/test-classes/example/\n\
    for a; do case $a in -Dmdep.outputFile=*) echo $PWD/gatling-app/gatling-app-3.16.0.jar > ${a#*=};; esac; done\n";

/// Makes the project's repository in a folder; its URL.
pub fn repository(at: &Path) -> String {
    with_build(at, BUILD)
}

/// The same, with a build of its own: a script of `sh`.
pub fn with_build(at: &Path, build: &str) -> String {
    std::fs::create_dir_all(at).unwrap();
    std::fs::write(at.join("pom.xml"), "").unwrap();
    std::fs::write(at.join("mvnw"), build).unwrap();
    std::fs::write(at.join("Shop.class"), class_file()).unwrap();
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--force", "."],
        &["commit", "--quiet", "-m", "x"],
    ] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.org"])
            .args(["-c", "init.defaultBranch=main"])
            .args(arguments)
            .current_dir(at);
        assert!(git.status().unwrap().success());
    }
    format!("file://{}", at.display())
}

/// Makes a JDK in a folder: its `java` is this fake Gatling.
pub fn jdk(at: &Path, fake_gatling: &Path) -> PathBuf {
    std::fs::create_dir_all(at.join("bin")).unwrap();
    let release = "JAVA_VERSION=\"17.0.1\"\nIMPLEMENTOR=\"Fake\"\n";
    std::fs::write(at.join("release"), release).unwrap();
    std::os::unix::fs::symlink(fake_gatling, at.join("bin/java")).unwrap();
    let javac = at.join("bin/javac");
    std::fs::write(&javac, "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(javac, std::fs::Permissions::from_mode(0o755)).unwrap();
    at.to_owned()
}

/// The class example.Shop, which extends Gatling's Simulation.
fn class_file() -> Vec<u8> {
    let mut bytes = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 55, 0, 5];
    for text in ["example/Shop", "io/gatling/javaapi/core/Simulation"] {
        bytes.push(1);
        bytes.extend((text.len() as u16).to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes.extend([
        7, 0, 1, 7, 0, 2, 0, 0x21, 0, 3, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0,
    ]);
    bytes
}
