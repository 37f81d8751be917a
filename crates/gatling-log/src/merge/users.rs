//! Users of several logs in order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::encoder::Encoder;
use crate::record::User;

/// How far other records are ahead when a user is written, ms. Records lie in a log as the threads
/// of Gatling come to write them; in real ones up to 140 ms from their order in time.
const HELD_BACK: i64 = 2_000;
/// How many are held back at most.
const MOST: usize = 1 << 16;

/// Users that are held back.
#[derive(Debug)]
pub(super) struct Users {
    /// Whether they are: one log alone is in order as it is.
    held_back: bool,
    held: BinaryHeap<Reverse<Held>>,
    count: u64,
}

/// Time, count, scenario, whether it starts: in the order of time, then as they came.
type Held = (u32, u64, usize, bool);

impl Users {
    pub(super) fn new(held_back: bool) -> Self {
        Self {
            held_back,
            held: BinaryHeap::new(),
            count: 0,
        }
    }

    pub(super) fn add(&mut self, user: User, encoder: &mut Encoder) {
        if !self.held_back {
            encoder.user(user);
            return;
        }
        self.count += 1;
        let held = (user.time, self.count, user.scenario, user.starts);
        self.held.push(Reverse(held));
        if self.held.len() > MOST
            && let Some(Reverse(first)) = self.held.pop()
        {
            write(first, encoder);
        }
    }

    /// Writes those for which a record of this time is far enough ahead.
    #[inline]
    pub(super) fn write_before(&mut self, time: i64, encoder: &mut Encoder) {
        while let Some(Reverse(first)) = self.held.peek()
            && i64::from(first.0) + HELD_BACK <= time
        {
            write(*first, encoder);
            self.held.pop();
        }
    }

    pub(super) fn write_all(&mut self, encoder: &mut Encoder) {
        while let Some(Reverse(first)) = self.held.pop() {
            write(first, encoder);
        }
    }
}

fn write((time, _, scenario, starts): Held, encoder: &mut Encoder) {
    encoder.user(User {
        scenario,
        starts,
        time,
    });
}
