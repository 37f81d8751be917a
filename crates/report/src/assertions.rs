//! The simulation's assertions on the merged figures.

mod estimate;
mod range;

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use bfgg_stats::{Figures, Outcomes, Span};
use gatling_log::{Assertion, AssertionPath, Header, Metric, Stat, Target, Version};

use crate::AssertionRow;
use crate::rows::requests_in_order;
use range::{Range, Verdict};

/// What stands for the requests beyond the cap on names.
const OTHERS: &str = "(other requests)";
/// Assertions named in a note; `summary.json` has all.
const NAMED: usize = 3;

/// All assertions of the logs, each once, in the order of their first appearance. Logs of one test
/// have the same; what is not in all of them is noted.
pub(crate) fn evaluate_all(
    headers: &[(String, Header)],
    agent: &str,
    figures: &Figures,
    notes: &mut Vec<String>,
) -> Vec<AssertionRow> {
    let mut rows = Vec::new();
    // By the logs that have them.
    let mut partial: BTreeMap<Vec<usize>, Vec<String>> = BTreeMap::new();
    for found in union(headers) {
        let (text, evaluated) = match found.says {
            Says::This(assertion) => {
                let text = sentence(assertion);
                (text, evaluate(assertion, figures, found.version))
            }
            Says::Nothing(row) => (row.text.clone(), vec![row]),
        };
        rows.extend(evaluated);
        if found.logs.len() < headers.len() {
            partial.entry(found.logs).or_default().push(text);
        }
    }
    notes.extend(partial.iter().map(|(logs, texts)| {
        let names = |has: bool| {
            let own = headers.iter().enumerate();
            let own = own.filter(|(index, _)| logs.contains(index) == has);
            let names: Vec<_> = own
                .map(|(_, (name, _))| format!("{agent}{name}"))
                .collect();
            names.join(", ")
        };
        let shown: Vec<_> = texts.iter().take(NAMED).map(|t| format!("\"{t}\"")).collect();
        let more = match texts.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "the assertions differ: {}{more} {} of {}, not of {}; all are evaluated on all logs together",
            shown.join(", "),
            if texts.len() == 1 { "is" } else { "are" },
            names(true),
            names(false),
        )
    }));
    rows
}

/// An assertion of one or more logs.
struct Found<'a> {
    says: Says<'a>,
    /// Of the Gatling that would have evaluated it.
    version: &'a Version,
    /// The logs that have it, by their index.
    logs: Vec<usize>,
}

enum Says<'a> {
    This(&'a Assertion),
    /// It cannot be read.
    Nothing(AssertionRow),
}

fn union(headers: &[(String, Header)]) -> Vec<Found<'_>> {
    let mut all: Vec<Found<'_>> = Vec::new();
    // By what it says and how often its log had said so before: what a log has twice is evaluated
    // twice, as by Gatling. Bytes alone do not tell, old versions number otherwise.
    let mut known: HashMap<(String, usize), usize> = HashMap::new();
    for (log, (_, header)) in headers.iter().enumerate() {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (index, stored) in header.assertions.iter().enumerate() {
            let key = match &stored.decoded {
                Ok(assertion) => format!("{assertion:?}"),
                Err(_) => format!("{:?}", stored.bytes),
            };
            let times = seen.entry(key.clone()).or_default();
            *times += 1;
            match known.entry((key, *times)) {
                Entry::Occupied(found) => all[*found.get()].logs.push(log),
                Entry::Vacant(new) => {
                    new.insert(all.len());
                    all.push(Found {
                        says: match &stored.decoded {
                            Ok(assertion) => Says::This(assertion),
                            Err(error) => Says::Nothing(unreadable(index, &error.to_string())),
                        },
                        version: &header.version,
                        logs: vec![log],
                    });
                }
            }
        }
    }
    all
}

fn unreadable(index: usize, error: &str) -> AssertionRow {
    AssertionRow {
        text: format!("assertion {} of the simulation", index + 1),
        holds: false,
        undecided: true,
        actual: 0.0,
        note: Some(format!("{error}: whether it holds is not known")),
    }
}

/// The assertion as a whole, in Gatling's words.
fn sentence(assertion: &Assertion) -> String {
    match &assertion.path {
        AssertionPath::Global => assertion.sentence::<&str>(&[]),
        AssertionPath::ForAll => assertion.sentence(&["For all requests"]),
        AssertionPath::Details(path) => assertion.sentence(path),
    }
}

