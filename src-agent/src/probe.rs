//! The probe: our Java agent inside Gatling's JVM (`src-agent/probe`), carried in this program and
//! written to the data folder before it is used.

use std::path::{Path, PathBuf};

use bfgg_protocol::RunId;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::run_folder::{RunSpec, write_whole};

/// Empty in a program that was built without it.
const JAR: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/probe.jar"));

/// Where a run's JVM finds the probe, or why it has none, as a sentence without its full stop.
pub type Place = Result<PathBuf, String>;

/// Writes the probe into the agent's data folder, under a name of its own for each content: a run
/// of an earlier agent may still have the old one open.
pub fn place(data: &Path, wanted: bool) -> Place {
    if !wanted {
        return Err("the probe is switched off on this agent".to_owned());
    }
    if JAR.is_empty() {
        return Err("this agent was built without a probe".to_owned());
    }
    let hash = HEXLOWER.encode(&Sha256::digest(JAR)[..8]);
    let path = data.join(format!("probe-{hash}.jar"));
    if !is_loadable(&path, &locale()) {
        return Err(format!("Java cannot load a probe from {}", data.display()));
    }
    let there = std::fs::read(&path).is_ok_and(|bytes| bytes == JAR);
    let written = if there {
        Ok(())
    } else {
        write_whole(&path, JAR)
    };
    written
        .map(|()| path)
        .map_err(|cause| format!("the probe cannot be written: {cause}"))
}

/// The JVM takes what follows the first "=" for the probe's arguments, and reads its command line in
/// the locale's characters: it ends at once where the path has others.
fn is_loadable(path: &Path, locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase().replace('-', "");
    let any_character = !cfg!(target_os = "linux") || locale.contains("utf8");
    path.to_str()
        .is_some_and(|path| !path.contains('=') && (any_character || path.is_ascii()))
}

/// The locale that counts for characters.
fn locale() -> String {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    names.into_iter().find_map(set).unwrap_or_default()
}

/// `probe.json`, as the probe writes it. Times are ms since 1970, and 0 where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeReport {
    /// Gatling is known, and its log is flushed.
    pub acts: bool,
    /// Why it does not.
    pub reason: String,
    /// The start is held where the load begins.
    pub held: bool,
    /// Gatling can be asked to stop by itself.
    pub graceful: bool,
    /// When the start was held.
    pub armed_ms: u64,
    /// When it was released, by this machine's clock.
    pub released_ms: u64,
    /// The same moment by Gatling's clock.
    pub gatling_ms: u64,
    /// When a stop was passed on.
    pub stopped_ms: u64,
    /// The heap in use, bytes.
    pub heap_used_bytes: u64,
    /// The heap at most, bytes.
    pub heap_max_bytes: u64,
    /// Time spent collecting garbage, ms.
    pub gc_ms: u64,
    /// How often the load stood still for it.
    pub gc_pauses: u64,
    /// How long the last of these pauses were, ms, the newest last.
    pub gc_last_ms: Vec<u64>,
    /// What went wrong in the probe itself.
    pub problem: String,
}

/// What a controller is told: `report` is what the run's folder has.
pub(crate) fn told(spec: &RunSpec, report: Option<ProbeReport>) -> Option<bfgg_protocol::Probe> {
    if !spec.probe {
        return Some(absent(spec.run, &spec.unprobed));
    }
    let report = report?;
    let some = |ms: u64| (ms > 0).then_some(ms);
    let reasons = [report.reason, report.problem];
    let reasons: Vec<&str> = reasons
        .iter()
        .map(String::as_str)
        .filter(|reason| !reason.is_empty())
        .collect();
    Some(bfgg_protocol::Probe {
        run: spec.run,
        held: report.held,
        flushed: report.acts,
        reason: reasons.join("; ").replace(char::is_control, " "),
        released_ms: some(report.released_ms),
        gatling_ms: some(report.gatling_ms),
        heap_used_bytes: report.heap_used_bytes,
        heap_max_bytes: report.heap_max_bytes,
        gc_ms: report.gc_ms,
    })
}

fn absent(run: RunId, reason: &str) -> bfgg_protocol::Probe {
    bfgg_protocol::Probe {
        run,
        held: false,
        flushed: false,
        reason: reason.to_owned(),
        released_ms: None,
        gatling_ms: None,
        heap_used_bytes: 0,
        heap_max_bytes: 0,
        gc_ms: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ASM 9.11.1 as Maven Central has it.
    #[test]
    fn the_foreign_code_is_what_it_was() {
        let jar = include_bytes!("../probe/vendor/asm-9.11.1.jar");
        let expected = "ae4e6e10d59d0a1500317764b21881ad883f8550e33c66e6142f7032c6fb566c";
        assert_eq!(HEXLOWER.encode(&Sha256::digest(jar)), expected);
    }

    #[test]
    fn what_is_told_says_why_it_lacks_something() {
        let mut spec: RunSpec = serde_json::from_value(serde_json::json!({
            "run": "01a214b2-48bf-72ee-bd31-590dd658c5ac", "controller": "c", "controller_name": "",
            "since_ms": 0, "program": "java", "arguments": [], "folder": "/", "environment": [],
            "environment_removed": [], "max_duration_s": 1, "start_up_ms": 0, "armed_limit_s": 1,
            "output_limit": 0, "unprobed": "switched off"
        }))
        .unwrap();
        let none = told(&spec, None).unwrap();
        assert_eq!(
            (none.held, none.flushed, none.reason.as_str()),
            (false, false, "switched off")
        );
        spec.probe = true;
        assert_eq!(told(&spec, None), None, "it has said nothing yet");
        let report = ProbeReport {
            held: true,
            problem: "the log cannot be flushed:\nx".into(),
            ..ProbeReport::default()
        };
        let told = told(&spec, Some(report)).unwrap();
        assert_eq!(
            (told.held, told.flushed, told.released_ms),
            (true, false, None)
        );
        assert_eq!(told.reason, "the log cannot be flushed: x");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_path_is_one_that_java_can_read() {
        for (path, locale, expected) in [
            ("/data/probe.jar", "", true),
            ("/a=b/probe.jar", "C.UTF-8", false),
            ("/dät/probe.jar", "de_DE.UTF-8", true),
            ("/dät/probe.jar", "C.utf8", true),
            ("/dät/probe.jar", "C", false),
            ("/dät/probe.jar", "", false),
        ] {
            assert_eq!(
                is_loadable(Path::new(path), locale),
                expected,
                "{path} {locale}"
            );
        }
    }

    #[test]
    fn the_probe_is_written_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = place(folder.path(), true).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"PK") && bytes == JAR);
        // One that was cut by a power failure is replaced.
        std::fs::write(&path, "PK").unwrap();
        assert_eq!(place(folder.path(), true).as_ref(), Ok(&path));
        assert_eq!(std::fs::read(&path).unwrap(), JAR);
        assert!(place(folder.path(), false).unwrap_err().contains("off"));
        let odd = folder.path().join("a=b");
        assert!(place(&odd, true).unwrap_err().contains("a=b"));
    }
}
