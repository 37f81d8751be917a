//! `/api/v1/runs/{id}/stretch`: the table and the errors of some seconds of a run alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;

use super::agents::Answer;
use super::runs::find;
use super::server::Api;
use super::types::{ApiError, RunStretch};
use crate::core::stretch_task;
use crate::error::{Refused, RefusedKind};
use crate::run::stretch::LONGEST_S;

/// Which seconds.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    from_s: i64,
    until_s: i64,
}

/// The exact figures of some seconds of a run: of the responses that ended within them. The seconds
/// are those of `/series`: since the start instant while the run goes on, since `start_ms` afterwards.
///
/// Once the logs are here they are read again for it, which takes as long as they are large. Before
/// that a response belongs to the second for which its agent told it, and the answer says of how many
/// that is not the second of their end.
#[utoipa::path(get, path = "/api/v1/runs/{id}/stretch",
    params(("id" = String, Path),
        ("from_s" = i64, Query, description = "The first second"),
        ("until_s" = i64, Query, description = "The second behind the last one")),
    responses((status = 200, body = RunStretch), (status = 400, body = ApiError),
        (status = 404, body = ApiError)))]
pub(super) async fn get(
    State(api): State<Api>,
    Path(id): Path<String>,
    query: Result<Query<Asked>, QueryRejection>,
) -> Answer<RunStretch> {
    let seconds = match query {
        Ok(Query(Asked { from_s, until_s })) => from_s..until_s,
        Err(cause) => return Err(bad(format!("{}.", cause.body_text()))),
    };
    if seconds.is_empty() {
        let message = format!(
            "There is no second from {} until {}.",
            seconds.start, seconds.end
        );
        return Err(bad(message));
    }
    if seconds.start < -LONGEST_S || seconds.end > LONGEST_S {
        let message = format!(
            "No run has the seconds from {} until {}: none is longer than 31 days.",
            seconds.start, seconds.end
        );
        return Err(bad(message));
    }
    let task = stretch_task(find(&api, &id).await?, seconds);
    // However many ask, not more are read at once. A caller that goes drops this future.
    let turn = tokio::select! {
        () = api.shutdown.cancelled() => return Err(Refused::closing()),
        turn = api.counting.acquire_owned() => turn.map_err(|_| Refused::closing())?,
    };
    let abandoned = Abandoned::default();
    let cancelled = Arc::clone(&abandoned.0);
    let counting = tokio::task::spawn_blocking(move || {
        let made = task.make(&cancelled);
        drop(turn);
        made
    });
    let made = tokio::select! {
        () = api.shutdown.cancelled() => return Err(Refused::closing()),
        made = counting => made,
    };
    match made {
        Ok(Some(made)) => made.map(Json),
        Ok(None) => Err(Refused::closing()),
        Err(cause) => {
            let message = format!("The figures could not be counted: {cause}.");
            let hint = "The logs are in the run's folder; please report this.";
            Err(Refused::new(
                RefusedKind::Internal,
                "internal",
                message,
                hint,
            ))
        }
    }
}

/// Ends the counting for which nobody waits any more.
#[derive(Default)]
struct Abandoned(Arc<AtomicBool>);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn bad(message: String) -> Refused {
    let hint = "from_s and until_s are whole seconds of the run, until_s the one behind the last.";
    Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
}