/// One row, or for all requests one for each.
fn evaluate(assertion: &Assertion, figures: &Figures, version: &Version) -> Vec<AssertionRow> {
    let row = |path: &[String], times: &Outcomes| row(assertion, path, times, figures, version);
    match &assertion.path {
        AssertionPath::Global => vec![row(&[], figures.all())],
        AssertionPath::ForAll => {
            let requests = requests_in_order(figures).into_iter();
            let rows = requests.map(|(path, request)| row(path, &request.times));
            let others = figures.other_requests();
            rows.chain(others.map(|own| of_each_other(assertion, &own.times, figures)))
                .collect()
        }
        AssertionPath::Details(path) if path.is_empty() => vec![row(&[], figures.all())],
        AssertionPath::Details(path) => vec![match find(path, figures) {
            Some(times) => row(path, times),
            None => of_nothing(assertion, path, figures),
        }],
    }
}

fn row(
    assertion: &Assertion,
    path: &[String],
    times: &Outcomes,
    figures: &Figures,
    version: &Version,
) -> AssertionRow {
    let actual = actual(&assertion.target, times, figures);
    let range = match assertion.target {
        // Of too many different times only steps are kept.
        Target::ResponseTime(Stat::Percentile(percent)) => {
            let (first, last) = times.together().measures().percentile_range(percent);
            Range::of_ms(first, last)
        }
        _ => Range::exactly(actual),
    };
    let verdict = range.verdict(&assertion.condition);
    AssertionRow {
        text: assertion.sentence(path),
        holds: verdict == Verdict::Holds,
        undecided: verdict == Verdict::Open,
        actual,
        note: match verdict {
            Verdict::Open => Some(format!(
                "there are too many different times to keep each: it lies between {} and {} ms, and \
                 so may the bound",
                range.from, range.to
            )),
            _ => estimate::other_side(assertion, times, version, verdict == Verdict::Holds),
        },
    }
}

/// Of the requests beyond the cap on names only the sum of all is known: what it says of each.
fn of_each_other(assertion: &Assertion, times: &Outcomes, figures: &Figures) -> AssertionRow {
    let (each, some) = range::of_parts(&assertion.target, times, seconds(figures));
    let verdict = match each.verdict(&assertion.condition) {
        Verdict::Open if some.verdict(&assertion.condition) == Verdict::Fails => Verdict::Fails,
        verdict => verdict,
    };
    let bounds = format!(
        "of each of the requests beyond the cap on names ({}) it lies between {} and {}",
        figures.limits().names,
        crate::text::figure(each.from),
        crate::text::figure(each.to)
    );
    AssertionRow {
        text: assertion.sentence(&[OTHERS]),
        holds: verdict == Verdict::Holds,
        undecided: verdict == Verdict::Open,
        actual: actual(&assertion.target, times, figures),
        note: Some(match verdict {
            Verdict::Holds => bounds,
            Verdict::Fails => format!("{bounds}, so one at least fails"),
            Verdict::Open => format!(
                "{bounds}, and they could not be looked at one by one: a higher cap (bfgg report --names) \
                 decides it"
            ),
        }),
    }
}

/// Of a path that has no row. Gatling counts it as failed if there is no such request or group.
fn of_nothing(assertion: &Assertion, path: &[String], figures: &Figures) -> AssertionRow {
    let undecided = figures.may_be_among_others(path);
    let note = if undecided {
        format!(
            "no request and no group with a row of its own has this path, but it may be among those \
             beyond the cap on names ({}): a higher cap (bfgg report --names) decides it",
            figures.limits().names
        )
    } else {
        "no request and no group has this path".to_owned()
    };
    AssertionRow {
        text: assertion.sentence(path),
        holds: false,
        undecided,
        actual: 0.0,
        note: Some(note),
    }
}

fn find<'a>(path: &Vec<String>, figures: &'a Figures) -> Option<&'a Outcomes> {
    let request = figures.requests().get(path).map(|request| &request.times);
    request.or_else(|| figures.groups().get(path).map(|group| &group.cumulated))
}

fn seconds(figures: &Figures) -> f64 {
    figures.span().map_or(1, Span::seconds) as f64
}

fn actual(target: &Target, times: &Outcomes, figures: &Figures) -> f64 {
    let count = |metric: Metric| match metric {
        Metric::All => times.count(),
        Metric::Ok => times.ok.count(),
        Metric::Ko => times.ko.count(),
    };
    match target {
        Target::Count(metric) => count(*metric) as f64,
        // Gatling divides first and says 100 even of nothing.
        Target::Percent(Metric::All) => 100.0,
        Target::Percent(_) if times.count() == 0 => 0.0,
        Target::Percent(metric) => count(*metric) as f64 / times.count() as f64 * 100.0,
        Target::MeanRequestsPerSecond => times.count() as f64 / seconds(figures),
        Target::ResponseTime(stat) => {
            let times = times.together().measures();
            match stat {
                Stat::Min => f64::from(times.min()),
                Stat::Max => f64::from(times.max()),
                Stat::Mean => times.mean() as f64,
                Stat::StandardDeviation => times.std_dev() as f64,
                Stat::Percentile(percent) => f64::from(times.percentile(*percent)),
            }
        }
    }
}
