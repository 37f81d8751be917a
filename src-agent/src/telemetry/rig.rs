//! A run's folder with a log, for tests.

use std::io::Write as _;

use bfgg_protocol::{PeerId, RunExit, RunId};
use bfgg_stats::Figures;
use gatling_log::Decoder;

use super::tail::take;
use crate::probe::ProbeReport;
use crate::run_folder::{Control, Exit, RunFolder, RunSpec, write_json};

/// When the load of the samples begins for these tests, ms since 1970.
pub(super) const ZERO: u64 = 1_600_000_000_000;

pub(super) struct Rig {
    _at: tempfile::TempDir,
    pub(super) folder: RunFolder,
    pub(super) log: std::path::PathBuf,
}

impl Rig {
    pub(super) fn new(probe: bool) -> Self {
        let at = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(at.path());
        let run = RunId::new();
        let spec = RunSpec {
            run,
            controller: PeerId::new("c"),
            controller_name: String::new(),
            since_ms: 0,
            program: "java".into(),
            arguments: Vec::new(),
            folder: at.path().into(),
            environment: Vec::new(),
            environment_removed: Vec::new(),
            max_duration_s: 1,
            probe,
            unprobed: String::new(),
            arm_limit_s: 1,
            start_up_ms: 0,
            armed_limit_s: 1,
            dead_man_s: None,
            output_limit: 1,
        };
        folder.write_spec(&spec).unwrap();
        let results = folder.results().join("shop-1");
        std::fs::create_dir_all(&results).unwrap();
        let log = results.join("simulation.log");
        Self {
            _at: at,
            folder,
            log,
        }
    }

    pub(super) fn release(&self, probe: bool) {
        if probe {
            let report = ProbeReport {
                held: true,
                released_ms: ZERO,
                gatling_ms: ZERO,
                ..ProbeReport::default()
            };
            write_json(&self.folder.path().join("probe.json"), &report).unwrap();
        } else {
            let control = Control {
                release_ms: Some(ZERO),
                ..Control::default()
            };
            self.folder.write_control(&control).unwrap();
        }
    }

    /// The run has ended, at `ended_ms`.
    pub(super) fn end(&self, ended_ms: u64) {
        let exit = Exit {
            exit: RunExit::Success,
            started_ms: 0,
            ended_ms,
            console: None,
            log_complete: true,
            last_lines: String::new(),
            error: None,
            dead_man: false,
        };
        self.folder.write_exit(&exit).unwrap();
    }

    pub(super) fn append(&self, bytes: &[u8]) {
        let mut options = std::fs::OpenOptions::new();
        let file = options.create(true).append(true).open(&self.log);
        file.unwrap().write_all(bytes).unwrap();
    }
}

pub(super) fn sample(name: &str) -> Vec<u8> {
    let samples = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/gatling-log/tests/samples"
    );
    std::fs::read(format!("{samples}/{name}/simulation.log")).unwrap()
}

/// In one pass over all of it.
pub(super) fn whole(log: &[u8]) -> Figures {
    let (mut decoder, mut collector) = (Decoder::new(), None);
    decoder.push(log);
    take(&mut decoder, &mut collector, ZERO.cast_signed()).unwrap();
    let mut collector = collector.unwrap();
    collector.name_scenarios(&decoder.header().unwrap().scenarios);
    collector.finish()
}
