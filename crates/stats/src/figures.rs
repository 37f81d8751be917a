use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits::Limits;
use crate::messages::Messages;
use crate::names::{Kind, Place, first_of};
use crate::outcomes::Outcomes;
use crate::over_time::OverTime;
use crate::precision::Precision;
use crate::seconds::{self, Second, Seconds};
use crate::timeline::{Timeline, shift_for};
use crate::users::Users;

/// How many times [`Limits::bytes`] all names may take.
const MOST: usize = 6;

/// The names from the outermost group in; a request's own name is the last.
pub type Path = Vec<String>;

/// All that one or more logs say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub(crate) limits: Limits,
    pub(crate) all: Outcomes,
    #[serde(with = "by_path")]
    pub(crate) requests: BTreeMap<Path, Request>,
    #[serde(with = "by_path")]
    pub(crate) groups: BTreeMap<Path, Group>,
    pub(crate) other_requests: Option<Request>,
    pub(crate) other_groups: Option<Group>,
    /// The first request or group without figures of its own.
    pub(crate) beyond: Option<Place>,
    pub(crate) messages: Messages,
    pub(crate) seconds: Seconds,
    pub(crate) ok_over_time: OverTime,
    pub(crate) ko_over_time: OverTime,
    pub(crate) users: Users,
    pub(crate) span: Option<Span>,
    pub(crate) first_user: Option<i64>,
    /// The length of all timelines' columns, 2 to the power of it, s.
    pub(crate) column_shift: u8,
}

/// The figures of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// When it was first sent, ms on the axis; of no meaning if never.
    pub first_start: i64,
    /// Its response times.
    pub times: Outcomes,
    /// The same over time; none for names beyond what memory allows.
    pub timeline: Option<Timeline>,
}

/// The figures of one group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// When it was first entered, ms on the axis; of no meaning if never.
    pub first_start: i64,
    /// The response times in it added up for each passage: Gatling's table and assertions.
    pub cumulated: Outcomes,
    /// From entering to leaving it, with pauses: Gatling's response time ranges.
    pub duration: Outcomes,
    /// The cumulated times over the run, by when the group was entered; none for names beyond what
    /// memory allows.
    pub timeline: Option<Timeline>,
    /// The durations over the run.
    pub duration_timeline: Option<Timeline>,
}

/// The first and the last time of user, request and group records, ms on the axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The earliest start.
    pub start: i64,
    /// The latest end.
    pub end: i64,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            first_start: i64::MAX,
            times: Outcomes::default(),
            timeline: None,
        }
    }
}

impl Default for Group {
    fn default() -> Self {
        Self {
            first_start: i64::MAX,
            cumulated: Outcomes::default(),
            duration: Outcomes::default(),
            timeline: None,
            duration_timeline: None,
        }
    }
}

impl Request {
    fn folded_to(mut self, shift: u8) -> Self {
        if let Some(timeline) = &mut self.timeline {
            timeline.fold_to(shift);
        }
        self
    }

    pub(crate) fn merge(&mut self, other: &Self, shift: u8) {
        self.first_start = self.first_start.min(other.first_start);
        self.times.merge(&other.times);
        merge_timelines(&mut self.timeline, other.timeline.as_ref(), shift);
    }

    pub(crate) fn is_used(&self) -> bool {
        !self.times.is_empty()
    }

    fn memory(&self) -> Memory {
        Memory {
            timelines: self.timeline_bytes(),
            histograms: self.times.bytes(),
            names: size_of::<Self>(),
        }
    }

    pub(crate) fn timeline_bytes(&self) -> usize {
        self.timeline.as_ref().map_or(0, Timeline::bytes)
    }
}

impl Group {
    fn folded_to(mut self, shift: u8) -> Self {
        let timelines = [&mut self.timeline, &mut self.duration_timeline];
        for timeline in timelines.into_iter().flatten() {
            timeline.fold_to(shift);
        }
        self
    }

