//! `bfgg report`, `merge` and `log dump` with files: which they read, which they write, and what they
//! must never touch.
#![allow(
    clippy::unwrap_used,
    reason = "a test cannot go on without what it unwraps"
)]

#[cfg(test)]
mod codes;
#[cfg(all(test, unix))]
mod links;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod terminal;
