//! The events of a log in batches.

use crate::intake::{ANEW, Event, OTHER};
use crate::lanes::{Batch, Entered, Lanes, Moved, Records, Sent};
use crate::names::Kind;

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
                let slot = self.settled(Kind::Request, slot);
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
                let slot = self.settled(Kind::Group, slot);
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

    /// The slot; where it belongs to another name now, what waits for the old one goes first.
    #[inline]
    fn settled(&mut self, kind: Kind, slot: u32) -> u32 {
        if slot < ANEW || slot == OTHER {
            return slot;
        }
        self.give_up(kind, slot & !ANEW);
        slot & !ANEW
    }

    #[cold]
    fn give_up(&mut self, kind: Kind, slot: u32) {
        match kind {
            Kind::Request => {
                let waiting = self.requests.of_slot(slot);
                let batches = waiting.map(|(name, own)| Batch(Records::Requests(name, own)));
                self.full.extend(batches);
            }
            Kind::Group => {
                let waiting = self.groups.of_slot(slot);
                let batches = waiting.map(|(name, own)| Batch(Records::Groups(name, own)));
                self.full.extend(batches);
            }
        }
        let given_up = Records::GivenUp(kind, slot as usize);
        self.full.push(Batch(given_up));
    }

    /// Those of all names, up to here.
    fn cut(&mut self, ok: bool) {
        let all = if ok { &mut self.ok } else { &mut self.ko };
        let records = std::mem::replace(all, Vec::with_capacity(TOGETHER));
        self.full.push(Batch(Records::All(ok, records)));
    }

    /// What is to be counted, the first one first.
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
            Records::All(..) | Records::Users(_) | Records::GivenUp(..) => {}
        }
    }
}
