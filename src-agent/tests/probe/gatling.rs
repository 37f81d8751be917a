//! Real Gatlings by their class paths, under our supervisor.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bfgg_agent::probe;
use bfgg_agent::run_folder::{Control, Exit, RunFolder, RunSpec, Stage};
use bfgg_protocol::{PeerId, RunId};
use gatling_log::{Decoder, Ending, Record};

use crate::shop::Shop;

const AGENT: &str = env!("CARGO_BIN_EXE_bfgg-agent");
const VERSIONS: [&str; 4] = ["3.12.0", "3.13.5", "3.15.1", "3.16.0"];

/// Where the class paths, the simulation's classes and the probe are.
struct Prepared {
    folder: PathBuf,
    probe: PathBuf,
}

impl Prepared {
    fn class_path(&self, version: &str) -> String {
        let list = fs::read_to_string(self.folder.join(version).join("classpath.txt")).unwrap();
        format!("{}:{}", self.folder.join("classes").display(), list.trim())
    }
}

/// Made once for all tests, by one Maven.
fn prepared() -> &'static Prepared {
    static PREPARED: OnceLock<Prepared> = OnceLock::new();
    PREPARED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let probe = probe::place(&folder, true).unwrap();
        let head = "<project><modelVersion>4.0.0</modelVersion><groupId>example</groupId>\
                    <version>1</version>";
        let modules = VERSIONS
            .map(|version| format!("<module>{version}</module>"))
            .concat();
        let parent = format!(
            "{head}<artifactId>all</artifactId><packaging>pom</packaging>\
             <modules>{modules}</modules></project>"
        );
        fs::write(folder.join("pom.xml"), parent).unwrap();
        for version in VERSIONS {
            let module = format!(
                "{head}<artifactId>of-{version}</artifactId><dependencies><dependency>\
                 <groupId>io.gatling.highcharts</groupId>\
                 <artifactId>gatling-charts-highcharts</artifactId>\
                 <version>{version}</version></dependency></dependencies></project>"
            );
            fs::create_dir(folder.join(version)).unwrap();
            fs::write(folder.join(version).join("pom.xml"), module).unwrap();
        }
        let mut maven = Command::new("mvn");
        maven.args(["-B", "-q", "dependency:build-classpath"]);
        run(maven
            .arg("-Dmdep.outputFile=classpath.txt")
            .current_dir(&folder));
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/probe/example");
        let list = fs::read_to_string(folder.join("3.13.5/classpath.txt")).unwrap();
        let mut javac = Command::new("javac");
        javac.args(["--release", "11", "-cp", list.trim(), "-d"]);
        javac.arg(folder.join("classes"));
        run(javac.arg(sources.join("ProbeSimulation.java")));
        let quiet = sources.join("logback.xml");
        fs::copy(quiet, folder.join("classes/logback.xml")).unwrap();
        Prepared { folder, probe }
    })
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = said + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// One run in a folder of its own.
pub(crate) struct Run {
    temporary: tempfile::TempDir,
    pub(crate) folder: RunFolder,
    spec: RunSpec,
}

/// What stands in a log so far.
pub(crate) struct Log {
    pub(crate) requests: u64,
    pub(crate) assertions: usize,
    pub(crate) first_user_ms: Option<u64>,
    pub(crate) ending: Ending,
}

impl Run {
    pub(crate) fn new(version: &str, shop: &Shop, options: &[&str]) -> Self {
        let prepared = prepared();
        let temporary = tempfile::tempdir().unwrap();
        let run = RunId::new();
        let folder = RunFolder::of(temporary.path(), run);
        folder.create().unwrap();
        fs::create_dir(folder.results()).unwrap();
        let mut arguments = vec![
            format!(
                "-javaagent:{}=0,{}",
                prepared.probe.display(),
                folder.path().display()
            ),
            "--add-opens=java.base/java.lang=ALL-UNNAMED".to_owned(),
            // Up sooner; what it could do later no test asks for.
            "-XX:TieredStopAtLevel=1".to_owned(),
            "-Xmx512m".to_owned(),
            "-Dgatling.data.writers.0=console".to_owned(),
            "-Dgatling.data.writers.1=file".to_owned(),
            "-Dgatling.data.enableAnalytics=false".to_owned(),
            "-Dgatling.http.warmUpUrl=".to_owned(),
            format!("-DbaseUrl={}", shop.address()),
        ];
        arguments.extend(options.iter().map(ToString::to_string));
        arguments.extend(["-cp".to_owned(), prepared.class_path(version)]);
        let simulation = ["io.gatling.app.Gatling", "-s", "example.ProbeSimulation"];
        arguments.extend(simulation.map(str::to_owned));
        let results = folder.results().display().to_string();
        arguments.extend(["-rf".to_owned(), results, "-nr".to_owned()]);
        let spec = RunSpec {
            run,
            controller: PeerId::new("12D3KooWExample"),
            controller_name: "here".into(),
            since_ms: 0,
            program: "java".into(),
            arguments,
            folder: temporary.path().into(),
            environment: Vec::new(),
            environment_removed: Vec::new(),
            max_duration_s: 600,
            probe: true,
            unprobed: String::new(),
            arm_limit_s: 120,
            start_up_ms: 0,
            armed_limit_s: 60,
            dead_man_s: None,
            output_limit: 1_000_000,
        };
        Self {
            temporary,
            folder,
            spec,
        }
    }

