//! The OpenAPI document is checked in and must be that of the handlers.
//!
//! `BFGG_UPDATE=1 cargo test -p bfgg-controller --test openapi` writes it anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[test]
fn the_openapi_document_is_current() {
    let mut wanted =
        serde_json::to_string_pretty(&bfgg_controller::api::openapi_document()).unwrap();
    wanted.push('\n');
    if std::env::var_os("BFGG_UPDATE").is_some() {
        std::fs::write(DOCUMENT, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/openapi.json differs; run this test with BFGG_UPDATE=1"
    );
}
