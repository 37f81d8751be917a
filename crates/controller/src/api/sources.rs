//! `/api/v1/sources`: a folder's files, of which runs are made.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use bfgg_protocol::ContentHash;

use super::agents::Answer;
use super::error::Body;
use super::server::Api;
use super::types::{ApiError, Snapshot, SourceOffer, SourceProgress, SourceState};
use crate::core::Request;
use crate::error::{Refused, RefusedKind};
use crate::sources::Sources;

/// The list of a folder's files: its limits as JSON are some times those of its own bytes.
pub(super) const MAX_OFFER: usize = 3 * bfgg_source::MAX_MANIFEST;
/// Chunks in one call.
pub(super) const MAX_CHUNKS: usize = 9 * 1024 * 1024;

/// Takes the list of a folder's files, and says which of their chunks are missing. The same files have
/// the same id. What no run has used for 7 days is forgotten, the oldest first where all take more than
/// 10 GB.
#[utoipa::path(post, path = "/api/v1/sources", request_body = SourceOffer,
    responses((status = 200, body = SourceState), (status = 400, body = ApiError)))]
pub(super) async fn offer(
    State(api): State<Api>,
    Body(offer): Body<SourceOffer>,
) -> Answer<SourceState> {
    let in_use = api.handle.ask(Request::SourcesInUse).await?;
    blocking(&api, move |sources| sources.offer(offer.entries, &in_use)).await
}

/// What the controller has of a snapshot.
#[utoipa::path(get, path = "/api/v1/sources/{id}", params(("id" = String, Path)),
    responses((status = 200, body = SourceState), (status = 404, body = ApiError)))]
pub(super) async fn state(State(api): State<Api>, Path(id): Path<String>) -> Answer<SourceState> {
    let id = parse(&id)?;
    blocking(&api, move |sources| sources.state(id)).await
}

/// Takes chunks of a snapshot: each its length as 4 bytes, the highest first, and then its bytes; some
/// 8 MiB in one call. Each is known by its hash; one that is not of this snapshot is refused.
#[utoipa::path(post, path = "/api/v1/sources/{id}/chunks", params(("id" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = SourceProgress), (status = 400, body = ApiError),
        (status = 404, body = ApiError)))]
pub(super) async fn chunks(
    State(api): State<Api>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Answer<SourceProgress> {
    let id = parse(&id)?;
    let body = body.map_err(|rejection| {
        let message = format!("The chunks cannot be read: {}.", rejection.body_text());
        let hint = "Send some 8 MiB in one call.";
        Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
    })?;
    blocking(&api, move |sources| sources.take(id, &body)).await
}

/// That a run can be made of a snapshot; it is kept for another while.
pub(super) async fn ready(api: &Api, snapshot: Option<&Snapshot>) -> Result<(), Refused> {
    let Some(snapshot) = snapshot.cloned() else {
        return Ok(());
    };
    let ready = blocking(api, move |sources| sources.ready(&snapshot)).await;
    ready.map(|Json(())| ())
}

async fn blocking<T: Send + 'static>(
    api: &Api,
    work: impl FnOnce(&Sources) -> Result<T, Refused> + Send + 'static,
) -> Answer<T> {
    let sources = api.sources.clone();
    let done = tokio::task::spawn_blocking(move || work(&sources)).await;
    done.unwrap_or_else(|cause| {
        let message = format!("The folder's files were not handled: {cause}.");
        Err(Refused::new(RefusedKind::Internal, "internal", message, ""))
    })
    .map(Json)
}

fn parse(id: &str) -> Result<ContentHash, Refused> {
    id.parse()
        .map_err(|_| Refused::no_source(id.escape_debug()))
}
