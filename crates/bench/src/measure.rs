//! One measurement: what was done, then seconds and MB of memory at most.

use std::fs::File;
use std::io::Read as _;
use std::time::Instant;

use bfgg_report::{Columns, LogInput, Report, ReportInput, RunClocks, Timing};
use bfgg_stats::{Collector, Figures, Intake, Limits};
use gatling_log::{Decoder, Record};

use crate::Outcome;

const PIECE: usize = 64 * 1024;

/// Decodes logs and adds up what the records say.
pub(crate) fn decode(files: &[&str]) -> Outcome<()> {
    let start = Instant::now();
    let (mut requests, mut sum) = (0_u64, 0_u64);
    for file in files {
        each_record(file, |record| {
            if let Record::Request(request) = record {
                requests += 1;
                sum += u64::from(request.response_time()) + u64::from(request.ok);
            }
        })?;
    }
    done(start, &format!("{requests} requests, sum {sum}"));
    Ok(())
}

/// Decodes logs and finds what each record is about.
pub(crate) fn intake(files: &[&str]) -> Outcome<()> {
    let start = Instant::now();
    let mut events = 0_u64;
    for file in files {
        let mut intake = Intake::new(Limits::default());
        each_record(file, |record| {
            events += u64::from(intake.event(record).is_some());
        })?;
    }
    done(start, &format!("{events} events"));
    Ok(())
}

/// Decodes logs into all statistics, on all cores: rows, series, users, errors, assertions.
pub(crate) fn statistics(files: &[&str]) -> Outcome<()> {
    let start = Instant::now();
    let report = build(files)?;
    let requests = report.summary.rows.first().map_or(0, |row| row.total);
    done(start, &format!("{requests} requests"));
    Ok(())
}

/// The same, and the page with its charts.
pub(crate) fn page(files: &[&str]) -> Outcome<()> {
    let start = Instant::now();
    let bytes = bfgg_report::html(&build(files)?).len();
    done(start, &format!("{bytes} bytes"));
    Ok(())
}

fn build(files: &[&str]) -> Outcome<Report> {
    Ok(bfgg_report::build(ReportInput {
        run: String::new(),
        columns: Columns::default(),
        limits: Limits::default(),
        logs: files.iter().map(input).collect(),
        clocks: RunClocks::default(),
    })?)
}

fn input(file: &&str) -> LogInput {
    LogInput {
        name: (*file).to_owned(),
        peer: String::new(),
        path: file.into(),
        offset_ms: 0,
        length: None,
        timing: Timing::default(),
    }
}

/// Decodes logs into all figures that a report needs, on one core.
pub(crate) fn count(files: &[&str]) -> Outcome<()> {
    let start = Instant::now();
    let mut all = Figures::new(Limits::default());
    for file in files {
        let mut collector = Collector::new(0, Limits::default());
        each_record(file, |record| collector.add(record))?;
        all.merge(collector.finish());
    }
    done(start, &format!("{} requests", all.all().count()));
    Ok(())
}

fn each_record(file: &str, mut act: impl FnMut(&Record<'_>)) -> Outcome<()> {
    let mut file = File::open(file)?;
    let mut decoder = Decoder::new();
    loop {
        match file.read(decoder.room(PIECE))? {
            0 => return Ok(()),
            length => decoder.filled(length),
        }
        decoder.each_record(&mut act)?;
    }
}

/// Merges logs.
pub(crate) fn merge(out: &str, files: &[&str]) -> Outcome<()> {
    let start = Instant::now();
    let logs: Vec<LogInput> = files.iter().map(input).collect();
    let merged = bfgg_report::merge(&logs, None, &mut File::create(out)?)?;
    done(start, &format!("{} records", merged.records));
    Ok(())
}

fn done(start: Instant, what: &str) {
    let seconds = start.elapsed().as_secs_f64();
    println!("{what}\n{seconds:.3} {:.0}", peak_mb().unwrap_or(f64::NAN));
}

/// Where the system tells it (Linux).
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kb: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kb / 1024.0)
}
