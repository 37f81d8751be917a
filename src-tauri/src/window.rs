//! The window: one page, its own, and nowhere else to go.

use bfgg_protocol::RunId;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

/// The window's label, which its capabilities name.
pub(crate) const MAIN: &str = "main";

/// Opens the window, on a run if one is given.
pub(crate) fn open(app: &AppHandle, run: Option<RunId>) -> tauri::Result<WebviewWindow> {
    let page = match run {
        Some(run) => format!("index.html{}", run_fragment(run)),
        None => "index.html".to_owned(),
    };
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(page.into()))
        .title("BFG-G")
        .inner_size(1280.0, 820.0)
        .min_inner_size(720.0, 480.0)
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .build()
}

/// Brings the window to the front, and to a run's page if one is given.
pub(crate) fn show(app: &AppHandle, run: Option<RunId>) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(MAIN) else {
        return Ok(());
    };
    if let Some(run) = run {
        let mut page = window.url()?;
        page.set_fragment(Some(run_fragment(run).trim_start_matches('#')));
        window.navigate(page)?;
    }
    window.show()?;
    window.unminimize()?;
    window.set_focus()
}

fn run_fragment(run: RunId) -> String {
    format!("#/runs/{run}")
}

/// Whether the window may go to `url`: the app's own files, by the scheme of each system.
fn is_own_page(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" => url.host_str() == Some("tauri.localhost") && url.port().is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_stays_on_its_own_page() {
        for own in [
            "tauri://localhost/index.html#/runs",
            "http://tauri.localhost/",
            "https://tauri.localhost/",
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
        ] {
            assert!(!is_own_page(&foreign.parse().unwrap()), "{foreign}");
        }
    }
}
