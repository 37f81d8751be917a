//! Merges logs into one: `merge OUT [--version VERSION] LOG[+OFFSET]…`, the offsets of their clocks in
//! ms.

use std::error::Error;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};

use gatling_log::{Merge, Step, Version};

const PIECE: usize = 256 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let out = arguments.next().ok_or("no output is named")?;
    let mut version = None;
    if arguments
        .next_if(|argument| argument == "--version")
        .is_some()
    {
        let text = arguments.next().ok_or("no version is named")?;
        version = Some(Version::parse(&text).ok_or("this is no version")?);
    }
    let (mut files, mut offsets, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for argument in arguments {
        let (name, offset) = match argument.rsplit_once('+') {
            Some((name, offset)) => (name, offset.parse()?),
            None => (argument.as_str(), 0),
        };
        files.push(File::open(name)?);
        offsets.push(offset);
        names.push(name.to_owned());
    }

    let mut merge = Merge::new(offsets);
    if let Some(version) = version {
        merge = merge.with_version(version);
    }
    let mut out = File::create(out)?;
    let (mut merged, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        let step = merge.step(&mut merged)?;
        match step {
            Step::Push(log) => match files[log].read(&mut piece)? {
                0 => merge.end(log),
                length => merge.push(log, &piece[..length]),
            },
            Step::Again(log) => files[log].rewind()?,
            Step::Write | Step::Done => {
                out.write_all(&merged)?;
                merged.clear();
            }
        }
        if step == Step::Done {
            break;
        }
    }

    for (log, difference) in merge.differences() {
        println!("{}: other {difference:?} than the first log", names[*log]);
    }
    for (log, decoder) in merge.logs().enumerate() {
        println!(
            "{}: {} records, {} set aside, {} left out, {} bad lines, {:?}",
            names[log],
            decoder.records(),
            decoder.set_aside().total(),
            merge.left_out(log),
            decoder.bad_lines(),
            decoder.ending(),
        );
        if let Some(error) = decoder.error().or(decoder.first_bad_line()) {
            println!("  {error}");
        }
    }
    println!("{} records in the merged log", merge.records());
    Ok(())
}
