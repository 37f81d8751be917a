//! Virtual users: who started and ended when, by scenario.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::check::{LONGEST_TEXT, Unacceptable};

/// Moments are kept to the ms. Only where there are more of them than this in all scenarios they
/// are rounded down to the next of these units, ms; each divides the one behind it.
const MOMENTS: usize = 400_000;
const UNITS: [i64; 11] = [
    1, 2, 4, 8, 40, 200, 1000, 10_000, 60_000, 600_000, 3_600_000,
];
/// Moments out of order that wait to be sorted in.
const WAITING: usize = 1 << 16;
/// The name of those that there was no room for.
const OTHER_SCENARIOS: &str = "(other scenarios)";

/// Users by scenario. Those of several logs are united: only their union knows how many were
/// active at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Users {
    /// The index in [`UNITS`].
    unit: usize,
    scenarios: BTreeMap<String, Scenario>,
}

/// The users of one scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Users that started.
    pub started: u64,
    /// Users that ended.
    pub ended: u64,
    /// Users that had not ended when their log did.
    pub unfinished: u64,
    /// In the order of time.
    moves: Vec<Move>,
}

/// How many came and went at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Move {
    /// ms on the axis.
    at: i64,
    came: u64,
    went: u64,
}

impl Move {
    fn join(&mut self, other: Self) {
        self.came = self.came.saturating_add(other.came);
        self.went = self.went.saturating_add(other.went);
    }
}

/// Users in one second.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Level {
    /// The second of the axis.
    pub second: i64,
    /// Users that started in it.
    pub started: u64,
    /// The most that were active at once.
    pub most: u64,
    /// Active at its end.
    pub last: u64,
}

impl Users {
    /// Scenarios beyond so many are together.
    pub(crate) const SCENARIOS: usize = 10_000;

    /// The scenarios by name.
    #[must_use]
    pub fn scenarios(&self) -> &BTreeMap<String, Scenario> {
        &self.scenarios
    }

    /// The seconds in which users of a scenario came or went, in order; between them the level
    /// stays.
    #[must_use]
    pub fn levels(&self, scenario: &str) -> Vec<Level> {
        let moves = self.scenarios.get(scenario).map(|own| own.moves.as_slice());
        levels(moves.unwrap_or_default())
    }

    /// As [`levels`](Self::levels), of all scenarios together.
    #[must_use]
    pub fn all_levels(&self) -> Vec<Level> {
        let mut all = Vec::new();
        for scenario in self.scenarios.values() {
            all.extend_from_slice(&scenario.moves);
        }
        sort(&mut all);
        levels(&all)
    }

    /// To how many ms moments are known.
    #[must_use]
    pub fn unit_ms(&self) -> i64 {
        UNITS[self.unit.min(UNITS.len() - 1)]
    }

    /// Merges with others, of as many scenarios as there may be.
    pub(crate) fn add(&mut self, other: Self) {
        if self.scenarios.is_empty() && self.unit <= other.unit {
            if let Cow::Owned(fewer) = other.with_room_in(self, Self::SCENARIOS) {
                *self = fewer;
            } else {
                *self = other;
                // Those that come from outside may be in any order.
                let unit = self.unit_ms();
                for scenario in self.scenarios.values_mut() {
                    scenario.round(unit);
                }
            }
            self.fit();
        } else {
            self.merge(&other.with_room_in(self, Self::SCENARIOS));
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.coarsen_to(other.unit);
        let unit = self.unit_ms();
        for (name, scenario) in &other.scenarios {
            if !self.scenarios.contains_key(name) {
                self.scenarios.insert(name.clone(), Scenario::default());
            }
            if let Some(own) = self.scenarios.get_mut(name) {
                own.merge(scenario, unit);
            }
        }
        self.fit();
    }

    /// These users, where `others` may have so many scenarios: those for which there is no room
    /// are together under a name of theirs.
    pub(crate) fn with_room_in(&self, others: &Self, limit: usize) -> Cow<'_, Self> {
        let is_new = |name: &&String| !others.scenarios.contains_key(*name);
        let new = self.scenarios.keys().filter(is_new).count();
        if others.scenarios.len() + new <= limit {
            return Cow::Borrowed(self);
        }
        let mut room = limit.saturating_sub(others.scenarios.len());
        let mut users = Self {
            unit: self.unit,
            ..Self::default()
        };
        let unit = users.unit_ms();
        for (name, scenario) in &self.scenarios {
            let is_known = others.scenarios.contains_key(name);
            let name = if is_known || room > 0 {
                name.as_str()
            } else {
                OTHER_SCENARIOS
            };
            room = room.saturating_sub(usize::from(!is_known));
            let own = users.scenarios.entry(name.to_owned()).or_default();
            own.merge(scenario, unit);
        }
        Cow::Owned(users)
    }

