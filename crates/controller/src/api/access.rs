//! `/api/v1/caller`, `/login`, `/login-links`, `/api-tokens`: who may use the API.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use bfgg_clock::wall_ms;
use bfgg_net::own_addresses;

use super::agents::Answer;
use super::error::{Body, error};
use super::guard::{Guard, SESSION_KEY};
use super::types::{
    ApiError, ApiToken, Caller, LogIn, LoggedIn, LoginLink, MadeApiToken, NewApiToken, NewLink,
};
use crate::ControllerError;
use crate::access::{Grant, LINK_MS, NotChanged, SESSION_MS, UnknownCode};
use crate::error::{Refused, RefusedKind};

/// What the caller may do.
#[utoipa::path(get, path = "/api/v1/caller", responses((status = 200, body = Caller)))]
pub(super) async fn caller(Extension(caller): Extension<Caller>) -> Json<Caller> {
    Json(caller)
}

/// Lets a browser in by the code of a login link. It takes no token; the answer sets a cookie.
#[utoipa::path(post, path = "/api/v1/login", request_body = LogIn, security(()),
    responses((status = 200, body = LoggedIn), (status = 401, body = ApiError)))]
pub(super) async fn log_in(State(guard): State<Arc<Guard>>, Body(given): Body<LogIn>) -> Response {
    let access = Arc::clone(&guard.access);
    let done = off_the_loop(move || access.log_in(given.code.trim(), wall_ms())).await;
    match done {
        Err(refused) => refused.into_response(),
        Ok(Err(UnknownCode)) => {
            let message = "This login link was used, is too old, or is not of this controller.";
            let hint = "`bfgg access link` on the controller's computer prints a new one.";
            error(StatusCode::UNAUTHORIZED, "link-unknown", message, hint)
        }
        Ok(Ok(session)) => {
            let cookie = guard.cookie(&session.cookie, SESSION_MS / 1000);
            let let_in = LoggedIn {
                rights: session.rights,
                key: session.key,
            };
            (cookie, Json(let_in)).into_response()
        }
    }
}

/// The browser is not let in any more.
#[utoipa::path(delete, path = "/api/v1/login", responses((status = 204)))]
pub(super) async fn log_out(State(guard): State<Arc<Guard>>, headers: HeaderMap) -> Response {
    let key = headers.get(SESSION_KEY).and_then(|key| key.to_str().ok());
    let key = key.unwrap_or_default().to_owned();
    for cookie in guard.cookies(&headers) {
        let (access, cookie, key) = (Arc::clone(&guard.access), cookie.to_owned(), key.clone());
        if let Err(refused) = off_the_loop(move || access.log_out(&cookie, &key)).await {
            return refused.into_response();
        }
    }
    (StatusCode::NO_CONTENT, guard.cookie("", 0)).into_response()
}

/// No browser is let in any more, this one included, and no link that is open.
#[utoipa::path(delete, path = "/api/v1/sessions", responses((status = 204)))]
pub(super) async fn log_out_all(State(guard): State<Arc<Guard>>) -> Result<StatusCode, Refused> {
    let access = Arc::clone(&guard.access);
    off_the_loop(move || access.log_out_all()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a link that lets one browser in, once.
#[utoipa::path(post, path = "/api/v1/login-links", request_body = NewLink,
    responses((status = 200, body = LoginLink)))]
pub(super) async fn link(
    State(guard): State<Arc<Guard>>,
    Body(new): Body<NewLink>,
) -> Answer<LoginLink> {
    let now = wall_ms();
    let code = guard.access.link(new.rights, now).map_err(|e| failed(&e))?;
    let urls = places(guard.address)
        .into_iter()
        .map(|place| format!("http://{place}/#code={code}"))
        .collect();
    let until_ms = now + LINK_MS;
    Ok(Json(LoginLink { urls, until_ms }))
}

