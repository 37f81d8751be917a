//! Reports of real logs, damaged ones and none.

#[cfg(test)]
mod common;
#[cfg(test)]
mod gatling;
mod merge;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod trouble;
