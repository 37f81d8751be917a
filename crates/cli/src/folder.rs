//! A folder on this computer as what a run is made of: packed, and sent to the controller.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bfgg_controller::api::types::{Snapshot, SourceOffer, SourceState};
use bfgg_protocol::ContentHash;
use bfgg_source::{Packed, parent_pom_above};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::error::CliError;
use crate::platform::Interrupts;
use crate::view::{Screen, bytes};

/// Calls under way.
const AT_ONCE: usize = 3;

/// A folder that was packed.
pub(crate) struct Folder(Arc<Packed>);

/// Packs a folder. Ctrl-C ends it.
pub(crate) async fn pack(
    folder: &Path,
    screen: &Screen,
    interrupts: &mut Interrupts,
) -> Result<Folder, CliError> {
    let stop = Arc::new(AtomicBool::new(false));
    let packing = {
        let (folder, stop, screen) = (folder.to_owned(), stop.clone(), screen.clone());
        tokio::task::spawn_blocking(move || {
            let mut shown = 0;
            bfgg_source::pack(&folder, &mut |read| {
                if read >= shown + (8 << 20) {
                    shown = read;
                    screen.working(&format!("reading the folder, {}", bytes(read)), 0, 1);
                }
                !stop.load(Ordering::Relaxed)
            })
        })
    };
    tokio::pin!(packing);
    let packed = tokio::select! {
        packed = &mut packing => packed,
        () = interrupts.next() => {
            stop.store(true, Ordering::Relaxed);
            let _ = packing.await;
            screen.clear();
            return Err(CliError::Interrupted);
        }
    };
    screen.clear();
    let packed = packed.map_err(|cause| CliError::System {
        action: "read the folder",
        cause: std::io::Error::other(cause),
    })??;
    if packed.git.is_none() {
        screen.line(
            "no git here: all files are sent but those in .git, target, node_modules, .gradle, .idea and the like",
        );
    }
    if parent_pom_above(folder) {
        screen.line(
            "hint: the parent POM lies above this folder and is not sent; name its folder with --source, and this one \
             with --folder",
        );
    }
    Ok(Folder(Arc::new(packed)))
}

/// What was given as a repository may be a folder of this computer.
pub(crate) fn hint(repo: &str, screen: &Screen) -> Result<(), CliError> {
    let path = Path::new(repo);
    if !path.is_dir() {
        return Ok(());
    }
    if path.is_absolute() {
        screen.line(format!(
            "hint: {repo} is a folder of this computer: --source {repo} sends it to the agents"
        ));
        return Ok(());
    }
    Err(CliError::Input(format!(
        "{repo} is a folder of this computer, and no URL: --source {repo} sends it to the agents"
    )))
}

impl Folder {
    /// Sends what the controller does not have; the answer names it in a run.
    pub(crate) async fn send(
        self,
        client: &Client,
        screen: &Screen,
        interrupts: &mut Interrupts,
    ) -> Result<Snapshot, CliError> {
        let sent = tokio::select! {
            sent = self.send_missing(client, screen) => sent,
            () = interrupts.next() => Err(CliError::Interrupted),
        };
        screen.clear();
        sent
    }

    async fn send_missing(&self, client: &Client, screen: &Screen) -> Result<Snapshot, CliError> {
        let packed = &self.0;
        let entries = packed.manifest.entries().to_vec();
        let state = client.offer_source(&SourceOffer { entries }).await?;
        let snapshot = Snapshot::of(packed, state.id);
        screen.line(self.summary(&state, &snapshot));
        let all: u64 = state
            .missing
            .iter()
            .map(|chunk| packed.length(chunk) as u64)
            .sum();
        let mut bodies = packed.bodies(&state.missing).into_iter();
        let (mut calls, mut sent) = (JoinSet::new(), 0);
        loop {
            while calls.len() < AT_ONCE {
                let Some(chunks) = bodies.next() else { break };
                let (client, packed, id) = (client.clone(), packed.clone(), state.id);
                calls.spawn(async move {
                    let reading = tokio::task::spawn_blocking(move || packed.body(&chunks));
                    let body = reading.await.map_err(|cause| CliError::System {
                        action: "read the folder",
                        cause: std::io::Error::other(cause),
                    })??;
                    let length = body.len() as u64;
                    client.send_chunks(id, body).await.map(|_| length)
                });
            }
            let Some(call) = calls.join_next().await else {
                return Ok(snapshot);
            };
            sent += call.map_err(|cause| CliError::System {
                action: "send the folder",
                cause: std::io::Error::other(cause),
            })??;
            let message = format!(
                "sending the folder, {} of {}",
                bytes(sent.min(all)),
                bytes(all)
            );
            screen.working(&message, sent, all);
        }
    }

    /// `312 files, 4.1 MB; 1 changed, 3.2 kB to send; folder shop, on 1a2b3c4 with uncommitted changes, …`
    fn summary(&self, state: &SourceState, snapshot: &Snapshot) -> String {
        let missing: HashSet<ContentHash> = state.missing.iter().copied().collect();
        let to_send: usize = missing.iter().map(|chunk| self.0.length(chunk)).sum();
        let changed = match self.0.files_with(&missing) {
            0 => "nothing to send".to_owned(),
            _ if missing.len() == self.0.manifest.chunks().len() => {
                format!("all of it, {} to send", bytes(to_send as u64))
            }
            files => format!("{files} changed, {} to send", bytes(to_send as u64)),
        };
        let noun = if state.files == 1 { "file" } else { "files" };
        format!(
            "{} {noun}, {}; {changed}; {}",
            state.files,
            bytes(state.bytes),
            snapshot.shown()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_place_of_a_url() {
        let screen = Screen::new(false);
        let folder = tempfile::tempdir().unwrap();
        hint("https://git.example/shop.git", &screen).unwrap();
        hint("git@git.example:shop.git", &screen).unwrap();
        hint(folder.path().to_str().unwrap(), &screen).unwrap();
        // The package's own folder, in which its tests run.
        let error = hint("src", &screen).unwrap_err().to_string();
        assert!(error.contains("--source src"), "{error}");
    }
}
