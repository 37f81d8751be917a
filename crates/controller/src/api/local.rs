//! `/api/v1/local-agent`, `/sample`: a first run without any other machine.

use axum::Json;
use axum::extract::State;

use super::agents::Answer;
use super::server::Api;
use super::types::{
    ApiError, LocalAgent, LocalAgentState, Parameter, RunSpec, Sample, Selection, Source,
};
use crate::core::Request;
use crate::error::{Refused, RefusedKind};
use crate::sample;

/// Users of the sample, in all.
const USERS: u32 = 60;
/// Seconds over which they arrive.
const DURATION_S: u32 = 20;

/// The agent on the controller's computer.
#[utoipa::path(get, path = "/api/v1/local-agent", responses((status = 200, body = LocalAgent)))]
pub(super) async fn get(State(api): State<Api>) -> Answer<LocalAgent> {
    api.handle.ask(Request::LocalAgent).await.map(Json)
}

/// Starts an agent on the controller's computer, now and at each start of the controller. The state
/// says whether that was possible. Not where the API can be reached from other computers: whoever has
/// its token could run code on this one.
#[utoipa::path(post, path = "/api/v1/local-agent",
    responses((status = 200, body = LocalAgent), (status = 409, body = ApiError)))]
pub(super) async fn start(State(api): State<Api>) -> Answer<LocalAgent> {
    if !api.loopback {
        let message = "This controller's API is open to other computers, and none of them may \
                       start an agent on this one.";
        let hint = "Start bfgg-agent by hand, or let the API listen on 127.0.0.1 alone.";
        return Err(Refused::new(
            RefusedKind::Conflict,
            "local-agent",
            message,
            hint,
        ));
    }
    api.handle.ask(Request::StartLocalAgent).await.map(Json)
}

/// Ends it.
#[utoipa::path(delete, path = "/api/v1/local-agent",
    responses((status = 200, body = LocalAgent), (status = 409, body = ApiError)))]
pub(super) async fn stop(State(api): State<Api>) -> Answer<LocalAgent> {
    api.handle.ask(Request::StopLocalAgent).await.map(Json)
}

/// The sample project, ready to be started on the agent on this computer: its load goes to a small
/// shop inside Gatling's own JVM.
#[utoipa::path(post, path = "/api/v1/sample",
    responses((status = 200, body = Sample), (status = 409, body = ApiError), (status = 500, body = ApiError)))]
pub(super) async fn sample(State(api): State<Api>) -> Answer<Sample> {
    let local = api.handle.ask(Request::LocalAgent).await?;
    let Some(agent) = local.agent.filter(|_| local.state == LocalAgentState::On) else {
        let message =
            "The sample runs on the agent on the controller's computer, and there is none.";
        let hint = "POST /api/v1/local-agent starts it.";
        return Err(Refused::new(
            RefusedKind::Conflict,
            "no-agents",
            message,
            hint,
        ));
    };
    let _alone = api.sampling.lock().await;
    let made = sample::repository_below(&api.data.join("sample")).await;
    let url = made.map_err(|error| {
        let hint = "The agent on this computer needs git, and room in the data folder.";
        Refused::new(RefusedKind::Internal, "sample", format!("{error}."), hint)
    })?;
    let parameter = |(name, value): (&str, u32)| Parameter {
        name: name.to_owned(),
        value: value.to_string(),
        secret: false,
    };
    let spec = RunSpec {
        source: Source {
            url,
            reference: Some(sample::BRANCH.to_owned()),
            ..Source::default()
        },
        simulation: Some(sample::SIMULATION.to_owned()),
        parameters: [("users", USERS), ("duration", DURATION_S)]
            .map(parameter)
            .into(),
        divide: vec!["users".to_owned()],
        java_options: Vec::new(),
        selection: Selection {
            agents: Some(vec![agent]),
            ..Selection::default()
        },
        max_duration_s: 10 * 60,
        on_loss: Default::default(),
        stop_if: Vec::new(),
        dead_man_s: None,
        description: "The sample".to_owned(),
    };
    Ok(Json(Sample { spec }))
}
