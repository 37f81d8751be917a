use super::*;
use proptest::prelude::*;

fn of(times: &[u32]) -> Histogram {
    let mut histogram = Histogram::default();
    for ms in times {
        histogram.add(*ms);
    }
    histogram
}

#[test]
fn nothing_is_zero() {
    let none = Histogram::default().measures();
    assert_eq!(
        (none.count(), none.min(), none.max(), none.mean()),
        (0, 0, 0, 0)
    );
    assert_eq!(
        (none.std_dev(), none.percentile(99.0), none.below(800)),
        (0, 0, 0)
    );
}

#[test]
fn rounds_half_up() {
    assert_eq!(of(&[1, 2]).measures().mean(), 2, "1.5");
    assert_eq!(of(&[1, 2]).measures().std_dev(), 1, "0.5");
    assert_eq!(of(&[0, 0, 1]).measures().mean(), 0);
    assert_eq!(of(&[60_000; 3]).measures().std_dev(), 0);
}

#[test]
fn a_count_may_be_above_four_billion() {
    let mut many = of(&(0..100).collect::<Vec<_>>());
    many.add_many(7, u64::from(u32::MAX) * 3);
    many.add(7);
    let mut twice = many.clone();
    twice.merge(&many);
    assert_eq!(many.counts()[7], (7, u64::from(u32::MAX) * 3 + 2));
    assert_eq!(twice.counts()[7], (7, u64::from(u32::MAX) * 6 + 4));
    assert_eq!(twice.count(), twice.measures().count());
    many.dense[7] = u32::MAX;
    let before = many.count();
    many.add(7);
    assert_eq!(many.count(), before + 1);
}

/// Steps do not depend on which part had too many times, and what is exact stays so.
/// In the map alone as long as they are few: in steps, too.
#[test]
fn what_came_in_few_steps_is_added_like_what_it_was() {
    let times: Vec<u32> = (2_048..22_048).collect();
    let mut coarse = of(&times);
    coarse.step(Precision::Coarse);
    let came = || Histogram::try_from(Packed::from(coarse.clone())).unwrap();
    assert!(came().dense.is_empty() && coarse.counts().len() <= FEW_SENT);
    assert_eq!(came(), coarse);
    for other in [of(&[]), of(&[7, 5000, 5001]), of(&times), coarse.clone()] {
        let (mut left, mut expected) = (came(), coarse.clone());
        left.merge(&other);
        expected.merge(&other);
        assert_eq!(left, expected);
        let mut right = other.clone();
        right.merge(&came());
        assert_eq!(right, expected);
    }
    let two = Histogram::try_from(Packed {
        counts: pack([(0, 1), (2047, 1)]),
        stepped: coarse.stepped.map(|exact| (Precision::Fine, exact)),
    });
    assert!(two.unwrap().bytes() < 200);
}

#[test]
fn too_many_long_times_are_kept_in_steps() {
    let times: Vec<u32> = (0..20_000).map(|n| n * 37 % 65_521 * 9).collect();
    let all = of(&times);
    assert_eq!(all.precision(), Precision::Fine);
    let (left, right) = (of(&times[..9000]), of(&times[9000..]));
    assert_eq!(left.precision(), Precision::Exact);
    for (mut one, other) in [(left.clone(), &right), (right.clone(), &left)] {
        one.merge(other);
        assert_eq!(one, all);
    }
    let (mut some, none) = (all.clone(), Histogram::default());
    some.merge(&none);
    assert_eq!(some, all);
    let mut none = none;
    none.merge(&all);
    assert_eq!(none, all);

    let (measures, mut sorted) = (all.measures(), times);
    sorted.sort_unstable();
    let sum: u64 = sorted.iter().map(|ms| u64::from(*ms)).sum();
    assert_eq!(measures.mean(), (2 * sum + 20_000) / 40_000);
    assert_eq!((measures.min(), measures.max()), (0, sorted[19_999]));
    for percent in [50.0, 75.0, 95.0, 99.0, 100.0] {
        let exact = f64::from(sorted[(percent * 200.0) as usize - 1]);
        let shown = f64::from(measures.percentile(percent));
        assert!((shown - exact).abs() <= exact * 0.0005, "{percent}");
        assert!(shown <= f64::from(measures.max()));
    }
}

