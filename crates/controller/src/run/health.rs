//! The load of a run's agents over time: `agents/<index>/health.csv` in the run's folder, a line
//! for each second.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};

use bfgg_protocol::version::MAX_CELL_HEALTH;
use bfgg_protocol::{Health, HealthSample};
use serde_json::{Map, Number, Value};
use tracing::warn;

use super::offset_ms;
use super::part_end::longest_ms;
use crate::api::types::{AgentHealth, HealthPoint, Run, RunAgent, RunHealth};

const FILE: &str = "health.csv";
/// The number of the cell that has brought a sample, and the sample's time.
const CELL: &str = "cell";
const AT: &str = "at_ms";
/// Bytes that are kept of one agent: some 4 days.
const KEPT: u64 = 64 << 20;
/// Points that are shown of one agent.
const POINTS: usize = 600;

/// The file of one agent, to add to.
#[derive(Debug)]
pub(super) struct HealthFile {
    path: PathBuf,
    open: Option<Open>,
    failed: bool,
}

#[derive(Debug)]
struct Open {
    file: File,
    columns: Vec<String>,
    /// The cell that has brought the newest sample.
    last: Option<u64>,
    bytes: u64,
}

fn path_of(folder: &Path, agent: u32) -> PathBuf {
    folder.join("agents").join(agent.to_string()).join(FILE)
}

impl HealthFile {
    /// That of an agent in a run's folder. It need not be there.
    pub(super) fn of(folder: &Path, agent: u32) -> Self {
        Self {
            path: path_of(folder, agent),
            open: None,
            failed: false,
        }
    }

    /// Adds the samples of a cell. Those of a cell that is there, or of an earlier one, are there.
    /// What cannot be written is left out, with a warning: no figure depends on it.
    pub(super) fn add(&mut self, cell: u64, samples: &[HealthSample]) {
        if samples.is_empty() {
            return;
        }
        if let Err(cause) = self.try_add(cell, samples) {
            self.open = None;
            if !std::mem::replace(&mut self.failed, true) {
                let file = self.path.display();
                warn!(%file, %cause, "an agent's load cannot be kept");
            }
        }
    }

    fn try_add(&mut self, cell: u64, samples: &[HealthSample]) -> io::Result<()> {
        let open = match &mut self.open {
            Some(open) => open,
            None => self.open.insert(Open::at(&self.path)?),
        };
        if open.bytes >= KEPT || open.last.is_some_and(|last| cell <= last) {
            return Ok(());
        }
        let mut lines = String::new();
        for sample in samples.iter().take(MAX_CELL_HEALTH) {
            line(&open.columns, cell, sample, &mut lines)?;
        }
        open.file.write_all(lines.as_bytes())?;
        open.bytes += lines.len() as u64;
        open.last = Some(cell);
        Ok(())
    }
}

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let (mut last, mut whole, mut columns) = (None, 0, Vec::new());
        let reading = each_line(path, |line, end| {
            if columns.is_empty() {
                columns = line.split(',').map(str::to_owned).collect();
            } else {
                let cell = line.split(',').next().and_then(|cell| cell.parse().ok());
                last = cell.or(last);
            }
            whole = end;
        });
        match reading {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        let mut file = options.create(true).append(true).open(path)?;
        // What a power cut has left of a line.
        file.set_len(whole)?;
        if columns.is_empty() {
            let fields = fields(&Health::default())?;
            let names = [CELL, AT].map(str::to_owned).into_iter();
            columns = names.chain(fields.keys().cloned()).collect();
            let head = columns.join(",") + "\n";
            file.write_all(head.as_bytes())?;
            whole = head.len() as u64;
        }
        Ok(Self {
            file,
            columns,
            last,
            bytes: whole,
        })
    }
}

/// Gives each whole line with the byte behind it.
fn each_line(path: &Path, mut take: impl FnMut(&str, u64)) -> io::Result<()> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut line, mut at) = (String::new(), 0);
    loop {
        line.clear();
        at += reader.read_line(&mut line)? as u64;
        match line.strip_suffix('\n') {
            Some(whole) => take(whole, at),
            None => return Ok(()),
        }
    }
}

fn fields(health: &Health) -> io::Result<Map<String, Value>> {
    match serde_json::to_value(health)? {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}

fn line(columns: &[String], cell: u64, sample: &HealthSample, to: &mut String) -> io::Result<()> {
    let fields = fields(&sample.health.clone().bounded())?;
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            to.push(',');
        }
        let number = match column.as_str() {
            CELL => cell.to_string(),
            AT => sample.at_ms.to_string(),
            // In the file's columns, should an older or newer version have begun it.
            name => fields.get(name).map_or("0".to_owned(), short),
        };
        to.push_str(&number);
    }
    to.push('\n');
    Ok(())
}

/// Fractions have the digits that an f32 has.
fn short(value: &Value) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "it was one")]
    match value.as_f64().filter(|_| value.is_f64()) {
        Some(fraction) => (fraction as f32).to_string(),
        None => value.to_string(),
    }
}

