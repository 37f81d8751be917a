//! The server: routes behind the guard.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post, put};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tracing::{error, warn};

use super::guard::Guard;
use super::{
    access, agents, events, figures, guard, local, notes, openapi, output, page, runs, saved_tests,
    sources, stretch,
};
use crate::ControllerError;
use crate::access::Access;
use crate::core::Handle;
use crate::sources::Sources;
use crate::vault::Vault;

/// A JSON body is a run's spec at most, unless its route has another limit.
const MAX_BODY: usize = 1024 * 1024;
/// Questions for outputs that are with agents at the same time.
const READING: usize = 32;
/// Pages that follow the figures of runs at the same time: each costs work once a second.
const FOLLOWING: usize = 32;
/// Stretches of runs that are counted at the same time: each takes a thread and reads files.
const COUNTING: usize = 2;
/// Scripts and styles are the page's own; it talks to this server alone.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What handlers need.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) handle: Handle,
    /// The data folder.
    pub(crate) data: Arc<Path>,
    /// Whether only this computer can reach the API.
    pub(crate) loopback: bool,
    /// Held while the sample is written.
    pub(crate) sampling: Arc<Mutex<()>>,
    /// A turn to follow a run's figures.
    pub(crate) following: Arc<Semaphore>,
    /// Ends event streams, and answers that wait.
    pub(crate) shutdown: CancellationToken,
    /// A turn to ask an agent for a piece of an output: however many follow, not more are asked at once.
    pub(crate) reading: Arc<Semaphore>,
    /// A turn to count a stretch of a run, which may read all its logs.
    pub(crate) counting: Arc<Semaphore>,
    /// Folders that were sent here.
    pub(crate) sources: Sources,
    /// Secret values of saved tests.
    pub(crate) vault: Vault,
    /// Held while a saved test is changed.
    pub(crate) saving: Arc<Mutex<()>>,
}

/// The API's socket.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    pub(crate) async fn bind(wanted: SocketAddr, may_move: bool) -> Result<Self, ControllerError> {
        let failed = |cause| ControllerError::Http {
            address: wanted,
            cause,
        };
        let listener = match TcpListener::bind(wanted).await {
            Ok(listener) => listener,
            Err(cause) if may_move && wanted.port() != 0 => {
                warn!(%wanted, %cause, "the API's port is taken; another is used");
                TcpListener::bind((wanted.ip(), 0)).await.map_err(failed)?
            }
            Err(cause) => return Err(failed(cause)),
        };
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until cancelled.
    pub(crate) async fn serve(
        self,
        handle: Handle,
        data: Arc<Path>,
        sources: Sources,
        access: Access,
        vault: Vault,
        shutdown: CancellationToken,
    ) {
        let guard = Arc::new(Guard::new(self.address, access));
        let api = Api {
            handle,
            data,
            loopback: self.address.ip().is_loopback(),
            sampling: Arc::default(),
            following: Arc::new(Semaphore::new(FOLLOWING)),
            shutdown: shutdown.clone(),
            reading: Arc::new(Semaphore::new(READING)),
            counting: Arc::new(Semaphore::new(COUNTING)),
            sources,
            vault,
            saving: Arc::default(),
        };
        let router = router(api, guard);
        let served = axum::serve(self.listener, router)
            .with_graceful_shutdown(shutdown.clone().cancelled_owned())
            .await;
        if let Err(cause) = served {
            error!(%cause, "the HTTP API ended");
            shutdown.cancel();
        }
    }
}

fn router(api: Api, guard: Arc<Guard>) -> Router {
    let body = DefaultBodyLimit::max;
    let lets_others_in = Router::new()
        .route("/token", get(agents::join))
        .route("/token/rotate", post(agents::rotate_token))
        .with_state(api.clone())
        .merge(
            Router::new()
                .route("/login-links", post(access::link))
                .route("/sessions", delete(access::log_out_all))
                .route("/api-tokens", get(access::tokens).post(access::add_token))
                .route("/api-tokens/{id}", delete(access::remove_token))
                .with_state(guard.clone()),
        )
        .layer(from_fn(guard::all_rights));
    let sessions = Router::new()
        .route("/caller", get(access::caller))
        .route(guard::LOGIN, delete(access::log_out))
        .with_state(guard.clone());
    let v1 = Router::new()
        .route("/info", get(agents::info))
        .route("/agents", get(agents::list).post(agents::add))
        .route("/agents/{id}", delete(agents::remove))
        .route("/agents/{id}/admit", post(agents::admit))
        .route("/agents/{id}/pair", post(agents::pair))
        .route(
            "/agents/{id}/ignore",
            post(agents::ignore).delete(agents::ignore_no_longer),
        )
        .route("/agents/{id}/group", put(agents::set_group))
        .route("/agents/{id}/doctor", post(agents::doctor))
        .route("/agents/{id}/clear", post(agents::clear))
        .route("/groups", get(agents::groups))
        .route(
            "/local-agent",
            get(local::get).post(local::start).delete(local::stop),
        )
        .route("/sample", post(local::sample))
        .route("/prepare", post(runs::prepare))
        .route("/simulations", post(runs::simulations))
        .route(
            "/sources",
            post(sources::offer).layer(body(sources::MAX_OFFER)),
        )
        .route("/sources/{id}", get(sources::state))
        .route(
            "/sources/{id}/chunks",
            post(sources::chunks).layer(body(sources::MAX_CHUNKS)),
        )
        .route("/runs", get(runs::list).post(runs::start))
        .route("/runs/{id}", get(runs::get))
        .route("/runs/{id}/stop", post(runs::stop))
        .route("/runs/{id}/summary", get(runs::summary))
        .route("/runs/{id}/series", get(runs::series))
        .route("/runs/{id}/health", get(runs::health))
        .route("/runs/{id}/files/{file}", get(runs::report_file))
        .route("/runs/{id}/agents/{index}/files/{file}", get(runs::file))
        .route("/runs/{id}/agents/{index}/output", get(output::lines))
        .route("/runs/{id}/events", get(events::of_run))
        .route("/runs/{id}/figures", get(figures::follow))
        .route("/tests", get(saved_tests::list).post(saved_tests::create))
        .route(
            "/tests/{id}",
            get(saved_tests::get)
                .put(saved_tests::change)
                .delete(saved_tests::remove),
        )
        .route("/tests/{id}/runs", post(saved_tests::start))
        .route("/runs/{id}/stretch", get(stretch::get))
        .route("/runs/{id}/notes", post(notes::add))
        .route(
            "/runs/{id}/notes/{note}",
            put(notes::put).delete(notes::remove),
        )
        .route("/events", get(events::all))
        .route("/openapi.json", get(openapi::serve))
        .fallback(guard::not_found)
        .with_state(api)
        .merge(lets_others_in)
        .merge(sessions)
        .layer(from_fn_with_state(guard.clone(), guard::caller))
        // Without a token: it is how a browser gets its cookie.
        .route(guard::LOGIN, post(access::log_in).with_state(guard.clone()))
        .layer(body(MAX_BODY));
    let header =
        |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    Router::new()
        .nest("/api/v1", v1)
        .fallback(page::serve)
        .layer(cors(guard.clone()))
        .layer(from_fn_with_state(guard, guard::origin))
        .layer(header(
            header::CONTENT_SECURITY_POLICY,
            CONTENT_SECURITY_POLICY,
        ))
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::REFERRER_POLICY, "no-referrer"))
}

/// The window's page has an origin of its own.
fn cors(guard: Arc<Guard>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| {
            guard.is_own_origin(origin)
        }))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
}