    /// Of users that came: all moments within these ms, and no more scenarios than `limit`.
    pub(crate) fn check(
        &self,
        span: &RangeInclusive<i64>,
        limit: usize,
    ) -> Result<(), Unacceptable> {
        if self.unit >= UNITS.len() || self.scenarios.len() > limit {
            return Err(Unacceptable("too many scenarios"));
        }
        if self.scenarios.keys().any(|name| name.len() > LONGEST_TEXT) {
            return Err(Unacceptable("a scenario's name that is too long"));
        }
        // A moment is rounded down.
        let (first, unit) = (*span.start(), self.unit_ms());
        let is_within = |one: &Move| one.at <= *span.end() && one.at >= first.saturating_sub(unit);
        let mut scenarios = self.scenarios.values();
        if scenarios.all(|own| own.moves.iter().all(is_within)) {
            Ok(())
        } else {
            Err(Unacceptable("users outside of the run"))
        }
    }

    fn fit(&mut self) {
        let moments =
            |users: &Self| -> usize { users.scenarios.values().map(|own| own.moves.len()).sum() };
        while moments(self) > MOMENTS && self.unit + 1 < UNITS.len() {
            self.coarsen_to(self.unit + 1);
        }
    }

    fn coarsen_to(&mut self, unit: usize) {
        if unit <= self.unit || unit >= UNITS.len() {
            return;
        }
        self.unit = unit;
        for scenario in self.scenarios.values_mut() {
            scenario.round(UNITS[unit]);
        }
    }
}

impl Scenario {
    fn merge(&mut self, other: &Self, unit: i64) {
        self.started = self.started.saturating_add(other.started);
        self.ended = self.ended.saturating_add(other.ended);
        self.unfinished = self.unfinished.saturating_add(other.unfinished);
        let round = |one: &Move| Move {
            at: rounded(one.at, unit),
            ..*one
        };
        let mut more: Vec<Move> = other.moves.iter().map(round).collect();
        // They are in order already, but where they come from outside.
        sort(&mut more);
        merge(&mut self.moves, more);
    }

    fn round(&mut self, unit: i64) {
        for one in &mut self.moves {
            one.at = rounded(one.at, unit);
        }
        sort(&mut self.moves);
        self.moves.shrink_to_fit();
    }
}

fn rounded(at: i64, unit: i64) -> i64 {
    at.div_euclid(unit).saturating_mul(unit)
}

fn sort(moves: &mut Vec<Move>) {
    moves.sort_by_key(|one| one.at);
    moves.dedup_by(|next, kept| {
        let same = next.at == kept.at;
        if same {
            kept.join(*next);
        }
        same
    });
}

/// Merges moves into others, both in order. Those before the first new one are not touched: what
/// comes live is behind most of what there is.
fn merge(moves: &mut Vec<Move>, more: Vec<Move>) {
    let Some(first) = more.first() else { return };
    let from = moves.partition_point(|one| one.at < first.at);
    let mut later = moves.split_off(from).into_iter().peekable();
    moves.reserve(later.len() + more.len());
    for mut one in more {
        while let Some(own) = later.next_if(|own| own.at <= one.at) {
            if own.at == one.at {
                one.join(own);
            } else {
                moves.push(own);
            }
        }
        moves.push(one);
    }
    moves.extend(later);
}

/// Who goes and who comes in the same ms are not there together, as where a user follows another.
fn levels(moves: &[Move]) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    let mut active = 0_u64;
    for one in moves {
        let second = one.at.div_euclid(1000);
        if levels.last().is_none_or(|level| level.second != second) {
            levels.push(Level {
                second,
                most: active,
                ..Level::default()
            });
        }
        let stayed = active.saturating_sub(one.went);
        let early = one.went.saturating_sub(active);
        let most = stayed.saturating_add(one.came);
        active = most.saturating_sub(early);
        if let Some(level) = levels.last_mut() {
            level.started = level.started.saturating_add(one.came);
            level.most = level.most.max(most);
            level.last = active;
        }
    }
    levels
}

