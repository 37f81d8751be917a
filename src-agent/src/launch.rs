//! The command that runs Gatling.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use bfgg_protocol::version::OUTPUT_KEPT;
use bfgg_protocol::{Failure, FailureCode, PeerId, RunId, Start};

use crate::prepare::Built;
use crate::probe;
use crate::run_folder::{RunFolder, RunSpec, write_whole};
use crate::secret_args;
use crate::tool::not_inherited;
use crate::toolchain;

const PHASE: &str = "start";
/// The least heap Gatling is given, MiB.
const LEAST_HEAP: u64 = 1024;
/// Seconds that Gatling may take from the start of its JVM until its load could begin: feeders are
/// read in it, and the simulation's `before` runs.
const ARM_LIMIT: u32 = 300;
/// Seconds for which an armed run waits to be released.
const ARMED_LIMIT: u32 = 600;
/// Java options that would run something else than Gatling, or nothing.
const FOREIGN: [&str; 19] = [
    "-cp",
    "-classpath",
    "--class-path",
    "-jar",
    "-p",
    "--module-path",
    "-m",
    "--module",
    "-version",
    "--version",
    "-showversion",
    "-help",
    "--help",
    "-?",
    "-h",
    "-X",
    "--help-extra",
    "--dry-run",
    "--validate-modules",
];
/// Java options whose value may be the next word.
const WITH_VALUE: [&str; 6] = [
    "--add-opens",
    "--add-exports",
    "--add-reads",
    "--add-modules",
    "--patch-module",
    "--enable-native-access",
];
/// Proxies are for fetching and building; the load goes straight to its target.
const PROXIES: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];
/// Variables in which the JVM finds options.
const JAVA_VARIABLES: [&str; 3] = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"];

/// What a command is made of.
pub(crate) struct Launch<'a> {
    pub(crate) run: RunId,
    pub(crate) controller: &'a PeerId,
    pub(crate) controller_name: &'a str,
    pub(crate) since_ms: u64,
    pub(crate) agent_name: &'a str,
    pub(crate) built: &'a Built,
    pub(crate) simulation: &'a str,
    pub(crate) start: &'a Start,
    /// Memory of the machine, bytes.
    pub(crate) memory: u64,
    pub(crate) start_up_ms: u64,
    pub(crate) probe: &'a probe::Place,
}