    pub(crate) fn merge(&mut self, other: &Self, shift: u8) {
        self.first_start = self.first_start.min(other.first_start);
        self.cumulated.merge(&other.cumulated);
        self.duration.merge(&other.duration);
        merge_timelines(&mut self.timeline, other.timeline.as_ref(), shift);
        let more = other.duration_timeline.as_ref();
        merge_timelines(&mut self.duration_timeline, more, shift);
    }

    pub(crate) fn is_used(&self) -> bool {
        !self.cumulated.is_empty()
    }

    fn memory(&self) -> Memory {
        Memory {
            timelines: self.timeline_bytes(),
            histograms: self.cumulated.bytes() + self.duration.bytes(),
            names: size_of::<Self>(),
        }
    }

    pub(crate) fn timeline_bytes(&self) -> usize {
        let timelines = [&self.timeline, &self.duration_timeline];
        timelines.into_iter().flatten().map(Timeline::bytes).sum()
    }
}

/// What names take, bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    timelines: usize,
    histograms: usize,
    /// Their text, and what has a fixed size.
    names: usize,
}

impl Memory {
    fn of_path(path: &Path) -> Self {
        let text = |name: &String| name.len() + size_of::<String>();
        Self {
            names: path.iter().map(text).sum(),
            ..Self::default()
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            timelines: self.timelines + other.timelines,
            histograms: self.histograms + other.histograms,
            names: self.names + other.names,
        }
    }

    pub(crate) fn all(self) -> usize {
        self.timelines + self.histograms + self.names
    }
}

/// Adds a timeline; columns are 2 to the power of `shift` s long, those of both no longer.
fn merge_timelines(own: &mut Option<Timeline>, other: Option<&Timeline>, shift: u8) {
    let Some(other) = other else { return };
    let own = own.get_or_insert_with(|| Timeline::new(shift));
    own.merge(other);
}

impl Span {
    /// Whole seconds, counted up, at least one: Gatling's denominator of all rates.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.ms().div_ceil(1000).max(1)
    }

    /// From start to end, ms.
    #[must_use]
    pub fn ms(self) -> u64 {
        u64::try_from(self.end.saturating_sub(self.start)).unwrap_or(0)
    }

    /// How long the columns of timelines have to be, 2 to the power of it, s.
    pub(crate) fn column_shift(self) -> u8 {
        shift_for(self.start.div_euclid(1000), self.end.div_euclid(1000))
    }

    /// From the earlier start to the later end.
    #[must_use]
    pub fn of_both(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(Self {
                start: one.start.min(other.start),
                end: one.end.max(other.end),
            }),
            (one, other) => one.or(other),
        }
    }
}

impl Figures {
    /// No figures yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Adds the figures of other logs. The order of merging does not matter, also where there are
    /// more names than the limit.
    pub fn merge(&mut self, other: Self) {
        self.span = Span::of_both(self.span, other.span);
        // First of all: columns of a second would be too many for logs that lie far apart.
        let needed = self.span.map_or(0, Span::column_shift);
        self.fold_timelines_to(needed.max(other.column_shift));
        self.all.merge(&other.all);
        // A few counts may need far more memory here than where they came from.
        let mut grown = 0;
        for (path, request) in other.requests {
            grown += self.add_request(path, request);
            self.fit_if(&mut grown);
        }
        for (path, group) in other.groups {
            grown += self.add_group(path, group);
            self.fit_if(&mut grown);
        }
        if let Some(requests) = other.other_requests {
            self.add_to_other_requests(requests);
        }
        if let Some(groups) = other.other_groups {
            self.add_to_other_groups(groups);
        }
        self.beyond = first_of(self.beyond.take(), other.beyond);
        self.keep_names(self.limits.names);
        self.messages.merge(&other.messages, self.limits.messages);
        seconds::merge(&mut self.seconds, &other.seconds);
        self.ok_over_time.merge(other.ok_over_time);
        self.ko_over_time.merge(other.ko_over_time);
        self.users.add(other.users);
        self.first_user = match (self.first_user, other.first_user) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.fit();
    }

