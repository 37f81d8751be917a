//! The log of an agent that is a mere node, and the cells it tells of it: true ones, cut once a second.

use std::collections::VecDeque;

use bfgg_clock::wall_ms;
use bfgg_protocol::{Cell, RunId, TelemetryAnswer, TelemetryRequest, encode, version};
use bfgg_stats::{Collector, Figures, Limits};
use gatling_log::{Decoder, Encoder, Header, Record, Version};

/// Cells that are told together in a hurry.
const HURRIED: usize = 32;

/// A log that grows by a second at a time, and its cells.
#[derive(Debug)]
pub(crate) struct Teller {
    run: RunId,
    names: Vec<String>,
    each: u32,
    encoder: Encoder,
    decoder: Decoder,
    collector: Option<Collector>,
    /// Kept, unless it is told in a hurry.
    log: Vec<u8>,
    /// Those that the controller may still want.
    cells: VecDeque<Cell>,
    /// The number of the cell to be cut next.
    next: u64,
    /// The controller has said which one it wants first.
    known: bool,
    asking: bool,
    second: u32,
    to: u64,
    /// Bytes of the log.
    to_be: u64,
    /// So many seconds are told as quickly as they are taken; 0 for one a second.
    hurry: u32,
}

impl Teller {
    /// A load that began at `start_ms`, wall time of the agent: so many names, and `each` requests of
    /// each in a second; and as many seconds are told as quickly as they are taken, unless that is 0.
    pub(crate) fn new(run: RunId, start_ms: u64, (names, each): (u32, u32), hurry: u32) -> Self {
        let encoder = Encoder::new(&Header {
            version: Version::parse("3.16.0").unwrap(),
            simulation: "example.Shop".into(),
            start: start_ms as i64,
            description: String::new(),
            scenarios: vec!["Visitors".to_owned()],
            assertions: Vec::new(),
        });
        Self {
            run,
            names: (0..names).map(|n| format!("request {n}")).collect(),
            each,
            encoder,
            decoder: Decoder::new(),
            collector: None,
            log: Vec::new(),
            cells: VecDeque::new(),
            next: 0,
            known: false,
            asking: false,
            second: 0,
            to: 0,
            to_be: 0,
            hurry,
        }
    }

    /// The log so far.
    pub(crate) fn log(&self) -> &[u8] {
        &self.log
    }

    /// A second has passed, or a request was answered: what is to be told is cut.
    pub(crate) fn cut_more(&mut self, passed: bool) {
        if self.hurry == 0 && passed {
            self.second();
        }
        while self.second < self.hurry && self.cells.len() < HURRIED {
            self.second();
        }
    }

    /// Another second of load, and its cell.
    fn second(&mut self) {
        let from = self.second * 1000;
        for (at, name) in self.names.iter().enumerate() {
            for number in 0..self.each {
                // Spread over the second, and over response times.
                let start = from + (number * 1000 / self.each + at as u32) % 900;
                let took = 1 + (number * 37 + at as u32 * 11) % 99;
                self.encoder
                    .request(&[], name, start..start + took, number % 50 != 7, "");
            }
        }
        self.second += 1;
        self.count();
        let figures = self.collector.as_mut().map(Collector::take);
        self.cut(false, &figures.unwrap_or_default());
    }

    /// The load is over.
    pub(crate) fn finish(&mut self) {
        self.count();
        let figures = self.collector.take().map(Collector::finish);
        self.cut(true, &figures.unwrap_or_default());
    }

    fn count(&mut self) {
        let bytes = self.encoder.take();
        self.decoder.push(&bytes);
        self.to_be += bytes.len() as u64;
        if self.hurry == 0 {
            self.log.extend(bytes);
        }
        if self.collector.is_none() {
            let Some(Record::Run(_)) = self.decoder.next_record().unwrap() else {
                return;
            };
            self.collector = Some(Collector::new(0, Limits::default()));
        }
        let collector = self.collector.as_mut().unwrap();
        self.decoder
            .each_record(|record| collector.add(record))
            .unwrap();
        if let Some(header) = self.decoder.header() {
            collector.name_scenarios(&header.scenarios);
        }
    }

    fn cut(&mut self, last: bool, figures: &Figures) {
        let from = std::mem::replace(&mut self.to, self.to_be);
        let number = self.next;
        self.next += 1;
        self.cells.push_back(Cell {
            number,
            from,
            to: self.to,
            cut_ms: wall_ms(),
            last,
            figures: encode(figures, version::MAX_TELEMETRY).unwrap(),
            health: Vec::new(),
        });
    }

    /// What is to be sent now, if anything is. Its answer has to come back by [`Self::answered`].
    pub(crate) fn request(&mut self) -> Option<TelemetryRequest> {
        if self.asking || (self.known && self.cells.is_empty()) {
            return None;
        }
        self.asking = true;
        // A few at a time; none before it is known which are wanted.
        let most = match (self.known, self.hurry) {
            (false, _) => 0,
            (true, 0) => 4,
            (true, _) => HURRIED,
        };
        Some(TelemetryRequest {
            run: self.run,
            cells: self.cells.iter().take(most).cloned().collect(),
        })
    }

    /// The controller's answer, `None` if there was none.
    pub(crate) fn answered(&mut self, answer: Option<TelemetryAnswer>) {
        self.asking = false;
        self.known = answer.is_some();
        match answer {
            Some(TelemetryAnswer::Next { number, .. }) => {
                while self.cells.front().is_some_and(|cell| cell.number < number) {
                    self.cells.pop_front();
                }
            }
            Some(TelemetryAnswer::Unwanted) => self.cells.clear(),
            None => {}
        }
    }
}