/// The load of an agent in a run, as far as it was told, in the order in which it was measured.
/// Nothing if it has told none. Blocking.
///
/// # Errors
/// If the file is there and cannot be read. Lines that are none are passed over.
pub(crate) fn samples(folder: &Path, agent: u32) -> io::Result<Vec<HealthSample>> {
    let (mut columns, mut samples) = (Vec::new(), Vec::new());
    let reading = each_line(&path_of(folder, agent), |line, _| {
        if columns.is_empty() {
            columns = line.split(',').map(str::to_owned).collect();
        } else {
            samples.extend(sample(&columns, line));
        }
    });
    match reading {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(samples),
    }
}

fn sample(columns: &[String], line: &str) -> Option<HealthSample> {
    let mut fields = Map::new();
    let mut at_ms = None;
    for (column, value) in columns.iter().zip(line.split(',')) {
        match column.as_str() {
            CELL => {}
            AT => at_ms = value.parse().ok(),
            name => {
                let number: Number = value.parse().ok()?;
                fields.insert(name.to_owned(), Value::Number(number));
            }
        }
    }
    let health: Health = serde_json::from_value(Value::Object(fields)).ok()?;
    let health = health.bounded();
    Some(HealthSample {
        at_ms: at_ms?,
        health,
    })
}

/// When each of an agent's samples was taken, ms after the start instant on the controller's
/// clock: its clock's offset is taken off, and the jumps it made meanwhile. They are in the order of time;
/// what cannot be of this run, by a clock that is wrong, is left out.
pub(crate) fn on_axis(
    run: &Run,
    agent: &RunAgent,
    samples: Vec<HealthSample>,
) -> Vec<(i64, Health)> {
    let zero = signed(run.started_ms.unwrap_or(run.created_ms));
    let possible = signed(run.created_ms).saturating_sub(zero)..=signed(longest_ms(run));
    let mut steps = run.clock_steps.iter().filter(|s| s.index == agent.index);
    let mut step = steps.next();
    let mut offset = offset_ms(agent.clock);
    let mut before = None;
    let mut placed = Vec::with_capacity(samples.len());
    for sample in samples {
        let at = signed(sample.at_ms);
        // A second has passed since the one before; what is nearer to the step than to that has
        // taken part in it.
        if let (Some(last), Some(next)) = (before, step) {
            let moved = at.saturating_sub(last);
            if moved.abs_diff(next.by_ms) < moved.unsigned_abs() {
                offset = offset.saturating_add(next.by_ms);
                step = steps.next();
            }
        }
        before = Some(at);
        let after = at.saturating_sub(offset).saturating_sub(zero);
        if possible.contains(&after) {
            placed.push((after, sample.health));
        }
    }
    placed.sort_by_key(|(after, _)| *after);
    placed
}

/// The load of all agents of a run, for a chart. Blocking.
///
/// # Errors
/// If a file is there and cannot be read.
pub(crate) fn history(run: &Run) -> io::Result<RunHealth> {
    let folder = Path::new(&run.folder);
    let one = |agent: &RunAgent| {
        let samples = samples(folder, agent.index)?;
        Ok(AgentHealth {
            index: agent.index,
            name: agent.name.clone(),
            points: points(on_axis(run, agent, samples)),
        })
    };
    let agents: io::Result<Vec<AgentHealth>> = run.agents.iter().map(one).collect();
    Ok(RunHealth { agents: agents? })
}

/// One for each span of the same length, so many that there are few enough.
fn points(placed: Vec<(i64, Health)>) -> Vec<HealthPoint> {
    let seconds = || placed.iter().map(|(after, _)| after.div_euclid(1000));
    let (Some(first), Some(last)) = (seconds().min(), seconds().max()) else {
        return Vec::new();
    };
    let length = last.saturating_sub(first).saturating_add(1);
    let span = length
        .saturating_add(POINTS as i64 - 1)
        .div_euclid(POINTS as i64)
        .max(1);
    let mut worst: BTreeMap<i64, HealthPoint> = BTreeMap::new();
    for (after, health) in placed {
        let second = after.div_euclid(1000);
        let place = (second - first).div_euclid(span);
        match worst.get_mut(&place) {
            Some(point) => {
                point.second = point.second.max(second);
                point.health = worse(&point.health, health);
            }
            None => _ = worst.insert(place, HealthPoint { second, health }),
        }
    }
    worst.into_values().collect()
}

