//! All measurements, each in a process of its own, three times.

use std::path::Path;
use std::process::Command;

use crate::{Outcome, write};

const TIMES: usize = 3;
const LOGS: u64 = 4;

pub(crate) fn print(requests: u64, folder: &Path) -> Outcome<()> {
    std::fs::create_dir_all(folder)?;
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (binary, text, merged) = (path("binary.log"), path("text.log"), path("merged.log"));
    println!("writing the logs to {}", folder.display());
    write::log(binary.as_ref(), false, requests, 1, None)?;
    write::log(text.as_ref(), true, requests, 1, None)?;
    let (binary, text) = ([binary], [text]);
    let (mut parts, mut text_parts) = (Vec::new(), Vec::new());
    for number in 0..LOGS {
        let (part, text_part) = (
            path(&format!("{number}.log")),
            path(&format!("{number}.txt")),
        );
        write::log(part.as_ref(), false, requests / LOGS, number, None)?;
        write::log(text_part.as_ref(), true, requests / LOGS, number, None)?;
        parts.push(part);
        text_parts.push(text_part);
    }

    println!("\n| {requests} requests | MB | seconds | MB of memory |\n|---|---|---|---|");
    row("decode, binary", &["decode"], &binary)?;
    row("decode, text", &["decode"], &text)?;
    row("decode and count, binary", &["count"], &binary)?;
    row("decode and count, text", &["count"], &text)?;
    row("merge 4 logs, binary", &["merge", &merged], &parts)?;
    row("merge 4 logs, text", &["merge", &merged], &text_parts)?;
    Ok(std::fs::remove_dir_all(folder)?)
}

/// The median.
fn row(what: &str, words: &[&str], files: &[String]) -> Outcome<()> {
    let mut results = Vec::new();
    for _ in 0..TIMES {
        let output = Command::new(std::env::current_exe()?)
            .args(words)
            .args(files)
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
    let mut bytes = 0;
    for file in files {
        bytes += std::fs::metadata(file)?.len();
    }
    let (seconds, memory) = results[TIMES / 2];
    println!(
        "| {what} | {} | {seconds:.2} | {memory:.0} |",
        bytes / 1_000_000
    );
    Ok(())
}
