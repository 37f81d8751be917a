//! The rows of the table, in Gatling's order.

use std::collections::HashMap;

use bfgg_stats::{Figures, Group, Measures, Outcomes, Path, Request, Span};

use crate::{Columns, Row, RowKind, Times};

/// Groups are known by their own records and as part of a request's path. These many of the second
/// kind get rows, so that hostile names cannot make millions.
const MAX_IMPLIED_GROUPS: usize = 10_000;

/// The rows: all, then for each group those within it before those beside it, groups before
/// requests, each by when its first request was sent.
pub(crate) fn rows(figures: &Figures, columns: &Columns) -> Vec<Row> {
    rows_over(figures, columns, figures.span().map_or(1, Span::seconds))
}

/// The same with rates over so many seconds.
pub(crate) fn rows_over(figures: &Figures, columns: &Columns, seconds: u64) -> Vec<Row> {
    let seconds = seconds.max(1);
    let maker = RowMaker { columns, seconds };
    let all = figures.all();
    let mut rows = vec![maker.row(RowKind::All, &[], all, None)];
    Node::tree(figures).emit(&mut Vec::new(), figures, &maker, &mut rows);
    if let Some(groups) = figures.other_groups() {
        let path = ["(other groups)"];
        rows.push(maker.row(
            RowKind::Group,
            &path,
            &groups.cumulated,
            Some(&groups.duration),
        ));
    }
    if let Some(requests) = figures.other_requests() {
        let path = ["(other requests)"];
        rows.push(maker.row(RowKind::Request, &path, &requests.times, None));
    }
    rows
}

/// The requests by when each was first sent; at the same ms those outside of groups first.
pub(crate) fn requests_in_order(figures: &Figures) -> Vec<(&Path, &Request)> {
    let mut requests: Vec<_> = figures.requests().iter().collect();
    requests.sort_by_key(|(path, request)| (request.first_start, path.len(), *path));
    requests
}

#[derive(Default)]
struct Node<'a> {
    groups: Vec<(&'a str, Node<'a>)>,
    places: HashMap<&'a str, usize>,
    requests: Vec<(&'a str, &'a Request)>,
}

impl<'a> Node<'a> {
    fn tree(figures: &'a Figures) -> Self {
        let mut root = Self::default();
        let mut room = MAX_IMPLIED_GROUPS;
        for (path, request) in requests_in_order(figures) {
            if let Some((name, groups)) = path.split_last() {
                root.group(groups, &mut room).requests.push((name, request));
            }
        }
        // Groups in which nothing was sent come last.
        let mut groups: Vec<_> = figures.groups().iter().collect();
        groups.sort_by_key(|(path, group)| (group.first_start, path.len(), *path));
        let mut room = MAX_IMPLIED_GROUPS + groups.len();
        for (path, _) in groups {
            root.group(path, &mut room);
        }
        root
    }

    /// The node at a path, made if there is `room`, otherwise the nearest above it.
    fn group(&mut self, path: &'a [String], room: &mut usize) -> &mut Self {
        let mut node = self;
        for name in path {
            let place = match node.places.get(name.as_str()) {
                Some(place) => *place,
                None if *room == 0 => return node,
                None => {
                    *room -= 1;
                    node.groups.push((name, Self::default()));
                    node.places.insert(name, node.groups.len() - 1);
                    node.groups.len() - 1
                }
            };
            node = &mut node.groups[place].1;
        }
        node
    }

    fn emit(
        &self,
        path: &mut Vec<&'a str>,
        figures: &Figures,
        maker: &RowMaker<'_>,
        rows: &mut Vec<Row>,
    ) {
        for (name, node) in &self.groups {
            path.push(name);
            let key: Path = path.iter().map(|name| (*name).to_owned()).collect();
            // A group that nobody has left yet has no record of its own.
            let none = Group::default();
            let group = figures.groups().get(&key).unwrap_or(&none);
            rows.push(maker.row(
                RowKind::Group,
                path,
                &group.cumulated,
                Some(&group.duration),
            ));
            node.emit(path, figures, maker, rows);
            path.pop();
        }
        for (name, request) in &self.requests {
            path.push(name);
            rows.push(maker.row(RowKind::Request, path, &request.times, None));
            path.pop();
        }
    }
}

struct RowMaker<'a> {
    columns: &'a Columns,
    /// What rates are over.
    seconds: u64,
}

impl RowMaker<'_> {
    /// `duration`: a group's, which its ranges go by.
    fn row(
        &self,
        kind: RowKind,
        path: &[&str],
        times: &Outcomes,
        duration: Option<&Outcomes>,
    ) -> Row {
        let (ok, ko) = (times.ok.measures(), times.ko.measures());
        let total = ok.count() + ko.count();
        let ranged = duration.unwrap_or(times);
        let precision = times.precision().max(ranged.precision());
        let ranges = match duration {
            Some(duration) => self.ranges(&duration.ok.measures(), duration.ko.count()),
            None => self.ranges(&ok, ko.count()),
        };
        Row {
            kind,
            path: path.iter().map(|name| (*name).to_owned()).collect(),
            total,
            ok: ok.count(),
            ko: ko.count(),
            percent_ko: two_decimals(percent(ko.count(), total)),
            per_second: two_decimals(total as f64 / self.seconds as f64),
            times: self.times(&times.together().measures()),
            ok_only: self.times(&ok),
            ko_only: self.times(&ko),
            ranges,
            duration: duration.map(|own| self.times(&own.together().measures())),
            error_percent: precision.error() * 100.0,
        }
    }

    fn times(&self, measures: &Measures) -> Times {
        let [p50, p75, p95, p99] = self
            .columns
            .percentiles
            .map(|percent| u64::from(measures.percentile(percent)));
        Times {
            min: u64::from(measures.min()),
            max: u64::from(measures.max()),
            mean: measures.mean(),
            std_dev: measures.std_dev(),
            p50,
            p75,
            p95,
            p99,
        }
    }

    fn ranges(&self, ok: &Measures, ko: u64) -> [u64; 4] {
        let Columns {
            lower_bound_ms: lower,
            higher_bound_ms: higher,
            ..
        } = *self.columns;
        let low = ok.below(lower);
        let below_higher = ok.below(higher.max(lower));
        [low, below_higher - low, ok.count() - below_higher, ko]
    }
}

/// A part in percent; 0 of nothing.
pub fn percent(part: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        part as f64 * 100.0 / of as f64
    }
}

/// Rounded as Gatling shows it.
pub(crate) fn two_decimals(value: f64) -> f64 {
    // Rust and Java round the shown digits alike; arithmetic would round twice.
    format!("{value:.2}").parse().unwrap_or(value)
}
