//! A folder on this computer as what a run is made of.
//!
//! The page never names a folder: the user chooses one in the system's dialog, which is opened from
//! here, and all that the page gets is the snapshot that the controller has of it then.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bfgg_controller::api::types::{Snapshot, SourceOffer, SourceState};
use bfgg_source::{Packed, SourceError, parent_pom_above};
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, Manager, State};
use tauri_plugin_dialog::DialogExt;
use tokio::sync::{Mutex, oneshot, watch};
use tokio::task::JoinSet;

use crate::api::Api;
use crate::error::Error;
use crate::window;

/// Calls under way.
const AT_ONCE: usize = 3;
/// Bytes that are read between two words of it.
const STEP: u64 = 8 << 20;

/// The folder that was chosen last, and whether the sending of it is to end.
#[derive(Debug)]
pub(crate) struct Folders {
    last: Mutex<Option<PathBuf>>,
    stop: watch::Sender<bool>,
}

impl Default for Folders {
    fn default() -> Self {
        Self {
            last: Mutex::default(),
            stop: watch::Sender::new(false),
        }
    }
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "doing", rename_all = "kebab-case")]
pub(crate) enum Progress {
    /// The folder's files are read.
    Reading {
        /// So far.
        bytes: u64,
    },
    /// What the controller does not have is sent.
    Sending {
        /// So far.
        bytes: u64,
        /// All of it.
        all: u64,
    },
}

/// A folder that the controller has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SentFolder {
    /// It, for a run.
    snapshot: Snapshot,
    /// Files and links.
    files: u32,
    /// Bytes of all files.
    bytes: u64,
    /// Bytes that the controller did not have.
    sent: u64,
    /// Whether git says which files are sent.
    git: bool,
    /// Whether its parent POM lies above it, and is not sent.
    parent_above: bool,
}

/// The page's command: lets the user choose a folder, or takes the one chosen last, and sends its
/// files to the controller. None where the user chose nothing; an error is words for the user.
#[tauri::command]
pub(crate) async fn send_folder(
    app: AppHandle,
    folders: State<'_, Folders>,
    api: State<'_, Api>,
    again: bool,
    progress: Channel<Progress>,
) -> Result<Option<SentFolder>, String> {
    // One at a time; the newest wins.
    folders.stop.send_replace(true);
    let mut last = folders.last.lock().await;
    folders.stop.send_replace(false);
    let chosen = match last.as_ref() {
        Some(folder) if again => Some(folder.clone()),
        _ => choose(&app, last.as_deref()).await.map_err(words)?,
    };
    let Some(folder) = chosen else {
        return Ok(None);
    };
    *last = Some(folder.clone());
    let mut stop = folders.stop.subscribe();
    let sending = send(&folder, &api, folders.stop.subscribe(), &progress);
    tokio::select! {
        sent = sending => sent.map(Some).map_err(words),
        // Its sender is the app's.
        _ = stop.wait_for(|stop| *stop) => Err(words(Error::Stopped)),
    }
}

/// The page's command: ends the sending of a folder.
#[tauri::command]
pub(crate) fn stop_folder(folders: State<'_, Folders>) {
    folders.stop.send_replace(true);
}

fn words(error: Error) -> String {
    tracing::info!(%error, "a folder was not sent");
    error.to_string()
}

/// Asks the user for a folder; `near` is the one to begin at.
async fn choose(app: &AppHandle, near: Option<&Path>) -> Result<Option<PathBuf>, Error> {
    let mut dialog = app.dialog().file().set_title("Folder of the project");
    if let Some(window) = app.get_webview_window(window::MAIN) {
        dialog = dialog.set_parent(&window);
    }
    if let Some(near) = near {
        dialog = dialog.set_directory(near);
    }
    let (answer, chosen) = oneshot::channel();
    // Nobody waits for the answer where the page has gone.
    dialog.pick_folder(move |folder| drop(answer.send(folder)));
    match chosen.await {
        Ok(Some(folder)) => folder.into_path().map(Some).map_err(|_| Error::NoPath),
        Ok(None) | Err(_) => Ok(None),
    }
}

async fn send(
    folder: &Path,
    api: &Api,
    stop: watch::Receiver<bool>,
    progress: &Channel<Progress>,
) -> Result<SentFolder, Error> {
    let packed = Arc::new(pack(folder, stop, progress.clone()).await?);
    let entries = packed.manifest.entries().to_vec();
    let state = api.offer_source(&SourceOffer { entries }).await?;
    let sent = send_missing(&packed, &state, api, progress).await?;
    Ok(SentFolder {
        snapshot: Snapshot::of(&packed, state.id),
        files: state.files,
        bytes: state.bytes,
        sent,
        git: packed.git.is_some(),
        parent_above: parent_pom_above(folder),
    })
}

async fn pack(
    folder: &Path,
    stop: watch::Receiver<bool>,
    progress: Channel<Progress>,
) -> Result<Packed, Error> {
    let folder = folder.to_owned();
    let packing = tokio::task::spawn_blocking(move || {
        let mut told = 0;
        bfgg_source::pack(&folder, &mut |bytes| {
            if bytes >= told + STEP {
                told = bytes;
                tell(&progress, Progress::Reading { bytes });
            }
            !*stop.borrow()
        })
    });
    match packing.await? {
        Err(SourceError::Stopped) => Err(Error::Stopped),
        packed => Ok(packed?),
    }
}

/// The answer is how many bytes were sent.
async fn send_missing(
    packed: &Arc<Packed>,
    state: &SourceState,
    api: &Api,
    progress: &Channel<Progress>,
) -> Result<u64, Error> {
    let lengths = state
        .missing
        .iter()
        .map(|chunk| packed.length(chunk) as u64);
    let all: u64 = lengths.sum();
    let mut bodies = packed.bodies(&state.missing).into_iter();
    let (mut calls, mut sent) = (JoinSet::new(), 0_u64);
    loop {
        while calls.len() < AT_ONCE {
            let Some(chunks) = bodies.next() else { break };
            let (api, packed, id) = (api.clone(), Arc::clone(packed), state.id);
            calls.spawn(async move {
                let body = tokio::task::spawn_blocking(move || packed.body(&chunks)).await??;
                let length = body.len() as u64;
                api.send_chunks(id, body).await?;
                Ok::<_, Error>(length)
            });
        }
        let Some(call) = calls.join_next().await else {
            return Ok(all);
        };
        sent += call??;
        let bytes = sent.min(all);
        tell(progress, Progress::Sending { bytes, all });
    }
}

fn tell(progress: &Channel<Progress>, what: Progress) {
    if let Err(error) = progress.send(what) {
        tracing::debug!(%error, "the page does not hear how far its folder is");
    }
}
