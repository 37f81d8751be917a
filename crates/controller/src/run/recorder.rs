//! A run's timeline on a thread of its own: the disk may be slow, and adding up takes its time.

use std::path::Path;
use std::sync::Arc;

use bfgg_net::Reply;
use bfgg_protocol::{Cell, HealthSample, Indicators, TelemetryAnswer};
use bfgg_report::verdict::Seen;
use bfgg_report::{LiveFigures, live};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot, watch};
use tracing::{debug, error};

use super::report::columns;
use super::stop_rules::FigureRules;
use super::timeline::{Timeline, Told};
use crate::api::types::{LivePercentile, LiveTimes};

/// Requests that wait at most. An agent waits for an answer before it asks again.
const WAITING: usize = 1024;
/// What they carry at most, KiB. Who is passed over asks again later.
const CARRIED: u32 = 64 << 10;
/// Requests answered together: the disk is waited for once.
const TOGETHER: usize = 256;

/// The way to a run's timeline.
#[derive(Debug)]
pub(crate) struct Recorder {
    orders: mpsc::Sender<Order>,
    room: Arc<Semaphore>,
    shown: watch::Sender<Indicators>,
    summary: watch::Receiver<Summary>,
}

/// What can be said of a run's live figures.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Summary {
    /// The response times of all requests; `None` before the first one.
    pub(crate) times: Option<LiveTimes>,
    /// Of each agent whether it tells, and has not yet told all.
    pub(crate) telling: Vec<bool>,
    /// Of each agent the signs of an exhausted load generator in its error messages.
    pub(crate) signs: Vec<Vec<Seen>>,
    /// Of each agent the newest second of which it has told something.
    pub(crate) newest: Vec<Option<i64>>,
    /// The sentence of a stop rule that is broken.
    pub(crate) broken: Option<String>,
}

#[derive(Debug)]
enum Order {
    Take {
        agent: usize,
        cells: Vec<Cell>,
        reply: Reply<TelemetryAnswer>,
        /// Held as long as the cells are in memory.
        room: OwnedSemaphorePermit,
    },
    /// For stop rules: all seconds before this one are complete.
    Complete(i64),
    /// For stop rules: what was before this second does not count.
    SkipTo(i64),
    Told(oneshot::Sender<Vec<Told>>),
    /// All that is known, with the seconds from one on.
    Figures {
        from: i64,
        reply: oneshot::Sender<Arc<LiveFigures>>,
    },
}

impl Recorder {
    /// The timeline in a run's folder, of so many agents. It ends when this is dropped. The stop
    /// rules are those about figures.
    pub(crate) fn start(folder: &Path, agents: usize, rules: FigureRules) -> Self {
        let (orders, work) = mpsc::channel(WAITING);
        let shown = watch::Sender::new(Indicators::default());
        // Until it is known what an earlier controller has kept.
        let (tell, summary) = watch::channel(Summary {
            times: None,
            telling: vec![true; agents],
            signs: vec![Vec::new(); agents],
            newest: vec![None; agents],
            broken: None,
        });
        let (folder, percentiles) = (folder.to_owned(), shown.subscribe());
        let thread = std::thread::Builder::new().name("timeline".into());
        let record = move || {
            let timeline = Timeline::open(&folder, agents, rules);
            record(timeline, work, &percentiles, &tell);
        };
        if let Err(cause) = thread.spawn(record) {
            error!(%cause, "there will be no live figures");
        }
        Self {
            orders,
            room: Arc::new(Semaphore::new(CARRIED as usize)),
            shown,
            summary,
        }
    }

    /// Has cells of an agent taken, and the agent answered. If there is too much to do it gets no
    /// answer and tries again.
    pub(crate) fn take(&self, agent: usize, cells: Vec<Cell>, reply: Reply<TelemetryAnswer>) {
        let size = |cell: &Cell| cell.figures.len() + cell.health.len() * size_of::<HealthSample>();
        let bytes: usize = cells.iter().map(size).sum();
        let kib = u32::try_from(bytes >> 10).unwrap_or(u32::MAX) + 1;
        let Ok(room) = Arc::clone(&self.room).try_acquire_many_owned(kib) else {
            return debug!(agent, "live figures have to wait");
        };
        let order = Order::Take {
            agent,
            cells,
            reply,
            room,
        };
        if self.orders.try_send(order).is_err() {
            debug!(agent, "live figures have to wait");
        }
    }

