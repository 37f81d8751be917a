//! The app's log: to standard error, and to a file, as an app started from a menu has no terminal.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Mutex;

use bfgg_config::{ControllerConfig, logging};
use tauri::{AppHandle, Manager};
use tauri_plugin_dialog::{DialogExt, MessageDialogKind};
use tracing_subscriber::fmt::writer::MakeWriterExt;

/// A file that is larger at the start is set aside, bytes.
const SET_ASIDE: u64 = 4 * 1024 * 1024;

/// Starts logging; `folder` is where the file goes.
pub(crate) fn start(config: &ControllerConfig, folder: Option<&Path>) {
    match folder.map(open) {
        Some(Ok(file)) => logging::init_to(&config.log, io::stderr.and(Mutex::new(file)), false),
        opened => {
            logging::init_to(&config.log, io::stderr, io::stderr().is_terminal());
            if let Some(Err(error)) = opened {
                tracing::warn!(%error, ?folder, "there is no log file");
            }
        }
    }
    for note in &config.notes {
        tracing::warn!("{note}");
    }
}

/// The page's command: as the entry in the tray.
#[tauri::command]
pub(crate) fn open_log_folder(app: AppHandle) {
    crate::desk::send(&app, crate::desk::Input::OpenLogs);
}

/// Opens the folder with the desktop's own program for folders; where there is none the user is told
/// where it is.
pub(crate) async fn show_folder(app: &AppHandle) {
    let folder = match app.path().app_log_dir() {
        Ok(folder) => folder,
        Err(error) => return tracing::warn!(%error, "there is no log folder"),
    };
    let opening = {
        let folder = folder.clone();
        tokio::task::spawn_blocking(move || {
            fs::create_dir_all(&folder)?;
            open::that_detached(&folder)
        })
    };
    let Ok(Err(error)) = opening.await else {
        return;
    };
    tracing::warn!(%error, folder = %folder.display(), "the log folder was not opened");
    app.dialog()
        .message(format!("It is {}", folder.display()))
        .title("The log folder could not be opened")
        .kind(MessageDialogKind::Error)
        .show(|_| ());
}

fn open(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join("desktop.log");
    if fs::metadata(&path).is_ok_and(|file| file.len() > SET_ASIDE) {
        fs::rename(&path, folder.join("desktop.1.log"))?;
    }
    File::options().append(true).create(true).open(path)
}
