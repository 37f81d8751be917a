//! `/api/v1/info`, `/token`, `/agents`, `/groups`.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bfgg_net::Address;
use bfgg_protocol::pairing::PairingCode;
use bfgg_protocol::{Failure, PeerId, Task, TaskResult};

use super::error::Body;
use super::server::Api;
use super::types::{
    AddAgent, Agent, ApiError, Doctor, Group, Info, JoinInstructions, PairAgent, SetGroup,
};
use crate::core::Request;
use crate::error::{Refused, RefusedKind};

pub(super) type Answer<T> = Result<Json<T>, Refused>;

/// The port an agent listens on unless told otherwise.
const AGENT_PORT: u16 = 7412;

/// The controller itself.
#[utoipa::path(get, path = "/api/v1/info", responses((status = 200, body = Info)))]
pub(super) async fn info(State(api): State<Api>) -> Answer<Info> {
    api.handle.ask(Request::Info).await.map(Json)
}

/// The join token and the command that uses it.
#[utoipa::path(get, path = "/api/v1/token", responses((status = 200, body = JoinInstructions)))]
pub(super) async fn join(State(api): State<Api>) -> Answer<JoinInstructions> {
    api.handle.ask(Request::Join).await.map(Json)
}

/// A new join token: the old one admits nobody any more; who was admitted stays.
#[utoipa::path(post, path = "/api/v1/token/rotate",
    responses((status = 200, body = JoinInstructions)))]
pub(super) async fn rotate_token(State(api): State<Api>) -> Answer<JoinInstructions> {
    api.handle.ask(Request::RotateToken).await.map(Json)
}

/// All agents.
#[utoipa::path(get, path = "/api/v1/agents", responses((status = 200, body = [Agent])))]
pub(super) async fn list(State(api): State<Api>) -> Answer<Vec<Agent>> {
    api.handle.ask(Request::Agents).await.map(Json)
}

/// Dials an agent's address, now and whenever its connection is gone.
#[utoipa::path(post, path = "/api/v1/agents", request_body = AddAgent,
    responses((status = 200, body = Agent), (status = 502, body = ApiError)))]
pub(super) async fn add(State(api): State<Api>, Body(add): Body<AddAgent>) -> Answer<Agent> {
    let address = Address::parse(&add.address, AGENT_PORT).map_err(|cause| {
        Refused::new(RefusedKind::BadInput, "bad-input", format!("{cause}."), "")
    })?;
    api.handle
        .ask(|reply| Request::AddAgent(address, reply))
        .await
        .map(Json)
}

/// Admits a pending agent, which trusts this controller already.
#[utoipa::path(post, path = "/api/v1/agents/{id}/admit", params(("id" = String, Path)),
    responses((status = 200, body = Agent), (status = 404, body = ApiError)))]
pub(super) async fn admit(State(api): State<Api>, Path(id): Path<String>) -> Answer<Agent> {
    api.handle
        .ask(|reply| Request::Admit(PeerId::new(id), reply))
        .await
        .map(Json)
}

/// Pairs an agent that trusts no controller yet, by the code that it shows: both prove that they know
/// it, the agent trusts this controller from then on, and is admitted.
#[utoipa::path(post, path = "/api/v1/agents/{id}/pair", params(("id" = String, Path)),
    request_body = PairAgent,
    responses((status = 200, body = Agent), (status = 400, body = ApiError),
        (status = 404, body = ApiError), (status = 409, body = ApiError),
        (status = 502, body = ApiError)))]
pub(super) async fn pair(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(pair): Body<PairAgent>,
) -> Answer<Agent> {
    let code: PairingCode = pair.code.parse().map_err(|_| {
        let message = "A code has eight digits, as 1234-5678.";
        let hint = "The agent prints it where it was started.";
        Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
    })?;
    api.handle
        .ask(|reply| Request::Pair(PeerId::new(id), code, reply))
        .await
        .map(Json)
}

/// Leaves an agent that waits out of what waits, until that is taken back.
#[utoipa::path(post, path = "/api/v1/agents/{id}/ignore", params(("id" = String, Path)),
    responses((status = 200, body = Agent), (status = 404, body = ApiError),
        (status = 409, body = ApiError)))]
