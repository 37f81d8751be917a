//! Windows.

use std::fs::Metadata;
use std::path::Path;

use tempfile::Builder;

/// Not to be had: paths alone tell files apart.
pub(crate) fn node(_metadata: &Metadata) -> Option<(u64, u64)> {
    None
}

pub(crate) fn standard_input() -> Option<Metadata> {
    None
}

pub(crate) fn is_stream(_path: &Path) -> bool {
    false
}

/// A file has those of its folder.
pub(crate) fn with_rights_of_new_files(_builder: &mut Builder<'_, '_>) {}
