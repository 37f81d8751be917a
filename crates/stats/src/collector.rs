use std::collections::{BTreeMap, HashMap};

use gatling_log::{self as log, NameId, Record};

use crate::figures::{Figures, Group, Limits, Path, Request, Span};
use crate::seconds::Current;

/// Takes the records of one log. See the [crate](crate).
#[derive(Debug)]
pub struct Collector {
    /// Added to the log's times to bring them on the axis, ms.
    shift: i64,
    figures: Figures,
    requests: Slots<Request>,
    groups: Slots<Group>,
    current: Current,
    /// The numbers of the current record's path.
    ids: Vec<NameId>,
}

impl Collector {
    /// A collector that adds `shift` ms to the times of a log. Where the axis is Unix time this is
    /// the header's start plus the offset of the machine's clock.
    #[must_use]
    pub fn new(shift: i64, limits: Limits) -> Self {
        Self {
            shift,
            figures: Figures::new(limits),
            requests: Slots::default(),
            groups: Slots::default(),
            current: Current::default(),
            ids: Vec::new(),
        }
    }

    /// Counts a record.
    pub fn add(&mut self, record: &Record<'_>) {
        match record {
            Record::Request(request) => self.add_request(request),
            Record::User(user) => self.add_user(*user),
            Record::Group(group) => self.add_group(group),
            Record::Error(error) => self.add_message(error.message()),
            _ => {}
        }
    }

    fn add_request(&mut self, request: &log::Request<'_>) {
        let (start, end) = (self.on_axis(request.start), self.on_axis(request.end));
        let time = request.response_time();
        self.figures.all.add(request.ok, time);

        self.ids.clear();
        self.ids.extend_from_slice(request.groups().ids());
        self.ids.push(request.name_id());
        let room = self.has_room();
        let figures = match self.requests.find(&self.ids, room, || {
            request
                .groups()
                .names()
                .chain([request.name()])
                .map(shown)
                .collect()
        }) {
            Some(figures) => figures,
            None => self.figures.other_requests.get_or_insert_default(),
        };
        figures.first_start = figures.first_start.min(start);
        figures.times.add(request.ok, time);

        if !request.message().is_empty() {
            self.add_message(request.message());
        }
        let second = self.current.at(end, &mut self.figures.seconds);
        if request.ok {
            second.ok += 1;
        } else {
            second.ko += 1;
        }
        self.extend_span(start, end);
    }

    fn add_group(&mut self, group: &log::Group<'_>) {
        let (start, end) = (self.on_axis(group.start), self.on_axis(group.end));
        let room = self.has_room();
        let figures = match self.groups.find(group.groups().ids(), room, || {
            group.groups().names().map(shown).collect()
        }) {
            Some(figures) => figures,
            None => self.figures.other_groups.get_or_insert_default(),
        };
        figures.first_start = figures.first_start.min(start);
        figures.cumulated.add(group.ok, group.cumulated);
        figures.duration.add(group.ok, group.duration());
        self.extend_span(start, end);
    }

    fn add_user(&mut self, user: log::User) {
        let time = self.on_axis(user.time);
        let second = self.current.at(time, &mut self.figures.seconds);
        if user.starts {
            second.started += 1;
            let first = self.figures.first_user.get_or_insert(time);
            *first = time.min(*first);
        } else {
            second.ended += 1;
        }
        self.extend_span(time, time);
    }

    fn add_message(&mut self, message: &str) {
        // Gatling trims them, in Java's sense.
        let message = message.trim_matches(|c| c <= ' ');
        if !message.is_empty() {
            self.figures
                .messages
                .add(message, 1, self.figures.limits.messages);
        }
    }

    fn extend_span(&mut self, start: i64, end: i64) {
        match &mut self.figures.span {
            Some(span) => {
                span.start = span.start.min(start);
                span.end = span.end.max(end);
            }
            none => *none = Some(Span { start, end }),
        }
    }

    fn on_axis(&self, time: u32) -> i64 {
        self.shift.saturating_add(i64::from(time))
    }

    fn has_room(&self) -> bool {
        self.requests.len() + self.groups.len() < self.figures.limits.names
    }

    /// The figures of all records so far.
    #[must_use]
    pub fn finish(mut self) -> Figures {
        self.current.flush(&mut self.figures.seconds);
        self.figures.requests = self.requests.into_paths();
        self.figures.groups = self.groups.into_paths();
        self.figures
    }
}

/// A name as Gatling's report shows it: it has a space for tab and line break.
fn shown(name: &str) -> String {
    name.replace(['\t', '\n', '\r'], " ")
}

/// Figures by path, found by the numbers of the path's names in the log: a record seldom costs a
/// look at a name.
#[derive(Debug)]
struct Slots<T> {
    by_ids: HashMap<Box<[NameId]>, usize>,
    by_path: HashMap<Path, usize>,
    figures: Vec<T>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self {
            by_ids: HashMap::new(),
            by_path: HashMap::new(),
            figures: Vec::new(),
        }
    }
}

impl<T: Default> Slots<T> {
    fn len(&self) -> usize {
        self.figures.len()
    }

    /// `None`: it has no figures of its own, and there is no room for them.
    fn find(
        &mut self,
        ids: &[NameId],
        has_room: bool,
        path: impl FnOnce() -> Path,
    ) -> Option<&mut T> {
        let slot = match self.by_ids.get(ids) {
            Some(slot) => *slot,
            None => {
                // Names that are shown alike have one path.
                let path = path();
                let slot = match self.by_path.get(&path) {
                    Some(slot) => *slot,
                    None if has_room => {
                        self.figures.push(T::default());
                        self.by_path.insert(path, self.figures.len() - 1);
                        self.figures.len() - 1
                    }
                    None => return None,
                };
                self.by_ids.insert(ids.into(), slot);
                slot
            }
        };
        self.figures.get_mut(slot)
    }

    fn into_paths(mut self) -> BTreeMap<Path, T> {
        let take = |(path, slot): (Path, usize)| (path, std::mem::take(&mut self.figures[slot]));
        self.by_path.into_iter().map(take).collect()
    }
}
