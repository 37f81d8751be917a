//! The terminal during a run: lines that stay, and one progress bar below them.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bfgg_controller::api::types::{Run, RunState, Totals};
use bfgg_report::VerdictLevel;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::MakeWriter;

use super::text::printable;

/// Without a terminal a line of counters comes this often, s of the run.
const PLAIN_EVERY_S: u32 = 5;

/// Standard error as the user sees it. Clones show on the same screen.
#[derive(Debug, Clone)]
pub(crate) struct Screen {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    terminal: bool,
    /// Locked for one line or one update of the bar, never across an await.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bar: Option<ProgressBar>,
    last_plain_s: Option<u32>,
}

impl Default for Screen {
    fn default() -> Self {
        Self::new(std::io::stderr().is_terminal())
    }
}

impl Screen {
    /// A screen with a progress bar if it is a `terminal`, with plain lines else.
    pub(crate) fn new(terminal: bool) -> Self {
        Self {
            shared: Arc::new(Shared {
                terminal,
                state: Mutex::default(),
            }),
        }
    }

    /// A line that stays. Whatever is in it is shown as text: names and messages of others reach the
    /// terminal here.
    pub(crate) fn line(&self, text: impl AsRef<str>) {
        self.print(&[printable(text.as_ref())]);
    }

    /// Lines that stay, as with [`Self::line`].
    pub(crate) fn lines(&self, lines: &[String]) {
        let lines: Vec<String> = lines.iter().map(|line| printable(line)).collect();
        self.print(&lines);
    }

    /// Shows where a run is: the bar counts virtual users that have ended.
    pub(crate) fn progress(&self, run: &Run) {
        let mut state = self.state();
        if run.state != RunState::Running && run.state != RunState::Stopping {
            if let Some(bar) = state.bar.take() {
                bar.finish_and_clear();
            }
            return;
        }
        if self.shared.terminal {
            let bar = state.bar.get_or_insert_with(bar);
            let users = run.live.users_active + run.live.users_done + run.live.users_waiting;
            bar.set_length(users.max(1));
            bar.set_position(run.live.users_done);
            bar.set_message(line(run));
        } else if run.live.agents > 0
            && state
                .last_plain_s
                .is_none_or(|last| run.live.elapsed_s >= last + PLAIN_EVERY_S)
        {
            state.last_plain_s = Some(run.live.elapsed_s);
            drop(state);
            self.line(format!("  {}", line(run)));
        }
    }

    /// Shows how far some work has come that has no lines of its own.
    pub(crate) fn working(&self, what: &str, done: u64, all: u64) {
        if !self.shared.terminal {
            return;
        }
        let mut state = self.state();
        let bar = state.bar.get_or_insert_with(bar);
        bar.set_length(all.max(1));
        bar.set_position(done);
        bar.set_message(what.to_owned());
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        if let Some(bar) = self.state().bar.take() {
            bar.finish_and_clear();
        }
    }

    /// A writer for log lines, which go above the bar.
    pub(crate) fn log_writer(&self) -> LogWriter {
        LogWriter(self.clone())
    }

    fn print<T: AsRef<str>>(&self, lines: &[T]) {
        let write = || {
            let mut out = std::io::stderr().lock();
            for line in lines {
                // A terminal that is gone must not end a run that others take part in.
                let _ = writeln!(out, "{}", line.as_ref());
            }
        };
        match &self.state().bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    // The template is a constant that the tests draw; a plain bar is better than none.
    if let Ok(style) = ProgressStyle::with_template("  {bar:24} {percent:>3} %  {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}

/// The counters, and the verdict so far if something speaks against the figures.
fn line(run: &Run) -> String {
    let verdict = run.verdict.as_ref().map(|verdict| verdict.level);
    match verdict.filter(|level| *level > VerdictLevel::Valid) {
        Some(level) => format!("{}  {}", counters(&run.live), level.word()),
        None => counters(&run.live),
    }
}

/// `12 s  1234 requests  5 KO  45.2/s  users: 12 active, 40 done, 8 to come`
fn counters(live: &Totals) -> String {
    let times = live.times.as_ref().map_or_else(String::new, |times| {
        let percentiles = times.percentiles.iter();
        let shown = percentiles.map(|one| format!("  p{} {} ms", one.percent, one.ms));
        shown.collect()
    });
    format!(
        "{} s  {} requests  {} KO  {:.1}/s  users: {} active, {} done, {} to come{times}",
        live.elapsed_s,
        live.ok.saturating_add(live.ko),
        live.ko,
        live.per_second,
        live.users_active,
        live.users_done,
        live.users_waiting
    )
}

/// Writes log lines above the progress bar.
#[derive(Debug, Clone)]
pub(crate) struct LogWriter(Screen);

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        // It has colours, and escapes what others wrote by itself.
        self.0.print(&[text.trim_end_matches('\n')]);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for LogWriter {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use bfgg_controller::api::types::{LivePercentile, LiveTimes};

    use super::*;
    use crate::view::samples;

    #[test]
    fn the_counters_line() {
        let live = Totals {
            elapsed_s: 12,
            ok: 1229,
            ko: 5,
            per_second: 45.25,
            users_active: 12,
            users_done: 40,
            users_waiting: 8,
            agents: 2,
            times: None,
        };
        let text = "12 s  1234 requests  5 KO  45.2/s  users: 12 active, 40 done, 8 to come";
        assert_eq!(counters(&live), text);
        let percentile = |percent, ms| LivePercentile { percent, ms };
        let live = Totals {
            times: Some(LiveTimes {
                count: 1200,
                mean_ms: 60,
                max_ms: 900,
                percentiles: vec![percentile(50.0, 42), percentile(99.9, 870)],
            }),
            ..live
        };
        let times = "  p50 42 ms  p99.9 870 ms";
        assert_eq!(counters(&live), format!("{text}{times}"));
    }

    #[test]
    fn the_bar_follows_the_run() {
        let screen = Screen::new(true);
        let mut run = samples::run();
        screen.progress(&run);
        assert!(screen.state().bar.is_none());
        run.state = RunState::Running;
        (run.live.users_done, run.live.users_waiting) = (3, 9);
        screen.progress(&run);
        let shown = screen
            .state()
            .bar
            .clone()
            .map(|bar| (bar.position(), bar.length()));
        assert_eq!(shown, Some((3, Some(12))));
        run.state = RunState::Collecting;
        screen.progress(&run);
        assert!(screen.state().bar.is_none());
    }

    #[test]
    fn without_a_terminal_counters_come_every_five_seconds() {
        let screen = Screen::new(false);
        let mut run = samples::run();
        run.state = RunState::Running;
        run.live.agents = 1;
        let mut shown = Vec::new();
        for second in 0..12 {
            run.live.elapsed_s = second;
            screen.progress(&run);
            shown.push(screen.state().last_plain_s);
        }
        shown.dedup();
        assert_eq!(shown, [Some(0), Some(5), Some(10)]);
    }
}
