//! The events of a log in batches.

use crate::intake::Event;
use crate::lanes::{Batch, Entered, Lanes, Moved, Records, Sent};

/// Records of all names in a batch.
const TOGETHER: usize = 1024;

/// Puts the events of one log together in batches, which [`Counts`](crate::Counts) counts: on this
/// thread or on another one. See [`Intake`](crate::Intake).
#[derive(Debug)]
pub struct Tally {
    requests: Lanes<Sent>,
    groups: Lanes<Entered>,
    ok: Vec<Sent>,
    ko: Vec<Sent>,
    users: Vec<Moved>,
    full: Vec<Batch>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            requests: Lanes::NONE,
            groups: Lanes::NONE,
            ok: Vec::with_capacity(TOGETHER),
            ko: Vec::new(),
            users: Vec::new(),
            full: Vec::new(),
        }
    }
}

impl Tally {
    /// Adds an event; whether there are [`batches`](Self::batches) to be counted.
    #[inline]
    pub fn add(&mut self, event: Event) -> bool {
        match event {
            Event::Request {
                slot,
                start,
                end,
                ok,
            } => {
                let sent = Sent { start, end };
                if let Some((name, records)) = self.requests.push(slot, ok, sent) {
                    self.full.push(Batch(Records::Requests(name, records)));
                }
                let all = if ok { &mut self.ok } else { &mut self.ko };
                all.push(sent);
                if all.len() == TOGETHER {
                    self.cut(ok);
                }
            }
            Event::Group {
                slot,
                start,
                end,
                cumulated,
                ok,
            } => {
                let entered = Entered {
                    start,
                    end,
                    cumulated,
                };
                if let Some((name, records)) = self.groups.push(slot, ok, entered) {
                    self.full.push(Batch(Records::Groups(name, records)));
                }
            }
            Event::User {
                scenario,
                starts,
                time,
            } => {
                self.users.push(Moved {
                    scenario,
                    starts,
                    time,
                });
                if self.users.len() == TOGETHER {
                    let users = std::mem::take(&mut self.users);
                    self.full.push(Batch(Records::Users(users)));
                }
            }
        }
        !self.full.is_empty()
    }

    /// Those of all names, up to here.
    fn cut(&mut self, ok: bool) {
        let all = if ok { &mut self.ok } else { &mut self.ko };
        let records = std::mem::replace(all, Vec::with_capacity(TOGETHER));
        self.full.push(Batch(Records::All(ok, records)));
    }

    /// What is to be counted.
    pub fn batches(&mut self) -> &mut Vec<Batch> {
        &mut self.full
    }

    /// All that waits, full or not: nothing is left here.
    pub fn rest(&mut self) -> Vec<Batch> {
        let mut rest = std::mem::take(&mut self.full);
        let requests = self.requests.waiting();
        rest.extend(requests.map(|(name, records)| Batch(Records::Requests(name, records))));
        let groups = self.groups.waiting();
        rest.extend(groups.map(|(name, records)| Batch(Records::Groups(name, records))));
        for (ok, all) in [(true, &mut self.ok), (false, &mut self.ko)] {
            rest.push(Batch(Records::All(ok, std::mem::take(all))));
        }
        rest.push(Batch(Records::Users(std::mem::take(&mut self.users))));
        rest
    }

    /// The memory of a batch that has been counted serves again.
    #[inline]
    pub fn reuse(&mut self, batch: Batch) {
        match batch.0 {
            Records::Requests(_, records) => self.requests.reuse(records),
            Records::Groups(_, records) => self.groups.reuse(records),
            Records::All(..) | Records::Users(_) => {}
        }
    }
}
