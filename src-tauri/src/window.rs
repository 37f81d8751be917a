//! The window: one page, its own, and nowhere else to go.

use std::path::{Path, PathBuf};

use tauri::webview::{DownloadEvent, NewWindowResponse};
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tracing::debug;

use crate::place::Place;

/// The window's label, which its capabilities name.
pub(crate) const MAIN: &str = "main";

/// Opens the window, on a place if one is given.
pub(crate) fn open(app: &AppHandle, place: Option<&Place>) -> tauri::Result<WebviewWindow> {
    let page = match place {
        Some(place) => format!("index.html#{}", place.fragment()),
        None => "index.html".to_owned(),
    };
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(page.into()))
        .title("BFG-G")
        .inner_size(1280.0, 820.0)
        .min_inner_size(720.0, 480.0)
        .on_document_title_changed(|window, title| {
            if let Err(cause) = window.set_title(&title) {
                debug!(%cause, "the window keeps its title");
            }
        })
        .on_navigation(is_own_page)
        .on_download(|webview, event| download(webview.app_handle(), event))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()
}

/// Brings the window to the front, and to a place if one is given.
pub(crate) fn show(app: &AppHandle, place: Option<&Place>) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(MAIN) else {
        return Ok(());
    };
    if let Some(place) = place {
        let mut page = window.url()?;
        page.set_fragment(Some(&place.fragment()));
        window.navigate(page)?;
    }
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

/// Whether the user has the window before them.
pub(crate) fn is_focused(app: &AppHandle) -> bool {
    app.get_webview_window(MAIN)
        .is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// Whether the window may go to `url`: the app's own files, by the scheme of each system, and what
/// the page itself made, which is how it saves a file.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "blob" => url
            .path()
            .parse()
            .is_ok_and(|inner: Url| inner.scheme() != "blob" && is_own_page(&inner)),
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    }
}

/// Lets the page save what it made itself, into the user's folder for downloads.
fn download(app: &AppHandle, event: DownloadEvent<'_>) -> bool {
    match event {
        DownloadEvent::Requested { url, destination } => {
            let folder = app.path().download_dir().or_else(|_| app.path().home_dir());
            if let (Ok(folder), Some(name)) = (folder, destination.file_name())
                && destination.parent() != Some(folder.as_path())
            {
                *destination = free_name(&folder.join(name));
            }
            url.scheme() == "blob" && is_own_page(&url)
        }
        DownloadEvent::Finished {
            path: Some(path),
            success: true,
            ..
        } => {
            tracing::info!(path = %path.display(), "saved");
            true
        }
        DownloadEvent::Finished { path, .. } => {
            tracing::warn!(?path, "a file could not be saved");
            true
        }
        _ => false,
    }
}

/// `path`, or with a number where that is taken.
fn free_name(path: &Path) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension = path
        .extension()
        .map(|e| format!(".{}", e.to_string_lossy()));
    let extension = extension.unwrap_or_default();
    let numbered = (1..).map(|n| path.with_file_name(format!("{stem} ({n}){extension}")));
    std::iter::once(path.to_owned())
        .chain(numbered)
        .find(|path| !path.exists())
        .unwrap_or_else(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("run.json");
        for name in ["run.json", "run (1).json", "run (2).json"] {
            let path = free_name(&wanted);
            assert_eq!(path, folder.path().join(name));
            std::fs::write(path, "").unwrap();
        }
    }

    #[test]
    fn the_window_stays_on_its_own_page() {
        for own in [
            "tauri://localhost/index.html#/runs",
            "http://tauri.localhost/",
            "https://tauri.localhost/",
            "blob:tauri://localhost/4f1b",
        ] {
            assert!(is_own_page(&own.parse().unwrap()), "{own}");
        }
        for foreign in [
            "https://example.org/",
            "http://127.0.0.1:7411/",
            "http://tauri.localhost:8080/",
            "http://tauri.localhost.example.org/",
            "tauri://other/",
            "file:///etc/passwd",
            "smb://host/share",
            "data:text/html,hello",
            "javascript:alert(1)",
            "about:blank",
            "blob:https://example.org/4f1b",
            "blob:null/4f1b",
            "blob:blob:tauri://localhost/4f1b",
        ] {
            assert!(!is_own_page(&foreign.parse().unwrap()), "{foreign}");
        }
    }
}
