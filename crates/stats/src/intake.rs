//! From a log's records to numbers: which request or group a record is about.

use std::collections::BTreeMap;

use gatling_log::{NameId, Names, Record};
use rustc_hash::FxHashMap;

use crate::figures::Path;
use crate::limits::Limits;
use crate::messages::{Counting, Messages};
use crate::names::{self, Kind};

/// The slot of what has none of its own.
pub const OTHER: u32 = u32::MAX;
/// A slot with this bit is given to another name than before: what waits for the old one has to be
/// counted first.
pub(crate) const ANEW: u32 = 1 << 31;
/// Not looked for yet.
const UNKNOWN: u32 = u32::MAX - 1;
/// Places in the tree of names. Hostile logs could have any number.
const PLACES: usize = 1 << 20;
const ROOT: u32 = 0;
/// A power of two.
const RECENT: usize = 4096;

/// A record as numbers. Times are ms after the log's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A request.
    Request {
        /// Its number, or [`OTHER`]; [`Tally`](crate::Tally) knows of one more.
        slot: u32,
        /// When it was sent.
        start: u32,
        /// When it ended.
        end: u32,
        /// Whether it succeeded.
        ok: bool,
    },
    /// A group that was left.
    Group {
        /// Its number, or [`OTHER`].
        slot: u32,
        /// When it was entered.
        start: u32,
        /// When it was left.
        end: u32,
        /// The response times in it, added up, ms.
        cumulated: u32,
        /// Whether all in it succeeded.
        ok: bool,
    },
    /// A user's start or end.
    User {
        /// The index of its scenario.
        scenario: u32,
        /// Starts or ends.
        starts: bool,
        /// When.
        time: u32,
    },
}

/// Gives each request and group of a log a number, and counts the messages. The first of two steps
/// ([`Tally`](crate::Tally) is the other), which can be taken on two threads.
#[derive(Debug)]
pub struct Intake {
    limits: Limits,
    /// Tree of the groups' names, by the place of the outer one.
    inner: FxHashMap<(u32, NameId), u32>,
    /// What was looked for in it last, by some bits of both.
    recent: Box<[Recent; RECENT]>,
    /// As above, for names outside of all groups, which are most.
    outermost: Vec<u32>,
    places: Vec<Place>,
    /// The names with figures of their own.
    names: BTreeMap<names::Place, Own>,
    /// The first name that has none.
    beyond: Option<names::Place>,
    requests: Slots,
    groups: Slots,
    messages: Counting,
    scenarios: Vec<String>,
    /// Names stand here by their numbers: their texts are not known yet.
    by_number: bool,
}

/// A place in the tree.
#[derive(Debug, Clone, Copy)]
struct Recent {
    outer: u32,
    name: u32,
    place: u32,
}

/// A name in its groups: a request, a group or both.
#[derive(Debug, Clone, Copy)]
struct Place {
    request: u32,
    group: u32,
}

/// What a name has of its own.
#[derive(Debug)]
struct Own {
    slot: u32,
    /// Its places in the tree: names that are shown alike have one slot.
    places: Vec<u32>,
}

/// The slots of requests or of groups.
#[derive(Debug, Default)]
struct Slots {
    /// By slot; none where a name had to give way.
    paths: Vec<Option<Path>>,
    free: Vec<u32>,
}

impl Slots {
    /// A slot for a new name, perhaps [anew](ANEW).
    fn take(&mut self, path: Path) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.paths[slot as usize] = Some(path);
            return slot | ANEW;
        }
        match u32::try_from(self.paths.len()) {
            Ok(slot) if slot < ANEW => {
                self.paths.push(Some(path));
                slot
            }
            _ => OTHER,
        }
    }

    fn give_back(&mut self, slot: u32) {
        self.paths[slot as usize] = None;
        self.free.push(slot);
    }
}

