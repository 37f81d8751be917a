//! One app for each data folder.
//!
//! The identifier names the app to the desktop: a second start with the same one only shows the
//! first one's window, and window state and web view data are kept under it. A data folder other
//! than the default one gets an identifier of its own, so both can be open at once.

use std::path::Path;

use sha2::{Digest, Sha256};

/// The identifier for an app on `folder`; `base` is the one for the default folder.
pub(crate) fn identifier(base: &str, folder: &Path, default_folder: Option<&Path>) -> String {
    if Some(folder) == default_folder {
        return base.to_owned();
    }
    let hash = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let suffix: String = hash
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    // Each part of a D-Bus name begins with a letter.
    format!("{base}.at{suffix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_data_folder_has_its_own_identifier() {
        let of = |folder: &str| {
            let default = Path::new("/home/tester/.local/share/bfgg");
            identifier("org.bfgg.desktop", Path::new(folder), Some(default))
        };
        assert_eq!(of("/home/tester/.local/share/bfgg"), "org.bfgg.desktop");
        assert!(of("/tmp/a").starts_with("org.bfgg.desktop.at"));
        assert_ne!(of("/tmp/a"), of("/tmp/b"));
        assert_eq!(of("/tmp/a"), of("/tmp/a"));
    }
}
