//! Counting the records of one log, on this thread or on one beside it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use bfgg_stats::{Batch, Counts, Event, Figures, Intake, Limits, Tally};
use gatling_log::Record;

use crate::clock::Pace;

/// Batches handed over at once: enough to make it cheap to wake the other thread.
const TOGETHER: usize = 64;
/// How many of these are on their way.
const QUEUE: usize = 4;

/// Takes the records of one log.
pub(crate) struct Counting {
    intake: Intake,
    tally: Tally,
    pace: Pace,
    counts: Place,
}

/// Where batches are counted.
enum Place {
    Here(Box<Counts>),
    Beside(Beside),
}

struct Beside {
    full: SyncSender<Vec<Batch>>,
    /// Come back to be filled again.
    counted: Receiver<Vec<Batch>>,
    thread: JoinHandle<Counts>,
}

impl Counting {
    /// `shift` ms are added to the log's times, and what `pace` says. With `beside` a second thread counts what this one
    /// decodes.
    pub(crate) fn new(shift: i64, pace: Pace, limits: Limits, beside: bool) -> Self {
        let counts = Counts::new(shift, limits);
        Self {
            intake: Intake::new(limits),
            tally: Tally::default(),
            pace,
            counts: match beside {
                true => Place::Beside(Beside::start(counts)),
                false => Place::Here(Box::new(counts)),
            },
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, record: &Record<'_>) {
        let Some(mut event) = self.intake.event(record) else {
            return;
        };
        if !self.pace.is_right() {
            set_right(&mut event, self.pace);
        }
        if self.tally.add(event) {
            self.counts.add(&mut self.tally);
        }
    }

    /// The figures, at the log's end. `None` if the second thread is gone, which a defect alone can
    /// cause.
    pub(crate) fn finish(mut self, scenarios: &[String]) -> Option<Figures> {
        self.intake.name_scenarios(scenarios);
        let rest = self.tally.rest();
        let mut counts = match self.counts {
            Place::Here(counts) => *counts,
            Place::Beside(beside) => beside.finish()?,
        };
        for batch in &rest {
            counts.add(batch);
        }
        Some(counts.finish(&mut self.intake))
    }
}

/// Moves an event in time. How long it took stays: a response time is measured within moments, and
/// live figures have the same.
#[cold]
fn set_right(event: &mut Event, pace: Pace) {
    match event {
        Event::Request { start, end, .. } | Event::Group { start, end, .. } => {
            let by = pace.at(*start);
            let took = *end - (*start).min(*end);
            *start = start.saturating_add_signed(by);
            *end = start.saturating_add(took);
        }
        Event::User { time, .. } => *time = time.saturating_add_signed(pace.at(*time)),
    }
}

impl Place {
    fn add(&mut self, tally: &mut Tally) {
        match self {
            Self::Here(counts) => {
                let mut full = std::mem::take(tally.batches());
                for batch in full.drain(..) {
                    counts.add(&batch);
                    tally.reuse(batch);
                }
                *tally.batches() = full;
            }
            Self::Beside(beside) if tally.batches().len() >= TOGETHER => beside.hand_over(tally),
            Self::Beside(_) => {}
        }
    }
}

impl Beside {
    fn start(mut counts: Counts) -> Self {
        let (full, received) = sync_channel::<Vec<Batch>>(QUEUE);
        let (back, counted) = sync_channel(QUEUE + 2);
        let thread = std::thread::spawn(move || {
            while let Ok(batches) = received.recv() {
                for batch in &batches {
                    counts.add(batch);
                }
                // At the end nobody needs them any more.
                let _ = back.try_send(batches);
            }
            counts
        });
        Self {
            full,
            counted,
            thread,
        }
    }

    #[cold]
    fn hand_over(&mut self, tally: &mut Tally) {
        let mut empty = self.counted.try_recv().unwrap_or_default();
        for batch in empty.drain(..) {
            tally.reuse(batch);
        }
        let full = std::mem::replace(tally.batches(), empty);
        // If the other side is gone, the end says so.
        let _ = self.full.send(full);
    }

    fn finish(self) -> Option<Counts> {
        drop(self.full);
        self.thread.join().ok()
    }
}
