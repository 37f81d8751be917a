//! A program in the place of `java`: what Gatling and the probe in it do, as far as an agent sees it.
//!
//! It writes true records through the encoder of `gatling-log`, shows them within 100 ms, prints
//! Gatling's blocks, and speaks with the agent by the run's folder as the probe does.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use bfgg_agent::probe::ProbeReport;
use bfgg_agent::run_folder::RunFolder;
use bfgg_clock::wall_ms;
use bfgg_testkit::load::{Fault, Load, PARAMETER, VARIABLE, Written};
use gatling_log::{Encoder, Header, User, Version};

/// How often the log is written, like the probe's flushing.
const FLUSH: Duration = Duration::from_millis(100);
/// How often the probe looks at `control` while it holds the start.
const HOLD: Duration = Duration::from_millis(5);
const RULE: usize = 120;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|a| a.ends_with("Indicators.java")) {
        println!("indicators 800 1200 50000 75000 95000 99000");
        return ExitCode::SUCCESS;
    }
    if !arguments.iter().any(|a| a == "io.gatling.app.Gatling") {
        return ExitCode::FAILURE;
    }
    match Gatling::new(&arguments).and_then(Gatling::run) {
        Ok(status) => ExitCode::from(status),
        Err(cause) => {
            eprintln!("fake Gatling: {cause}");
            ExitCode::FAILURE
        }
    }
}

struct Gatling {
    load: Load,
    simulation: String,
    folder: RunFolder,
    probed: bool,
    report: ProbeReport,
    written: Written,
    log: File,
    encoder: Encoder,
    /// When the process came up, which is the header's start, ms since 1970.
    started_ms: u64,
}

impl Gatling {
    fn new(arguments: &[String]) -> io::Result<Self> {
        let after = |name: &str| {
            let at = arguments.iter().position(|a| a == name)?;
            arguments.get(at + 1).cloned()
        };
        let missing = |what: &str| io::Error::other(format!("{what} is missing"));
        let results = PathBuf::from(after("-rf").ok_or_else(|| missing("-rf"))?);
        let simulation = after("-s").ok_or_else(|| missing("-s"))?;
        let folder = results
            .parent()
            .ok_or_else(|| missing("the run's folder"))?;
        let own = results.join(format!("{}-1", simulation.to_lowercase().replace('.', "-")));
        std::fs::create_dir_all(&own)?;
        let started = wall_ms();
        let encoder = Encoder::new(&Header {
            version: Version::parse("3.16.0").ok_or_else(|| missing("a version"))?,
            simulation: simulation.clone(),
            start: i64::try_from(started).map_err(io::Error::other)?,
            description: String::new(),
            scenarios: vec!["Visitors".to_owned()],
            assertions: Vec::new(),
        });
        Ok(Self {
            load: load(arguments)?,
            simulation,
            folder: RunFolder::at(folder),
            probed: arguments.iter().any(|a| a.starts_with("-javaagent:")),
            report: ProbeReport {
                acts: true,
                held: true,
                graceful: true,
                ..ProbeReport::default()
            },
            written: Written {
                pid: std::process::id(),
                ..Written::default()
            },
            log: File::create(own.join("simulation.log"))?,
            encoder,
            started_ms: started,
        })
    }

    fn run(mut self) -> io::Result<u8> {
        println!("Simulation {} started...", self.simulation);
        std::thread::sleep(Duration::from_millis(self.load.start_up_ms));
        if self.probed {
            self.hold();
        }
        let ahead = Instant::now();
        self.written.began_ms = wall_ms();
        self.users(true, 0);
        let mut second = 0;
        let mut fault = self.load.fault;
        loop {
            let elapsed = ahead.elapsed();
            if let Some((after, what)) = fault
                && elapsed >= Duration::from_millis(after)
            {
                fault = None;
                self.strike(what)?;
            }
            let whole = Duration::from_secs(self.load.seconds.into());
            let over = elapsed >= whole && !self.load.endless;
            let until = if over { whole } else { elapsed };
            self.requests(until);
            let stopped = !self.load.deaf && self.is_stopped();
            if over || stopped {
                self.users(false, until.as_millis() as u32);
                self.flush()?;
                self.written.ended = true;
                self.written.keep(self.folder.path())?;
                self.block(elapsed.as_secs(), false);
                self.tell(elapsed);
                println!(
                    "Simulation {} completed in {} seconds",
                    self.simulation,
                    elapsed.as_secs()
                );
                return Ok(self.load.status);
            }
            self.flush()?;
            if elapsed.as_secs() > second {
                second = elapsed.as_secs();
                self.block(second, true);
                self.tell(elapsed);
            }
            std::thread::sleep(FLUSH);
        }
    }

    /// As the probe does: armed, then released at the instant.
    fn hold(&mut self) {
        self.report.armed_ms = wall_ms();
        self.write_report();
        let mut named = None;
        loop {
            let at = self.folder.control().ok().and_then(|told| told.release_ms);
            if let Some(at) = at
                && named.is_none_or(|(known, _)| known != at)
            {
                let wait = Duration::from_millis(at.saturating_sub(wall_ms()));
                named = Some((at, Instant::now() + wait));
            }
            if named.is_some_and(|(_, due)| due <= Instant::now()) {
                break;
            }
            std::thread::sleep(HOLD);
        }
        self.report.released_ms = wall_ms();
        self.report.gatling_ms = self.report.released_ms;
        self.write_report();
    }

