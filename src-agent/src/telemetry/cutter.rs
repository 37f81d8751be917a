//! A run's log is cut into cells.

use std::io;
use std::time::Duration;

use bfgg_protocol::HealthSample;
use bfgg_protocol::version::MAX_CELL_HEALTH;
use bfgg_stats::Figures;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;
use tracing::{debug, error, warn};

use super::cells::{Cells, Unkept};
use super::tail::Tail;
use crate::clock::wall_ms;
use crate::gauge::Samples;
use crate::platform;
use crate::run_folder::RunFolder;

/// Records of a cell, about: 50 000 users that start and end are 1 MiB.
const MOST: u64 = 50_000;
/// Samples of the load that are worth a cell of their own.
const ALONE: usize = 10;
/// So long after a second of the run it is cut: by then all that ended in it is in the log, which the
/// probe writes each 100 ms.
const WRITTEN: Duration = Duration::from_millis(120);
/// Cells cut at once, where there is much to catch up on.
const AT_ONCE: usize = 20;

/// Which cells there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// No cell with a smaller number is there.
    pub(super) oldest: u64,
    /// The number of the next cell.
    pub(super) next: u64,
    /// The byte of the log at which it begins.
    pub(super) to: u64,
    /// There will be no other one.
    pub(super) ended: bool,
}

/// Asks for cells from a number and a byte of the log on, instead of those that are there.
#[derive(Debug)]
pub(super) struct Recut {
    pub(super) number: u64,
    pub(super) from: u64,
    /// Dropped if it could not be done.
    pub(super) done: oneshot::Sender<()>,
}

/// Whether a run that has ended has figures that nobody was told yet.
pub(crate) fn is_untold(folder: &RunFolder) -> bool {
    Cells::are_there(folder)
}

/// Cuts cells until nobody hears of them any more.
pub(super) async fn cut_cells(
    folder: RunFolder,
    reserve: u64,
    samples: Samples,
    every: Duration,
    told: watch::Sender<Option<Cut>>,
    mut wanted: mpsc::Receiver<Recut>,
) {
    let mut cutter = None;
    let mut failing = false;
    let mut next = Instant::now();
    loop {
        let recut = tokio::select! {
            () = told.closed() => return,
            Some(recut) = wanted.recv() => Some(recut),
            () = tokio::time::sleep_until(next) => None,
        };
        let before: Option<Cutter> = cutter.take();
        let ended = before.as_ref().is_some_and(|cutter| cutter.cells.ended());
        if ended && recut.is_none() {
            cutter = before;
            next = Instant::now() + every;
            continue;
        }
        let (at, wants) = (
            folder.clone(),
            recut.as_ref().map(|own| (own.number, own.from)),
        );
        let samples = samples.clone();
        // The disk may be slow; the heartbeat must not be.
        let cutting = tokio::task::spawn_blocking(move || {
            let mut cutter = match before {
                Some(cutter) => cutter,
                None => match Cutter::open(at, samples) {
                    Ok(cutter) => cutter,
                    Err(cause) => return (None, Err(cause)),
                },
            };
            let result = match wants {
                Some((number, from)) => cutter.recut(number, from),
                None => cutter.cut(reserve),
            };
            (Some(cutter), result)
        });
        let (back, result) = match cutting.await {
            Ok(both) => both,
            Err(cause) => return error!(%cause, "the live figures end here"),
        };
        if let Some(back) = &back {
            told.send_replace(Some(back.at()));
        }
        cutter = back;
        if recut.is_none() {
            let zero = cutter.as_ref().and_then(|cutter| cutter.tail.known_zero());
            next = Instant::now() + pause(zero, wall_ms(), every);
        }
        match (result, recut) {
            (Ok(()), Some(recut)) => {
                let _ = recut.done.send(());
            }
            (Ok(()), None) => failing = false,
            // A full disk may get room again; the log itself is not touched.
            (Err(cause), _) if failing => debug!(%cause, "no cell was cut"),
            (Err(cause), _) => {
                failing = true;
                warn!(%cause, "live figures wait");
            }
        }
    }
}

