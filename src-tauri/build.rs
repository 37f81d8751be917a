//! Embeds the built user interface, the icons and the window's capabilities.

use std::{error::Error, fs, path::Path};

/// Shown by a build that was made without the user interface.
const NOT_BUILT: &str = "<!doctype html><meta charset=\"utf-8\"><title>BFG-G</title>\
    <h1>The user interface is not built</h1><p>Run <code>make app</code>.</p>\n";

/// All that the page may ask of the app; `capabilities/main.json` allows each.
const COMMANDS: &[&str] = &[
    "connection",
    "open_log_folder",
    "send_folder",
    "stop_folder",
];

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo alone must build the workspace, also where npm has not run yet.
    let page = Path::new("ui/dist/index.html");
    if !page.exists() {
        fs::create_dir_all("ui/dist")?;
        fs::write(page, NOT_BUILT)?;
    }
    for input in ["ui/dist", "icons", "src-tauri/capabilities"] {
        println!("cargo:rerun-if-changed={input}");
    }
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes)?;
    Ok(())
}
