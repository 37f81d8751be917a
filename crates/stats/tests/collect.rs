//! From logs to figures, one by one and merged.

#[cfg(test)]
mod tests {
    use bfgg_stats::{Collector, Figures, Limits, Second, Span};
    use gatling_log::{Decoder, Encoder, Header, User, Version};
    use proptest::prelude::*;

    const START: i64 = 1_750_000_000_000;

    /// One record to be written.
    #[derive(Debug, Clone)]
    enum Event {
        Request(
            Vec<&'static str>,
            &'static str,
            u32,
            u32,
            bool,
            &'static str,
        ),
        Group(Vec<&'static str>, u32, u32, u32, bool),
        User(bool, u32),
        Error(&'static str, u32),
    }
    use Event::{Error, Group, Request};

    fn log<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<u8> {
        let mut encoder = Encoder::new(&Header {
            version: Version::parse("3.16.0").unwrap(),
            simulation: "demo.Browsing".to_owned(),
            start: START,
            description: String::new(),
            scenarios: vec!["visitors".to_owned()],
            assertions: Vec::new(),
        });
        for event in events {
            match event {
                Request(groups, name, start, time, ok, message) => {
                    encoder.request(groups, name, *start..start + time, *ok, message);
                }
                Group(groups, start, duration, cumulated, ok) => {
                    encoder.group(groups, *start..start + duration, *cumulated, *ok);
                }
                Event::User(starts, time) => {
                    encoder.user(User {
                        scenario: 0,
                        starts: *starts,
                        time: *time,
                    });
                }
                Error(message, time) => encoder.error(message, *time),
            }
        }
        encoder.take()
    }

    fn collect(log: &[u8], shift: i64, limits: Limits) -> Figures {
        let (mut decoder, mut collector) = (Decoder::new(), Collector::new(shift, limits));
        decoder.push(log);
        while let Some(record) = decoder.next_record().unwrap() {
            collector.add(&record);
        }
        collector.finish()
    }

    fn figures(events: &[Event]) -> Figures {
        collect(&log(events), START, Limits::default())
    }

    #[test]
    fn counts_requests_by_their_path() {
        let figures = figures(&[
            Request(vec![], "home", 100, 12, true, ""),
            Request(vec!["shop"], "home", 50, 900, true, ""),
            Request(
                vec!["shop", "pay"],
                "home",
                300,
                4000,
                false,
                " status 500 ",
            ),
            Request(vec![], "home", 90, 8, false, "status 500"),
        ]);
        let home = &figures.requests()[&vec!["home".to_owned()]];
        assert_eq!((home.times.ok.count(), home.times.ko.count()), (1, 1));
        assert_eq!(home.first_start, START + 90);
        assert_eq!(figures.requests().len(), 3);
        assert_eq!(figures.all().count(), 4);
        assert_eq!(figures.all().ko.max(), 4000);
        assert_eq!(figures.messages().sorted(), [("status 500", 2)]);
        assert_eq!(
            figures.span(),
            Some(Span {
                start: START + 50,
                end: START + 4300
            })
        );
        assert_eq!(
            figures.span().map(|span| (span.ms(), span.seconds())),
            Some((4250, 5))
        );
    }

    #[test]
    fn names_that_are_shown_alike_are_one() {
        let figures = figures(&[
            Request(vec![], "a b", 0, 1, true, ""),
            Request(vec![], "a\tb", 0, 1, true, ""),
        ]);
        assert_eq!(figures.requests()[&vec!["a b".to_owned()]].times.count(), 2);
    }

    #[test]
    fn groups_have_two_measures_and_are_no_requests() {
        let figures = figures(&[
            Group(vec!["shop"], 0, 1500, 30, true),
            Group(vec!["shop"], 10, 700, 50, false),
            Error("feeder is empty", 9000),
        ]);
        let shop = &figures.groups()[&vec!["shop".to_owned()]];
        assert_eq!(
            (shop.cumulated.ok.max(), shop.duration.ok.max()),
            (30, 1500)
        );
        assert_eq!((shop.cumulated.ko.max(), shop.duration.ko.max()), (50, 700));
        assert_eq!(figures.all().count(), 0);
        // Errors outside of requests are listed, but are no part of the run's length.
        assert_eq!(figures.messages().sorted(), [("feeder is empty", 1)]);
        assert_eq!(figures.span().map(Span::ms), Some(1500));
    }

    #[test]
    fn seconds_count_responses_and_users() {
        let figures = figures(&[
            Event::User(true, 100),
            Event::User(true, 999),
            Request(vec![], "home", 100, 899, true, ""),
            Request(vec![], "home", 100, 900, false, ""),
            Event::User(false, 1000),
            Request(vec![], "home", 100, 100, true, ""),
        ]);
        let second = START / 1000;
        let expected = [
            (
                second,
                Second {
                    ok: 2,
                    ko: 0,
                    started: 2,
                    ended: 0,
                },
            ),
            (
                second + 1,
                Second {
                    ok: 0,
                    ko: 1,
                    started: 0,
                    ended: 1,
                },
            ),
        ];
        assert_eq!(
            figures
                .seconds()
                .iter()
                .map(|(at, cell)| (*at, *cell))
                .collect::<Vec<_>>(),
            expected
        );
        assert_eq!(figures.first_user(), Some(START + 100));
    }

    #[test]
    fn too_many_names_are_counted_together_and_totals_stay_exact() {
        let names = ["a", "b", "c", "d", "e"];
        let mut events: Vec<Event> = Vec::new();
        for (index, name) in (1..).zip(names) {
            events.extend(vec![Request(vec![], name, 0, 5, false, name); index]);
        }
        events.push(Group(vec!["g"], 0, 5, 5, true));
        let limits = Limits {
            names: 3,
            messages: 2,
        };
        let mut figures = collect(&log(&events), START, limits);
        assert_eq!(figures.requests().len(), 3);
        assert_eq!(
            figures.other_requests().map(|other| other.times.count()),
            Some(4 + 5)
        );
        assert_eq!(
            figures.other_groups().map(|other| other.duration.count()),
            Some(1)
        );
        assert_eq!(figures.messages().sorted(), [("b", 2), ("a", 1)]);
        assert_eq!(
            (figures.messages().other(), figures.messages().total()),
            (3 + 4 + 5, 15)
        );
        assert_eq!(figures.all().count(), 15);

        let other = collect(
            &log(&[Request(vec![], "new", 0, 5, true, "")]),
            START,
            limits,
        );
        figures.merge(&other);
        assert_eq!(figures.requests().len(), 3);
        assert_eq!(
            figures.other_requests().map(|other| other.times.count()),
            Some(10)
        );
        assert_eq!(figures.all().count(), 16);
    }

    fn event() -> impl Strategy<Value = Event> {
        let groups = || {
            prop::sample::select(vec![
                vec![],
                vec!["shop"],
                vec!["shop", "pay"],
                vec!["other"],
            ])
        };
        let message = prop::sample::select(vec!["", "status 500", "time out"]);
        let time = prop_oneof![0_u32..300, 0_u32..70_000];
        prop_oneof![
            6 => (groups(), prop::sample::select(vec!["home", "pay"]), 0_u32..20_000, time.clone(), any::<bool>(), message)
                .prop_map(|(groups, name, start, time, ok, message)| Request(groups, name, start, time, ok, message)),
            2 => (groups(), 0_u32..20_000, time.clone(), time, any::<bool>())
                .prop_map(|(mut groups, start, duration, cumulated, ok)| {
                    groups.push("inner");
                    Group(groups, start, duration, cumulated, ok)
                }),
            2 => (any::<bool>(), 0_u32..20_000).prop_map(|(starts, time)| Event::User(starts, time)),
            1 => (prop::sample::select(vec!["time out", "boom"]), 0_u32..20_000)
                .prop_map(|(message, time)| Error(message, time)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

        /// The figures of N agents merged, in any order, are those of one that did all the work.
        #[test]
        fn merging_equals_one_pass_over_the_union(
            events in prop::collection::vec((event(), 0_usize..4), 0..120),
            order in Just((0_usize..4).collect::<Vec<_>>()).prop_shuffle(),
        ) {
            let union = figures(&events.iter().map(|(event, _)| event.clone()).collect::<Vec<_>>());
            let mut merged = Figures::new(Limits::default());
            for agent in order {
                let own = events.iter().filter(|(_, of)| *of == agent).map(|(event, _)| event);
                merged.merge(&collect(&log(own), START, Limits::default()));
            }
            prop_assert_eq!(merged, union);
        }

        /// A clock's offset moves the axis and nothing else.
        #[test]
        fn an_offset_moves_all_times(events in prop::collection::vec(event(), 1..40), seconds in -5_i64..5) {
            let log = log(&events);
            let here = collect(&log, START, Limits::default());
            let there = collect(&log, START + seconds * 1000, Limits::default());
            prop_assert_eq!(here.all(), there.all());
            prop_assert_eq!(here.span().map(|span| span.start + seconds * 1000), there.span().map(|span| span.start));
            let moved: Vec<_> = here.seconds().iter().map(|(at, cell)| (at + seconds, *cell)).collect();
            prop_assert_eq!(moved, there.seconds().iter().map(|(at, cell)| (*at, *cell)).collect::<Vec<_>>());
        }
    }
}