/// The worse of each figure.
fn worse(a: &Health, b: Health) -> Health {
    let known = |a: u64, b: u64| match (a, b) {
        (0, other) | (other, 0) => other,
        (a, b) => a.min(b),
    };
    Health {
        cpu_percent: a.cpu_percent.max(b.cpu_percent),
        steal_percent: a.steal_percent.max(b.steal_percent),
        quota_percent: a.quota_percent.max(b.quota_percent),
        throttled_percent: a.throttled_percent.max(b.throttled_percent),
        jvm_percent: a.jvm_percent.max(b.jvm_percent),
        load_1m: a.load_1m.max(b.load_1m),
        memory_used_bytes: a.memory_used_bytes.max(b.memory_used_bytes),
        memory_total_bytes: a.memory_total_bytes.max(b.memory_total_bytes),
        swap_used_bytes: a.swap_used_bytes.max(b.swap_used_bytes),
        heap_used_bytes: a.heap_used_bytes.max(b.heap_used_bytes),
        heap_max_bytes: a.heap_max_bytes.max(b.heap_max_bytes),
        gc_ms: a.gc_ms.max(b.gc_ms),
        gc_pause_ms: a.gc_pause_ms.max(b.gc_pause_ms),
        rx_bytes_s: a.rx_bytes_s.max(b.rx_bytes_s),
        tx_bytes_s: a.tx_bytes_s.max(b.tx_bytes_s),
        link_bits_s: known(a.link_bits_s, b.link_bits_s),
        open_files: a.open_files.max(b.open_files),
        open_files_limit: known(a.open_files_limit, b.open_files_limit),
        ports_used: a.ports_used.max(b.ports_used),
        ports_range: a.ports_range.max(b.ports_range),
        sockets_established: a.sockets_established.max(b.sockets_established),
        sockets_time_wait: a.sockets_time_wait.max(b.sockets_time_wait),
        sockets_close_wait: a.sockets_close_wait.max(b.sockets_close_wait),
        sockets_other: a.sockets_other.max(b.sockets_other),
        retransmits_s: a.retransmits_s.max(b.retransmits_s),
        segments_s: a.segments_s.max(b.segments_s),
        disk_free_bytes: known(a.disk_free_bytes, b.disk_free_bytes),
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::started_run;

    fn at(at_ms: u64, cpu_percent: f32) -> HealthSample {
        HealthSample {
            at_ms,
            health: Health {
                cpu_percent,
                heap_used_bytes: at_ms,
                disk_free_bytes: 100 - at_ms % 100,
                ..Health::default()
            },
        }
    }

    #[test]
    fn the_samples_of_a_cell_are_kept_once() {
        let folder = tempfile::tempdir().unwrap();
        let kept = || samples(folder.path(), 3).unwrap();
        assert_eq!(kept(), []);
        let mut file = HealthFile::of(folder.path(), 3);
        file.add(0, &[]);
        assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
        let (first, second) = ([at(1, 12.3), at(2, 0.0)], [at(3, 99.9)]);
        file.add(4, &first);
        file.add(4, &second);
        file.add(2, &second);
        assert_eq!(kept(), first);
        // Another controller, after a power cut within a line.
        let path = path_of(folder.path(), 3);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("cell,at_ms,") && text.contains(",12.3,"));
        std::fs::write(&path, text.clone() + "5,3,99").unwrap();
        let mut file = HealthFile::of(folder.path(), 3);
        file.add(4, &second);
        file.add(5, &second);
        let all = [&first[..], &second[..]].concat();
        assert_eq!(kept(), all);
        // A file of another version, and lines that are none.
        let other = "at_ms,later,cpu_percent\n7,1,5.5\nx,1,2\n8,1\n9,,1\n";
        std::fs::write(&path, other).unwrap();
        let kept: Vec<(u64, f32)> = kept()
            .iter()
            .map(|own| (own.at_ms, own.health.cpu_percent))
            .collect();
        assert_eq!(kept, [(7, 5.5), (8, 0.0)]);
        // Nowhere to be written.
        HealthFile::of(&path, 0).add(0, &first);
    }

    #[test]
    fn samples_by_a_wrong_clock_hide_no_others() {
        let run = started_run(100_000, 105_000, 60);
        let at = |ms: &u64| at(105_000 + ms, 1.0);
        let ahead = 1 << 50;
        let told = [1_000, 2_000, ahead, 3_000, 50_000, 4_000];
        let placed = on_axis(&run, &run.agents[0], told.iter().map(at).collect());
        let placed: Vec<i64> = placed.iter().map(|(after, _)| *after).collect();
        assert_eq!(placed, [1_000, 2_000, 3_000, 4_000, 50_000]);
        // Nor is anything of before the run.
        let samples = vec![at(&0); 1].into_iter().map(|own| HealthSample {
            at_ms: 99_999,
            ..own
        });
        assert_eq!(on_axis(&run, &run.agents[0], samples.collect()), []);
    }

    #[test]
    fn few_points_have_the_worst_of_all() {
        let placed: Vec<(i64, Health)> = (0..3000)
            .map(|second| {
                let cpu = if second == 1234 { 100.0 } else { 20.0 };
                let second: i64 = second - 10;
                (second * 1000, at(second.unsigned_abs(), cpu).health)
            })
            .collect();
        let few = points(placed.clone());
        assert_eq!(few.len(), POINTS);
        assert_eq!((few[0].second, few[599].second), (-6, 2989));
        let peak = few.iter().position(|point| point.health.cpu_percent > 99.0);
        assert_eq!(peak, Some(1234 / 5));
        assert_eq!(few[20].health.heap_used_bytes, 94);
        assert_eq!(few[20].health.disk_free_bytes, 100 - 94);
        assert_eq!(points(placed[..600].to_vec()).len(), 600);
        assert_eq!(points(Vec::new()), []);
    }
}
