//! Stop rules as pure state machines: seconds in, the rule that is broken out.
//!
//! Seconds count once, in order, and only when they are complete: when every agent that is at work
//! has told them. A request belongs to the second in which it ended.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bfgg_stats::Figures;

use crate::api::types::StopRule;

/// An agent that is heard and has told nothing of a second this long after it has nothing to tell.
const QUIET_S: i64 = 5;
/// The same where Gatling writes its log only when its buffer is full: that takes a while, where there are
/// few requests.
const LAGGING_S: i64 = 60;
/// Between two heartbeats there is no more, else nothing is known of the time between.
const BEAT_GAP: Duration = Duration::from_secs(5);

/// Of which a heartbeat tells.
const SECOND: Duration = Duration::from_secs(1);

/// What is known of one agent's figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Watermark {
    /// Its heartbeats come.
    pub(crate) heard: bool,
    /// The newest second of which it has told something.
    pub(crate) told: Option<i64>,
    /// Its Gatling writes its log ten times a second.
    pub(crate) flushed: bool,
}

/// Up to which second, itself not included, all agents at work have told all; `None` where no agent
/// is at work.
pub(crate) fn complete_until(elapsed_s: i64, at_work: &[Watermark]) -> Option<i64> {
    let of = |agent: &Watermark| {
        // What is ahead of us is by a wrong clock, and no word of the seconds up to it.
        let told = agent.told.unwrap_or(i64::MIN).min(elapsed_s);
        let lag_s = match agent.flushed {
            true => QUIET_S,
            false => LAGGING_S,
        };
        match agent.heard {
            true => told.max(elapsed_s - lag_s),
            false => told,
        }
    };
    at_work.iter().map(of).min()
}

/// `1:02:03` of a second since the start.
pub(crate) fn clock(second: i64) -> String {
    let second = second.max(0);
    let (hours, minutes, seconds) = (second / 3600, second / 60 % 60, second % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}")
}

/// The rules about figures of the whole cluster.
#[derive(Debug)]
pub(crate) struct FigureRules {
    rules: Vec<Rule>,
    /// Seconds that are not complete yet.
    open: BTreeMap<i64, Second>,
    /// The first second that does not count yet.
    next: i64,
}

#[derive(Debug)]
struct Rule {
    rule: StopRule,
    window: VecDeque<Window>,
    /// All of the window together.
    sum: Window,
}

/// What one rule sees of a second, or of many.
#[derive(Debug, Clone, Default)]
struct Window {
    ok: u64,
    ko: u64,
    times: BTreeMap<u32, u64>,
}

#[derive(Debug, Default)]
struct Second {
    ok: u64,
    ko: u64,
    /// For each rule the response times, where it asks for them.
    times: Vec<Vec<(u32, u64)>>,
}

impl FigureRules {
    /// The rules of a run that are about figures; what was before second `from` is not looked at.
    pub(crate) fn new(rules: &[StopRule], from: i64) -> Self {
        let own = rules
            .iter()
            .filter(|rule| !matches!(rule, StopRule::Cpu { .. }));
        let rule = |rule: &StopRule| Rule {
            rule: rule.clone(),
            window: VecDeque::new(),
            sum: Window::default(),
        };
        Self {
            rules: own.map(rule).collect(),
            open: BTreeMap::new(),
            next: from,
        }
    }

    /// Figures that an agent has told.
    pub(crate) fn add(&mut self, figures: &Figures) {
        let Some(newest) = newest_second(figures) else {
            return;
        };
        if self.rules.is_empty() {
            return;
        }
        let rules = self.rules.len();
        let ended = figures.seconds().iter();
        for (second, counts) in ended.filter(|(second, _)| *second >= self.next) {
            let own = self.open.entry(*second).or_default();
            own.ok = own.ok.saturating_add(counts.ok);
            own.ko = own.ko.saturating_add(counts.ko);
        }
        // The times of a cell are not apart by second; it is cut once a second.
        if newest < self.next {
            return;
        }
        let own = self.open.entry(newest).or_default();
        own.times.resize_with(rules, Vec::new);
        for (rule, times) in self.rules.iter().zip(&mut own.times) {
            let StopRule::Percentile { request, .. } = &rule.rule else {
                continue;
            };
            match request {
                None => times.extend(figures.all().together().counts()),
                Some(name) => {
                    let named = figures.requests().iter();
                    let named = named.filter(|(path, _)| path.join(" / ") == *name);
                    named.for_each(|(_, own)| times.extend(own.times.together().counts()));
                }
            }
        }
    }

