//! From logs to figures, one by one and merged.

#[cfg(test)]
mod tests {
    use bfgg_stats::{
        Collector, Figures, Histogram, Limits, Precision, Second, Span, load_of, percentiles,
        steady_window,
    };
    use gatling_log::{Decoder, Encoder, Header, Record, User, Version};
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
        User(usize, bool, u32),
        Error(&'static str, u32),
    }
    use Event::{Error, Group, Request};

    fn log<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<u8> {
        let mut encoder = Encoder::new(&Header {
            version: Version::parse("3.16.0").unwrap(),
            simulation: "demo.Browsing".to_owned(),
            start: START,
            description: String::new(),
            scenarios: vec!["visitors".to_owned(), "buyers".to_owned()],
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
                Event::User(scenario, starts, time) => {
                    encoder.user(User {
                        scenario: *scenario,
                        starts: *starts,
                        time: *time,
                    });
                }
                Error(message, time) => encoder.error(message, *time),
            }
        }
        encoder.take()
    }

    fn each_record(log: &[u8], mut take: impl FnMut(&Record<'_>)) {
        let mut decoder = Decoder::new();
        decoder.push(log);
        while let Some(record) = decoder.next_record().unwrap() {
            take(&record);
        }
    }

    fn collect(log: &[u8], shift: i64, limits: Limits) -> Figures {
        let mut collector = Collector::new(shift, limits);
        each_record(log, |record| collector.add(record));
        collector.finish()
    }

    fn bytes(figures: &Figures) -> Vec<u8> {
        let mut bytes = Vec::new();
        ciborium::into_writer(figures, &mut bytes).unwrap();
        bytes
    }

    /// Figures as they arrive elsewhere.
    fn sent(figures: &Figures) -> Figures {
        figures.check(i64::MIN..=i64::MAX).unwrap();
        ciborium::from_reader(&bytes(figures)[..]).unwrap()
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
        assert_eq!(figures.all().ko.measures().max(), 4000);
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
        let max = |times: &Histogram| times.measures().max();
        let shop = &figures.groups()[&vec!["shop".to_owned()]];
        assert_eq!(
            (max(&shop.cumulated.ok), max(&shop.duration.ok)),
            (30, 1500)
        );
        assert_eq!((max(&shop.cumulated.ko), max(&shop.duration.ko)), (50, 700));
        assert_eq!(figures.all().count(), 0);
        // Errors outside of requests are listed, but are no part of the run's length.
        assert_eq!(figures.messages().sorted(), [("feeder is empty", 1)]);
        assert_eq!(figures.span().map(Span::ms), Some(1500));
    }

    #[test]
    fn seconds_count_responses_and_users() {
        let figures = figures(&[
            Event::User(0, true, 100),
            Event::User(0, true, 999),
            Request(vec![], "home", 100, 899, true, ""),
            Request(vec![], "home", 100, 900, false, ""),
            Event::User(0, false, 1000),
            Request(vec![], "home", 100, 100, true, ""),
        ]);
        let second = START / 1000;
        let expected = [
            (
                second,
                Second {
                    sent_ok: 2,
                    sent_ko: 1,
                    ok: 2,
                    started: 2,
                    ..Second::default()
                },
            ),
            (
                second + 1,
                Second {
                    ko: 1,
                    ended: 1,
                    unfinished: 1,
                    ..Second::default()
                },
            ),
        ];
        assert_eq!(figures.seconds(), expected);
        assert_eq!(figures.first_user(), Some(START + 100));
    }

    #[test]
    fn too_many_names_are_counted_together_and_totals_stay_exact() {
        let names = ["a", "bb", "dd", "cc", "e e"];
        let mut events: Vec<Event> = Vec::new();
        for (index, name) in (1..).zip(names) {
            events.extend(vec![Request(vec![], name, 0, 5, false, name); index]);
        }
        events.push(Group(vec!["g g"], 0, 5, 5, true));
        let limits = Limits {
            names: 3,
            messages: 2,
            ..Limits::default()
        };
        let mut figures = collect(&log(&events), START, limits);
        assert_eq!(figures.requests().len(), 3);
        assert_eq!(
            figures.other_requests().map(|other| other.times.count()),
            Some(3 + 5)
        );
        assert_eq!(
            figures.other_groups().map(|other| other.duration.count()),
            Some(1)
        );
        // The shortest, then by the alphabet.
        let path = |name: &str| vec![name.to_owned()];
        let kept = |figures: &Figures| figures.requests().keys().cloned().collect::<Vec<_>>();
        assert_eq!(kept(&figures), [path("a"), path("bb"), path("cc")]);
        assert!(figures.may_be_among_others(&path("dd")));
        assert!(!figures.may_be_among_others(&path("ca")));
        assert_eq!(figures.messages().sorted(), [("bb", 2), ("a", 1)]);
        assert_eq!(
            (figures.messages().other(), figures.messages().total()),
            (3 + 4 + 5, 15)
        );
        assert_eq!(figures.all().count(), 15);

        let other = collect(&log(&[Request(vec![], "b", 0, 5, true, "")]), START, limits);
        figures.merge(other);
        assert_eq!(kept(&figures), [path("a"), path("b"), path("bb")]);
        assert_eq!(
            figures.other_requests().map(|other| other.times.count()),
            Some(3 + 4 + 5)
        );
        assert_eq!(figures.all().count(), 16);
    }

    /// However far a clock is off, nothing is lost.
    #[test]
    fn absurd_times_are_counted() {
        let events = [
            Request(vec![], "home", 0, 5, true, ""),
            Request(vec![], "home", 90_000, 5, true, ""),
            Group(vec!["shop"], 0, 5, 5, true),
            Event::User(0, true, 7),
        ];
        for shift in [i64::MAX, i64::MAX - 90_000, i64::MIN, i64::MIN + 90_000, 0] {
            let figures = collect(&log(&events), shift, Limits::default());
            let home = figures.requests()[&vec!["home".to_owned()]].times.count();
            assert_eq!((home, figures.all().count()), (2, 2), "{shift}");
            assert_eq!(figures.groups().len(), 1, "{shift}");
            let mut twice = figures.clone();
            twice.merge(figures);
            assert_eq!(twice.all().count(), 4, "{shift}");
            assert_eq!(
                twice.groups()[&vec!["shop".to_owned()]].cumulated.count(),
                2
            );
        }
    }

    #[test]
    fn times_over_the_run_go_by_the_requests_start() {
        let mut events: Vec<Event> = (1..=100)
            .map(|ms| Request(vec![], "home", 500, ms * 30, true, ""))
            .collect();
        events.push(Request(vec![], "home", 1500, 7, false, ""));
        events.push(Request(vec![], "home", 90_000, 8, true, ""));
        let figures = figures(&events);
        let second = START / 1000;
        let cells: Vec<_> = figures.ok_over_time().cells().collect();
        assert_eq!(cells.len(), 2);
        assert_eq!((cells[0].0, cells[1].0), (second, second + 90));
        assert_eq!(
            percentiles(&cells[0].1, [50.0, 99.0, 100.0]),
            [1500, 2970, 3000]
        );
        let failed: Vec<_> = figures.ko_over_time().cells().collect();
        assert_eq!(failed, [(second + 1, vec![(7, 1)])]);

        let home = figures.requests()[&vec!["home".to_owned()]].clone();
        let columns: Vec<_> = home.timeline.unwrap().columns().collect();
        assert_eq!(columns.len(), 91);
        assert_eq!((columns[0].sent_ok, columns[1].sent_ko), (100, 1));
        assert_eq!((columns[3].ok, columns[90].ok), (17, 1));
    }

    /// A day has cells of 32 s and columns of 512 s, whatever comes first.
    #[test]
    fn long_runs_have_longer_cells() {
        let event = |second: u32| Request(vec![], "home", second * 1000, second % 3000, true, "");
        let seconds: Vec<u32> = (0..86_400).step_by(7).collect();
        let there = figures(
            &seconds
                .iter()
                .map(|second| event(*second))
                .collect::<Vec<_>>(),
        );
        let back = figures(
            &seconds
                .iter()
                .rev()
                .map(|second| event(*second))
                .collect::<Vec<_>>(),
        );
        assert_eq!(there, back);
        assert_eq!(there.ok_over_time().cell_seconds(), 32);
        let counted: u64 = there
            .ok_over_time()
            .cells()
            .flat_map(|(_, counts)| counts)
            .map(|(_, count)| count)
            .sum();
        assert_eq!(counted, seconds.len() as u64);
        let home = there.requests()[&vec!["home".to_owned()]].clone();
        assert_eq!(home.timeline.unwrap().column_seconds(), 512);
    }

    #[test]
    fn users_that_never_end_leave_with_the_last_record() {
        let figures = figures(&[
            Event::User(0, true, 100),
            Event::User(1, true, 200),
            Event::User(1, true, 300),
            Event::User(1, false, 1400),
            Request(vec![], "home", 100, 2500, true, ""),
        ]);
        let users = figures.users();
        let counts = |name: &str| {
            let scenario = &users.scenarios()[name];
            (scenario.started, scenario.ended, scenario.unfinished)
        };
        assert_eq!(counts("visitors"), (1, 0, 1));
        assert_eq!(counts("buyers"), (2, 1, 1));
        let levels: Vec<_> = users
            .all_levels()
            .iter()
            .map(|level| (level.second - START / 1000, level.most, level.last))
            .collect();
        assert_eq!(levels, [(0, 3, 3), (1, 3, 2), (2, 2, 0)]);
        assert_eq!(figures.seconds()[2].1.unfinished, 2);
    }

    #[test]
    fn the_steady_window_is_that_of_all_agents() {
        let agent = |from: u32, to: u32| {
            let mut events = vec![Event::User(0, true, from)];
            events.extend(
                (from..to)
                    .step_by(100)
                    .map(|at| Request(vec![], "home", at, 50, true, "")),
            );
            events.push(Event::User(0, false, to));
            figures(&events)
        };
        let (early, late) = (agent(0, 20_000), agent(2_300, 30_000));
        let common =
            |agents: &[&Figures]| steady_window(agents.iter().filter_map(|one| load_of(one)));
        let window = common(&[&early, &late]).unwrap();
        assert_eq!((window.start - START, window.end - START), (3_000, 20_000));
        let mut both = early.clone();
        both.merge(late.clone());
        assert_eq!(both.sent_within(window), 2 * 170);
        assert_eq!(common(&[&agent(0, 900)]), None);
        assert_eq!(common(&[&early, &agent(25_000, 30_000)]), None);
        assert_eq!(common(&[&early, &Figures::default()]), common(&[&early]));
    }

    /// Memory stays within its budget; counts and sums are exact all the same.
    #[test]
    fn one_budget_covers_all_histograms() {
        let events: Vec<Event> = (0..200_000)
            .map(|n: u32| {
                let name = ["a", "b", "c", "d", "e"][n as usize % 5];
                Request(
                    vec![],
                    name,
                    n,
                    2048 + n.wrapping_mul(7919) % 60_000,
                    true,
                    "",
                )
            })
            .collect();
        let limits = Limits {
            bytes: 1 << 20,
            ..Limits::default()
        };
        let figures = collect(&log(&events), START, limits);
        let a = figures.requests()[&vec!["a".to_owned()]].times.ok.clone();
        let all = collect(&log(&events), START, Limits::default());
        let exact = all.requests()[&vec!["a".to_owned()]].times.ok.clone();
        assert!(a.precision() > Precision::Exact);
        let (a, exact) = (a.measures(), exact.measures());
        assert_eq!(
            (a.count(), a.mean(), a.std_dev(), a.min(), a.max()),
            (
                exact.count(),
                exact.mean(),
                exact.std_dev(),
                exact.min(),
                exact.max()
            )
        );
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
            2 => (0_usize..2, any::<bool>(), 0_u32..20_000).prop_map(|(scenario, starts, time)| Event::User(scenario, starts, time)),
            1 => (prop::sample::select(vec!["time out", "boom"]), 0_u32..20_000)
                .prop_map(|(message, time)| Error(message, time)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

        /// The cells of N agents, cut anywhere and merged in any order, are the figures of one that
        /// did all the work.
        #[test]
        fn merging_equals_one_pass_over_the_union(
            events in prop::collection::vec((event(), 0_usize..4, any::<bool>()), 0..120),
            seed in any::<u64>(),
            // There are up to 16 names and 3 messages.
            (names, messages) in prop_oneof![Just((10_000, 10_000)), (0_usize..18, 0_usize..4)],
        ) {
            let limits = Limits { names, messages, ..Limits::default() };
            let mut union = Collector::new(START, limits);
            each_record(&log(events.iter().map(|(event, ..)| event)), |record| union.add(record));
            let union = union.take();
            let mut cells = Vec::new();
            for agent in 0..4 {
                let own: Vec<_> = events.iter().filter(|(_, of, _)| *of == agent).collect();
                let mut collector = Collector::new(START, limits);
                let mut cuts = own.iter().map(|(.., cut)| *cut);
                each_record(&log(own.iter().map(|(event, ..)| event)), |record| {
                    collector.add(record);
                    if !matches!(record, Record::Run(_)) && cuts.next() == Some(true) {
                        cells.push(sent(&collector.take()));
                    }
                });
                cells.push(collector.take());
            }
            let mut merged = Figures::new(limits);
            let mut at = seed as usize;
            while !cells.is_empty() {
                at = at.wrapping_mul(31).wrapping_add(7) % cells.len();
                merged.merge(cells.swap_remove(at));
            }
            prop_assert_eq!(&merged, &union);
            prop_assert!(bytes(&merged) == bytes(&union));
            // What has a row of its own shows all there is of it.
            let all = collect(&log(events.iter().map(|(event, ..)| event)), START, Limits::default());
            prop_assert_eq!(union.requests().len() + union.groups().len(), names.min(all.requests().len() + all.groups().len()));
            for (path, request) in union.requests() {
                prop_assert_eq!(request, &all.requests()[path]);
            }
            for (path, group) in union.groups() {
                prop_assert_eq!(group, &all.groups()[path]);
            }
            for path in all.requests().keys().filter(|path| !union.requests().contains_key(*path)) {
                prop_assert!(union.may_be_among_others(path));
            }
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
            prop_assert_eq!(moved, there.seconds());
        }
    }
}
