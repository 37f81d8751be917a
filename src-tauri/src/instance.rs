//! One app for each data folder.
//!
//! The identifier names the app to the desktop: a second start with the same one only shows the
//! first one's window, and window state and web view data are kept under it. A data folder other
//! than the default one gets an identifier of its own, so both can be open at once.

use sha2::{Digest, Sha256};

use crate::host::Settings;

/// The app's identifier under these settings; `base` is the one of the default data folder.
pub(crate) fn identifier(base: &str, settings: &Settings) -> String {
    let Some(folder) = &settings.other_folder else {
        return base.to_owned();
    };
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
        let of = |folder: Option<&str>| {
            let settings = Settings {
                other_folder: folder.map(Into::into),
            };
            identifier("org.bfgg.desktop", &settings)
        };
        assert_eq!(of(None), "org.bfgg.desktop");
        assert!(of(Some("/tmp/a")).starts_with("org.bfgg.desktop.at"));
        assert_ne!(of(Some("/tmp/a")), of(Some("/tmp/b")));
        assert_eq!(of(Some("/tmp/a")), of(Some("/tmp/a")));
    }
}