proptest! {
    /// Against the definitions, on sorted times.
    #[test]
    fn figures_are_those_of_the_sorted_times(
        mut times in prop::collection::vec(prop_oneof![0_u32..100, 0_u32..3000, any::<u32>()], 1..300),
        percent in 0_u32..=1000,
        bound in 0_u32..4000,
    ) {
        let measures = of(&times).measures();
        times.sort_unstable();
        let tenth = f64::from(percent) / 10.0;
        let rank = (times.len() * percent as usize).div_ceil(1000).max(1);
        prop_assert_eq!(measures.percentile(tenth), times[rank - 1]);
        prop_assert_eq!(measures.below(bound), times.iter().filter(|ms| **ms < bound).count() as u64);
        prop_assert_eq!(measures.min(), times[0]);
        prop_assert_eq!(measures.max(), times[times.len() - 1]);
        prop_assert_eq!(measures.count(), times.len() as u64);
        let (sum, count) = (times.iter().map(|ms| u128::from(*ms)).sum::<u128>(), times.len() as u128);
        prop_assert_eq!(u128::from(measures.mean()), (2 * sum + count) / (2 * count));
    }

    /// The same in whatever order, and when sent.
    #[test]
    fn merged_equals_counted_together(
        times in prop::collection::vec(prop_oneof![0_u32..200, 0_u32..5000], 0..300),
    ) {
        let part = |of_part: usize| {
            let own = times.iter().enumerate().filter(|(index, _)| index % 3 == of_part);
            of(&own.map(|(_, ms)| *ms).collect::<Vec<_>>())
        };
        let all = of(&times);
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut merged = Histogram::default();
            for index in order {
                merged.merge(&part(index));
            }
            prop_assert_eq!(&merged, &all);
        }
        let mut bytes = Vec::new();
        ciborium::into_writer(&all, &mut bytes).unwrap();
        prop_assert_eq!(ciborium::from_reader::<Histogram, _>(&bytes[..]).unwrap(), all);
    }
}

/// Where too many times are kept in steps, the true percentile lies where it is said to.
#[test]
fn percentiles_in_steps_have_a_range() {
    let times: Vec<u32> = (0..60_000).map(|n| 2_000 + n * 17).collect();
    let measures = of(&times).measures();
    for percent in [0.001, 0.01, 1.0, 50.0, 95.0, 99.0, 99.99, 100.0] {
        let exact = times[crate::measures::rank(percent, 60_000) as usize - 1];
        let (first, last) = measures.percentile_range(percent);
        assert!((first..=last).contains(&exact), "{percent}: {first} {last}");
        assert!((first..=last).contains(&measures.percentile(percent)));
        assert!(f64::from(last - first) <= 0.001 * f64::from(exact));
        assert_eq!(first == last, exact < 2048 || percent == 100.0, "{percent}");
    }
    let few = of(&times[..5000]).measures();
    assert_eq!(few.percentile_range(99.0), (86_133, 86_133));
}

#[test]
fn those_that_agree_need_not_be_equally_fine() {
    let times: Vec<u32> = (0..500).map(|n| n * 37 + 5).collect();
    let exact = of(&times);
    let mut stepped = exact.clone();
    stepped.step(Precision::Coarse);
    assert_eq!(stepped.precision(), Precision::Coarse);
    assert!(exact != stepped && exact.agrees(&stepped) && stepped.agrees(&exact));
    // In the same step, and not the same.
    let mut other = times.clone();
    other[400] += 1;
    assert!(!of(&other).agrees(&stepped) && !of(&times[1..]).agrees(&stepped));
    // Of so few that they are in no array.
    assert!(!of(&[3000]).agrees(&stepped));
    let (few, mut fine) = (of(&[3000, 3001]), of(&[]));
    fine.merge(&stepped);
    assert!(!few.agrees(&fine));
}
