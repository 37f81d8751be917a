//! Pieces of what a run's programs print, read while it grows and after it has ended.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use bfgg_protocol::version::OUTPUT_KEPT;
use bfgg_protocol::{
    MAX_GAP_NOTE, OutputAnswer, OutputPiece, OutputRange, OutputRequest, OutputStart, RunFile,
    finished_ranges, output_place,
};

use crate::capped;
use crate::run_folder::RunFolder;

/// Answers a controller; reads the disk.
pub(crate) fn answer(results: &Path, request: &OutputRequest) -> OutputAnswer {
    let OutputRequest {
        run,
        file,
        start,
        length,
    } = *request;
    let folder = RunFolder::of(results, run);
    let read = match file {
        RunFile::SimulationLog => Err(io::Error::other("it is no output")),
        RunFile::BuildOutput => Ok(OUTPUT_KEPT),
        RunFile::Output => folder
            .spec()
            .map(|spec| spec.map_or(OUTPUT_KEPT, |spec| spec.output_limit)),
    };
    let path = folder.path().join(file.file_name());
    match read.and_then(|kept| piece(&path, kept, start, length)) {
        Ok(piece) => OutputAnswer::Piece(piece),
        Err(error) => {
            let name = file.file_name();
            OutputAnswer::Missing(format!("{name} of run {run}: {error}"))
        }
    }
}

/// Tries to read while parts of the log come and go.
const TRIES: u32 = 4;

/// Reads a piece of the log whose beginning is kept up to byte `kept`.
fn piece(path: &Path, kept: u64, start: OutputStart, length: u32) -> io::Result<OutputPiece> {
    let mut tries = 1;
    loop {
        let parts = capped::parts(path);
        let read = try_piece(path, kept, &parts, start, length);
        if tries >= TRIES || capped::parts(path) == parts {
            return read;
        }
        tries += 1;
    }
}

fn try_piece(
    path: &Path,
    kept: u64,
    parts: &[(u64, PathBuf)],
    start: OutputStart,
    length: u32,
) -> io::Result<OutputPiece> {
    let (files, ranges): (Vec<_>, Vec<_>) = ranges(path, kept, parts)?.into_iter().unzip();
    let place = output_place(&ranges, start, length);
    let bytes = match files.get(place.range) {
        Some(file) if place.length > 0 => read(file, place.offset, place.length)?,
        _ => Vec::new(),
    };
    Ok(OutputPiece {
        from: place.from,
        bytes,
        end: place.end,
    })
}

/// Where the bytes are that are kept, by their positions.
fn ranges(
    path: &Path,
    kept: u64,
    parts: &[(u64, PathBuf)],
) -> io::Result<Vec<(PathBuf, OutputRange)>> {
    // Not a link: what Gatling's own code may have put there must not lead elsewhere.
    let meta = std::fs::symlink_metadata(path)?;
    if !meta.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let finished = || -> io::Result<Vec<(PathBuf, OutputRange)>> {
        let at_kept = read(path, kept, MAX_GAP_NOTE as u64)?;
        let ranges = finished_ranges(kept, &at_kept, meta.len()).into_iter();
        Ok(ranges.map(|range| (path.to_owned(), range)).collect())
    };
    if parts.is_empty() {
        return finished();
    }
    let beginning = OutputRange {
        position: 0,
        offset: 0,
        length: meta.len().min(kept),
    };
    let mut ranges = vec![(path.to_owned(), beginning)];
    for (position, part) in parts {
        let range = OutputRange {
            position: *position,
            offset: 0,
            length: std::fs::symlink_metadata(part)?.len(),
        };
        ranges.push((part.clone(), range));
    }
    // The end is being written behind the beginning; once it is there whole, the parts go.
    if meta.len() > kept {
        let finished = finished()?;
        let end = |ranges: &[(PathBuf, OutputRange)]| ranges.last().map(|(_, range)| range.end());
        if end(&finished) >= end(&ranges) {
            return Ok(finished);
        }
    }
    Ok(ranges)
}

