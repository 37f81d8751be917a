//! The web page: the UI's files, inside the program.

use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::RustEmbed;

use super::guard::not_found;

/// Built by `npm run build` in ui/; a program built without them says so.
#[derive(RustEmbed)]
#[folder = "../../ui/dist"]
#[allow_missing = true]
struct Files;

const NOT_BUILT: &str = "<!doctype html><title>BFG-G</title><p>This program was built without its \
     web page. Build the page first (npm run build in ui/), then the program.</p>";

/// Serves a file of the page; `/` is index.html.
pub(crate) async fn serve(method: Method, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    if method != Method::GET && method != Method::HEAD {
        return not_found(uri).await;
    }
    match Files::get(path) {
        Some(file) => {
            // Names of assets carry their hash; index.html does not.
            let cache = if path.starts_with("assets/") {
                "public, max-age=31536000, immutable"
            } else {
                "no-cache"
            };
            let headers = [
                (header::CONTENT_TYPE, file.metadata.mimetype().to_owned()),
                (header::CACHE_CONTROL, cache.to_owned()),
            ];
            (headers, file.data.into_owned()).into_response()
        }
        None if path == "index.html" => {
            (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response()
        }
        None => not_found(uri).await,
    }
}
