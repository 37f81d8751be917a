//! `/api/v1/runs/{id}/notes`: notes pinned to a time of a run.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::agents::Answer;
use super::error::Body;
use super::runs::parse;
use super::server::Api;
use super::types::{ApiError, NoteSpec, PinnedNote};
use crate::core::Request;
use crate::error::{Refused, RefusedKind};
use crate::run::NoteChange;

/// Pins a note to a time of a run, in progress or ended. A run has at most 200.
#[utoipa::path(post, path = "/api/v1/runs/{id}/notes", params(("id" = String, Path)),
    request_body = NoteSpec,
    responses((status = 201, body = PinnedNote), (status = 400, body = ApiError),
        (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub(super) async fn add(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(spec): Body<NoteSpec>,
) -> Result<(StatusCode, Json<PinnedNote>), Refused> {
    let note = change(&api, &id, NoteChange::Add(spec)).await?;
    Ok((StatusCode::CREATED, Json(note)))
}

/// Changes a note.
#[utoipa::path(put, path = "/api/v1/runs/{id}/notes/{note}",
    params(("id" = String, Path), ("note" = u64, Path)), request_body = NoteSpec,
    responses((status = 200, body = PinnedNote), (status = 400, body = ApiError),
        (status = 404, body = ApiError)))]
pub(super) async fn put(
    State(api): State<Api>,
    Path((id, note)): Path<(String, String)>,
    Body(spec): Body<NoteSpec>,
) -> Answer<PinnedNote> {
    let note = number(&note)?;
    change(&api, &id, NoteChange::Put(note, spec))
        .await
        .map(Json)
}

/// Removes a note.
#[utoipa::path(delete, path = "/api/v1/runs/{id}/notes/{note}",
    params(("id" = String, Path), ("note" = u64, Path)),
    responses((status = 204), (status = 404, body = ApiError)))]
pub(super) async fn remove(
    State(api): State<Api>,
    Path((id, note)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    change(&api, &id, NoteChange::Remove(number(&note)?)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn change(api: &Api, id: &str, change: NoteChange) -> Result<PinnedNote, Refused> {
    let run = parse(id)?;
    api.handle
        .ask(|reply| Request::Note { run, change, reply })
        .await
}

fn number(note: &str) -> Result<u64, Refused> {
    note.parse().map_err(|_| {
        let message = format!("There is no note \"{}\".", note.escape_debug());
        let hint = "GET /api/v1/runs/{id} has its notes, in `pinned`.";
        Refused::new(RefusedKind::NotFound, "note-unknown", message, hint)
    })
}
