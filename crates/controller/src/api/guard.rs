//! Who may call: a bearer token always; Host and Origin against DNS rebinding and forged requests.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use subtle::ConstantTimeEq;

use super::error::error;

/// Pages of the app's own window. They come from no network.
const WINDOW_ORIGINS: [&str; 2] = ["tauri://localhost", "http://tauri.localhost"];

/// What requests are checked against.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
}

impl Guard {
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

    fn is_authorised(&self, headers: &HeaderMap) -> bool {
        let shown = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        shown.is_some_and(|shown| shown.trim().as_bytes().ct_eq(self.token.as_bytes()).into())
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

/// The bearer token, for every request of the API.
pub(crate) async fn token(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    if !guard.is_authorised(request.headers()) {
        let hint = "Send `Authorization: Bearer TOKEN`; controller.json in the data folder has it.";
        let message = "The token is missing or wrong.";
        return error(StatusCode::UNAUTHORIZED, "not-authorised", message, hint);
    }
    next.run(request).await
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

    #[test]
    fn only_our_own_hosts_and_origins_pass() {
        let guard = Guard {
            address: ([127, 0, 0, 1], 7411).into(),
            token: String::new(),
        };
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
        let open = Guard {
            address: ([0, 0, 0, 0], 7411).into(),
            token: String::new(),
        };
        assert!(open.is_own_host("192.0.2.7:7411"));
        assert!(!open.is_own_host("lab.example:7411"));
        assert!(!open.is_own_host("0.0.0.0:7411"));
    }
}