/// How long to wait for the next cut: all agents of a run cut at the same times, so that what one
/// second brought is known at once. `zero` is when the load began.
fn pause(zero: Option<i64>, wall_ms: u64, every: Duration) -> Duration {
    let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX).max(1);
    let Some(zero) = zero else { return every };
    let whole = ms(every);
    let since = i64::try_from(wall_ms).unwrap_or(i64::MAX);
    let passed = since
        .saturating_sub(zero)
        .saturating_sub(ms(WRITTEN))
        .rem_euclid(whole);
    // Hardly anything: this was that cut, a little early.
    let left = match whole - passed {
        little if little < whole / 4 => little + whole,
        left => left,
    };
    Duration::from_millis(left.unsigned_abs())
}

/// Cuts the log of one run.
struct Cutter {
    folder: RunFolder,
    tail: Tail,
    cells: Cells,
    /// What was cut and could not be kept yet: the tail is behind it already.
    unkept: Option<Unkept>,
    /// Records of a cell.
    most: u64,
    samples: Samples,
    /// Samples of the load for the next cell.
    health: Vec<HealthSample>,
}

impl Cutter {
    fn open(folder: RunFolder, samples: Samples) -> io::Result<Self> {
        let cells = Cells::open(&folder)?;
        Ok(Self {
            tail: Tail::new(folder.clone(), cells.to()),
            folder,
            cells,
            unkept: None,
            most: MOST,
            samples,
            health: Vec::new(),
        })
    }

    fn at(&self) -> Cut {
        Cut {
            oldest: self.cells.oldest(),
            next: self.cells.next(),
            to: self.cells.to(),
            ended: self.cells.ended(),
        }
    }

    /// Begins anew with a number at a byte of the log.
    fn recut(&mut self, number: u64, from: u64) -> io::Result<()> {
        let (had, to) = (self.cells.next(), self.cells.to());
        debug!(number, from, had, to, "cells are cut again");
        self.tail = Tail::new(self.folder.clone(), from);
        self.unkept = None;
        self.cells.restart(number, from)
    }

    /// Cells of what the log has more, if it has, while more than `reserve` bytes of the disk are
    /// free or the run has ended.
    fn cut(&mut self, reserve: u64) -> io::Result<()> {
        for _ in 0..AT_ONCE {
            // Before the log is looked at: what it has then is all.
            let over = self.folder.exit()?.is_some();
            if !over && platform::free_space(self.folder.path()).is_ok_and(|free| free < reserve) {
                return Err(io::Error::new(
                    io::ErrorKind::StorageFull,
                    "the rest of the disk is left to Gatling's log",
                ));
            }
            let all = match self.unkept {
                Some(_) => false,
                None => self.take(over)?,
            };
            if let Some(cell) = &self.unkept {
                self.cells.keep(cell)?;
                self.unkept = None;
            }
            if all || self.cells.ended() {
                break;
            }
        }
        Ok(())
    }

