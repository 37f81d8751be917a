//! Why the app could not start or go on.

/// What went wrong, in words for the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The window system, or a part of Tauri.
    #[error("the window could not be opened: {0}. Is there a display?")]
    Window(#[from] tauri::Error),
    /// The controller's API could not be reached or answered with an error.
    #[error("the controller at {url} did not answer: {cause}")]
    Api { url: String, cause: reqwest::Error },
}
