//! Reports of real logs, damaged ones and none.

#[cfg(test)]
mod assertions;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod common;
#[cfg(test)]
mod gatling;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod live;
mod merge;
#[cfg(test)]
mod output;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod stretch;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod verdict;