fn read(path: &Path, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use bfgg_protocol::RunId;
    use bfgg_protocol::version::MAX_OUTPUT;

    use super::*;
    use crate::capped::CappedLog;
    use crate::redact::Secrets;

    /// Follows a log by position, as a controller does.
    #[derive(Default)]
    struct Follower {
        next: u64,
        text: Vec<u8>,
        gaps: Vec<(u64, u64)>,
    }

    impl Follower {
        fn follow(&mut self, path: &Path, kept: u64, length: u32) {
            loop {
                let piece = piece(path, kept, OutputStart::At(self.next), length).unwrap();
                if piece.from > self.next {
                    self.gaps.push((self.next, piece.from));
                }
                assert!(piece.from >= self.next, "nothing comes twice");
                assert!(piece.to() <= piece.end);
                self.next = piece.to();
                self.text.extend(&piece.bytes);
                if piece.bytes.is_empty() {
                    return;
                }
            }
        }
    }

    fn printed(bytes: u64) -> Vec<u8> {
        (0..bytes).map(|n| b'a' + (n % 26) as u8).collect()
    }

    #[test]
    fn who_keeps_up_gets_all_of_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        for (total, length) in [(40, 7), (90, 100), (1000, 64), (1000, 1)] {
            let mut log = CappedLog::create(&path, 50, Secrets::default()).unwrap();
            let mut follower = Follower::default();
            for piece in printed(total).chunks(13) {
                log.push(piece);
                follower.follow(&path, 50, length);
            }
            log.finish();
            follower.follow(&path, 50, length);
            assert_eq!((follower.text, follower.gaps), (printed(total), vec![]));
        }
    }

    #[test]
    fn who_is_late_is_told_of_the_gap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        let mut log = CappedLog::create(&path, 50, Secrets::default()).unwrap();
        let mut follower = Follower::default();
        for piece in printed(1000).chunks(10) {
            log.push(piece);
        }
        follower.follow(&path, 50, 64);
        let [(50, to)] = follower.gaps[..] else {
            panic!("{:?}", follower.gaps)
        };
        assert!((850..=950).contains(&to), "{to}");
        assert_eq!(follower.text.len() as u64, 50 + 1000 - to);
        assert_eq!(follower.next, 1000);
        log.push(b"end");
        log.finish();
        follower.follow(&path, 50, 64);
        assert!(follower.text.ends_with(b"end") && follower.gaps.len() == 1);
        // After the end, the same positions.
        let mut late = Follower::default();
        late.follow(&path, 50, 64);
        assert_eq!((late.next, &late.gaps[..]), (1003, &[(50, 953)][..]));
        assert_eq!(late.text.len(), 100);
    }

    #[test]
    fn who_reads_while_it_is_finished_gets_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        let mut log = CappedLog::create(&path, 50, Secrets::default()).unwrap();
        printed(140).chunks(10).for_each(|piece| log.push(piece));
        let parts: Vec<(PathBuf, Vec<u8>)> = capped::parts(&path)
            .into_iter()
            .map(|(_, part)| (part.clone(), std::fs::read(part).unwrap()))
            .collect();
        assert_eq!(parts.len(), 2);
        let (part, bytes) = &parts[1];
        log.finish();
        let whole = std::fs::read(&path).unwrap();
        // The end stands in the file, and the first of two parts is gone.
        std::fs::write(part, bytes).unwrap();
        let mut follower = Follower::default();
        follower.follow(&path, 50, 64);
        let kept = [&printed(140)[..50], &printed(140)[90..]].concat();
        assert_eq!((follower.text, follower.gaps), (kept, vec![(50, 90)]));
        // The end is not there whole yet.
        for (part, bytes) in &parts {
            std::fs::write(part, bytes).unwrap();
        }
        std::fs::write(&path, &whole[..60]).unwrap();
        let mut follower = Follower::default();
        follower.follow(&path, 50, 64);
        assert_eq!((follower.text, follower.gaps), (printed(140), vec![]));
    }

    #[test]
    fn an_agent_that_restarts_finds_the_same_positions() {
        // Nothing is remembered: each piece is read from the disk alone. So this is a log whose
        // writer was killed.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.log");
        let mut log = CappedLog::create(&path, 50, Secrets::default()).unwrap();
        log.push(&printed(120));
        drop(log);
        let mut follower = Follower::default();
        follower.follow(&path, 50, 64);
        assert_eq!((follower.text, follower.gaps), (printed(120), vec![]));
    }

    #[test]
    fn ends_and_what_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunId::new();
        let ask = |file, start, length| {
            let request = OutputRequest {
                run,
                file,
                start,
                length,
            };
            answer(folder.path(), &request)
        };
        let missing = |answer| matches!(answer, OutputAnswer::Missing(_));
        assert!(missing(ask(RunFile::Output, OutputStart::At(0), 9)));
        let at = RunFolder::of(folder.path(), run);
        at.create().unwrap();
        std::fs::write(at.path().join("build.log"), vec![b'x'; 100_000]).unwrap();
        for (start, length, from, expected) in [
            (OutputStart::At(0), u32::MAX, 0, MAX_OUTPUT),
            (OutputStart::At(99_990), 64, 99_990, 10),
            (OutputStart::At(u64::MAX), 64, 100_000, 0),
            (OutputStart::Last(5), 64, 99_995, 5),
            (OutputStart::Last(u64::MAX), 3, 0, 3),
        ] {
            let OutputAnswer::Piece(piece) = ask(RunFile::BuildOutput, start, length) else {
                panic!()
            };
            assert_eq!(
                (piece.from, piece.bytes.len(), piece.end),
                (from, expected, 100_000)
            );
        }
        assert!(missing(ask(RunFile::SimulationLog, OutputStart::At(0), 9)));
        #[cfg(unix)]
        {
            let secret = folder.path().join("secret");
            std::fs::write(&secret, "x").unwrap();
            std::os::unix::fs::symlink(&secret, at.path().join("output.log")).unwrap();
            assert!(missing(ask(RunFile::Output, OutputStart::At(0), 9)));
        }
    }
}
