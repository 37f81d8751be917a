use super::*;
use crate::{Collector, Request};
use gatling_log::Decoder;
use proptest::prelude::*;

/// An hour, ms.
const SPAN: RangeInclusive<i64> = 0..=3_600_000;

/// The figures of a log with a request, a group and an error each 10 ms.
fn figures(records: i64) -> Figures {
    figures_of("visitors", records)
}

fn figures_of(scenario: &str, records: i64) -> Figures {
    let mut log = b"RUN\ta.B\tb\t1000\t \t3.12.0\n".to_vec();
    log.extend(format!("USER\t{scenario}\tSTART\t1000\n").bytes());
    for n in 0..records {
        let start = 1000 + n * 10;
        let (end, ok) = (start + n % 90, if n % 3 == 0 { "KO\tbad" } else { "OK\t " });
        log.extend(format!("REQUEST\tg\tr{}\t{start}\t{end}\t{ok}\n", n % 3).bytes());
        log.extend(format!("GROUP\tg\t{start}\t{end}\t{}\tOK\n", end - start).bytes());
    }
    let mut decoder = Decoder::new();
    decoder.push(&log);
    let mut collector = Collector::new(1000, Limits::default());
    while let Some(record) = decoder.next_record().unwrap() {
        collector.add(&record);
    }
    collector.name_scenarios(&[scenario.to_owned()]);
    collector.finish()
}

fn sent(figures: &Figures) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(figures, &mut bytes).unwrap();
    bytes
}

/// Requests of all names.
fn named(figures: &Figures) -> u64 {
    let requests = figures.requests.values().chain(&figures.other_requests);
    requests.map(|own| own.times.count()).sum()
}

/// What a receiver does with a cell.
fn receive(bytes: &[u8], into: &mut Figures) -> Result<(), String> {
    let figures: Figures = ciborium::from_reader(bytes).map_err(|cause| cause.to_string())?;
    figures.check(SPAN).map_err(|cause| cause.to_string())?;
    into.merge(figures);
    for timeline in into
        .requests
        .values()
        .filter_map(|own| own.timeline.as_ref())
    {
        assert!(timeline.columns().count() <= 512);
    }
    let _ = (into.users.all_levels(), into.all.together().measures());
    Ok(())
}

#[test]
fn what_was_counted_is_acceptable() {
    let one = figures(900);
    one.check(SPAN).unwrap();
    Figures::default().check(0..=0).unwrap();
    let mut twice = one.clone();
    twice.merge(one.clone());
    twice.check(SPAN).unwrap();
    let mut received = Figures::default();
    receive(&sent(&one), &mut received).unwrap();
    receive(&sent(&one), &mut received).unwrap();
    assert_eq!(received, twice);
    let cause = one.check(0..=5000).unwrap_err().to_string();
    assert!(cause.contains("outside of the run"), "{cause}");
}