/// Users while they are counted.
#[derive(Debug, Default)]
pub(crate) struct Counting {
    unit: usize,
    /// By the scenario's index in the log.
    scenarios: Vec<Open>,
    moments: usize,
}

#[derive(Debug, Default)]
struct Open {
    scenario: Scenario,
    /// Those out of order.
    waiting: Vec<Move>,
    /// Started and not ended, over all that was taken.
    active: i64,
}

impl Counting {
    /// Counts a user's start or end, `time` in ms on the axis.
    pub(crate) fn add(&mut self, scenario: usize, starts: bool, time: i64) {
        if scenario >= self.scenarios.len() {
            self.scenarios.resize_with(scenario + 1, Open::default);
        }
        let open = &mut self.scenarios[scenario];
        if starts {
            open.scenario.started += 1;
            open.active += 1;
        } else {
            open.scenario.ended += 1;
            open.active -= 1;
        }
        let (came, went) = (u64::from(starts), u64::from(!starts));
        self.move_at(scenario, time, came, went);
    }

    fn move_at(&mut self, scenario: usize, time: i64, came: u64, went: u64) {
        let unit = UNITS[self.unit];
        let at = time.div_euclid(unit) * unit;
        let open = &mut self.scenarios[scenario];
        match open.scenario.moves.last_mut() {
            Some(last) if last.at == at => {
                last.came += came;
                last.went += went;
                return;
            }
            Some(last) if last.at > at => open.waiting.push(Move { at, came, went }),
            _ => open.scenario.moves.push(Move { at, came, went }),
        }
        self.moments += 1;
        if open.waiting.len() >= WAITING || self.moments > 2 * MOMENTS {
            self.settle();
        }
    }

    /// All in order, and not too many.
    fn settle(&mut self) {
        loop {
            let unit = UNITS[self.unit];
            for open in &mut self.scenarios {
                open.scenario.moves.append(&mut open.waiting);
                open.scenario.round(unit);
            }
            let moves = self.scenarios.iter().map(|open| open.scenario.moves.len());
            self.moments = moves.sum();
            if self.moments <= MOMENTS || self.unit + 1 == UNITS.len() {
                return;
            }
            self.unit += 1;
        }
    }

    /// How many users are active by what was counted.
    pub(crate) fn active(&self) -> u64 {
        let active = |open: &Open| u64::try_from(open.active).unwrap_or(0);
        self.scenarios.iter().map(active).sum()
    }

    /// Those that started and did not end; below 0 where more ended.
    pub(crate) fn active_by_scenario(&self) -> Vec<i64> {
        self.scenarios.iter().map(|open| open.active).collect()
    }

    /// Counts those that started before.
    pub(crate) fn add_active(&mut self, active: &[i64]) {
        if active.len() > self.scenarios.len() {
            self.scenarios.resize_with(active.len(), Open::default);
        }
        for (open, more) in self.scenarios.iter_mut().zip(active) {
            open.active += more;
        }
    }

    /// Those that are active leave at `time`, ms on the axis, and count as unfinished.
    pub(crate) fn close(&mut self, time: i64) {
        for scenario in 0..self.scenarios.len() {
            let open = &mut self.scenarios[scenario];
            let left = u64::try_from(std::mem::take(&mut open.active)).unwrap_or(0);
            if left > 0 {
                open.scenario.unfinished += left;
                self.move_at(scenario, time, 0, left);
            }
        }
    }

