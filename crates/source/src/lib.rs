//! A folder's files as what a run is made of: every agent builds exactly these bytes, without a
//! commit and without a push.
//!
//! [`pack`] lists the files that git does not ignore (of a folder without git, all but what builds
//! make), and cuts them into chunks that are known by their SHA-256: a file that is edited becomes
//! other chunks only where it was edited, so that little has to be sent. The list is the
//! [`Manifest`]; the hash of its bytes is the id of the snapshot, which all agents of a run report
//! as they would report a commit. [`ChunkFolder`] keeps chunks, on the controller and on agents, and
//! [`write_out`] makes files of them again.
//!
//! A manifest comes from others: [`Manifest::new`] lets nothing through that would write outside of
//! the folder it is written to, or that another system could not hold. No network and no clock here.

mod chunks;
mod error;
mod limits;
mod manifest;
mod pack;
mod path;
mod platform;
mod send;
mod write_out;

pub use chunks::{ChunkFolder, Swept};
pub use error::SourceError;
pub use limits::{MAX_BYTES, MAX_CHUNK, MAX_FILES, MAX_MANIFEST, MAX_PATH};
pub use manifest::{Entry, Manifest};
pub use pack::{GIT_ELSEWHERE, GitState, Packed, pack, parent_pom_above};
pub use write_out::write_out;
