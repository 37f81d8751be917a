//! The OpenAPI document, from the handlers and the Rust types. Checked in as docs/openapi.json.

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    access, agents, events, figures, local, notes, output, runs, saved_tests, sources, stretch,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "BFG-G controller",
        description = "Runs Gatling on many machines at once. Every call needs a bearer token or a session's cookie."
    ),
    paths(
        agents::info, agents::join, agents::rotate_token, agents::list, agents::add,
        agents::admit, agents::pair, agents::ignore, agents::ignore_no_longer, agents::remove, agents::set_group, agents::doctor, agents::clear,
        agents::groups, runs::prepare, runs::simulations, runs::start, runs::list, runs::get,
        runs::stop, runs::summary, runs::series, runs::health, runs::report_file, runs::file,
        local::get, local::start, local::stop, local::sample, output::lines, sources::offer,
        sources::state, sources::chunks, events::all, events::of_run, figures::follow,
        access::caller, access::log_in, access::log_out, access::log_out_all, access::link, access::tokens,
        access::add_token, access::remove_token,
        saved_tests::list, saved_tests::create, saved_tests::get, saved_tests::change,
        saved_tests::remove, saved_tests::start,
        stretch::get, notes::add, notes::put, notes::remove,
    ),
    security(("bearer" = [])),
    modifiers(&Bearer)
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