    /// What was counted since the last time, by the names of the log's scenarios.
    pub(crate) fn take(&mut self, names: &[String]) -> Users {
        self.settle();
        let mut users = Users {
            unit: self.unit,
            scenarios: BTreeMap::new(),
        };
        for (index, open) in self.scenarios.iter_mut().enumerate() {
            let own = std::mem::take(&mut open.scenario);
            if own != Scenario::default() {
                let name = names.get(index).cloned().unwrap_or_default();
                // Two scenarios cannot have one name in Gatling; a log can say so.
                let unit = users.unit_ms();
                users.scenarios.entry(name).or_default().merge(&own, unit);
            }
        }
        (self.unit, self.moments) = (0, 0);
        users
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(moves: &[(bool, i64)]) -> Users {
        let mut counting = Counting::default();
        for (starts, time) in moves {
            counting.add(0, *starts, *time);
        }
        counting.close(9_999);
        counting.take(&["visitors".to_owned()])
    }

    #[test]
    fn levels_are_those_of_the_union() {
        // At most one at once in each log, two in the union.
        let (a, b) = (
            count(&[(true, 100), (false, 600), (true, 2100), (false, 2200)]),
            count(&[(true, 500), (false, 700), (true, 2200)]),
        );
        let most = |users: &Users| users.all_levels().iter().map(|level| level.most).max();
        assert_eq!((most(&a), most(&b)), (Some(1), Some(1)));
        let mut union = a.clone();
        union.merge(&b);
        assert_eq!(most(&union), Some(2));
        let levels: Vec<_> = union
            .levels("visitors")
            .iter()
            .map(|level| (level.second, level.started, level.most, level.last))
            .collect();
        assert_eq!(levels, [(0, 2, 2, 0), (2, 2, 1, 1), (9, 0, 1, 0)]);
        let visitors = &union.scenarios()["visitors"];
        assert_eq!(
            (visitors.started, visitors.ended, visitors.unfinished),
            (4, 3, 1)
        );
    }

    #[test]
    fn a_user_of_no_length_was_there() {
        let users = count(&[(true, 100), (false, 100)]);
        let levels = users.all_levels();
        assert_eq!((levels[0].most, levels[0].last), (1, 0));
    }

    #[test]
    fn merging_is_adding_whatever_comes_first() {
        let of = |moments: &[i64]| -> Vec<Move> {
            let moves = moments.iter().map(|at| Move {
                at: *at,
                came: 1,
                went: 2,
            });
            moves.collect()
        };
        let lists: [&[i64]; 7] = [
            &[],
            &[5],
            &[1, 5, 9],
            &[9],
            &[0, 1, 2],
            &[10, 11],
            &[2, 9, 12],
        ];
        for own in lists {
            for more in lists {
                let mut merged = of(own);
                merge(&mut merged, of(more));
                let mut expected = of(&[own, more].concat());
                sort(&mut expected);
                assert_eq!(merged, expected, "{own:?} and {more:?}");
            }
        }
    }

    /// A run of many users is told once a second: what is there already must not be copied each
    /// time.
    #[test]
    fn what_is_merged_live_leaves_the_earlier_where_it_is() {
        let cell = |second: i64| {
            let moves: Vec<_> = (0..100).map(|n| (true, second * 1000 + n * 10)).collect();
            let mut counting = Counting::default();
            for (starts, time) in moves {
                counting.add(0, starts, time);
            }
            counting.take(&["visitors".to_owned()])
        };
        let mut all = Users::default();
        let mut moved = 0;
        for second in 0..1000 {
            let place = |users: &Users| {
                users
                    .scenarios
                    .get("visitors")
                    .map(|own| own.moves.as_ptr())
            };
            let before = place(&all);
            all.merge(&cell(second));
            moved += usize::from(before != place(&all));
        }
        assert!(moved < 30, "{moved}");
        assert_eq!(all.scenarios()["visitors"].moves.len(), 100_000);
    }

    #[test]
    fn too_many_moments_are_rounded_alike_in_any_order() {
        let all: Vec<(bool, i64)> = (0..900_000)
            .map(|n| (n % 2 == 0, n * 7919 % 900_001))
            .collect();
        let whole = count(&all);
        assert_eq!(whole.unit_ms(), 4);
        let mut parts: Vec<Users> = all
            .chunks(200_000)
            .map(|part| {
                let mut counting = Counting::default();
                for (starts, time) in part {
                    counting.add(0, *starts, *time);
                }
                counting.take(&["visitors".to_owned()])
            })
            .collect();
        parts.reverse();
        let mut merged = Users::default();
        for part in &parts {
            merged.merge(part);
        }
        assert_eq!(merged, whole);
        assert_eq!(merged.scenarios()["visitors"].started, 450_000);
    }
}
