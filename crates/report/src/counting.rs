//! Counting the records of one log, on this thread or beside it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use bfgg_stats::{Event, Figures, Intake, Limits, Tally};
use gatling_log::Record;

/// Events handed over at once: enough to make the hand-over cheap, little enough for the cache.
const BATCH: usize = 4096;
/// Batches on their way.
const QUEUE: usize = 4;

/// Takes the records of one log.
pub(crate) struct Counting {
    intake: Intake,
    tally: Place,
}

enum Place {
    Here(Box<Tally>),
    Beside(Beside),
}

struct Beside {
    batch: Vec<Event>,
    full: SyncSender<Vec<Event>>,
    empty: Receiver<Vec<Event>>,
    thread: JoinHandle<Tally>,
}

impl Counting {
    /// `shift` ms are added to the log's times. With `beside` a second thread counts what this one
    /// decodes.
    pub(crate) fn new(shift: i64, limits: Limits, beside: bool) -> Self {
        let tally = Tally::new(shift, limits);
        Self {
            intake: Intake::new(limits),
            tally: match beside {
                true => Place::Beside(Beside::start(tally)),
                false => Place::Here(Box::new(tally)),
            },
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, record: &Record<'_>) {
        let Some(event) = self.intake.event(record) else {
            return;
        };
        match &mut self.tally {
            Place::Here(tally) => tally.add(event),
            Place::Beside(beside) => {
                beside.batch.push(event);
                if beside.batch.len() == BATCH {
                    beside.hand_over();
                }
            }
        }
    }

    /// The figures, at the log's end. `None` if the second thread is gone, which a defect alone can
    /// cause.
    pub(crate) fn finish(mut self, scenarios: &[String]) -> Option<Figures> {
        self.intake.name_scenarios(scenarios);
        let tally = match self.tally {
            Place::Here(tally) => *tally,
            Place::Beside(mut beside) => {
                beside.hand_over();
                drop(beside.full);
                beside.thread.join().ok()?
            }
        };
        Some(tally.finish(&mut self.intake))
    }
}

impl Beside {
    fn start(mut tally: Tally) -> Self {
        let (full, batches) = sync_channel::<Vec<Event>>(QUEUE);
        let (used, empty) = sync_channel(QUEUE + 2);
        let thread = std::thread::spawn(move || {
            while let Ok(mut batch) = batches.recv() {
                for event in &batch {
                    tally.add(*event);
                }
                batch.clear();
                // A batch too many is dropped.
                let _ = used.try_send(batch);
            }
            tally
        });
        Self {
            batch: Vec::with_capacity(BATCH),
            full,
            empty,
            thread,
        }
    }

    fn hand_over(&mut self) {
        let next = self.empty.try_recv();
        let next = next.unwrap_or_else(|_| Vec::with_capacity(BATCH));
        // If the other side is gone, the end says so.
        let _ = self.full.send(std::mem::replace(&mut self.batch, next));
    }
}
