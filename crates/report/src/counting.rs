//! Counting the records of one log, on this thread and one beside it.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

use bfgg_stats::{Batch, ByName, Figures, Intake, Limits, Tally};
use gatling_log::Record;

/// Batches handed over at once: enough to make the hand-over cheap.
const TOGETHER: usize = 16;
/// How many of these are on their way.
const QUEUE: usize = 8;

/// Takes the records of one log.
pub(crate) struct Counting {
    intake: Intake,
    tally: Tally,
    by_name: Place,
}

/// Where requests and groups are counted.
enum Place {
    Here(Box<ByName>),
    Beside(Beside),
}

struct Beside {
    batches: Vec<Batch>,
    full: SyncSender<Vec<Batch>>,
    thread: JoinHandle<ByName>,
}

impl Counting {
    /// `shift` ms are added to the log's times. With `beside` a second thread counts part of what this
    /// one decodes.
    pub(crate) fn new(shift: i64, limits: Limits, beside: bool) -> Self {
        let by_name = ByName::new(shift, limits);
        Self {
            intake: Intake::new(limits),
            tally: Tally::new(shift),
            by_name: match beside {
                true => Place::Beside(Beside::start(by_name)),
                false => Place::Here(Box::new(by_name)),
            },
        }
    }

    #[inline]
    pub(crate) fn add(&mut self, record: &Record<'_>) {
        let Some(event) = self.intake.event(record) else {
            return;
        };
        if let Some(full) = self.tally.add(event) {
            match &mut self.by_name {
                Place::Here(by_name) => full.count(by_name),
                Place::Beside(beside) => beside.hand_over(full.take()),
            }
        }
    }

    /// The figures, at the log's end. `None` if the second thread is gone, which a defect alone can
    /// cause.
    pub(crate) fn finish(mut self, scenarios: &[String]) -> Option<Figures> {
        self.intake.name_scenarios(scenarios);
        let mut by_name = match self.by_name {
            Place::Here(by_name) => *by_name,
            Place::Beside(beside) => beside.finish()?,
        };
        Some(self.tally.finish(&mut self.intake, &mut by_name))
    }
}

impl Beside {
    fn start(mut by_name: ByName) -> Self {
        let (full, received) = sync_channel::<Vec<Batch>>(QUEUE);
        let thread = std::thread::spawn(move || {
            while let Ok(batches) = received.recv() {
                for batch in &batches {
                    by_name.count(batch);
                }
            }
            by_name
        });
        Self {
            batches: Vec::with_capacity(TOGETHER),
            full,
            thread,
        }
    }

    fn hand_over(&mut self, batch: Batch) {
        self.batches.push(batch);
        if self.batches.len() == TOGETHER {
            let together = std::mem::replace(&mut self.batches, Vec::with_capacity(TOGETHER));
            // If the other side is gone, the end says so.
            let _ = self.full.send(together);
        }
    }

    fn finish(self) -> Option<ByName> {
        let _ = self.full.send(self.batches);
        drop(self.full);
        self.thread.join().ok()
    }
}
