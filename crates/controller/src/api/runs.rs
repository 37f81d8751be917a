//! `/api/v1/prepare`, `/simulations`, `/runs`.

use axum::Json;
use axum::body::Body as HttpBody;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bfgg_protocol::{RunFile, RunId, TaskResult};
use bfgg_report::{Series, SeriesPoint, Summary};
use tokio_util::io::ReaderStream;

use super::agents::{Answer, unexpected};
use super::error::Body;
use super::server::Api;
use super::sources;
use super::types::{ApiError, PrepareResult, PrepareSpec, Run, RunHealth, RunSpec, StopRun};
use crate::core::{Errand, Request, agent_folder};
use crate::error::{Refused, RefusedKind};
use crate::run::{REPORT_FILES, health};

/// Fetches and builds a project on the agents, without running it. Waits for all of them.
#[utoipa::path(post, path = "/api/v1/prepare", request_body = PrepareSpec,
    responses((status = 200, body = [PrepareResult]), (status = 409, body = ApiError)))]
pub(super) async fn prepare(
    State(api): State<Api>,
    Body(spec): Body<PrepareSpec>,
) -> Answer<Vec<PrepareResult>> {
    sources::ready(&api, spec.source.snapshot.as_ref()).await?;
    let errands = api
        .handle
        .ask(|reply| Request::Prepare {
            spec,
            one: false,
            reply,
        })
        .await?;
    let mut results = Vec::new();
    for errand in errands {
        results.push(prepared(errand).await?);
    }
    Ok(Json(results))
}

/// Lists the simulations of a project, found by one agent.
#[utoipa::path(post, path = "/api/v1/simulations", request_body = PrepareSpec,
    responses((status = 200, body = PrepareResult), (status = 409, body = ApiError)))]
pub(super) async fn simulations(
    State(api): State<Api>,
    Body(spec): Body<PrepareSpec>,
) -> Answer<PrepareResult> {
    sources::ready(&api, spec.source.snapshot.as_ref()).await?;
    let errands = api
        .handle
        .ask(|reply| Request::Prepare {
            spec,
            one: true,
            reply,
        })
        .await?;
    match errands.into_iter().next() {
        Some(errand) => prepared(errand).await.map(Json),
        None => Err(Refused::closing()),
    }
}

async fn prepared(errand: Errand) -> Result<PrepareResult, Refused> {
    let (prepared, failure) = match errand.end.await.map_err(|_| Refused::closing())? {
        Ok(TaskResult::Prepared(prepared)) => (Some(*prepared), None),
        Ok(TaskResult::Failed(failure)) | Err(failure) => (None, Some(failure)),
        Ok(other) => return Err(unexpected(&other)),
    };
    Ok(PrepareResult {
        agent: errand.agent,
        name: errand.name,
        prepared,
        failure,
    })
}

/// Starts a run.
#[utoipa::path(post, path = "/api/v1/runs", request_body = RunSpec,
    responses((status = 201, body = Run), (status = 400, body = ApiError),
        (status = 404, body = ApiError), (status = 409, body = ApiError)))]
pub(super) async fn start(
    State(api): State<Api>,
    Body(spec): Body<RunSpec>,
) -> Result<(StatusCode, Json<Run>), Refused> {
    sources::ready(&api, spec.source.snapshot.as_ref()).await?;
    let run = api
        .handle
        .ask(|reply| Request::StartRun(Box::new(spec), None, reply))
        .await?;
    Ok((StatusCode::CREATED, Json(run)))
}

/// All runs, newest first.
#[utoipa::path(get, path = "/api/v1/runs", responses((status = 200, body = [Run])))]
pub(super) async fn list(State(api): State<Api>) -> Answer<Vec<Run>> {
    api.handle.ask(Request::Runs).await.map(Json)
}

/// One run.
#[utoipa::path(get, path = "/api/v1/runs/{id}", params(("id" = String, Path)),
    responses((status = 200, body = Run), (status = 404, body = ApiError)))]
pub(super) async fn get(State(api): State<Api>, Path(id): Path<String>) -> Answer<Run> {
    find(&api, &id).await.map(Json)
}

/// Stops a run.
#[utoipa::path(post, path = "/api/v1/runs/{id}/stop", params(("id" = String, Path)),
    request_body = StopRun,
    responses((status = 202, body = Run), (status = 404, body = ApiError)))]
pub(super) async fn stop(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(stop): Body<StopRun>,
) -> Result<(StatusCode, Json<Run>), Refused> {
    let id = parse(&id)?;
    let force = stop.force;
    let run = api
        .handle
        .ask(|reply| Request::StopRun { id, force, reply })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

/// The merged result.
#[utoipa::path(get, path = "/api/v1/runs/{id}/summary", params(("id" = String, Path)),
    responses((status = 200, body = Summary), (status = 404, body = ApiError)))]
pub(super) async fn summary(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let run = with_result(&api, &id).await?;
    json_file(&std::path::Path::new(&run.folder).join("summary.json")).await
}

/// A file of the merged result: `report.html`, `stats.csv`, `junit.xml` or `summary.json`.
///
/// The page holds names that come from the tested project, and a script of its own. It is to be
/// saved and opened from there: served as a page it would have the rights of this origin.
#[utoipa::path(get, path = "/api/v1/runs/{id}/files/{file}",
    params(("id" = String, Path), ("file" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"),
        (status = 404, body = ApiError)))]