impl Intake {
    /// For one log.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            inner: FxHashMap::default(),
            // Of the root nothing is kept here.
            recent: Box::new(
                [Recent {
                    outer: ROOT,
                    name: 0,
                    place: ROOT,
                }; RECENT],
            ),
            outermost: Vec::new(),
            places: vec![Place::NEW],
            names: BTreeMap::new(),
            beyond: None,
            requests: Slots::default(),
            groups: Slots::default(),
            messages: Counting::default(),
            scenarios: Vec::new(),
            by_number: false,
        }
    }

    /// For a [part](gatling_log::Decoder::part) of a binary log, whose names are known later: see
    /// [`name`](Self::name).
    #[must_use]
    pub fn of_part(limits: Limits) -> Self {
        Self {
            by_number: true,
            ..Self::new(limits)
        }
    }

    /// Whether the names of a part can be put in place: where there are more names or messages than
    /// the limit it depends on their texts which of them are counted by themselves.
    #[must_use]
    pub fn can_be_named(&self) -> bool {
        !self.by_number || self.beyond.is_none() && self.messages.all_are_counted()
    }

    /// Puts the texts of the names where a part has their numbers, if they
    /// [can be](Self::can_be_named). After it there are no more events.
    pub fn name(&mut self, names: &Names) {
        if !std::mem::take(&mut self.by_number) {
            return;
        }
        let text = |number: &str| match number.parse() {
            Ok(index) => names.get(NameId::from_index(index)),
            Err(_) => "",
        };
        for slots in [&mut self.requests, &mut self.groups] {
            for name in slots.paths.iter_mut().flatten().flatten() {
                *name = shown(text(name));
            }
        }
        self.messages.name(text);
    }

    /// A record as numbers; `None` if nothing is left to count of it.
    #[inline]
    pub fn event(&mut self, record: &Record<'_>) -> Option<Event> {
        match record {
            Record::Request(request) => {
                let groups = request.groups();
                let mut place = ROOT;
                for group in groups.ids() {
                    place = self.inside(place, *group);
                }
                let place = self.inside(place, request.name_id());
                let slot = match self.places.get(place as usize) {
                    Some(known) if known.request != UNKNOWN => known.request,
                    _ => self.request_slot(place, request),
                };
                let message = request.message_id();
                let text = || self.by_number.then(|| number(&message));
                self.messages.add(
                    message,
                    || text().unwrap_or_else(|| request.message().to_owned()),
                    self.limits.messages,
                );
                Some(Event::Request {
                    slot,
                    start: request.start,
                    end: request.end,
                    ok: request.ok,
                })
            }
            Record::User(user) => Some(Event::User {
                scenario: u32::try_from(user.scenario).unwrap_or(u32::MAX),
                starts: user.starts,
                time: user.time,
            }),
            Record::Group(group) => {
                let mut place = ROOT;
                for name in group.groups().ids() {
                    place = self.inside(place, *name);
                }
                let slot = match self.places.get(place as usize) {
                    Some(known) if known.group != UNKNOWN => known.group,
                    _ => self.group_slot(place, group),
                };
                Some(Event::Group {
                    slot,
                    start: group.start,
                    end: group.end,
                    cumulated: group.cumulated,
                    ok: group.ok,
                })
            }
            Record::Error(error) => {
                let message = error.message_id();
                let text = || self.by_number.then(|| number(&message));
                self.messages.add(
                    message,
                    || text().unwrap_or_else(|| error.message().to_owned()),
                    self.limits.messages,
                );
                None
            }
            Record::Run(header) => {
                self.name_scenarios(&header.scenarios);
                None
            }
            _ => None,
        }
    }

    #[inline]
    fn inside(&mut self, outer: u32, name: NameId) -> u32 {
        if outer == ROOT {
            match self.outermost.get(name.index()) {
                Some(place) if *place != UNKNOWN => return *place,
                _ => return self.new_place(outer, name),
            }
        }
        // Below 2^32, as it is made of one.
        let index = name.index() as u32;
        let at = (outer.wrapping_mul(61) ^ index) as usize % RECENT;
        let recent = self.recent[at];
        if (recent.outer, recent.name) == (outer, index) {
            return recent.place;
        }
        self.look_inside(outer, name, at)
    }

    #[inline(never)]
    fn look_inside(&mut self, outer: u32, name: NameId, at: usize) -> u32 {
        let known = self.inner.get(&(outer, name)).copied();
        let place = known.unwrap_or_else(|| self.new_place(outer, name));
        self.recent[at] = Recent {
            outer,
            name: name.index() as u32,
            place,
        };
        place
    }

    #[cold]
    fn new_place(&mut self, outer: u32, name: NameId) -> u32 {
        if outer == OTHER || self.places.len() >= PLACES {
            return OTHER;
        }
        let place = u32::try_from(self.places.len()).unwrap_or(OTHER);
        self.places.push(Place::NEW);
        if outer == ROOT {
            let index = name.index();
            if index >= self.outermost.len() {
                self.outermost.resize(index + 1, UNKNOWN);
            }
            self.outermost[index] = place;
        } else {
            self.inner.insert((outer, name), place);
        }
        place
    }

    #[cold]
    fn request_slot(&mut self, place: u32, request: &gatling_log::Request<'_>) -> u32 {
        let path = if self.by_number {
            let (groups, name) = (request.groups(), request.name_id());
            groups.ids().iter().chain([&name]).map(number).collect()
        } else {
            let names = request.groups().names().chain([request.name()]);
            names.map(shown).collect()
        };
        self.slot(place, Kind::Request, path)
    }

    #[cold]
    fn group_slot(&mut self, place: u32, group: &gatling_log::Group<'_>) -> u32 {
        let groups = group.groups();
        let path = match self.by_number {
            true => groups.ids().iter().map(number).collect(),
            false => groups.names().map(shown).collect(),
        };
        self.slot(place, Kind::Group, path)
    }

    /// The slot of a name, which is perhaps seen for the first time.
    fn slot(&mut self, place: u32, kind: Kind, path: Path) -> u32 {
        let name = names::Place::new(kind, path);
        let slot = match self.names.get_mut(&name) {
            Some(own) => {
                if place != OTHER {
                    own.places.push(place);
                }
                own.slot
            }
            None => self.new_slot(place, name),
        };
        if let Some(known) = self.places.get_mut(place as usize) {
            // Only what is counted next has to know.
            let known_slot = if slot == OTHER { OTHER } else { slot & !ANEW };
            *known.of(kind) = known_slot;
        }
        slot
    }

    /// If all slots are taken one name has to give way: the last in their order, maybe this one.
    fn new_slot(&mut self, place: u32, name: names::Place) -> u32 {
        if name.is_beyond(self.beyond.as_ref()) {
            return OTHER;
        }
        if self.names.len() >= self.limits.names {
            match self.names.last_key_value() {
                Some((last, _)) if *last > name => self.give_way(),
                _ => {
                    self.beyond = Some(name);
                    return OTHER;
                }
            }
        }
        let slots = match name.kind {
            Kind::Request => &mut self.requests,
            Kind::Group => &mut self.groups,
        };
        let slot = slots.take(name.path.clone());
        if slot != OTHER {
            let places = if place == OTHER { vec![] } else { vec![place] };
            let slot = slot & !ANEW;
            self.names.insert(name, Own { slot, places });
        }
        slot
    }

    fn give_way(&mut self) {
        let Some((last, own)) = self.names.pop_last() else {
            return;
        };
        for place in own.places {
            if let Some(known) = self.places.get_mut(place as usize) {
                *known.of(last.kind) = OTHER;
            }
        }
        match last.kind {
            Kind::Request => self.requests.give_back(own.slot),
            Kind::Group => self.groups.give_back(own.slot),
        }
        self.beyond = Some(last);
    }

    /// Names the log's scenarios: the header of a text log lists them only once it has been read to
    /// the end.
    pub fn name_scenarios(&mut self, names: &[String]) {
        self.scenarios = names.to_vec();
    }

    /// The paths of the requests and groups so far, by their slots; none where a slot was given up.
    pub(crate) fn paths(&self) -> (&[Option<Path>], &[Option<Path>]) {
        (&self.requests.paths, &self.groups.paths)
    }

    /// The first name without a slot.
    pub(crate) fn beyond(&self) -> Option<&names::Place> {
        self.beyond.as_ref()
    }

    /// The messages since the last call.
    pub(crate) fn take_messages(&mut self) -> Messages {
        self.messages.take()
    }

    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn scenarios(&self) -> &[String] {
        &self.scenarios
    }
}

impl Place {
    const NEW: Self = Self {
        request: UNKNOWN,
        group: UNKNOWN,
    };

    fn of(&mut self, kind: Kind) -> &mut u32 {
        match kind {
            Kind::Request => &mut self.request,
            Kind::Group => &mut self.group,
        }
    }
}

/// What stands for a name whose text is not known.
fn number(name: &NameId) -> String {
    name.index().to_string()
}

/// A name as Gatling's report shows it: it has a space for tab and line break.
fn shown(name: &str) -> String {
    name.replace(['\t', '\n', '\r'], " ")
}
