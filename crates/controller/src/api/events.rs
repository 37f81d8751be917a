//! Event streams: one snapshot with a number, then one event at a time.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event as SseEvent, KeepAlive};
use bfgg_protocol::RunId;
use futures::{Stream, StreamExt as _};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use super::guard::Ended;
use super::runs::parse;
use super::server::Api;
use super::types::{Event, Tick};
use crate::core::{Handle, Published, Request, event_json};
use crate::error::Refused;

const KEEP_ALIVE: Duration = Duration::from_secs(5);

type EventStream = Sse<axum::response::sse::KeepAliveStream<Boxed>>;
type Boxed = std::pin::Pin<Box<dyn Stream<Item = Result<SseEvent, Infallible>> + Send>>;

/// Everything: a snapshot, then what changes.
#[utoipa::path(get, path = "/api/v1/events",
    responses((status = 200, content_type = "text/event-stream", body = Event)))]
pub(super) async fn all(
    State(api): State<Api>,
    Extension(ended): Extension<Ended>,
) -> Result<EventStream, Refused> {
    stream(api, ended, None).await
}

/// One run: the run as it is, then what changes, until it has ended.
#[utoipa::path(get, path = "/api/v1/runs/{id}/events", params(("id" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = Event)))]
pub(super) async fn of_run(
    State(api): State<Api>,
    Extension(ended): Extension<Ended>,
    Path(id): Path<String>,
) -> Result<EventStream, Refused> {
    stream(api, ended, Some(parse(&id)?)).await
}

async fn stream(api: Api, ended: Ended, run: Option<RunId>) -> Result<EventStream, Refused> {
    let mut viewer = Viewer {
        handle: api.handle,
        shutdown: api.shutdown,
        run,
        ready: VecDeque::new(),
        next: None,
        ended: false,
    };
    viewer.begin().await?;
    let events = futures::stream::unfold(viewer, |mut viewer| async move {
        let event = viewer.next().await?;
        Some((Ok(event), viewer))
    });
    let boxed: Boxed = Box::pin(events.take_until(ended.0.cancelled_owned()));
    Ok(Sse::new(boxed).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// One open stream.
struct Viewer {
    handle: Handle,
    shutdown: CancellationToken,
    run: Option<RunId>,
    ready: VecDeque<SseEvent>,
    next: Option<Receiver<Arc<Published>>>,
    ended: bool,
}

impl Viewer {
    /// Takes a snapshot; also where the viewer was too slow.
    async fn begin(&mut self) -> Result<(), Refused> {
        let snapshot = self.handle.ask(Request::Subscribe).await?;
        self.next = Some(snapshot.next);
        let sequence = snapshot.sequence;
        let Some(id) = self.run else {
            self.ready
                .push_back(message(sequence, event_json(&snapshot.event)));
            return Ok(());
        };
        let run = self.handle.ask(|reply| Request::Run(id, reply)).await?;
        self.ended = run.state.is_final();
        let ticks: Vec<Tick> = self.handle.ask(|reply| Request::Ticks(id, reply)).await?;
        let run = Event::Run { run: Box::new(run) };
        self.ready.push_back(message(sequence, event_json(&run)));
        for tick in ticks {
            let event = Event::Tick { run: id, tick };
            self.ready.push_back(message(sequence, event_json(&event)));
        }
        Ok(())
    }

    async fn next(&mut self) -> Option<SseEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.ended {
                return None;
            }
            let received = tokio::select! {
                () = self.shutdown.cancelled() => return None,
                received = self.next.as_mut()?.recv() => received,
            };
            match received {
                Ok(event) if self.run.is_none() || event.run == self.run => {
                    self.ended = self.run.is_some() && event.last;
                    return Some(message(event.sequence, event.json.clone()));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.begin().await.ok()?,
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

fn message(sequence: u64, json: String) -> SseEvent {
    SseEvent::default().id(sequence.to_string()).data(json)
}