    /// How many bytes more it takes is the answer.
    fn add_request(&mut self, path: Path, request: Request) -> usize {
        let shift = self.column_shift;
        match self.requests.get_mut(&path) {
            Some(own) => {
                let before = own.memory().all();
                own.merge(&request, shift);
                own.memory().all().saturating_sub(before)
            }
            None => {
                let request = request.folded_to(shift);
                let memory = request.memory().and(Memory::of_path(&path));
                self.requests.insert(path, request);
                memory.all()
            }
        }
    }

    /// As [`add_request`](Self::add_request).
    fn add_group(&mut self, path: Path, group: Group) -> usize {
        let shift = self.column_shift;
        match self.groups.get_mut(&path) {
            Some(own) => {
                let before = own.memory().all();
                own.merge(&group, shift);
                own.memory().all().saturating_sub(before)
            }
            None => {
                let group = group.folded_to(shift);
                let memory = group.memory().and(Memory::of_path(&path));
                self.groups.insert(path, group);
                memory.all()
            }
        }
    }

    /// Counts with the others what is beyond the names of one of those merged, or of all: so many
    /// names are kept at most.
    fn keep_names(&mut self, limit: usize) {
        let count = self.requests.len() + self.groups.len();
        if self.beyond.is_none() && count <= limit {
            return;
        }
        let requests = self.requests.keys();
        let requests = requests.map(|path| Place::new(Kind::Request, path.clone()));
        let groups = self.groups.keys();
        let groups = groups.map(|path| Place::new(Kind::Group, path.clone()));
        let mut places: Vec<Place> = requests.chain(groups).collect();
        places.sort_unstable();
        let is_kept = |place: &Place| !place.is_beyond(self.beyond.as_ref());
        let kept = places.partition_point(is_kept).min(limit);
        self.beyond = first_of(self.beyond.take(), places.get(kept).cloned());
        for place in places.drain(kept..) {
            match place.kind {
                Kind::Request => {
                    if let Some(request) = self.requests.remove(&place.path) {
                        self.add_to_other_requests(request);
                    }
                }
                Kind::Group => {
                    if let Some(group) = self.groups.remove(&place.path) {
                        self.add_to_other_groups(group);
                    }
                }
            }
        }
    }

    /// The others have no timeline: it would take as much memory as those of all of them.
    pub(crate) fn add_to_other_requests(&mut self, mut more: Request) {
        more.timeline = None;
        let shift = self.column_shift;
        let own = self.other_requests.get_or_insert_default();
        own.merge(&more, shift);
    }

    pub(crate) fn add_to_other_groups(&mut self, mut more: Group) {
        (more.timeline, more.duration_timeline) = (None, None);
        let shift = self.column_shift;
        let own = self.other_groups.get_or_insert_default();
        own.merge(&more, shift);
    }

    /// All timelines' columns are of one length.
    fn fold_timelines_to(&mut self, shift: u8) {
        if shift <= self.column_shift {
            return;
        }
        self.column_shift = shift;
        let requests = self.requests.values_mut();
        let requests = requests.map(|request| &mut request.timeline);
        let groups = self.groups.values_mut();
        let groups = groups.flat_map(|own| [&mut own.timeline, &mut own.duration_timeline]);
        for timeline in requests.chain(groups).flatten() {
            timeline.fold_to(shift);
        }
    }

    /// Looks at the memory where it has grown enough.
    fn fit_if(&mut self, grown: &mut usize) {
        if *grown > self.limits.bytes / 2 {
            *grown = 0;
            self.fit();
        }
    }

