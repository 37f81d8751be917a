//! One who looks at a run.

use std::sync::{Arc, Mutex};

use bfgg_clock::wall_ms;
use bfgg_testkit::cluster::Cluster;
use tokio::task::JoinHandle;

/// When how many requests were seen: ms since 1970 of this machine, and their count.
pub(crate) type Seen = Arc<Mutex<Vec<(u64, u64)>>>;

/// Reads the controller's events until it is dropped.
pub(crate) struct Viewer {
    seen: Seen,
    bytes: Arc<Mutex<u64>>,
    reading: JoinHandle<()>,
}

impl Viewer {
    pub(crate) async fn of(cluster: &Cluster) -> Self {
        let (seen, bytes) = (Seen::default(), Arc::new(Mutex::new(0)));
        let mut response = cluster.api.events().await;
        let reading = tokio::spawn({
            let (seen, bytes) = (Seen::clone(&seen), Arc::clone(&bytes));
            async move {
                let mut text = Vec::new();
                while let Ok(Some(piece)) = response.chunk().await {
                    *bytes.lock().unwrap() += piece.len() as u64;
                    text.extend_from_slice(&piece);
                    while let Some(end) = text.windows(2).position(|two| two == b"\n\n") {
                        let event: Vec<u8> = text.drain(..end + 2).collect();
                        if let Some(count) = count(&String::from_utf8_lossy(&event)) {
                            seen.lock().unwrap().push((wall_ms(), count));
                        }
                    }
                }
            }
        });
        Self {
            seen,
            bytes,
            reading,
        }
    }

    /// How long it took from when each request had ended until it was seen, ms, sorted. `ended` says
    /// when request n had.
    pub(crate) fn latencies(&self, ended: impl Fn(u64) -> u64) -> Vec<u64> {
        let mut latencies = Vec::new();
        for (at, count) in self.seen.lock().unwrap().iter() {
            let news = latencies.len() as u64..*count;
            latencies.extend(news.map(|number| at.saturating_sub(ended(number))));
        }
        latencies.sort_unstable();
        latencies
    }

    /// KB so far.
    pub(crate) fn kilobytes(&self) -> u64 {
        *self.bytes.lock().unwrap() / 1000
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.reading.abort();
    }
}

/// The requests that an event of a run counts. Not read as JSON: the viewer is in the process that is
/// measured.
fn count(event: &str) -> Option<u64> {
    let run = event.split_once("\"type\":\"run\"")?.1;
    let times = run.rsplit_once("\"times\":{\"count\":")?.1;
    let digits = times.find(|c: char| !c.is_ascii_digit())?;
    times[..digits].parse().ok()
}
