//! Writes large logs and times what is done with them.
//!
//! - `bfgg-bench [REQUESTS [FOLDER]]`: the table of `docs/performance.md` (10 million requests).
//! - `bfgg-bench write binary|text REQUESTS SEED FILE [SECONDS]`: a log, of this length.
//! - `bfgg-bench decode|intake|count|statistics|page FILE…`, `bfgg-bench merge OUT FILE…`: one measurement:
//!   seconds, and MB of memory at most.

mod measure;
mod table;
mod write;

use std::error::Error;
use std::path::PathBuf;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["write", kind, requests, seed, file, seconds @ ..] if seconds.len() < 2 => {
            let text = match *kind {
                "binary" => false,
                "text" => true,
                other => return Err(format!("{other} is neither binary nor text").into()),
            };
            let seconds = seconds.first().map(|text| text.parse()).transpose()?;
            let (requests, seed) = (requests.parse()?, seed.parse()?);
            write::log(file.as_ref(), text, requests, seed, seconds)
        }
        ["decode", files @ ..] => measure::decode(files),
        ["intake", files @ ..] => measure::intake(files),
        ["statistics", files @ ..] => measure::statistics(files),
        ["page", files @ ..] => measure::page(files),
        ["count", files @ ..] => measure::count(files),
        ["merge", out, files @ ..] => measure::merge(out, files),
        [] => table::print(10_000_000, &folder()),
        [requests] => table::print(requests.parse()?, &folder()),
        [requests, folder] => table::print(requests.parse()?, folder.as_ref()),
        _ => Err("see the head of crates/bench/src/main.rs".into()),
    }
}

fn folder() -> PathBuf {
    std::env::temp_dir().join("bfgg-bench")
}