    /// Takes in what the log has more; whether that is all.
    fn take(&mut self, over: bool) -> io::Result<bool> {
        let all = self.tail.read(self.most)?;
        let end = (over && all) || self.tail.is_broken();
        let (to, figures) = match self.tail.cut(end) {
            Some(cut) => cut,
            // While the log does not grow the load is told now and then.
            None if self.samples.waiting(&self.folder) >= ALONE => {
                (self.cells.to(), Figures::default())
            }
            None => return Ok(all),
        };
        self.health.extend(self.samples.take(&self.folder));
        let surplus = self.health.len().saturating_sub(MAX_CELL_HEALTH);
        self.health.drain(..surplus);
        if end {
            self.samples.end(&self.folder);
        }
        match self.cells.cell(to, end, &figures, &self.health) {
            Ok(cell) => {
                self.unkept = Some(cell);
                self.health.clear();
                Ok(all)
            }
            // Too many names or messages for one message.
            Err(cause) if self.most > 1 => {
                self.most /= 2;
                debug!(%cause, most = self.most, "smaller cells are cut");
                self.tail = Tail::new(self.folder.clone(), self.cells.to());
                Ok(false)
            }
            Err(cause) => {
                warn!(%cause, from = self.cells.to(), "the live figures end here");
                let none = Figures::default();
                let cell = self.cells.cell(self.cells.to(), true, &none, &self.health);
                self.unkept = cell.ok();
                Ok(true)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use bfgg_protocol::decode;
    use bfgg_protocol::version::MAX_TELEMETRY;

    use super::super::rig::{Rig, sample, whole};
    use super::*;

    /// What the cells add up to, and how many there are.
    fn sum(rig: &Rig, cut: Cut) -> (Figures, usize) {
        let cells = Cells::read(&rig.folder, 0..cut.next, 0, usize::MAX);
        assert_eq!(cells.len() as u64, cut.next);
        let mut sum = Figures::default();
        for cell in &cells {
            sum.merge(decode(&cell.figures, MAX_TELEMETRY).unwrap());
        }
        (sum, cells.len())
    }

    fn cut_all(cutter: &mut Cutter) {
        for _ in 0..1000 {
            cutter.cut(0).unwrap();
            if cutter.cells.ended() {
                return;
            }
        }
        panic!("it does not end");
    }

    #[test]
    fn all_agents_cut_at_the_same_times() {
        const SECOND: Duration = Duration::from_secs(1);
        for (zero, wall_ms, expected) in [
            (None, 5_000, 1_000),
            (Some(1_000), 5_000, 1_120),
            (Some(1_000), 4_800, 320),
            // A second's cut, a few ms off.
            (Some(1_000), 5_115, 1_005),
            (Some(1_000), 5_120, 1_000),
            (Some(1_000), 5_130, 990),
            (Some(1_000), 5_900, 1_220),
            // Before the start.
            (Some(9_700), 5_000, 820),
            // A clock that nobody has set.
            (Some(i64::MIN), u64::MAX, 313),
        ] {
            let left = pause(zero, wall_ms, SECOND).as_millis();
            assert_eq!(left, expected, "{zero:?} {wall_ms}");
        }
    }

    #[test]
    fn a_cell_that_could_not_be_written_is_not_lost() {
        let log = sample("3.16.0");
        let rig = Rig::new(true);
        rig.release(true);
        let mut cutter = Cutter::open(rig.folder.clone(), Samples::default()).unwrap();
        rig.append(&log[..log.len() / 3]);
        cutter.cut(0).unwrap();
        rig.append(&log[log.len() / 3..log.len() / 2]);
        // Nothing can be written here.
        let obstacle = rig.folder.path().join("cells").join("new");
        std::fs::create_dir(&obstacle).unwrap();
        for _ in 0..2 {
            assert!(cutter.cut(0).is_err());
            assert_eq!(cutter.at().next, 1);
        }
        rig.append(&log[log.len() / 2..]);
        std::fs::remove_dir(&obstacle).unwrap();
        rig.end(0);
        cut_all(&mut cutter);
        let (sum, cells) = sum(&rig, cutter.at());
        assert_eq!((sum, cells), (whole(&log), 3));
    }

    #[test]
    fn the_disk_is_left_to_the_log_while_the_run_goes_on() {
        let log = sample("3.16.0");
        let rig = Rig::new(true);
        rig.release(true);
        rig.append(&log);
        let mut cutter = Cutter::open(rig.folder.clone(), Samples::default()).unwrap();
        assert!(cutter.cut(u64::MAX).is_err());
        assert_eq!(cutter.at().next, 0);
        rig.end(0);
        cutter.cut(u64::MAX).unwrap();
        assert!(cutter.at().ended);
        assert_eq!(sum(&rig, cutter.at()).0, whole(&log));
    }

    #[test]
    fn much_to_catch_up_on_becomes_several_cells_of_which_each_can_be_told() {
        let head = "RUN\ta.B\tb\t1600000000000\t \t3.11.5\n";
        // Moments of users take the most.
        let mut users = head.to_owned();
        for n in 0..250_000_u64 {
            let at = 1_600_000_000_000 + n;
            writeln!(users, "USER\tshop\tSTART\t{at}").unwrap();
        }
        // Fewer records than a cell may have, of more names than fit.
        let mut names = head.to_owned();
        for n in 0..9_000_u64 {
            let (at, name) = (1_600_000_000_000 + n, format!("{n:0>600}"));
            writeln!(names, "REQUEST\t\t{name}\t{at}\t{at}\tOK\t ").unwrap();
        }
        for (log, least) in [(users, 5), (names, 2)] {
            let rig = Rig::new(true);
            rig.release(true);
            rig.append(log.as_bytes());
            rig.end(0);
            let mut cutter = Cutter::open(rig.folder.clone(), Samples::default()).unwrap();
            cut_all(&mut cutter);
            let (sum, cells) = sum(&rig, cutter.at());
            assert!(cells >= least, "{cells}");
            assert!(sum == whole(log.as_bytes()));
            assert_eq!(cutter.at().to, log.len() as u64);
        }
    }

    #[test]
    fn the_load_is_told_with_the_cells_and_without_a_log() {
        let log = sample("3.16.0");
        let rig = Rig::new(true);
        let samples = Samples::default();
        let add = |times: std::ops::Range<u64>| {
            for at_ms in times {
                let health = Default::default();
                samples.add(&rig.folder, HealthSample { at_ms, health });
            }
        };
        let mut cutter = Cutter::open(rig.folder.clone(), samples.clone()).unwrap();
        samples.begin(&rig.folder);
        // Gatling is held: there is no log yet.
        add(0..9);
        cutter.cut(0).unwrap();
        assert_eq!(cutter.at().next, 0, "too few for a cell of their own");
        add(9..10);
        cutter.cut(0).unwrap();
        rig.release(true);
        rig.append(&log[..log.len() / 2]);
        add(10..11);
        cutter.cut(0).unwrap();
        rig.append(&log[log.len() / 2..]);
        rig.end(0);
        add(11..12);
        cut_all(&mut cutter);
        let told = Cells::read(&rig.folder, 0..cutter.at().next, 0, usize::MAX);
        let told = told.iter().map(|cell| {
            let times = cell.health.iter().map(|sample| sample.at_ms);
            (cell.from < cell.to, times.collect::<Vec<_>>())
        });
        let told: Vec<_> = told.collect();
        let first = (false, (0..10).collect());
        assert_eq!(told, [first, (true, vec![10]), (true, vec![11])]);
        assert_eq!(sum(&rig, cutter.at()).0, whole(&log));
        assert_eq!(samples.run(), None, "the run is over");
    }

    #[test]
    fn cells_can_be_cut_again_from_any_that_was_kept_elsewhere() {
        let log = sample("3.16.0");
        let rig = Rig::new(true);
        rig.release(true);
        let mut cutter = Cutter::open(rig.folder.clone(), Samples::default()).unwrap();
        for part in log.chunks(log.len() / 4 + 1) {
            rig.append(part);
            cutter.cut(0).unwrap();
        }
        let cells = Cells::read(&rig.folder, 0..4, 0, usize::MAX);
        let kept = &cells[..2];
        cutter.recut(2, kept[1].to).unwrap();
        rig.end(0);
        cut_all(&mut cutter);
        let rest = Cells::read(&rig.folder, 2..cutter.at().next, kept[1].to, usize::MAX);
        let mut sum = Figures::default();
        for cell in kept.iter().chain(&rest) {
            sum.merge(decode(&cell.figures, MAX_TELEMETRY).unwrap());
        }
        assert_eq!(sum, whole(&log));
    }

    #[tokio::test]
    async fn what_cannot_be_opened_now_is_tried_again() {
        let rig = Rig::new(true);
        rig.end(0);
        let obstacle = rig.folder.path().join("cells");
        std::fs::write(&obstacle, "").unwrap();
        let (cut, mut told) = watch::channel(None);
        let (_recut, wanted) = mpsc::channel(1);
        let every = Duration::from_millis(10);
        let cutting = tokio::spawn(cut_cells(
            rig.folder.clone(),
            0,
            Samples::default(),
            every,
            cut,
            wanted,
        ));
        let waiting = tokio::time::timeout(every * 5, told.changed()).await;
        assert!(waiting.is_err());
        std::fs::remove_file(&obstacle).unwrap();
        let ended = |cut: &Option<Cut>| cut.is_some_and(|cut| cut.ended);
        told.wait_for(ended).await.unwrap();
        drop(told);
        cutting.await.unwrap();
    }
}
