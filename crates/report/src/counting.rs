//! Counting the records of one log, on this thread or on one beside it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use bfgg_stats::{Batch, Batches, Counts, Event, Figures, HandedOn, Intake, Limits, Span, Tally};
use gatling_log::{Names, Pace, Record};

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
    filling: Batches,
    full: SyncSender<Batches>,
    /// Come back to be filled again.
    counted: Receiver<Batches>,
    thread: JoinHandle<Counts>,
}

impl Counting {
    /// `shift` ms are added to the log's times, and what `pace` says. With `beside` a second thread
    /// counts what this one decodes.
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

    /// For a part of a log whose names are known at the end.
    pub(crate) fn of_part(shift: i64, pace: Pace, limits: Limits) -> Self {
        Self {
            intake: Intake::of_part(limits),
            ..Self::new(shift, pace, limits, false)
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
        match &mut self.counts {
            Place::Here(counts) => self.tally.add(event, &mut |batch| counts.add(&batch)),
            Place::Beside(beside) => self.tally.add(event, &mut |batch| beside.add(&batch)),
        }
    }

    /// The figures, at the log's end. `None` if the second thread is gone, which a defect alone can
    /// cause.
    pub(crate) fn finish(self, scenarios: &[String]) -> Option<Figures> {
        let mut all = self.all()?;
        all.intake.name_scenarios(scenarios);
        Some(all.counts.finish(&mut all.intake))
    }

    /// With all records counted; otherwise as [`finish`](Self::finish).
    pub(crate) fn all(mut self) -> Option<Counted> {
        let mut counts = match self.counts {
            Place::Here(counts) => *counts,
            Place::Beside(beside) => beside.finish()?,
        };
        self.tally.rest(&mut |batch| counts.add(&batch));
        Some(Counted {
            intake: self.intake,
            counts,
        })
    }
}

/// A part of a log of which all records were counted.
pub(crate) struct Counted {
    intake: Intake,
    counts: Counts,
}

impl Counted {
    /// Whether the names can be put in place.
    pub(crate) fn can_be_named(&self) -> bool {
        self.intake.can_be_named()
    }

    /// The first and the last time.
    pub(crate) fn span(&self) -> Option<Span> {
        self.counts.span()
    }

    /// Goes on where the part before ended. What the next one has to know is the answer.
    pub(crate) fn go_on(&mut self, before: &HandedOn) -> HandedOn {
        self.counts.go_on(before);
        self.counts.hand_on()
    }

    /// The figures, with the names in place; `whole` is the time of all parts.
    pub(crate) fn figures(
        mut self,
        scenarios: &[String],
        names: &Names,
        whole: Option<Span>,
        is_last: bool,
    ) -> Figures {
        self.intake.name_scenarios(scenarios);
        self.intake.name(names);
        match is_last {
            true => self.counts.finish_within(&mut self.intake, whole),
            false => self.counts.take_within(&mut self.intake, whole),
        }
    }
}

/// Moves an event in time. How long it took stays, and live figures have the same.
#[cold]
fn set_right(event: &mut Event, pace: Pace) {
    match event {
        Event::Request { start, end, .. } | Event::Group { start, end, .. } => {
            pace.set_right(start, end);
        }
        Event::User { time, .. } => *time = time.saturating_add_signed(pace.at(*time)),
    }
}

impl Beside {
    fn start(mut counts: Counts) -> Self {
        let (full, received) = sync_channel::<Batches>(QUEUE);
        let (back, counted) = sync_channel(QUEUE + 2);
        let thread = std::thread::spawn(move || {
            while let Ok(batches) = received.recv() {
                batches.each(|batch| counts.add(&batch));
                // At the end nobody needs them any more.
                let _ = back.try_send(batches);
            }
            counts
        });
        Self {
            filling: Batches::default(),
            full,
            counted,
            thread,
        }
    }

    fn add(&mut self, batch: &Batch<'_>) {
        self.filling.push(batch);
        if self.filling.len() >= TOGETHER {
            let mut empty = self.counted.try_recv().unwrap_or_default();
            empty.clear();
            let full = std::mem::replace(&mut self.filling, empty);
            // If the other side is gone, the end says so.
            let _ = self.full.send(full);
        }
    }

    fn finish(self) -> Option<Counts> {
        let _ = self.full.send(self.filling);
        drop(self.full);
        self.thread.join().ok()
    }
}
