//! `/api/v1/runs/{id}/figures`: the table, the errors and the seconds of a run in progress.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event as SseEvent, KeepAlive, KeepAliveStream};
use bfgg_protocol::RunId;
use bfgg_report::LiveFigures;
use futures::{Stream, StreamExt as _};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::guard::Ended;
use super::runs::parse;
use super::server::Api;
use super::types::ApiError;
use crate::core::{Handle, Published, Request, not_in_progress};
use crate::error::{Refused, RefusedKind};

const KEEP_ALIVE: Duration = Duration::from_secs(5);
/// No more often than this, however often something is published.
const PACE: Duration = Duration::from_millis(900);
/// Seconds before the newest one that are told again: what came late changes them.
const AGAIN: i64 = 60;
/// After so many events all seconds are told again: an agent that was away may have delivered old ones.
const ALL_AFTER: u32 = 30;

type Events = std::pin::Pin<Box<dyn Stream<Item = Result<SseEvent, Infallible>> + Send>>;

/// The figures of a run in progress, once a second, until it has ended.
#[utoipa::path(get, path = "/api/v1/runs/{id}/figures", params(("id" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = LiveFigures),
        (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub(super) async fn follow(
    State(api): State<Api>,
    Extension(ended): Extension<Ended>,
    Path(id): Path<String>,
) -> Result<Sse<KeepAliveStream<Events>>, Refused> {
    let id = parse(&id)?;
    let run = api.handle.ask(|reply| Request::Run(id, reply)).await?;
    if run.state.is_final() {
        return Err(not_in_progress(id));
    }
    let Ok(turn) = api.following.try_acquire_owned() else {
        let message = "Too many pages follow the figures of runs.";
        let hint = "Close some of them.";
        return Err(Refused::new(RefusedKind::Conflict, "busy", message, hint));
    };
    let snapshot = api.handle.ask(Request::Subscribe).await?;
    let viewer = Viewer {
        handle: api.handle,
        shutdown: api.shutdown,
        id,
        published: snapshot.next,
        from: i64::MIN,
        told: 0,
        next: Instant::now(),
        ended: false,
        _turn: turn,
    };
    let events = futures::stream::unfold(viewer, |mut viewer| async move {
        let event = viewer.next().await?;
        Some((Ok(event), viewer))
    });
    let boxed: Events = Box::pin(events.take_until(ended.0.cancelled_owned()));
    Ok(Sse::new(boxed).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// One open stream.
struct Viewer {
    handle: Handle,
    shutdown: CancellationToken,
    id: RunId,
    published: Receiver<Arc<Published>>,
    /// The first second to tell.
    from: i64,
    told: u32,
    /// Not before.
    next: Instant,
    ended: bool,
    _turn: OwnedSemaphorePermit,
}

impl Viewer {
    async fn next(&mut self) -> Option<SseEvent> {
        // The first one at once.
        while self.told > 0 {
            if self.ended {
                return None;
            }
            let published = tokio::select! {
                () = self.shutdown.cancelled() => return None,
                published = self.published.recv() => published,
            };
            match published {
                Ok(published) if published.run == Some(self.id) => {
                    self.ended = published.last;
                    if self.ended || Instant::now() >= self.next {
                        break;
                    }
                }
                Ok(_) => {}
                // The run's last event may have been among them: then there is no more to ask for.
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return None,
            }
        }
        let (id, from) = (self.id, self.from);
        let asked = Instant::now();
        let figures: Arc<LiveFigures> = loop {
            let answer = self
                .handle
                .ask(|reply| Request::Figures { id, from, reply })
                .await
                .ok()?;
            match answer {
                Some(figures) => break figures,
                None if self.ended => return None,
                // There is more important work.
                None => tokio::time::sleep(PACE).await,
            }
        };
        // What takes long is not asked for all the time.
        self.next = Instant::now() + PACE.max(asked.elapsed() * 5);
        self.told += 1;
        self.from = match figures.seconds.last() {
            Some(last) if !self.told.is_multiple_of(ALL_AFTER) => last.second.saturating_sub(AGAIN),
            _ => i64::MIN,
        };
        // Maps with string keys and finite floats: serialising cannot fail.
        let json = serde_json::to_string(&*figures).unwrap_or_default();
        Some(SseEvent::default().data(json))
    }
}