    /// All seconds before this one are complete. The first rule that is broken, in a sentence.
    pub(crate) fn complete(&mut self, until: i64) -> Option<String> {
        while self.next < until {
            let second = self.next;
            self.next += 1;
            let counts = self.open.remove(&second).unwrap_or_default();
            for (index, rule) in self.rules.iter_mut().enumerate() {
                let times = counts.times.get(index).cloned().unwrap_or_default();
                if let Some(broken) = rule.take(second, counts.ok, counts.ko, times) {
                    return Some(broken);
                }
            }
        }
        None
    }

    /// Nothing was known for a while: what is before this second does not count, and windows begin
    /// anew.
    pub(crate) fn skip_to(&mut self, second: i64) {
        if second <= self.next {
            return;
        }
        self.next = second;
        self.open = self.open.split_off(&second);
        for rule in &mut self.rules {
            rule.window.clear();
            rule.sum = Window::default();
        }
    }
}

/// The newest second in which a request ended.
pub(crate) fn newest_second(figures: &Figures) -> Option<i64> {
    let seconds = figures.seconds().iter().rev();
    let mut ended = seconds.filter(|(_, counts)| counts.ok > 0 || counts.ko > 0);
    ended.next().map(|(second, _)| *second)
}

impl Rule {
    /// One more second; whether the rule is broken by then.
    fn take(&mut self, second: i64, ok: u64, ko: u64, times: Vec<(u32, u64)>) -> Option<String> {
        let mut own = Window {
            ok,
            ko,
            times: BTreeMap::new(),
        };
        for (ms, count) in times {
            *own.times.entry(ms).or_default() += count;
        }
        self.sum.add(&own);
        self.window.push_back(own);
        let length = self.rule.seconds() as usize;
        if self.window.len() > length
            && let Some(old) = self.window.pop_front()
        {
            self.sum.take_away(&old);
        }
        if self.window.len() < length {
            return None;
        }
        let found = self.sum.breaks(&self.rule)?;
        let (from, to) = (second + 1 - length as i64, second + 1);
        let (from, to) = (clock(from), clock(to));
        Some(broken(&self.rule, &format!("{found} from {from} to {to}")))
    }
}

impl Window {
    fn add(&mut self, other: &Self) {
        self.ok = self.ok.saturating_add(other.ok);
        self.ko = self.ko.saturating_add(other.ko);
        for (ms, count) in &other.times {
            let own = self.times.entry(*ms).or_default();
            *own = own.saturating_add(*count);
        }
    }

    fn take_away(&mut self, other: &Self) {
        self.ok = self.ok.saturating_sub(other.ok);
        self.ko = self.ko.saturating_sub(other.ko);
        for (ms, count) in &other.times {
            if let Some(own) = self.times.get_mut(ms) {
                *own = own.saturating_sub(*count);
                if *own == 0 {
                    self.times.remove(ms);
                }
            }
        }
    }

    /// The figures that break a rule.
    fn breaks(&self, rule: &StopRule) -> Option<String> {
        match rule {
            StopRule::Errors { percent, .. } => {
                let all = self.ok.saturating_add(self.ko);
                let found = 100.0 * self.ko as f64 / all.max(1) as f64;
                let ko = self.ko;
                (all > 0 && found > *percent).then(|| {
                    let found = over(found, *percent, 2);
                    format!("{found} % ({ko} of {all} requests)")
                })
            }
            StopRule::Percentile { percentile, ms, .. } => {
                let found = self.percentile(*percentile)?;
                (found > *ms).then(|| format!("{found} ms"))
            }
            StopRule::Cpu { .. } => None,
        }
    }

