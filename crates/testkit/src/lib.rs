//! What tests of whole runs are made of: a fake Gatling with faults on demand, agents as processes or
//! as mere nodes that speak the protocol, a controller beside them, a network between them that can be
//! slowed, cut and made deaf, and a machine that can be put to sleep.
//!
//! Faults of the network are made on loopback TCP, by a proxy between each agent and the controller
//! ([`cluster`]): connections that hang, half-open ones, bytes that come late. Agents and controllers
//! speak TCP alone: UDP carries mDNS only, which `tests/e2e/lan.test.mjs` drops in network namespaces.
//! Where the number of agents is what matters, all of them and the controller are in one process, and
//! its memory carries their connections ([`crowd`]).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]
#![cfg(unix)]

pub mod api;
pub mod cluster;
pub mod crowd;
pub mod laptop;
pub mod load;
pub mod node;
pub mod process;
pub mod project;
pub mod proxy;
pub mod random;
pub mod taken;
mod teller;
pub mod wait;
