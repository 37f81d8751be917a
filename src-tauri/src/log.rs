//! The app's log: to standard error, and to a file, as an app started from a menu has no terminal.

use std::fs::{self, File};
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Mutex;

use bfgg_config::{ControllerConfig, logging};
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

fn open(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let path = folder.join("desktop.log");
    if fs::metadata(&path).is_ok_and(|file| file.len() > SET_ASIDE) {
        fs::rename(&path, folder.join("desktop.1.log"))?;
    }
    File::options().append(true).create(true).open(path)
}