    /// What can be said now; percentiles are those of `indicators`.
    pub(crate) fn summary(&self, indicators: &Indicators) -> Summary {
        self.shown.send_if_modified(|shown| {
            let new = shown != indicators;
            shown.clone_from(indicators);
            new
        });
        self.summary.borrow().clone()
    }

    /// For the stop rules: all seconds before this one are complete. It is said again each second,
    /// so that it may be passed over once.
    pub(crate) fn complete(&self, until: i64) {
        let _ = self.orders.try_send(Order::Complete(until));
    }

    /// For the stop rules: what was before this second does not count.
    pub(crate) fn skip_to(&self, second: i64) {
        let _ = self.orders.try_send(Order::SkipTo(second));
    }

    /// All that is known, with the seconds from one on, maybe some before it; `None` if the timeline
    /// has failed or has too much to do.
    pub(crate) fn figures(
        &self,
        from: i64,
    ) -> impl Future<Output = Option<Arc<LiveFigures>>> + use<> {
        let (reply, figures) = oneshot::channel();
        let asked = self.orders.try_send(Order::Figures { from, reply });
        async move {
            asked.ok()?;
            figures.await.ok()
        }
    }

    /// What each agent has told; nothing if the timeline has failed.
    pub(crate) fn told(&self) -> impl Future<Output = Vec<Told>> + use<> {
        let orders = self.orders.clone();
        async move {
            let (reply, told) = oneshot::channel();
            if orders.send(Order::Told(reply)).await.is_err() {
                return Vec::new();
            }
            told.await.unwrap_or_default()
        }
    }
}

fn record(
    mut timeline: Timeline,
    mut work: mpsc::Receiver<Order>,
    shown: &watch::Receiver<Indicators>,
    tell: &watch::Sender<Summary>,
) {
    let mut broken = None;
    loop {
        let indicators = shown.borrow().clone();
        tell.send_replace(Summary {
            times: times(&timeline, &indicators),
            telling: timeline.telling(),
            signs: timeline.signs(),
            newest: timeline.newest(),
            broken: broken.clone(),
        });
        let Some(first) = work.blocking_recv() else {
            return;
        };
        let more = std::iter::from_fn(|| work.try_recv().ok());
        let orders: Vec<Order> = std::iter::once(first).chain(more).take(TOGETHER).collect();
        let (mut answers, mut asked, mut watched) = (Vec::new(), Vec::new(), Vec::new());
        let mut complete = None;
        for order in orders {
            match order {
                Order::Take {
                    agent,
                    cells,
                    reply,
                    room,
                } => answers.push((agent, timeline.take(agent, cells), reply, room)),
                Order::Complete(until) => complete = complete.max(Some(until)),
                Order::SkipTo(second) => timeline.skip_to(second),
                Order::Told(reply) => asked.push(reply),
                Order::Figures { from, reply } => watched.push((from, reply)),
            }
        }
        timeline.commit();
        let mut rooms = Vec::new();
        for (agent, wanted, reply, room) in answers {
            reply.send(timeline.answer(agent, wanted));
            rooms.push(room);
        }
        timeline.add_up();
        drop(rooms);
        if let Some(until) = complete {
            broken = broken.or_else(|| timeline.complete(until));
        }
        for reply in asked {
            let _ = reply.send(timeline.told());
        }
        // Once for all who ask.
        if let Some(from) = watched.iter().map(|(from, _)| *from).min() {
            let figures = live(timeline.figures(), &columns(&indicators), from);
            let figures = Arc::new(figures);
            for (_, reply) in watched {
                // Who is gone needs no answer.
                let _ = reply.send(Arc::clone(&figures));
            }
        }
    }
}