    /// See [`Limits::bytes`]: timelines may take half of it, histograms all, and everything that
    /// names have six times as much.
    fn fit(&mut self) {
        let limit = self.limits.bytes;
        while self.memory().timelines > limit / 2 && self.column_shift < Timeline::LONGEST {
            self.fold_timelines_to(self.column_shift + 1);
        }
        for precision in [Precision::Fine, Precision::Coarse] {
            if self.memory().histograms > limit {
                self.step(precision);
            }
        }
        while self.memory().all() > limit.saturating_mul(MOST) && !self.is_nameless() {
            self.shed();
        }
    }

    pub(crate) fn memory(&self) -> Memory {
        let requests = self.requests.iter();
        let requests = requests.map(|(path, own)| own.memory().and(Memory::of_path(path)));
        let groups = self.groups.iter();
        let groups = groups.map(|(path, own)| own.memory().and(Memory::of_path(path)));
        requests.chain(groups).fold(Memory::default(), Memory::and)
    }

    fn step(&mut self, precision: Precision) {
        for own in self.requests.values_mut() {
            own.times.step(precision);
        }
        for own in self.groups.values_mut() {
            own.cumulated.step(precision);
            own.duration.step(precision);
        }
    }

    fn is_nameless(&self) -> bool {
        self.requests.is_empty() && self.groups.is_empty()
    }

    /// Counts half of the names together with the others, those with the longest paths.
    fn shed(&mut self) {
        self.keep_names((self.requests.len() + self.groups.len()) / 2);
    }

    /// The figures of all requests, from those of each.
    pub(crate) fn sum_up(&mut self) {
        for request in self.requests.values().chain(&self.other_requests) {
            self.all.merge(&request.times);
        }
    }

    /// Response times of all requests.
    #[must_use]
    pub fn all(&self) -> &Outcomes {
        &self.all
    }

    /// The requests by their path.
    #[must_use]
    pub fn requests(&self) -> &BTreeMap<Path, Request> {
        &self.requests
    }

    /// The groups by their path.
    #[must_use]
    pub fn groups(&self) -> &BTreeMap<Path, Group> {
        &self.groups
    }

    /// Requests whose names were beyond the limit.
    #[must_use]
    pub fn other_requests(&self) -> Option<&Request> {
        self.other_requests.as_ref()
    }

    /// Groups whose names were beyond the limit.
    #[must_use]
    pub fn other_groups(&self) -> Option<&Group> {
        self.other_groups.as_ref()
    }

    /// Whether a path without figures of its own may be one of the others: it comes behind those
    /// that have rows, see [`Limits::names`]. If not, nothing has that path.
    #[must_use]
    pub fn may_be_among_others(&self, path: &[String]) -> bool {
        [Kind::Group, Kind::Request]
            .map(|kind| Place::new(kind, path.to_vec()))
            .iter()
            .any(|place| place.is_beyond(self.beyond.as_ref()))
    }

    /// What bounds it.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The messages of failed requests and of errors outside of requests.
    #[must_use]
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// The seconds of the axis (its ms divided by 1000) in which something happened, in order.
    #[must_use]
    pub fn seconds(&self) -> &[(i64, Second)] {
        &self.seconds
    }

    /// The response times of requests that succeeded, over time.
    #[must_use]
    pub fn ok_over_time(&self) -> &OverTime {
        &self.ok_over_time
    }

    /// The response times of requests that failed, over time.
    #[must_use]
    pub fn ko_over_time(&self) -> &OverTime {
        &self.ko_over_time
    }

    /// The users.
    #[must_use]
    pub fn users(&self) -> &Users {
        &self.users
    }

    /// From the first record to the last; `None` if there were no users, requests and groups.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span
    }

    /// When the first user started, ms on the axis.
    #[must_use]
    pub fn first_user(&self) -> Option<i64> {
        self.first_user
    }
}

/// Maps by path as lists of pairs: JSON's keys are text.
mod by_path {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Path;

    pub(super) fn serialize<S: Serializer, T: Serialize>(
        map: &BTreeMap<Path, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Path, T>, D::Error> {
        Ok(Vec::<(Path, T)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}