/// The tokens that only read, oldest first.
#[utoipa::path(get, path = "/api/v1/api-tokens", responses((status = 200, body = Vec<ApiToken>)))]
pub(super) async fn tokens(State(guard): State<Arc<Guard>>) -> Json<Vec<ApiToken>> {
    Json(guard.access.tokens().into_iter().map(view).collect())
}

/// Makes a token that only reads: for a dashboard on a wall. It is told this once.
#[utoipa::path(post, path = "/api/v1/api-tokens", request_body = NewApiToken,
    responses((status = 201, body = MadeApiToken), (status = 400, body = ApiError), (status = 409, body = ApiError)))]
pub(super) async fn add_token(
    State(guard): State<Arc<Guard>>,
    Body(new): Body<NewApiToken>,
) -> Result<(StatusCode, Json<MadeApiToken>), Refused> {
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        let message = "A token's name has 1 to 100 characters and no control characters.";
        let hint = "Say what it is for: \"the screen in the lab\".";
        return Err(Refused::new(
            RefusedKind::BadInput,
            "bad-input",
            message,
            hint,
        ));
    }
    let access = Arc::clone(&guard.access);
    let made = blocking(move || access.add_token(&name, wall_ms())).await?;
    let (grant, secret) = made.map_err(|e| not_changed(&e))?;
    let token = view(grant);
    Ok((StatusCode::CREATED, Json(MadeApiToken { token, secret })))
}

/// Takes a token back.
#[utoipa::path(delete, path = "/api/v1/api-tokens/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = ApiError)))]
pub(super) async fn remove_token(
    State(guard): State<Arc<Guard>>,
    Path(id): Path<String>,
) -> Result<StatusCode, Refused> {
    let access = Arc::clone(&guard.access);
    let removed = blocking(move || access.remove_token(&id)).await?;
    removed.map_err(|e| not_changed(&e))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a browser reaches the page.
fn places(address: SocketAddr) -> Vec<String> {
    if !address.ip().is_unspecified() {
        return vec![address.to_string()];
    }
    let own = own_addresses(address.port());
    let mut places: Vec<String> = own.iter().map(ToString::to_string).collect();
    places.push(format!("127.0.0.1:{}", address.port()));
    places
}

fn view(grant: Grant) -> ApiToken {
    ApiToken {
        id: grant.id,
        name: grant.name,
        created_ms: grant.created_ms,
    }
}

fn not_changed(cause: &NotChanged) -> Refused {
    match cause {
        NotChanged::TooMany => {
            let message = "There are 100 tokens already.";
            let hint = "Take one back that is not used any more.";
            Refused::new(RefusedKind::Conflict, "too-many", message, hint)
        }
        NotChanged::Unknown => {
            let message = "There is no such token (any more).";
            let hint = "GET /api/v1/api-tokens lists them.";
            Refused::new(RefusedKind::NotFound, "token-unknown", message, hint)
        }
        NotChanged::Failed(cause) => failed(cause),
    }
}

fn failed(cause: &ControllerError) -> Refused {
    let message = format!("Nothing was changed: {cause}.");
    let hint = "See whether the data folder can be written.";
    Refused::new(RefusedKind::Internal, "internal", message, hint)
}

/// Writes wait for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| Refused::closing())
}

async fn off_the_loop<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ControllerError> + Send + 'static,
) -> Result<T, Refused> {
    blocking(work).await?.map_err(|e| failed(&e))
}

impl Guard {
    /// A header that sets the session's cookie for so many seconds (0: takes it away). No script can
    /// read it, no page of another site sends it along. Not `Secure`: the API speaks plain HTTP.
    fn cookie(&self, session: &str, seconds: u64) -> [(header::HeaderName, HeaderValue); 1] {
        let name = &self.cookie;
        let text = format!(
            "{name}={session}; Path=/api/v1/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
        );
        let value = HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
        [(header::SET_COOKIE, value)]
    }

    /// The values of the session's cookie in a request.
    pub(super) fn cookies<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        let lines = headers.get_all(header::COOKIE).iter();
        lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie)
            .map(|(_, value)| value)
    }
}
