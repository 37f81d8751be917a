//! The decoder on real logs, damaged ones and hand-made ones.

#[cfg(test)]
mod common;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod made;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod merge;
#[cfg(test)]
mod merge_order;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod pieces;
#[cfg(test)]
mod records;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod text;
