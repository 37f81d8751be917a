//! What a snapshot may have. A load test's project is small: what is larger is a mistake, such as
//! a home folder, or an attack.

/// Files of a snapshot.
pub const MAX_FILES: usize = 50_000;
/// Bytes of all its files.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Bytes of a path.
pub const MAX_PATH: usize = 1024;
/// Bytes of a manifest.
pub const MAX_MANIFEST: usize = 16 * 1024 * 1024;
/// Bytes of a chunk.
pub const MAX_CHUNK: usize = bfgg_protocol::version::MAX_CHUNK;

/// Bytes of a chunk on average, and at least. Most files of a project are smaller, and one chunk.
pub(crate) const AVERAGE_CHUNK: usize = 256 * 1024;
pub(crate) const MIN_CHUNK: usize = 64 * 1024;
