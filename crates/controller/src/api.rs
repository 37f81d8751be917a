//! The HTTP API: JSON and event streams under `/api/v1`, the web page at `/`.

mod access;
mod agents;
mod error;
mod events;
mod figures;
mod guard;
mod local;
mod notes;
mod openapi;
mod output;
mod page;
mod runs;
mod saved_tests;
pub(crate) mod server;
mod sources;
mod stretch;
pub mod types;

pub use openapi::document as openapi_document;