/// A figure that is changed, and a part of what is said of it.
type Lie = (fn(&mut serde_json::Value), &'static str);

#[test]
fn what_no_log_says_is_refused() {
    use serde_json::{Value, json};
    let good = serde_json::to_value(figures(300)).unwrap();
    let lies: [Lie; 12] = [
        (|f| f["column_shift"] = json!(255), "columns"),
        (
            |f| f["requests"][0][1]["timeline"]["shift"] = json!(41),
            "columns",
        ),
        (
            |f| f["requests"][0][1]["timeline"]["shift"] = json!(9),
            "columns",
        ),
        (
            |f| f["requests"][0][1]["first_start"] = json!(i64::MIN),
            "outside",
        ),
        (|f| f["ok_over_time"]["shift"] = json!(255), "outside"),
        (
            |f| {
                let cells = f["ok_over_time"]["cells"].as_array_mut().unwrap();
                (cells[0]["at"], cells[1]["at"]) = (json!(i64::MIN), json!(i64::MAX));
            },
            "outside",
        ),
        (|f| f["seconds"][0][0] = json!(i64::MAX / 1000), "outside"),
        (
            |f| f["seconds"][0][1]["sent_ok"] = json!(u64::MAX),
            "add up",
        ),
        (|f| f["span"]["end"] = json!(i64::MAX), "outside"),
        (|f| f["users"]["unit"] = json!(99), "scenarios"),
        (
            |f| f["users"]["scenarios"]["visitors"]["moves"][0]["at"] = json!(i64::MIN),
            "users outside",
        ),
        (
            |f| {
                let one = f["users"]["scenarios"]["visitors"].clone();
                for n in 0..10_001 {
                    f["users"]["scenarios"][n.to_string()] = one.clone();
                }
            },
            "scenarios",
        ),
    ];
    for (index, (lie, expected)) in lies.into_iter().enumerate() {
        let mut value: Value = good.clone();
        lie(&mut value);
        let mut bytes = Vec::new();
        ciborium::into_writer(&value, &mut bytes).unwrap();
        let cause = receive(&bytes, &mut Figures::default()).unwrap_err();
        assert!(cause.contains(expected), "{index}: {cause}");
    }
}

/// As many names, columns and times as fit, in as few bytes as they can be.
#[test]
fn names_take_no_more_memory_than_the_limit() {
    let limits = Limits {
        bytes: 1 << 20,
        ..Limits::default()
    };
    let one = figures(3);
    let (_, request) = one.requests.first_key_value().unwrap();
    let mut merged = Figures::new(limits);
    for part in 0..20_u32 {
        let mut many = Figures::default();
        for n in 0..500_u32 {
            let mut own = request.clone();
            (0..70).for_each(|ms| own.times.ok.add(ms * 31 * (part + 1)));
            let path = vec!["g".to_owned(), format!("{part} {n}")];
            many.requests.insert(path, own);
        }
        let count = many
            .requests
            .values()
            .map(|own| own.times.count())
            .sum::<u64>();
        let before = named(&merged);
        merged.merge(many);
        assert!(merged.memory().all() <= 6 << 20);
        assert_eq!(named(&merged), before + count);
    }
    assert!(merged.other_requests().is_some());
}

/// 256 columns with one long time each, which takes 9 bytes of a cell and 3.6 KB of a column.
#[test]
fn a_cell_of_a_few_counts_each_is_no_bomb() {
    let counts: Vec<_> = (0..256).map(|column| (column, 897, 256)).collect();
    let timeline = serde_json::json!({"shift": 0, "counts": counts});
    let timeline: Timeline = serde_json::from_value(timeline).unwrap();
    let mut bomb = figures(3);
    for n in 0..300 {
        let request = Request {
            first_start: 1,
            times: Outcomes::default(),
            timeline: Some(timeline.clone()),
        };
        bomb.requests.insert(vec![n.to_string()], request);
    }
    let bytes = sent(&bomb);
    let came: Figures = ciborium::from_reader(&bytes[..]).unwrap();
    assert!(came.memory().all() < 8 * bytes.len());
    let mut merged = Figures::default();
    for _ in 0..3 {
        receive(&bytes, &mut merged).unwrap();
        let memory = merged.memory().all();
        assert!(memory < Limits::default().bytes, "{memory} bytes");
    }
}

#[test]
fn scenarios_without_room_are_together() {
    let mut merged = Users::default();
    for n in 0..5 {
        let one = figures_of(&format!("s{n}"), 3);
        let with_room = one.users.with_room_in(&merged, 2);
        merged.merge(&with_room);
    }
    let scenarios = merged.scenarios();
    assert_eq!(scenarios.len(), 3);
    let started = scenarios.values().map(|own| own.started).sum::<u64>();
    assert_eq!(started, 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// A few bytes of good figures changed: what is left is refused or merged, and never a panic.
    #[test]
    fn whatever_bytes_come_they_do_no_harm(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut bytes = sent(&figures(20));
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let mut merged = Figures::default();
        let _ = receive(&bytes, &mut merged);
        let _ = receive(&bytes, &mut merged);
        let limit = 6 * Limits::default().bytes;
        prop_assert!(merged.memory().all() <= limit);
    }
}