    /// By nearest rank; `None` where there is nothing.
    fn percentile(&self, percent: f64) -> Option<u32> {
        let count: u64 = self.times.values().sum();
        let rank = bfgg_stats::rank(percent, count);
        let mut before = 0_u64;
        let reaches = |(_, own): &(&u32, &u64)| {
            before = before.saturating_add(**own);
            before >= rank
        };
        let mut times = self.times.iter();
        times.find(reaches).map(|(ms, _)| *ms)
    }
}

/// A figure that is over a limit, with so many decimals, or as many as show it.
fn over(figure: f64, limit: f64, decimals: usize) -> String {
    let digits = |digits: usize| format!("{figure:.digits$}");
    let is_over = |text: &String| text.parse::<f64>().is_ok_and(|shown| shown > limit);
    let mut texts = (decimals..10).map(digits);
    texts.find(is_over).unwrap_or_else(|| digits(decimals))
}

fn broken(rule: &StopRule, found: &str) -> String {
    format!("The stop rule \"{rule}\" is broken: {found}.")
}

/// The rules about the agents' machines, from their heartbeats.
#[derive(Debug, Default)]
pub(crate) struct CpuRules {
    rules: Vec<StopRule>,
    /// For each agent when it was last heard, and since when it breaks each rule.
    agents: Vec<(Duration, Vec<Option<Duration>>)>,
}

impl CpuRules {
    pub(crate) fn new(rules: &[StopRule], agents: usize) -> Self {
        let own = rules
            .iter()
            .filter(|rule| matches!(rule, StopRule::Cpu { .. }));
        let rules: Vec<StopRule> = own.cloned().collect();
        let agents = vec![(Duration::ZERO, vec![None; rules.len()]); agents];
        Self { rules, agents }
    }

    /// Nothing is known of the time up to now.
    pub(crate) fn forget(&mut self) {
        for (_, since) in &mut self.agents {
            since.fill(None);
        }
    }

