//! All measurements, each in a process of its own, several times.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, write};

const TIMES: usize = 5;
const LOGS: u64 = 4;

pub(crate) fn print(requests: u64, folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    println!(
        "Logs of 240 requests in 4 groups, 3 % KO, in {}.\n\n\
         | What | requests | MB | seconds, median | seconds, best | MB of memory |\n|---|---|---|---|---|---|",
        folder.display()
    );
    let outcome = rows(requests, folder);
    std::fs::remove_dir_all(folder)?;
    outcome
}

fn rows(requests: u64, folder: &Path) -> Outcome<()> {
    let statistics = "decode and all statistics";
    for (kind, text) in [("binary", false), ("text", true)] {
        let log = Log::write(&folder.join(kind), text, requests, 1)?;
        row(&format!("decode, {kind}"), &["decode"], &[&log])?;
        row(
            &format!("{statistics}, {kind}, one thread"),
            &["count"],
            &[&log],
        )?;
        row(&format!("{statistics}, {kind}"), &["report"], &[&log])?;
        drop(log);
        let parts: Vec<Log> = (0..LOGS)
            .map(|number| {
                let path = folder.join(number.to_string());
                Log::write(&path, text, requests / LOGS, number)
            })
            .collect::<Outcome<_>>()?;
        let parts: Vec<&Log> = parts.iter().collect();
        row(
            &format!("{statistics}, {LOGS} logs, {kind}"),
            &["report"],
            &parts,
        )?;
        let merged = folder.join("merged").to_string_lossy().into_owned();
        row(
            &format!("merge {LOGS} logs, {kind}"),
            &["merge", &merged],
            &parts,
        )?;
    }
    // Memory goes by the run's length at most, and not by the number of requests.
    for requests in [requests / 10, requests * 10] {
        let log = Log::write(&folder.join("binary"), false, requests, 1)?;
        row(&format!("{statistics}, binary"), &["report"], &[&log])?;
    }
    Ok(())
}

/// Taken away when it is no longer needed: large ones take GB.
struct Log {
    path: PathBuf,
    requests: u64,
}

impl Log {
    fn write(path: &Path, text: bool, requests: u64, seed: u64) -> Outcome<Self> {
        write::log(path, text, requests, seed, None)?;
        let path = path.to_owned();
        Ok(Self { path, requests })
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // What is left goes with the folder.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn row(what: &str, words: &[&str], logs: &[&Log]) -> Outcome<()> {
    let mut results = Vec::new();
    for _ in 0..TIMES {
        let output = Command::new(std::env::current_exe()?)
            .args(words)
            .args(logs.iter().map(|log| &log.path))
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut figures = text.lines().last().unwrap_or_default().split(' ');
        let mut figure = || figures.next().and_then(|figure| figure.parse::<f64>().ok());
        let (Some(seconds), Some(memory)) = (figure(), figure()) else {
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("{what}: {text}{error}").into());
        };
        results.push((seconds, memory));
    }
    results.sort_by(|a, b| a.0.total_cmp(&b.0));
    let requests: u64 = logs.iter().map(|log| log.requests).sum();
    let mut bytes = 0;
    for log in logs {
        bytes += std::fs::metadata(&log.path)?.len();
    }
    let (best, (median, memory)) = (results[0].0, results[TIMES / 2]);
    println!(
        "| {what} | {requests} | {} | {median:.2} | {best:.2} | {memory:.0} |",
        bytes / 1_000_000
    );
    Ok(())
}
