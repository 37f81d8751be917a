//! One app for each controller.
//!
//! The identifier names the app to the desktop: a second start with the same one only shows the
//! first one's window, and window state and web view data are kept under it. A controller that is
//! not the one of the default data folder gets an identifier of its own, so both can be open.

use bfgg_config::{ControllerConfig, Program, platform};
use sha2::{Digest, Sha256};

/// The identifier for an app under these settings; `base` is the one for the default data folder.
pub(crate) fn identifier(base: &str, config: &ControllerConfig) -> String {
    match &config.controller {
        Some(url) => derived(base, url.as_str().as_bytes()),
        None if platform::data_folder(Program::Controller).as_ref()
            == Some(&config.data_folder) =>
        {
            base.to_owned()
        }
        None => derived(base, config.data_folder.as_os_str().as_encoded_bytes()),
    }
}

fn derived(base: &str, place: &[u8]) -> String {
    let hash = Sha256::digest(place);
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
    fn a_place_has_one_identifier_of_its_own() {
        let of = |place: &[u8]| derived("org.bfgg.desktop", place);
        assert!(of(b"/tmp/a").starts_with("org.bfgg.desktop.at"));
        assert_ne!(of(b"/tmp/a"), of(b"/tmp/b"));
        assert_eq!(of(b"/tmp/a"), of(b"/tmp/a"));
    }
}