/// The response times of all requests that the agents have told.
fn times(timeline: &Timeline, indicators: &Indicators) -> Option<LiveTimes> {
    let measures = timeline.figures().all().together().measures();
    if measures.count() == 0 {
        return None;
    }
    let percentile = |milli: u32| {
        let percent = f64::from(milli) / 1000.0;
        let ms = measures.percentile(percent);
        LivePercentile { percent, ms }
    };
    Some(LiveTimes {
        count: measures.count(),
        mean_ms: measures.mean(),
        max_ms: measures.max(),
        percentiles: indicators.percentiles_milli.map(percentile).to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use bfgg_protocol::encode;
    use bfgg_stats::{Collector, Figures, Limits};
    use gatling_log::Decoder;

    use super::*;

    fn cell(number: u64, last: bool) -> Cell {
        cell_of(number, last, "OK\t ")
    }

    fn cell_of(number: u64, last: bool, outcome: &str) -> Cell {
        let mut decoder = Decoder::new();
        decoder.push(b"RUN\ta.B\tb\t1000\t \t3.12.0\n");
        decoder.push(format!("REQUEST\t\tr\t1000\t1030\t{outcome}\n").as_bytes());
        let mut collector = Collector::new(0, Limits::default());
        decoder.each_record(|record| collector.add(record)).unwrap();
        Cell {
            number,
            from: number * 10,
            to: number * 10 + 10,
            cut_ms: 0,
            last,
            figures: encode::<Figures>(&collector.finish(), 1 << 20).unwrap(),
            health: Vec::new(),
        }
    }

    #[tokio::test]
    async fn agents_are_answered_and_the_loop_is_told_what_it_shows() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path(), 3, FigureRules::new(&[], 0));
        let ask = |agent, cells| {
            let (reply, answer) = Reply::channel();
            recorder.take(agent, cells, reply);
            answer
        };
        let next = |number| TelemetryAnswer::Next {
            number,
            from: number * 10,
        };
        let many: Vec<_> = (0..50).map(|n| ask(0, vec![cell(n, false)])).collect();
        for (number, answer) in (1..).zip(many) {
            // They may have been answered together.
            let TelemetryAnswer::Next { number: got, from } = answer.await.unwrap() else {
                panic!("it is wanted");
            };
            assert!(got >= number && from == got * 10);
        }
        assert_eq!(ask(1, vec![cell(0, true)]).await.unwrap(), next(1));
        assert_eq!(ask(1, Vec::new()).await.unwrap(), TelemetryAnswer::Unwanted);
        let told = recorder.told().await;
        let tells: Vec<bool> = told.iter().map(|told| told.tells).collect();
        assert_eq!(tells, [true, true, false]);
        // The thread has said so before it took the next order.
        assert_eq!(recorder.told().await, told);
        let summary = recorder.summary(&Indicators::default());
        assert_eq!(summary.telling, [true, false, false]);
        assert_eq!(summary.times.map(|times| times.count), Some(51));

        drop(recorder);
        let again = Recorder::start(folder.path(), 3, FigureRules::new(&[], 0));
        assert_eq!(again.told().await, told);
    }

    #[tokio::test]
    async fn signs_are_those_of_the_agent_that_has_told_them() {
        let folder = tempfile::tempdir().unwrap();
        for start in 0..2 {
            // Another controller finds them again.
            let recorder = Recorder::start(folder.path(), 2, FigureRules::new(&[], 0));
            let (reply, answer) = Reply::channel();
            let cell = cell_of(0, false, "KO\tj.n.SocketException: Too many open files");
            recorder.take(1, vec![cell], reply);
            answer.await.unwrap();
            recorder.told().await;
            let signs = recorder.summary(&Indicators::default()).signs;
            let counts: Vec<Vec<u64>> = signs
                .iter()
                .map(|of| of.iter().map(|seen| seen.count).collect())
                .collect();
            assert_eq!(counts, [vec![], vec![1]], "start {start}");
        }
    }

    #[tokio::test]
    async fn who_asks_too_much_at_once_has_to_come_again() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::start(folder.path(), 1, FigureRules::new(&[], 0));
        let large = Cell {
            figures: vec![0; (CARRIED as usize + 1) << 10],
            ..cell(0, false)
        };
        let (reply, answer) = Reply::channel();
        recorder.take(0, vec![large], reply);
        assert!(answer.await.is_err());
        let (reply, answer) = Reply::channel();
        recorder.take(0, vec![cell(0, false)], reply);
        assert!(answer.await.is_ok());
    }
}
