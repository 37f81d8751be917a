//! The event stream: `data: <Event JSON>`, one line each, and a comment every 5 s.

use std::time::Duration;

use bfgg_controller::api::types::Event;
use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::Response;

use crate::error::CliError;

/// The longest line that is read, bytes: a snapshot of hundreds of agents is far below.
const LINE_CAP: usize = 16 * 1024 * 1024;
/// A stream that is silent for longer is dead; the controller sends a comment every 5 s.
const SILENCE: Duration = Duration::from_secs(15);

/// Events as they come.
pub struct EventStream {
    url: String,
    bytes: BoxStream<'static, Result<Vec<u8>, String>>,
    lines: Lines,
    waiting: std::collections::VecDeque<String>,
}

impl EventStream {
    pub(super) fn new(answer: Response, url: &str) -> Self {
        let bytes = answer.bytes_stream().map(|chunk| match chunk {
            Ok(chunk) => Ok(chunk.to_vec()),
            Err(cause) => Err(super::chain(&cause)),
        });
        Self {
            url: url.to_owned(),
            bytes: bytes.boxed(),
            lines: Lines::default(),
            waiting: std::collections::VecDeque::new(),
        }
    }

    /// The next event; `None` at the stream's end. Cancel safe: an event is either returned or
    /// still to come.
    pub async fn next(&mut self) -> Result<Option<Event>, CliError> {
        loop {
            while let Some(line) = self.waiting.pop_front() {
                let Some(data) = line.strip_prefix("data:") else {
                    continue;
                };
                match serde_json::from_str(data.trim_start()) {
                    Ok(event) => return Ok(Some(event)),
                    // A newer controller may send kinds of events this version does not know.
                    Err(error) => tracing::debug!(%error, "an event was not understood"),
                }
            }
            let broken = |cause| CliError::Unreachable {
                url: self.url.clone(),
                cause,
            };
            match tokio::time::timeout(SILENCE, self.bytes.next()).await {
                Ok(Some(Ok(chunk))) => self.lines.push(&chunk, &mut self.waiting),
                Ok(Some(Err(cause))) => return Err(broken(cause)),
                Ok(None) => return Ok(None),
                Err(_) => return Err(broken(format!("silent for {} s", SILENCE.as_secs()))),
            }
        }
    }
}

/// Cuts a stream of bytes into lines.
#[derive(Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
    too_long: bool,
}

impl Lines {
    /// Takes a chunk and adds the lines it completes. A line over the cap is dropped whole.
    pub fn push(&mut self, chunk: &[u8], lines: &mut std::collections::VecDeque<String>) {
        for part in chunk.split_inclusive(|&byte| byte == b'\n') {
            self.rest.extend_from_slice(part);
            self.too_long |= self.rest.len() > LINE_CAP;
            if self.too_long {
                self.rest.clear();
            }
            if part.ends_with(b"\n") {
                if !self.too_long
                    && let Ok(line) = std::str::from_utf8(&self.rest)
                {
                    lines.push_back(line.trim_end().to_owned());
                }
                self.rest.clear();
                self.too_long = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole_in_any_chunking() {
        let text = "id: 1\ndata: {\"a\":\"é\"}\n\n: alive\ndata: 2\r\n";
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            let mut seen = std::collections::VecDeque::new();
            for chunk in text.as_bytes().chunks(size) {
                lines.push(chunk, &mut seen);
            }
            assert_eq!(
                seen,
                ["id: 1", "data: {\"a\":\"é\"}", "", ": alive", "data: 2"],
                "{size}"
            );
        }
    }

    #[test]
    fn a_line_over_the_cap_is_dropped_whole() {
        let mut lines = Lines::default();
        let mut seen = std::collections::VecDeque::new();
        let chunk = vec![b'x'; LINE_CAP / 2 + 1];
        lines.push(&chunk, &mut seen);
        lines.push(&chunk, &mut seen);
        lines.push(b"tail\ndata: 1\n", &mut seen);
        assert_eq!(seen, ["data: 1"]);
        assert!(lines.rest.capacity() <= 4 * LINE_CAP);
    }
}
