//! Who may call: by a bearer token or a session's cookie; Host and Origin against DNS rebinding and
//! forged requests.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use bfgg_clock::wall_ms;
use tokio_util::sync::CancellationToken;

use super::error::error;
use super::types::{Caller, Rights};
use crate::access::{Access, Admitted};

/// Where sessions begin and end, below the API's path.
pub(super) const LOGIN: &str = "/login";
/// The half of a session's secret that its page holds. No page of another origin can send this header:
/// browsers ask first, and are told no.
pub(super) const SESSION_KEY: &str = "x-bfgg-session";

/// Cancelled once the caller is not let in any more. For what stays open.
#[derive(Debug, Clone)]
pub(super) struct Ended(pub(super) CancellationToken);

/// Pages of the app's own window. They come from no network.
const WINDOW_ORIGINS: [&str; 2] = ["tauri://localhost", "http://tauri.localhost"];

/// What requests are checked against.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) address: SocketAddr,
    pub(crate) access: Arc<Access>,
    /// The name of the session's cookie.
    pub(super) cookie: String,
}

impl Guard {
    pub(crate) fn new(address: SocketAddr, access: Access) -> Self {
        Self {
            address,
            access: Arc::new(access),
            // Browsers tell cookies apart by host, not by port.
            cookie: format!("bfgg_session_{}", address.port()),
        }
    }

    /// Whether a Host header names this server: an IP address or "localhost", and our port. A
    /// name is refused since a foreign name server may let it point here.
    fn is_own_host(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.contains(']') => (name, port.parse().ok()),
            _ => (host, Some(80)),
        };
        let ip = name
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        let known = match ip {
            Ok(ip) if self.address.ip().is_unspecified() => !ip.is_unspecified(),
            Ok(ip) => {
                ip == self.address.ip() || (ip.is_loopback() && self.address.ip().is_loopback())
            }
            Err(_) => name.eq_ignore_ascii_case("localhost") && self.address.ip().is_loopback(),
        };
        known && port == Some(self.address.port())
    }

    /// Whether an Origin header names our own pages.
    pub(crate) fn is_own_origin(&self, origin: &HeaderValue) -> bool {
        let Ok(origin) = origin.to_str() else {
            return false;
        };
        WINDOW_ORIGINS.contains(&origin)
            || origin
                .strip_prefix("http://")
                .is_some_and(|host| self.is_own_host(host))
    }

    /// Who calls. A token that is shown counts, right or wrong; else the cookie with the page's key.
    fn caller(&self, headers: &HeaderMap) -> Option<(Caller, CancellationToken)> {
        let (Admitted { rights, ended }, session) = match headers.get(header::AUTHORIZATION) {
            Some(shown) => {
                let token = shown.to_str().ok()?.strip_prefix("Bearer ")?.trim();
                (self.access.of_bearer(token)?, false)
            }
            None => {
                let key = headers.get(SESSION_KEY)?.to_str().ok()?;
                // A page on another port may have set one of the same name.
                let found = self
                    .cookies(headers)
                    .find_map(|cookie| self.access.of_session(cookie, key, wall_ms()))?;
                (found, true)
            }
        };
        Some((Caller { rights, session }, ended))
    }
}

/// Host and Origin, for every request.
pub(crate) async fn origin(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| {
            request
                .uri()
                .authority()
                .map(axum::http::uri::Authority::as_str)
        });
    if !host.is_some_and(|host| guard.is_own_host(host)) {
        let hint = format!("Open http://{}.", guard.address);
        let message = "The Host header names another server.";
        return error(StatusCode::FORBIDDEN, "host-refused", message, hint);
    }
    if headers
        .get(header::ORIGIN)
        .is_some_and(|origin| !guard.is_own_origin(origin))
    {
        let message = "The request comes from a page of another origin.";
        return error(StatusCode::FORBIDDEN, "origin-refused", message, "");
    }
    next.run(request).await
}

/// The bearer token or the session, for every request of the API.
pub(crate) async fn caller(
    State(guard): State<Arc<Guard>>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some((caller, ended)) = guard.caller(request.headers()) else {
        let hint = "Send `Authorization: Bearer TOKEN`; controller.json in the data folder has it. \
                    A browser is let in by the link that `bfgg access link` prints.";
        let message = "The token is missing or wrong.";
        return error(StatusCode::UNAUTHORIZED, "not-authorised", message, hint);
    };
    let leaves = request.method() == Method::DELETE && request.uri().path() == LOGIN;
    if caller.rights == Rights::Read && !request.method().is_safe() && !leaves {
        return read_only("Who was let in to look may change nothing.");
    }
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(Ended(ended));
    next.run(request).await
}

/// For what lets others in: not to be read by who may only look.
pub(crate) async fn all_rights(request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    if caller.is_none_or(|caller| caller.rights != Rights::All) {
        return read_only("Who was let in to look does not see what lets others in.");
    }
    next.run(request).await
}

fn read_only(message: &str) -> Response {
    let hint = "Use the controller's own token or a login link with all rights.";
    error(StatusCode::FORBIDDEN, "read-only", message, hint)
}

/// The path of a request that nothing serves.
pub(crate) async fn not_found(uri: Uri) -> Response {
    let message = format!("There is nothing at {}.", uri.path());
    error(
        StatusCode::NOT_FOUND,
        "not-found",
        message,
        "/api/v1/openapi.json lists what there is.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(address: ([u8; 4], u16)) -> (tempfile::TempDir, Guard) {
        let folder = tempfile::tempdir().unwrap();
        let access = Access::open(folder.path().join("access.json"), "token".into()).unwrap();
        (folder, Guard::new(address.into(), access))
    }

    #[test]
    fn only_our_own_hosts_and_origins_pass() {
        let (_folder, guard) = guard(([127, 0, 0, 1], 7411));
        for host in ["127.0.0.1:7411", "localhost:7411", "LOCALHOST:7411"] {
            assert!(guard.is_own_host(host), "{host}");
        }
        for host in [
            "evil.example:7411",
            "127.0.0.1",
            "127.0.0.1:80",
            "0.0.0.0:7411",
            "",
            "[::",
        ] {
            assert!(!guard.is_own_host(host), "{host}");
        }
        let origin = |text: &'static str| guard.is_own_origin(&HeaderValue::from_static(text));
        for own in [
            "tauri://localhost",
            "http://127.0.0.1:7411",
            "http://localhost:7411",
        ] {
            assert!(origin(own), "{own}");
        }
        for foreign in [
            "null",
            "https://127.0.0.1:7411",
            "http://evil.example",
            "file://",
        ] {
            assert!(!origin(foreign), "{foreign}");
        }
        let (_folder, open) = self::guard(([0, 0, 0, 0], 7411));
        assert!(open.is_own_host("192.0.2.7:7411"));
        assert!(!open.is_own_host("lab.example:7411"));
        assert!(!open.is_own_host("0.0.0.0:7411"));
    }
}