    /// A Gatling that is not known is started this many ms ahead of the instant.
    pub(crate) fn start_up(&mut self, ms: u64) {
        let agent = &mut self.spec.arguments[0];
        *agent = agent.replace("=0,", &format!("={ms},"));
    }

    /// The probe cannot read what it is told.
    pub(crate) fn misspell(&mut self) {
        let agent = &mut self.spec.arguments[0];
        *agent = agent.replace("=0,", "=soon,");
    }

    /// A writer of the log that works as before, with a private member of another name.
    pub(crate) fn doctor_writer(&mut self) {
        let class = "io/gatling/core/stats/writer/BufferedFileChannelWriter.class";
        let at = self
            .spec
            .arguments
            .iter()
            .position(|word| word == "-cp")
            .unwrap()
            + 1;
        let path = self.spec.arguments[at].clone();
        let jar = path
            .split(':')
            .find(|jar| jar.contains("gatling-core-3"))
            .unwrap();
        let folder = self.temporary.path().join("doctored");
        fs::create_dir(&folder).unwrap();
        let mut extract = Command::new("jar");
        run(extract.args(["xf", jar, class]).current_dir(&folder));
        let file = folder.join(class);
        let mut bytes = fs::read(&file).unwrap();
        let name = b"ensureCapacity";
        let found: Vec<usize> = (0..bytes.len() - name.len())
            .filter(|&at| bytes[at..].starts_with(name))
            .collect();
        assert!(!found.is_empty());
        for at in found {
            bytes[at + name.len() - 1] = b'z';
        }
        fs::write(&file, bytes).unwrap();
        self.spec.arguments[at] = format!("{}:{path}", folder.display());
    }

    pub(crate) fn supervise(&self) -> Child {
        self.folder.write_spec(&self.spec).unwrap();
        let mut command = Command::new(AGENT);
        command.arg("supervise").arg(self.folder.path());
        command.stdin(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn tell(&self, release_ms: Option<u64>, stop: bool) {
        let control = Control {
            release_ms,
            stop,
            ..Control::default()
        };
        self.folder.write_control(&control).unwrap();
    }

    pub(crate) fn stage(&self) -> Option<Stage> {
        let supervisor = self.folder.supervisor().unwrap();
        supervisor.map(|supervisor| supervisor.stage)
    }

    /// Waits until it is held.
    pub(crate) fn armed(&self) {
        until("armed", || {
            let exit = self.folder.exit().unwrap();
            assert!(exit.is_none(), "{exit:?}");
            self.stage() == Some(Stage::Armed)
        });
    }

    pub(crate) fn exit(&self) -> Exit {
        until("exit.json", || self.folder.exit().unwrap().is_some());
        self.folder.exit().unwrap().unwrap()
    }

    pub(crate) fn output(&self) -> String {
        fs::read_to_string(self.folder.path().join("output.log")).unwrap()
    }

    /// The process id of Gatling: the supervisor's child.
    pub(crate) fn java(&self) -> u32 {
        let supervisor = self.folder.supervisor().unwrap().unwrap().pid;
        let children = format!("/proc/{supervisor}/task/{supervisor}/children");
        let children = fs::read_to_string(children).unwrap();
        children.trim().parse().unwrap()
    }

    pub(crate) fn log(&self) -> Log {
        let path = self.folder.simulation_log();
        let bytes = path
            .and_then(|path| fs::read(path).ok())
            .unwrap_or_default();
        let mut decoder = Decoder::new();
        decoder.push(&bytes);
        let (mut requests, mut first) = (0, None);
        while let Some(record) = decoder.next_record().unwrap() {
            match record {
                Record::Request(_) => requests += 1,
                Record::User(user) if user.starts => {
                    first.get_or_insert(user.time);
                }
                _ => {}
            }
        }
        let header = decoder.header();
        let first = first.and_then(|first| u64::try_from(header?.start + i64::from(first)).ok());
        Log {
            requests,
            assertions: header.map_or(0, |header| header.assertions.len()),
            first_user_ms: first,
            ending: decoder.ending(),
        }
    }
}

/// Waits for what is to come: an event, not a speed.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} within 60 s");
        thread::sleep(Duration::from_millis(10));
    }
}

pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    u64::try_from(since.unwrap().as_millis()).unwrap()
}
