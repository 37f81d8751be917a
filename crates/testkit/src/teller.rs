//! The log of an agent that is a mere node, and the cells it tells of it: true ones, cut once a second.

use std::ops::Range;

use bfgg_clock::wall_ms;
use bfgg_protocol::{Cell, RunId, TelemetryAnswer, TelemetryRequest, encode, version};
use bfgg_stats::{Collector, Figures, Limits};
use gatling_log::{Decoder, Encoder, Header, Record, Version};

/// A log that grows by a second at a time, and its cells.
#[derive(Debug)]
pub(crate) struct Teller {
    run: RunId,
    names: Vec<String>,
    each: u32,
    encoder: Encoder,
    decoder: Decoder,
    collector: Option<Collector>,
    log: Vec<u8>,
    cells: Vec<Cell>,
    /// The cell to be sent next, once the controller has said so.
    wanted: Option<usize>,
    asking: bool,
    second: u32,
    to: u64,
}

impl Teller {
    /// A load that began at `start_ms`, wall time of the agent: so many names, and `each` requests of
    /// each in a second.
    pub(crate) fn new(run: RunId, start_ms: u64, names: u32, each: u32) -> Self {
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
            cells: Vec::new(),
            wanted: None,
            asking: false,
            second: 0,
            to: 0,
        }
    }

    /// The log so far.
    pub(crate) fn log(&self) -> &[u8] {
        &self.log
    }

    /// Another second of load, and its cell.
    pub(crate) fn second(&mut self) {
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
        self.log.extend(bytes);
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
        let from = std::mem::replace(&mut self.to, self.log.len() as u64);
        self.cells.push(Cell {
            number: self.cells.len() as u64,
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
        let cells = self.unsent();
        if self.asking || (self.wanted.is_some() && cells.is_empty()) {
            return None;
        }
        self.asking = true;
        let cells = self.cells[cells].to_vec();
        Some(TelemetryRequest {
            run: self.run,
            cells,
        })
    }

    /// A few at a time; none before it is known which are wanted.
    fn unsent(&self) -> Range<usize> {
        let wanted = self.wanted.unwrap_or(usize::MAX).min(self.cells.len());
        wanted..self.cells.len().min(wanted + 4)
    }

    /// The controller's answer, `None` if there was none.
    pub(crate) fn answered(&mut self, answer: Option<TelemetryAnswer>) {
        self.asking = false;
        self.wanted = match answer {
            Some(TelemetryAnswer::Next { number, .. }) => Some(number as usize),
            Some(TelemetryAnswer::Unwanted) => Some(self.cells.len()),
            None => None,
        };
    }
}
