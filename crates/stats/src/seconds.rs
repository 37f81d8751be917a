use std::collections::BTreeMap;

/// What happened in one second of the axis.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Second {
    /// Requests that ended OK.
    pub ok: u64,
    /// Requests that ended KO.
    pub ko: u64,
    /// Users that started.
    pub started: u64,
    /// Users that ended.
    pub ended: u64,
}

impl Second {
    fn merge(&mut self, other: &Self) {
        self.ok += other.ok;
        self.ko += other.ko;
        self.started += other.started;
        self.ended += other.ended;
    }
}

/// The seconds in which something happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seconds {
    cells: BTreeMap<i64, Second>,
}

impl Seconds {
    pub(crate) fn add(&mut self, second: i64, cell: &Second) {
        if *cell != Second::default() {
            self.cells.entry(second).or_default().merge(cell);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (second, cell) in &other.cells {
            self.add(*second, cell);
        }
    }

    pub(crate) fn cells(&self) -> &BTreeMap<i64, Second> {
        &self.cells
    }
}

/// The second that is being counted: a log is nearly in time order, so the map is rarely needed.
#[derive(Debug, Default)]
pub(crate) struct Current {
    second: i64,
    cell: Second,
}

impl Current {
    /// The cell of the second in which `time` (ms on the axis) lies.
    pub(crate) fn at(&mut self, time: i64, seconds: &mut Seconds) -> &mut Second {
        let second = time.div_euclid(1000);
        if second != self.second {
            self.flush(seconds);
            self.second = second;
        }
        &mut self.cell
    }

    pub(crate) fn flush(&mut self, seconds: &mut Seconds) {
        seconds.add(self.second, &std::mem::take(&mut self.cell));
    }
}