pub(super) async fn report_file(
    State(api): State<Api>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Refused> {
    let run = with_result(&api, &id).await?;
    let Some(name) = REPORT_FILES.into_iter().find(|name| *name == file) else {
        return Err(no_report_file(&file, "is no file of a result"));
    };
    let path = std::path::Path::new(&run.folder).join(name);
    let Ok(found) = tokio::fs::File::open(&path).await else {
        return Err(no_report_file(name, "is not here"));
    };
    let saved = format!("{}-{name}", run.id);
    // Should a browser show it all the same, then without scripts and without this origin.
    let policy = (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; sandbox",
    );
    Ok(([policy], attachment(&saved, found)).into_response())
}

/// Requests and users by second: live figures in the run, those of the logs after it.
#[utoipa::path(get, path = "/api/v1/runs/{id}/series", params(("id" = String, Path)),
    responses((status = 200, body = Series), (status = 404, body = ApiError)))]
pub(super) async fn series(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let run = find(&api, &id).await?;
    if run.has_summary {
        return json_file(&std::path::Path::new(&run.folder).join("series.json")).await;
    }
    let ticks = api
        .handle
        .ask(|reply| Request::Ticks(run.id, reply))
        .await?;
    let point = |tick: crate::api::types::Tick| SeriesPoint {
        second: tick.second,
        ok: tick.ok,
        ko: tick.ko,
        users: tick.users,
        times: None,
    };
    let seconds = ticks.into_iter().map(point).collect();
    Ok(Json(Series {
        start_ms: run.started_ms.unwrap_or(0),
        seconds,
    })
    .into_response())
}

/// The load of the agents' machines over time, so far.
#[utoipa::path(get, path = "/api/v1/runs/{id}/health", params(("id" = String, Path)),
    responses((status = 200, body = RunHealth), (status = 404, body = ApiError)))]
pub(super) async fn health(State(api): State<Api>, Path(id): Path<String>) -> Answer<RunHealth> {
    let run = find(&api, &id).await?;
    let reading = tokio::task::spawn_blocking(move || health::history(&run)).await;
    match reading.map_err(std::io::Error::other).flatten() {
        Ok(history) => Ok(Json(history)),
        Err(cause) => {
            let message = format!("The load of the agents cannot be read: {cause}.");
            let hint = "Was the run's folder moved or deleted?";
            Err(Refused::new(RefusedKind::Internal, "disk", message, hint))
        }
    }
}

/// A file of one agent: `simulation-log`, `output` or `build-output`.
#[utoipa::path(get, path = "/api/v1/runs/{id}/agents/{index}/files/{file}",
    params(("id" = String, Path), ("index" = u32, Path), ("file" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"),
        (status = 404, body = ApiError)))]
pub(super) async fn file(
    State(api): State<Api>,
    Path((id, index, file)): Path<(String, u32, String)>,
) -> Result<Response, Refused> {
    let run = find(&api, &id).await?;
    let kind: RunFile = serde_json::from_value(serde_json::Value::String(file.clone()))
        .map_err(|_| no_file(&file, "is no file of a run"))?;
    let path = agent_folder(&run, index).join(kind.file_name());
    let Ok(found) = tokio::fs::File::open(&path).await else {
        return Err(no_file(&file, "is not here (yet)"));
    };
    let saved = format!("{}-{index}-{}", run.id, kind.file_name());
    Ok(attachment(&saved, found))
}

/// A file to be saved under a name of ours.
fn attachment(name: &str, file: tokio::fs::File) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, HttpBody::from_stream(ReaderStream::new(file))).into_response()
}

fn no_report_file(file: &str, why: &str) -> Refused {
    let message = format!("\"{}\" {why}.", file.escape_debug());
    let hint = "Files are report.html, stats.csv, junit.xml and summary.json; a run that an older \
                controller made has the last alone.";
    Refused::new(RefusedKind::NotFound, "file-unknown", message, hint)
}

fn no_file(file: &str, why: &str) -> Refused {
    let message = format!("\"{}\" {why}.", file.escape_debug());
    let hint = "Files are simulation-log, output and build-output; they come when a run ends.";
    Refused::new(RefusedKind::NotFound, "file-unknown", message, hint)
}

pub(super) fn parse(id: &str) -> Result<RunId, Refused> {
    id.parse().map_err(|_| Refused::no_run(id.escape_debug()))
}

pub(super) async fn find(api: &Api, id: &str) -> Result<Run, Refused> {
    let id = parse(id)?;
    api.handle.ask(|reply| Request::Run(id, reply)).await
}

/// A run that has a result.
async fn with_result(api: &Api, id: &str) -> Result<Run, Refused> {
    let run = find(api, id).await?;
    if run.has_summary {
        return Ok(run);
    }
    Err(Refused::new(
        RefusedKind::NotFound,
        "no-summary",
        format!("Run {} has no result (it is {}).", run.id, state_word(&run)),
        "A result is there once a run has been collected.",
    ))
}

fn state_word(run: &Run) -> String {
    let word = serde_json::to_value(run.state).unwrap_or_default();
    word.as_str().unwrap_or_default().to_owned()
}

async fn json_file(path: &std::path::Path) -> Result<Response, Refused> {
    match tokio::fs::read(path).await {
        Ok(bytes) => Ok(([(header::CONTENT_TYPE, "application/json")], bytes).into_response()),
        Err(cause) => {
            let message = format!("{} cannot be read: {cause}.", path.display());
            let hint = "Was the run's folder moved or deleted?";
            Err(Refused::new(RefusedKind::Internal, "disk", message, hint))
        }
    }
}