    fn is_stopped(&mut self) -> bool {
        let told = self.folder.control().unwrap_or_default();
        let stopped = told.stop || told.force || self.folder.path().join("stop").exists();
        if stopped && self.report.stopped_ms == 0 {
            self.report.stopped_ms = wall_ms();
        }
        self.probed && stopped
    }

    fn tell(&mut self, elapsed: Duration) {
        self.report.heap_used_bytes = 100 << 20;
        self.report.heap_max_bytes = 1 << 30;
        self.report.gc_ms = elapsed.as_millis() as u64 / 1000;
        self.write_report();
    }

    fn write_report(&self) {
        if !self.probed {
            return;
        }
        // What could not be written is written again within a second.
        let beside = self.folder.path().join("probe.json.new");
        let json = serde_json::to_vec(&self.report).unwrap_or_default();
        let written = std::fs::write(&beside, json);
        let _ =
            written.and_then(|()| std::fs::rename(&beside, self.folder.path().join("probe.json")));
    }

    /// All requests that have ended by now.
    fn requests(&mut self, until: Duration) {
        let due = u64::from(self.load.rate) * until.as_millis() as u64 / 1000;
        for number in self.written.requests()..due {
            let end = self.since_header(number * 1000 / u64::from(self.load.rate));
            let took = 1 + (number * 7919 % 200) as u32;
            let ok = number % 100 >= u64::from(self.load.ko_percent);
            let (name, message) = (
                ["home", "search", "buy"][(number % 3) as usize],
                if ok {
                    ""
                } else {
                    "status.find.is(200), found 500"
                },
            );
            let took = took.min(end);
            self.encoder
                .request(&[], name, end - took..end, ok, message);
            *(if ok {
                &mut self.written.ok
            } else {
                &mut self.written.ko
            }) += 1;
            self.written.sum_ms += u64::from(took);
            self.written.max_ms = self.written.max_ms.max(took.into());
        }
    }

    /// ms after the header's start of what is so many ms after the load's.
    fn since_header(&self, ms: u64) -> u32 {
        (ms + self.written.began_ms.saturating_sub(self.started_ms)) as u32
    }

    fn users(&mut self, starts: bool, time: u32) {
        let time = self.since_header(time.into());
        for _ in 0..self.load.users {
            let scenario = 0;
            self.encoder.user(User {
                scenario,
                starts,
                time,
            });
        }
        self.written.users = self.load.users.into();
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = self.encoder.take();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match self.log.write(rest) {
                Ok(length) => rest = &rest[length..],
                // Like the probe: what could not be written stays.
                Err(cause) if cause.kind() == io::ErrorKind::StorageFull => {
                    std::thread::sleep(FLUSH);
                }
                Err(cause) => return Err(cause),
            }
        }
        self.written.bytes += bytes.len() as u64;
        // The disk may be full: the next one comes soon.
        let _ = self.written.keep(self.folder.path());
        Ok(())
    }

    fn block(&self, seconds: u64, active: bool) {
        let rule = "=".repeat(RULE);
        let line = |text: &str| format!("{text:-<RULE$}");
        let count = |name: &str, ok: u64, ko: u64| {
            let all = ok + ko;
            format!("> {name:<82} | {all:>9} | {ok:>9} | {ko:>9}")
        };
        let (waiting, active, done) = match (active, self.load.users) {
            (true, users) => (0, users, 0),
            (false, users) => (0, 0, users),
        };
        let (ok, ko) = (self.written.ok, self.written.ko);
        let text = [
            String::new(),
            rule.clone(),
            format!("2026-01-01 00:00:00 GMT {:>90}s elapsed", seconds),
            line(
                "---- Requests -----------------------------------------------------------------------|---Total---|-----OK----|----KO----",
            ),
            count("Global", ok, ko),
            String::new(),
            line("---- Visitors "),
            format!("[{}]   50%", "#".repeat(RULE - 9)),
            format!("          waiting: {waiting:>9} / active: {active:>9}  / done: {done:>9}"),
            rule,
        ];
        println!("{}", text.join("\n"));
    }

    fn strike(&mut self, what: Fault) -> io::Result<()> {
        self.flush()?;
        match what {
            Fault::Die(signal) => end_by(signal),
            Fault::CutRecord => {
                self.encoder.request(&["a group"], "cut", 0..1, true, "");
                let record = self.encoder.take();
                self.log.write_all(&record[..record.len() / 2])?;
                end_by(9);
            }
            Fault::OutOfMemory => {
                eprintln!("java.lang.OutOfMemoryError: Java heap space");
                std::process::exit(1);
            }
            Fault::Stall(ms) => std::thread::sleep(Duration::from_millis(ms)),
        }
        Ok(())
    }
}

/// The load of the run's parameter, with the fields that this agent has of its own.
fn load(arguments: &[String]) -> io::Result<Load> {
    let given = format!("-D{PARAMETER}=");
    let given = arguments.iter().find_map(|a| a.strip_prefix(&given));
    let mut load: serde_json::Value = serde_json::from_str(given.unwrap_or("{}"))?;
    if let (Ok(own), Some(load)) = (std::env::var(VARIABLE), load.as_object_mut()) {
        let own: serde_json::Map<_, _> = serde_json::from_str(&own)?;
        load.extend(own);
    }
    Ok(serde_json::from_value(load)?)
}

#[cfg(unix)]
fn end_by(signal: i32) {
    if let Some(signal) = rustix::process::Signal::from_named_raw(signal) {
        let _ = rustix::process::kill_process(rustix::process::getpid(), signal);
    }
    std::process::exit(1);
}

#[cfg(not(unix))]
fn end_by(_signal: i32) {
    std::process::exit(1);
}
