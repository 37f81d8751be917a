//! The BFG-G controller: agents, runs, results, HTTP API.

pub mod api;
