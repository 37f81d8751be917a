//! A folder with logs, and the program run in it.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use gatling_log::{Encoder, Header, Version};

pub(crate) fn encoder(version: &str, start: i64) -> Encoder {
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
pub(crate) fn log_of(version: &str, start: i64) -> Vec<u8> {
    let mut encoder = encoder(version, start);
    for n in 0..3 {
        encoder.request(&[], "home", n * 1000..n * 1000 + 40, true, "");
    }
    encoder.take()
}

pub(crate) const START: i64 = 1_750_000_000_000;

pub(crate) fn good() -> Vec<u8> {
    log_of("3.16.0", START)
}

pub(crate) struct Scene(tempfile::TempDir);

impl Scene {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With these logs.
    pub(crate) fn with(names: &[&str]) -> Self {
        let scene = Self::new();
        for name in names {
            scene.write(name, &good());
        }
        scene
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
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
    pub(crate) fn bfgg(&self, line: &str) -> Outcome {
        let words: Vec<&str> = line.split(' ').collect();
        self.command(&words).output().unwrap().into()
    }

    /// All files and folders, but the settings.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !["bfgg.toml", "data"].contains(&name.as_str()))
            .collect();
        names.sort();
        names
    }

    /// How many requests a report counts.
    pub(crate) fn total(&self, folder: &str) -> u64 {
        let summary: bfgg_report::Summary =
            serde_json::from_slice(&self.bytes(&format!("{folder}/summary.json"))).unwrap();
        summary.rows[0].total
    }
}

#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
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
