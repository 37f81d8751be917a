//! What Gatling prints: kept with a cap, and read for its counters.

use std::io::{PipeReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bfgg_protocol::{LiveCounters, RunFile};

use crate::capped::CappedLog;
use crate::console::Console;
use crate::redact::Secrets;
use crate::run_folder::{RunFolder, RunSpec};
use crate::secret_args;

/// How long the pipe's end is waited for when no process should hold it any more.
const DRAIN_LIMIT: Duration = Duration::from_secs(5);

/// The output of one run.
pub(super) struct Output {
    shared: Arc<Mutex<Shared>>,
    reader: Option<JoinHandle<()>>,
}

/// Locked by the reader for each piece, by the supervisor for a moment each tick.
struct Shared {
    log: CappedLog,
    console: Console,
    news: bool,
}

impl Output {
    pub(super) fn open(folder: &RunFolder, spec: &RunSpec) -> std::io::Result<Self> {
        let path = folder.path().join(RunFile::Output.file_name());
        let secrets = Secrets::of_environment()
            .with(spec.environment.iter().cloned())
            .with_arguments(&spec.arguments)
            .with_values(secret_args::values(folder.path())?);
        let log = CappedLog::create(&path, spec.output_limit, secrets)?;
        let shared = Shared {
            log,
            console: Console::new(spec.run),
            news: false,
        };
        Ok(Self {
            shared: Arc::new(Mutex::new(shared)),
            reader: None,
        })
    }

    /// Reads the pipe until every process has closed it. It never waits for the disk's room, so
    /// that Gatling never waits for us.
    pub(super) fn follow(mut self, mut pipe: PipeReader) -> Self {
        let shared = Arc::clone(&self.shared);
        self.reader = Some(std::thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = pipe.read(&mut buffer) {
                let mut shared = lock(&shared);
                shared.log.push(&buffer[..length]);
                shared.news |= shared.console.push(&buffer[..length]);
            }
        }));
        self
    }

    /// Writes the counters to the run's folder, if there are new ones.
    pub(super) fn report(&mut self, folder: &RunFolder) {
        let counters = {
            let mut shared = lock(&self.shared);
            let news = std::mem::take(&mut shared.news);
            news.then(|| shared.console.counters().cloned()).flatten()
        };
        if let Some(counters) = counters {
            // A full disk: the next ones come in a second.
            let _ = folder.write_console(&counters);
        }
    }

    /// A line of our own in the output.
    pub(super) fn remark(&mut self, text: &str) {
        lock(&self.shared).log.push_line(text);
    }

    pub(super) fn log_complete(&self) -> bool {
        lock(&self.shared).console.log_complete()
    }

    /// Waits for the last piece.
    pub(super) fn drain(&mut self) {
        let Some(reader) = self.reader.take() else {
            return;
        };
        let limit = Instant::now() + DRAIN_LIMIT;
        while !reader.is_finished() {
            if Instant::now() >= limit {
                // A process that cannot be ended holds the pipe; the thread ends with us.
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // It has finished; a panic in it has lost output, no more.
        let _ = reader.join();
    }

    /// Closes the log; the last counters, and the last lines.
    pub(super) fn finish(self) -> (Option<LiveCounters>, String) {
        let mut shared = lock(&self.shared);
        shared.log.flush();
        let lines = shared.log.last_lines(20);
        shared.log.finish();
        (shared.console.counters().cloned(), lines)
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