    /// A heartbeat of an agent whose Gatling runs. The rule that is broken, in a sentence.
    pub(crate) fn heard(
        &mut self,
        agent: usize,
        name: &str,
        cpu_percent: f32,
        now: Duration,
    ) -> Option<String> {
        let (last, since) = self.agents.get_mut(agent)?;
        if now.saturating_sub(*last) > BEAT_GAP {
            since.fill(None);
        }
        *last = now;
        for (rule, since) in self.rules.iter().zip(since) {
            let StopRule::Cpu { percent, seconds } = rule else {
                continue;
            };
            if f64::from(cpu_percent) <= *percent {
                *since = None;
                continue;
            }
            // It is of the second before.
            let began = *since.get_or_insert(now.saturating_sub(SECOND));
            if now.saturating_sub(began) >= Duration::from_secs((*seconds).into()) {
                let found = over(cpu_percent.into(), *percent, 0);
                let found = format!("{found} % on {name} for {seconds} s");
                return Some(broken(rule, &found));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use bfgg_stats::{Collector, Limits};
    use gatling_log::Decoder;

    use super::*;

    /// Figures of requests: the name, when it ended (ms), its time, whether it was OK.
    fn figures(requests: &[(&str, u64, u64, bool)]) -> Figures {
        let mut decoder = Decoder::new();
        let mut log = "RUN\ta.B\tb\t1000000\t \t3.12.0\n".to_owned();
        for (name, end, took, ok) in requests {
            let (from, to) = (1_000_000 + end - took, 1_000_000 + end);
            let outcome = if *ok { "OK\t " } else { "KO\tno" };
            log.push_str(&format!("REQUEST\t\t{name}\t{from}\t{to}\t{outcome}\n"));
        }
        decoder.push(log.as_bytes());
        let mut collector = Collector::new(0, Limits::default());
        decoder.each_record(|record| collector.add(record)).unwrap();
        collector.finish()
    }

    fn rules(texts: &[&str]) -> Vec<StopRule> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// A second of `count` requests, `ko` of which fail, each of which takes so long.
    fn second(second: u64, count: u64, ko: u64, took: u64) -> Figures {
        let request = |n| ("r", second * 1000 + n % 1000, took, n >= ko);
        let requests: Vec<_> = (0..count).map(request).collect();
        figures(&requests)
    }

    #[test]
    fn rules_are_broken_by_a_whole_window_and_not_before() {
        // The rule, each second's requests, KO and time, the second after which it is broken.
        type Seconds<'a> = &'a [(u64, u64, u64)];
        let cases: [(&str, Seconds<'_>, Option<usize>); 10] = [
            ("errors > 5% for 3s", &[(100, 50, 1); 3], Some(3)),
            ("errors > 5% for 3s", &[(100, 50, 1); 2], None),
            ("errors > 5% for 3s", &[(100, 5, 1); 9], None),
            (
                "errors > 5% for 3s",
                &[(100, 0, 1), (100, 0, 1), (100, 0, 1), (100, 16, 1)],
                Some(4),
            ),
            (
                // The window as a whole counts, not each of its seconds.
                "errors > 5% for 3s",
                &[(1000, 0, 1), (10, 10, 1), (10, 10, 1), (10, 10, 1)],
                Some(4),
            ),
            ("errors > 0% for 1s", &[(0, 0, 1), (0, 0, 1)], None),
            ("p95 > 800 ms for 2s", &[(100, 0, 900); 2], Some(2)),
            ("p95 > 800 ms for 2s", &[(100, 0, 800); 4], None),
            ("p95 > 800 ms for 1s", &[(0, 0, 900); 4], None),
            (
                "p50 > 100 ms for 2s",
                &[(90, 0, 50), (10, 0, 500), (90, 0, 500)],
                Some(3),
            ),
        ];
        for (text, seconds, expected) in cases {
            let mut machine = FigureRules::new(&rules(&[text]), 0);
            let mut found = None;
            for (index, (count, ko, took)) in seconds.iter().enumerate() {
                machine.add(&second(index as u64 + 10, *count, *ko, *took));
            }
            machine.skip_to(10);
            for until in 1..=seconds.len() {
                if found.is_none() && machine.complete(10 + until as i64).is_some() {
                    found = Some(until);
                }
            }
            assert_eq!(found, expected, "{text} {seconds:?}");
        }
    }

    #[test]
    fn the_sentence_names_rule_and_figures() {
        let mut machine = FigureRules::new(
            &rules(&["p95 of a > 1 s for 2s", "errors > 5% for 2s"]),
            3600,
        );
        machine.add(&second(3600, 100, 0, 3));
        machine.add(&second(3601, 100, 20, 3));
        assert_eq!(machine.complete(3601), None);
        let text = machine.complete(3602).unwrap();
        assert_eq!(
            text,
            "The stop rule \"errors > 5 % for 2 s\" is broken: 10.00 % (20 of 200 requests) \
             from 01:00:00 to 01:00:02."
        );
    }

    #[test]
    fn a_figure_over_its_limit_does_not_read_as_the_limit() {
        for (figure, limit, decimals, expected) in [
            (97.2, 95.0, 0, "97"),
            (95.3, 95.0, 0, "95.3"),
            (5.004, 5.0, 2, "5.004"),
            (10.0, 5.0, 2, "10.00"),
        ] {
            assert_eq!(over(figure, limit, decimals), expected);
        }
    }

    #[test]
    fn agents_are_added_up_and_names_kept_apart() {
        let mut machine = FigureRules::new(&rules(&["p99 of b > 100 ms for 1s"]), 0);
        machine.add(&figures(&[("a", 500, 400, true), ("b", 600, 90, true)]));
        machine.add(&figures(&[("b", 700, 200, false)]));
        assert!(machine.complete(1).unwrap().contains("200 ms"));
        let mut machine = FigureRules::new(&rules(&["p99 of b > 100 ms for 1s"]), 0);
        machine.add(&figures(&[("a", 500, 400, true)]));
        assert_eq!(machine.complete(10), None);
    }

    #[test]
    fn what_was_while_the_controller_was_away_does_not_count() {
        let mut machine = FigureRules::new(&rules(&["errors > 5% for 2s"]), 0);
        for at in 0..8 {
            machine.add(&second(at, 10, 10, 1));
        }
        machine.skip_to(7);
        // Told late.
        machine.add(&second(3, 10, 10, 1));
        assert_eq!(machine.complete(8), None);
        machine.add(&second(8, 10, 10, 1));
        assert!(machine.complete(9).is_some());
    }

    #[test]
    fn a_second_is_complete_when_all_at_work_have_told_it() {
        let told = |heard, told| Watermark {
            heard,
            told,
            flushed: true,
        };
        let lagging = |told| Watermark {
            heard: true,
            told,
            flushed: false,
        };
        for (agents, expected) in [
            (vec![], None),
            (vec![told(true, Some(98)), told(true, Some(99))], Some(98)),
            // Quiet, but there.
            (vec![told(true, Some(98)), told(true, Some(10))], Some(95)),
            (vec![told(true, None)], Some(95)),
            // Not heard: it may have something to tell.
            (vec![told(true, Some(98)), told(false, Some(10))], Some(10)),
            (vec![told(false, None)], Some(i64::MIN)),
            // Its log comes late: it is not quiet.
            (vec![told(true, Some(99)), lagging(Some(60))], Some(60)),
            (vec![lagging(Some(20))], Some(40)),
            (vec![lagging(None), told(true, None)], Some(40)),
            // By a clock that is wrong.
            (vec![told(true, Some(7_000))], Some(100)),
            (vec![told(false, Some(i64::MAX))], Some(100)),
        ] {
            assert_eq!(complete_until(100, &agents), expected, "{agents:?}");
        }
    }

    #[test]
    fn a_cpu_before_a_sleep_does_not_count() {
        let at = Duration::from_secs;
        for slept in [false, true] {
            let mut machine = CpuRules::new(&rules(&["cpu > 95% for 4s"]), 1);
            for second in 100..103 {
                assert_eq!(machine.heard(0, "lab-1", 99.0, at(second)), None);
            }
            if slept {
                machine.forget();
            }
            assert_eq!(machine.heard(0, "lab-1", 99.0, at(103)).is_none(), slept);
        }
    }

    #[test]
    fn a_cpu_breaks_its_rule_by_time_without_a_break() {
        // Beats of two agents: the second, the agent, its CPU.
        type Beats<'a> = &'a [(u64, usize, f32)];
        let cases: [(Beats<'_>, bool); 7] = [
            // Each is of the second before it.
            (&[(1, 0, 96.0), (2, 0, 99.0), (4, 0, 97.0)], true),
            (&[(1, 0, 96.0), (2, 0, 99.0), (3, 0, 97.0)], false),
            (&[(0, 0, 96.0), (2, 0, 99.0), (4, 0, 97.0)], true),
            (&[(0, 0, 96.0), (2, 0, 95.0), (4, 0, 97.0)], false),
            // Another one's.
            (&[(0, 0, 96.0), (2, 1, 96.0), (4, 1, 96.0)], false),
            // Nothing is known of the time between.
            (&[(0, 0, 96.0), (9, 0, 96.0), (11, 0, 96.0)], false),
            (&[(0, 2, 96.0), (4, 2, 96.0)], false),
        ];
        for (beats, expected) in cases {
            let mut machine = CpuRules::new(&rules(&["cpu > 95% for 4s", "errors > 1% for 1s"]), 2);
            let mut found = None;
            for (second, agent, cpu) in beats {
                let now = Duration::from_secs(100 + second);
                found = found.or(machine.heard(*agent, "lab-1", *cpu, now));
            }
            assert_eq!(found.is_some(), expected, "{beats:?}");
            let text = "The stop rule \"cpu > 95 % for 4 s\" is broken: 97 % on lab-1 for 4 s.";
            assert!(found.is_none_or(|found| found == text));
        }
    }
}