pub(super) async fn ignore(State(api): State<Api>, Path(id): Path<String>) -> Answer<Agent> {
    api.handle
        .ask(|reply| Request::Ignore(PeerId::new(id), true, reply))
        .await
        .map(Json)
}

/// Takes back that an agent is ignored.
#[utoipa::path(delete, path = "/api/v1/agents/{id}/ignore", params(("id" = String, Path)),
    responses((status = 200, body = Agent), (status = 404, body = ApiError),
        (status = 409, body = ApiError)))]
pub(super) async fn ignore_no_longer(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Answer<Agent> {
    api.handle
        .ask(|reply| Request::Ignore(PeerId::new(id), false, reply))
        .await
        .map(Json)
}

/// Forgets an agent. One that still holds a valid token comes back.
#[utoipa::path(delete, path = "/api/v1/agents/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ApiError)))]
pub(super) async fn remove(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    api.handle
        .ask(|reply| Request::Remove(PeerId::new(id), reply))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts an agent into a group.
#[utoipa::path(put, path = "/api/v1/agents/{id}/group", params(("id" = String, Path)),
    request_body = SetGroup,
    responses((status = 200, body = Agent), (status = 404, body = ApiError)))]
pub(super) async fn set_group(
    State(api): State<Api>,
    Path(id): Path<String>,
    Body(set): Body<SetGroup>,
) -> Answer<Agent> {
    api.handle
        .ask(|reply| Request::SetGroup(PeerId::new(id), set.group, reply))
        .await
        .map(Json)
}

/// Lets an agent look at its machine.
#[utoipa::path(post, path = "/api/v1/agents/{id}/doctor", params(("id" = String, Path)),
    responses((status = 200, body = Doctor), (status = 404, body = ApiError)))]
pub(super) async fn doctor(State(api): State<Api>, Path(id): Path<String>) -> Answer<Doctor> {
    let agent = PeerId::new(id);
    match errand(&api, agent.clone(), Task::Doctor).await? {
        TaskResult::Doctor(report) => Ok(Json(Doctor { agent, report })),
        other => Err(unexpected(&other)),
    }
}

/// Lets an agent leave the phase "error".
#[utoipa::path(post, path = "/api/v1/agents/{id}/clear", params(("id" = String, Path)),
    responses((status = 200, body = Agent), (status = 404, body = ApiError)))]
pub(super) async fn clear(State(api): State<Api>, Path(id): Path<String>) -> Answer<Agent> {
    let agent = PeerId::new(id);
    errand(&api, agent.clone(), Task::Clear).await?;
    let agents = api.handle.ask(Request::Agents).await?;
    let found = agents.into_iter().find(|a| a.id == agent);
    found.map(Json).ok_or_else(|| Refused::no_agent(&agent))
}

/// The groups and how many of their agents are free.
#[utoipa::path(get, path = "/api/v1/groups", responses((status = 200, body = [Group])))]
pub(super) async fn groups(State(api): State<Api>) -> Answer<Vec<Group>> {
    api.handle.ask(Request::Groups).await.map(Json)
}

async fn errand(api: &Api, agent: PeerId, task: Task) -> Result<TaskResult, Refused> {
    let errand = api
        .handle
        .ask(|reply| Request::Errand(agent, task, reply))
        .await?;
    let ended = errand.end.await.map_err(|_| Refused::closing())?;
    match ended {
        Ok(TaskResult::Failed(failure)) | Err(failure) => Err(of_agent(&failure)),
        Ok(result) => Ok(result),
    }
}

/// An agent's failure as the API's error.
pub(super) fn of_agent(failure: &Failure) -> Refused {
    let message = if failure.detail.is_empty() {
        failure.message.clone()
    } else {
        format!("{}\n{}", failure.message, failure.detail)
    };
    Refused::new(
        RefusedKind::Agent,
        "agent-failed",
        message,
        failure.hint.clone(),
    )
}

pub(super) fn unexpected(result: &TaskResult) -> Refused {
    let kind = match result {
        TaskResult::Prepared(_) => "prepared",
        TaskResult::Done => "done",
        TaskResult::Doctor(_) => "doctor",
        TaskResult::Clock { .. } => "clock",
        TaskResult::Failed(_) => "failed",
    };
    let message = format!("The agent gave an answer that does not fit ({kind}).");
    Refused::new(
        RefusedKind::Agent,
        "agent-failed",
        message,
        "Update the agent.",
    )
}
