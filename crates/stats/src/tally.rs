//! The events of a log in batches.

use crate::intake::{ANEW, Event, OTHER};
use crate::lanes::{Batch, Entered, Lanes, Moved, Name, Records, Sent};
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
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            requests: Lanes::NONE,
            groups: Lanes::NONE,
            ok: Vec::with_capacity(TOGETHER),
            ko: Vec::new(),
            users: Vec::new(),
        }
    }
}

impl Tally {
    /// Adds an event, and gives `count` the batches that are full.
    #[inline]
    pub fn add(&mut self, event: Event, count: &mut impl FnMut(Batch<'_>)) {
        match event {
            Event::Request {
                slot,
                start,
                end,
                ok,
            } => {
                let slot = self.settled(Kind::Request, slot, count);
                let sent = Sent { start, end };
                self.requests
                    .push(slot, ok, sent, |name, own| count(requests(name, own)));
                let all = if ok { &mut self.ok } else { &mut self.ko };
                all.push(sent);
                if all.len() == TOGETHER {
                    count(Batch(Records::All(ok, all)));
                    all.clear();
                }
            }
            Event::Group {
                slot,
                start,
                end,
                cumulated,
                ok,
            } => {
                let slot = self.settled(Kind::Group, slot, count);
                let entered = Entered {
                    start,
                    end,
                    cumulated,
                };
                self.groups
                    .push(slot, ok, entered, |name, own| count(groups(name, own)));
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
                    count(Batch(Records::Users(&self.users)));
                    self.users.clear();
                }
            }
        }
    }

    /// The slot; where it belongs to another name now, what waits for the old one goes first.
    #[inline]
    fn settled(&mut self, kind: Kind, slot: u32, count: &mut impl FnMut(Batch<'_>)) -> u32 {
        if slot < ANEW || slot == OTHER {
            return slot;
        }
        self.give_up(kind, slot & !ANEW, count);
        slot & !ANEW
    }

    #[cold]
    fn give_up(&mut self, kind: Kind, slot: u32, count: &mut impl FnMut(Batch<'_>)) {
        match kind {
            Kind::Request => self
                .requests
                .empty_slot(slot, |name, own| count(requests(name, own))),
            Kind::Group => self
                .groups
                .empty_slot(slot, |name, own| count(groups(name, own))),
        }
        count(Batch(Records::GivenUp(kind, slot as usize)));
    }

    /// Gives `count` all that waits, full or not: nothing is left here.
    pub fn rest(&mut self, count: &mut impl FnMut(Batch<'_>)) {
        self.requests
            .empty_all(&mut |name, own: &[Sent]| count(requests(name, own)));
        self.groups
            .empty_all(&mut |name, own: &[Entered]| count(groups(name, own)));
        for (ok, all) in [(true, &mut self.ok), (false, &mut self.ko)] {
            count(Batch(Records::All(ok, all)));
            all.clear();
        }
        count(Batch(Records::Users(&self.users)));
        self.users.clear();
    }
}

fn requests(name: Name, records: &[Sent]) -> Batch<'_> {
    Batch(Records::Requests(name, records))
}

fn groups(name: Name, records: &[Entered]) -> Batch<'_> {
    Batch(Records::Groups(name, records))
}