impl Launch<'_> {
    /// Checks what the user gave, and lays the run's folder out.
    pub(crate) fn prepare(&self, folder: &RunFolder) -> Result<RunSpec, Failure> {
        check_parameters(&self.start.parameters)?;
        check_java_options(&self.start.java_options)?;
        let laid_out = std::fs::create_dir_all(folder.results())
            .and_then(|()| write_preferences(&folder.preferences()))
            .and_then(|()| self.spec(folder))
            .and_then(|spec| folder.write_spec(&spec).map(|()| spec));
        laid_out.map_err(|error| {
            let full = error.kind() == io::ErrorKind::StorageFull;
            let code = if full {
                FailureCode::DiskFull
            } else {
                FailureCode::Internal
            };
            let message = format!("The run's folder cannot be written: {error}.");
            Failure::new(
                code,
                PHASE,
                message,
                "Check the agent's disk and the rights of its folders.",
            )
        })
    }

    fn spec(&self, folder: &RunFolder) -> io::Result<RunSpec> {
        let (set, removed) = environment(std::env::vars_os());
        let mut environment = set;
        environment.push(("JAVA_HOME".to_owned(), self.built.jdk.home.clone()));
        environment.extend(
            self.identity()
                .map(|(name, value)| (format!("BFGG_AGENT_{}", name.to_ascii_uppercase()), value)),
        );
        Ok(RunSpec {
            run: self.run,
            controller: self.controller.clone(),
            controller_name: self.controller_name.to_owned(),
            since_ms: self.since_ms,
            program: toolchain::java(&self.built.jdk),
            arguments: self.arguments(folder)?,
            folder: self.built.module.clone(),
            environment,
            environment_removed: removed,
            max_duration_s: self.start.max_duration_s,
            probe: self.probe.is_ok(),
            unprobed: self.probe.as_ref().err().cloned().unwrap_or_default(),
            arm_limit_s: ARM_LIMIT,
            start_up_ms: self.start_up_ms,
            armed_limit_s: ARMED_LIMIT,
            dead_man_s: self.start.dead_man_s,
            output_limit: OUTPUT_KEPT,
        })
    }

    /// What every JVM is told about its place among the agents.
    fn identity(&self) -> [(&'static str, String); 3] {
        [
            ("index", self.start.index.to_string()),
            ("count", self.start.count.to_string()),
            ("name", self.agent_name.to_owned()),
        ]
    }

    fn arguments(&self, folder: &RunFolder) -> io::Result<Vec<String>> {
        // Those of Gatling's own plug-in for Maven.
        let mut all: Vec<String> = [
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-XX:MaxInlineLevel=20",
            "-XX:MaxTrivialSize=12",
        ]
        .map(str::to_owned)
        .into();
        all.extend(self.heap());
        match self.probe {
            // Where the probe does not know this Gatling it holds the JVM for us until then.
            Ok(jar) => all.push(format!(
                "-javaagent:{}={},{}",
                text(jar)?,
                self.start_up_ms,
                text(folder.path())?
            )),
            // The log is seen the sooner the smaller the buffer; below 1024 Gatling's writer breaks.
            Err(_) if has_buffer_size(&self.built.gatling) => {
                all.push("-Dgatling.data.file.bufferSize=1024".to_owned());
            }
            Err(_) => {}
        }
        let (secret, open): (Vec<_>, Vec<_>) =
            (self.start.parameters.iter()).partition(|(name, _)| self.start.secret.contains(name));
        all.extend(open.iter().map(|(name, value)| format!("-D{name}={value}")));
        if !secret.is_empty() {
            secret_args::write(folder.path(), secret.into_iter())?;
            all.push(format!("@{}", text(&secret_args::path(folder.path()))?));
        }
        all.extend(
            self.identity()
                .map(|(name, value)| format!("-Dbfgg.agent.{name}={value}")),
        );
        all.extend(
            [
                "-Dgatling.data.writers.0=console",
                "-Dgatling.data.writers.1=file",
                "-Dgatling.data.console.writePeriod=1",
                "-Dgatling.data.enableAnalytics=false",
                "-Dgatling.http.warmUpUrl=",
            ]
            .map(str::to_owned),
        );
        all.push(format!(
            "-Djava.util.prefs.userRoot={}",
            text(&folder.preferences())?
        ));
        all.extend(self.start.java_options.iter().cloned());
        let class_path = std::env::join_paths(&self.built.class_path).map_err(io::Error::other)?;
        all.extend(["-cp".to_owned(), text(Path::new(&class_path))?]);
        all.extend(["io.gatling.app.Gatling", "-s", self.simulation, "-rf"].map(str::to_owned));
        all.extend([text(&folder.results())?, "-nr".to_owned()]);
        Ok(all)
    }

    /// The heap, unless the user sets it: the project's, else this JVM's share of half of the
    /// memory.
    fn heap(&self) -> Option<String> {
        let sets_it = |option: &String| {
            ["-Xmx", "-XX:MaxHeapSize", "-XX:MaxRAM"]
                .iter()
                .any(|name| option.starts_with(name))
        };
        if self.start.java_options.iter().any(sets_it) {
            return None;
        }
        Some(self.built.heap.clone().unwrap_or_else(|| {
            let share = (self.memory >> 20) / 2 / u64::from(self.start.jvms_on_host.max(1));
            format!("-Xmx{}m", share.max(LEAST_HEAP))
        }))
    }
}

/// Up to 3.13 the buffer of the log can be set.
fn has_buffer_size(gatling: &str) -> bool {
    let mut parts = gatling.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(major), Some(minor)) => (major, minor) <= (3, 13),
        _ => false,
    }
}

fn text(path: &Path) -> io::Result<String> {
    let text = path.to_str().map(str::to_owned);
    text.ok_or_else(|| io::Error::other(format!("{} is not UTF-8", path.display())))
}

