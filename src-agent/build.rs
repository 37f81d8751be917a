//! Compiles the probe, our Java agent inside Gatling's JVM, for the agent to carry with it.
//!
//! It needs a JDK's javac, found by JAVA_HOME or on the search path. With BUILD_PROBE=off the
//! agent is built without a probe: runs then start by time and their live figures lag.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The only foreign code in the probe, as Maven Central has it; changed by nobody unseen.
const ASM: &str = "asm-9.11.1.jar";
/// The Java release the probe must run on: the oldest that a Gatling of today does.
const RELEASE: &str = "11";
const NO_JDK: &str = "The probe (src-agent/probe) is Java: building bfgg-agent needs a JDK, 11 or later \
    (Debian: openjdk-17-jdk-headless; scripts/install-packages.sh java). JAVA_HOME is looked at \
    first, then the search path. BUILD_PROBE=off builds the agent without a probe.";

fn main() {
    if let Err(error) = build() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=probe");
    println!("cargo::rerun-if-env-changed=JAVA_HOME");
    println!("cargo::rerun-if-env-changed=BUILD_PROBE");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let jar = out.join("probe.jar");
    if env::var("BUILD_PROBE").is_ok_and(|wanted| wanted == "off") {
        println!("cargo::warning=bfgg-agent is built without its probe");
        fs::write(jar, "")?;
        return Ok(());
    }
    let probe = Path::new("probe");
    let vendor = probe.join("vendor");
    let classes = out.join("probe-classes");
    if classes.exists() {
        fs::remove_dir_all(&classes)?;
    }
    let mut sources = sources(&probe.join("src/bfgg/probe"))?;
    sources.sort();
    let compile = |classes: &Path, sources: &[PathBuf]| {
        let mut javac = Command::new(tool("javac"));
        javac.args([
            "--release",
            RELEASE,
            "-Xlint:all",
            "-Werror",
            "-encoding",
            "UTF-8",
            "-g:lines",
        ]);
        javac
            .arg("-cp")
            .arg(vendor.join(ASM))
            .arg("-d")
            .arg(classes);
        run(javac.args(sources))
    };
    compile(&classes, &sources)?;
    // What packs it is no part of it.
    let pack = out.join("pack-classes");
    compile(&pack, &[probe.join("pack/Pack.java")])?;
    let mut java = Command::new(tool("java"));
    java.arg("-cp").arg(&pack).arg("Pack").arg(&classes);
    java.arg(vendor.join(ASM))
        .arg(vendor.join("LICENSE-asm.txt"));
    run(java.arg(&jar))
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let files = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
    Ok(files.collect::<Result<_, _>>()?)
}

fn tool(name: &str) -> PathBuf {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let home = env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin").join(&file));
    home.filter(|tool| tool.is_file())
        .unwrap_or_else(|| PathBuf::from(file))
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    // Options of the user's own would be told on standard error, and may not fit.
    for name in ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JDK_JAVAC_OPTIONS"] {
        command.env_remove(name);
    }
    let program = command.get_program().to_owned();
    let output = command
        .output()
        .map_err(|cause| format!("{} could not be run: {cause}. {NO_JDK}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    Err(format!("{} failed.\n{said}{printed}\n{NO_JDK}", program.display()).into())
}
