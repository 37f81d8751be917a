//! The little that the app itself asks of the controller's HTTP API.

use std::time::Duration;

use bfgg_controller::api::types::{Event, SourceOffer, SourceProgress, SourceState, StopRun};
use bfgg_protocol::{ContentHash, RunId};
use bfgg_report::RowKind;
use futures::StreamExt;
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::host::Connection;

/// The longest line of the event stream that is read, bytes.
const LINE_CAP: usize = 16 * 1024 * 1024;
/// A stream that is silent for longer is dead; the controller sends a comment every 5 s.
const SILENCE: Duration = Duration::from_secs(15);

/// A client of one controller.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    connection: Connection,
    http: reqwest::Client,
}

impl Api {
    pub(crate) fn new(connection: Connection) -> Self {
        Self {
            connection,
            http: reqwest::Client::new(),
        }
    }

    /// Asks the controller to stop a run.
    pub(crate) async fn stop(&self, run: RunId) -> Result<(), Error> {
        let url = format!("{}/api/v1/runs/{run}/stop", self.connection.url);
        let request = self.http.post(url).bearer_auth(&self.connection.token);
        let answer = request.json(&StopRun { force: false }).send().await;
        answer
            .and_then(reqwest::Response::error_for_status)
            .map_err(|cause| self.error(cause))?;
        Ok(())
    }

    /// Requests of a run's result that succeeded, and that failed; none where it has no such row.
    pub(crate) async fn counts(&self, run: RunId) -> Result<Option<(u64, u64)>, Error> {
        let path = format!("/runs/{run}/summary");
        let counted: Counted = self.json(self.http.get(self.url(&path))).await?;
        let all = counted.rows.iter().find(|row| row.kind == RowKind::All);
        Ok(all.map(|row| (row.ok, row.ko)))
    }

    /// Offers the files of a folder; the answer says what is missing of them.
    pub(crate) async fn offer_source(&self, offer: &SourceOffer) -> Result<SourceState, Error> {
        let request = self.http.post(self.url("/sources"));
        self.json(request.json(offer)).await
    }

    /// Sends chunks of a folder's files, each after its length as 4 bytes.
    pub(crate) async fn send_chunks(
        &self,
        id: ContentHash,
        body: Vec<u8>,
    ) -> Result<SourceProgress, Error> {
        let request = self.http.post(self.url(&format!("/sources/{id}/chunks")));
        let request = request.header("content-type", "application/octet-stream");
        self.json(request.body(body)).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.connection.url)
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let request = request.bearer_auth(&self.connection.token);
        let answer = request.send().await.map_err(|cause| self.error(cause))?;
        let Some(cause) = answer.error_for_status_ref().err() else {
            return answer.json().await.map_err(|cause| self.error(cause));
        };
        match answer.json().await {
            Ok(error) => Err(Error::Refused(error)),
            Err(_) => Err(self.error(cause)),
        }
    }

    /// Reads the controller's events until the stream ends or falls silent; what cannot be read is passed over.
    pub(crate) async fn events(&self, mut each: impl FnMut(Event)) -> Result<(), Error> {
        let url = format!("{}/api/v1/events", self.connection.url);
        let request = self.http.get(url).bearer_auth(&self.connection.token);
        let answer = request
            .send()
            .await
            .and_then(reqwest::Response::error_for_status);
        let mut bytes = answer.map_err(|cause| self.error(cause))?.bytes_stream();
        let mut lines = Lines::default();
        while let Ok(Some(chunk)) = tokio::time::timeout(SILENCE, bytes.next()).await {
            lines.push(&chunk.map_err(|cause| self.error(cause))?, |line| {
                let Some(data) = line.strip_prefix("data:") else {
                    return;
                };
                match serde_json::from_str(data.trim_start()) {
                    Ok(event) => each(event),
                    Err(error) => tracing::debug!(%error, "an event was not understood"),
                }
            });
        }
        Ok(())
    }

    fn error(&self, cause: reqwest::Error) -> Error {
        Error::Api {
            url: self.connection.url.clone(),
            cause,
        }
    }
}

/// Of summary.json what is read here.
#[derive(Debug, Deserialize)]
struct Counted {
    rows: Vec<CountedRow>,
}

#[derive(Debug, Deserialize)]
struct CountedRow {
    kind: RowKind,
    ok: u64,
    ko: u64,
}

/// Cuts a stream of bytes into lines. The controller sends each event's JSON as one line.
#[derive(Debug, Default)]
struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    fn push(&mut self, chunk: &[u8], mut each: impl FnMut(&str)) {
        for part in chunk.split_inclusive(|&byte| byte == b'\n') {
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") {
                if let Ok(line) = std::str::from_utf8(&self.rest) {
                    each(line.trim_end());
                }
                self.rest.clear();
            } else if self.rest.len() > LINE_CAP {
                self.rest.clear();
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
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut seen = Vec::new();
            for chunk in text.as_bytes().chunks(size) {
                lines.push(chunk, |line| seen.push(line.to_owned()));
            }
            assert_eq!(
                seen,
                ["id: 1", "data: {\"a\":\"é\"}", "", ": alive", "data: 2"]
            );
        }
    }
}