/// Java reads these as a user's preferences. Gatling looks for a newer version of itself, which
/// costs two time-outs of 1 s on a closed network, unless it has just done so.
fn write_preferences(root: &Path) -> io::Result<()> {
    const NEVER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n\
        <!DOCTYPE map SYSTEM \"http://java.sun.com/dtd/preferences.dtd\">\n\
        <map MAP_XML_VERSION=\"1.0\">\n  <entry key=\"lastCheckTimestamp\" value=\"9000000000000\"/>\n</map>\n";
    let folder: PathBuf = [".java", ".userPrefs", "io", "gatling", "latestVersion"]
        .iter()
        .collect();
    let folder = root.join(folder);
    std::fs::create_dir_all(&folder)?;
    write_whole(&folder.join("prefs.xml"), NEVER.as_bytes())
}

fn refused(message: String, hint: &str) -> Failure {
    Failure::new(FailureCode::BadInput, PHASE, message, hint)
}

/// Names that can stand in `-Dname=value`; a value is one argument whatever it holds.
fn check_parameters(parameters: &[(String, String)]) -> Result<(), Failure> {
    for (name, value) in parameters {
        let letters = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !begins || name.len() > 200 || !name.bytes().all(letters) {
            let message = format!(
                "\"{}\" cannot be the name of a parameter.",
                name.escape_debug()
            );
            return Err(refused(
                message,
                "Use letters, digits, \".\", \"_\" and \"-\", a letter first.",
            ));
        }
        if name.starts_with("bfgg.agent.") {
            return Err(refused(
                format!("The parameter {name} is set by BFG-G itself."),
                "Use another name.",
            ));
        }
        if value.contains('\0') {
            return Err(refused(
                format!("The value of {name} holds a zero byte."),
                "",
            ));
        }
    }
    Ok(())
}

/// Options of the JVM and nothing else: a word that is none would be taken for the class to run.
fn check_java_options(options: &[String]) -> Result<(), Failure> {
    const HINT: &str = "Give options of the JVM, each as a word of its own, for instance -Xmx2G.";
    let mut value_may_follow = false;
    for option in options {
        let shown = option.escape_debug();
        let is_value =
            std::mem::replace(&mut value_may_follow, WITH_VALUE.contains(&option.as_str()));
        let is_option = option.len() > 1 && option.starts_with('-');
        let fits = is_value && !option.is_empty() && !option.starts_with('@');
        if option.contains('\0') || !(is_option || fits) {
            return Err(refused(
                format!("\"{shown}\" is not an option of Java."),
                HINT,
            ));
        }
        let name = option.split('=').next().unwrap_or_default();
        if FOREIGN.contains(&name) {
            return Err(refused(
                format!("The Java option \"{shown}\" would keep Gatling from running."),
                HINT,
            ));
        }
    }
    if value_may_follow {
        return Err(refused(
            "The last Java option lacks its value.".to_owned(),
            HINT,
        ));
    }
    Ok(())
}

/// Variables to set and to remove: no proxies, no secrets.
fn environment(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> (Vec<(String, String)>, Vec<String>) {
    let mut removed: Vec<String> = PROXIES
        .into_iter()
        .chain(not_inherited())
        .map(str::to_owned)
        .collect();
    let mut set = Vec::new();
    for (name, value) in all {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else {
            continue;
        };
        if !JAVA_VARIABLES.contains(&name) {
            continue;
        }
        let is_proxy = |word: &&str| {
            let word = word.trim_matches(['"', '\'']);
            [
                "-Dhttp.proxy",
                "-Dhttps.proxy",
                "-Dhttp.nonProxyHosts",
                "-DsocksProxy",
                "-Djava.net.useSystemProxies",
            ]
            .iter()
            .any(|name| word.starts_with(name))
        };
        if !value.split_whitespace().any(|word| is_proxy(&word)) {
            continue;
        }
        let kept: Vec<&str> = value
            .split_whitespace()
            .filter(|word| !is_proxy(word))
            .collect();
        if kept.is_empty() {
            removed.push(name.to_owned());
        } else {
            set.push((name.to_owned(), kept.join(" ")));
        }
    }
    (set, removed)
}

#[cfg(test)]
mod tests;
