//! The shop's pages.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

/// The product whose reviews lack what the check wants.
const STALE: u64 = 9;
/// The product whose checkout fails.
const MISSING: u64 = 10;
/// No order is longer, bytes.
const BODY_CAP: usize = 16 * 1024;

/// An answer and how long it takes, ms from and to.
struct Page(StatusCode, Value, (u64, u64));

/// Answers one request; `number` varies the time it takes.
pub(super) async fn answer(request: Request<Incoming>, number: u64) -> Response<Full<Bytes>> {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let body = match Limited::new(request.into_body(), BODY_CAP).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => Bytes::new(),
    };
    let Page(status, json, (from, to)) = page(&method, &path, &body);
    tokio::time::sleep(Duration::from_millis(
        from + spread(number) % (to - from + 1),
    ))
    .await;
    let mut response = Response::new(Full::new(Bytes::from(json.to_string())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn page(method: &Method, path: &str, body: &[u8]) -> Page {
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        (&Method::GET, [""]) => Page(StatusCode::OK, json!({"shop": "open"}), (2, 20)),
        (&Method::GET, ["api", "search"]) => Page(
            StatusCode::OK,
            json!({"products": [1, STALE, MISSING]}),
            (40, 260),
        ),
        (&Method::GET, ["api", "products", id]) => match product(id) {
            Some(id) => {
                let product = json!({"id": id, "name": format!("Product {id}"), "price": 10 * id});
                Page(StatusCode::OK, product, (1, 15))
            }
            None => not_found(),
        },
        (&Method::GET, ["api", "products", id, "reviews"]) => match product(id) {
            Some(STALE) => Page(StatusCode::OK, json!({"state": "stale"}), (5, 60)),
            Some(_) => Page(
                StatusCode::OK,
                json!({"state": "fresh", "stars": 4}),
                (5, 60),
            ),
            None => not_found(),
        },
        (&Method::POST, ["api", "cart"]) => match order(body) {
            Some(id) => Page(StatusCode::CREATED, json!({"product": id}), (5, 40)),
            None => bad_order(),
        },
        (&Method::POST, ["api", "checkout"]) => match order(body) {
            Some(MISSING) => {
                let error = json!({"error": "out of stock"});
                Page(StatusCode::INTERNAL_SERVER_ERROR, error, (100, 300))
            }
            Some(id) => Page(StatusCode::OK, json!({"ordered": id}), (200, 900)),
            None => bad_order(),
        },
        (&Method::GET, ["api", "logout"]) => Page(StatusCode::OK, json!({"bye": true}), (1, 10)),
        _ => not_found(),
    }
}

fn product(id: &str) -> Option<u64> {
    id.parse().ok().filter(|id| (1..=MISSING).contains(id))
}

fn order(body: &[u8]) -> Option<u64> {
    serde_json::from_slice::<Value>(body)
        .ok()?
        .get("product")?
        .as_u64()
}

fn not_found() -> Page {
    Page(
        StatusCode::NOT_FOUND,
        json!({"error": "no such page"}),
        (1, 5),
    )
}

fn bad_order() -> Page {
    Page(
        StatusCode::BAD_REQUEST,
        json!({"error": "an order is {\"product\": number}"}),
        (1, 5),
    )
}

/// Scatters consecutive numbers (the finalizer of SplitMix64).
fn spread(number: u64) -> u64 {
    let z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
