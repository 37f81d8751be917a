//! The controllers this agent obeys: `joined.json`, readable by its user alone.
//!
//! `bfgg-agent join` and `leave` change the file while the agent runs; it looks every second.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bfgg_net::Identity;
use bfgg_protocol::{JoinToken, PeerId, Secret};
use serde::{Deserialize, Serialize};

use crate::AgentError;
use crate::run_folder::{read_json, write_json};

/// A controller that was joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The controller.
    pub controller: PeerId,
    /// The secret that admits the agent, as text; none where it waits to be admitted.
    #[serde(default)]
    secret: Option<String>,
    /// `host:port` where it listens: hints.
    #[serde(default)]
    pub addresses: Vec<String>,
}

impl Membership {
    /// The secret for registration; one that is damaged in the file admits nobody.
    pub(crate) fn secret(&self) -> Option<Secret> {
        Secret::from_text(self.secret.as_deref()?).ok()
    }
}

/// All controllers that were joined.
#[derive(Debug)]
pub struct Joined {
    path: PathBuf,
    seen: Option<SystemTime>,
    all: Vec<Membership>,
}

impl Joined {
    /// Reads the file, if there is one.
    pub fn load(data: &Path) -> Result<Self, AgentError> {
        let path = data.join("joined.json");
        let seen = modified(&path);
        let all = read_json(&path)
            .map_err(AgentError::disk(&path))?
            .unwrap_or_default();
        Ok(Self { path, seen, all })
    }

    /// All of them.
    pub fn all(&self) -> &[Membership] {
        &self.all
    }

    /// Whether the agent obeys this peer.
    pub fn contains(&self, peer: &PeerId) -> bool {
        self.all
            .iter()
            .any(|membership| membership.controller == *peer)
    }

    /// Obeys the token's controller from now on. A newer token replaces the older one's secret.
    pub fn add(&mut self, token: &JoinToken) -> Result<(), AgentError> {
        let controller = Identity::parse_peer_id(token.controller.as_str())?;
        let new = Membership {
            secret: token.secret.as_ref().map(Secret::to_text),
            addresses: token.addresses.clone(),
            controller,
        };
        let before = self.all.clone();
        match self
            .all
            .iter_mut()
            .find(|known| known.controller == new.controller)
        {
            // Without a secret (`--controller PEERID`) there is nothing to replace.
            Some(_) if new.secret.is_none() && new.addresses.is_empty() => return Ok(()),
            Some(known) if *known == new => return Ok(()),
            Some(known) => *known = new,
            None => self.all.push(new),
        }
        // What is not kept is not obeyed either.
        self.save().inspect_err(|_| self.all = before)
    }

    /// Obeys a controller no longer: by its whole peer id, or an end of it that is the only one.
    pub fn remove(&mut self, peer: &str) -> Result<PeerId, AgentError> {
        let peer = peer.trim();
        let meant = |known: &Membership| {
            let id = known.controller.as_str();
            id == peer || peer.len() >= 8 && id.ends_with(peer)
        };
        let mut found = self.all.iter().filter(|known| meant(known));
        let (Some(only), None) = (found.next(), found.next()) else {
            return Err(AgentError::NotJoined(peer.escape_debug().to_string()));
        };
        let controller = only.controller.clone();
        self.all.retain(|known| known.controller != controller);
        self.save()?;
        Ok(controller)
    }

    /// Reads the file again if somebody has changed it; says whether anything is new.
    pub(crate) fn refresh(&mut self) -> bool {
        let now = modified(&self.path);
        if now == self.seen {
            return false;
        }
        match read_json(&self.path) {
            Ok(all) => {
                let all: Vec<Membership> = all.unwrap_or_default();
                self.seen = now;
                let new = all != self.all;
                self.all = all;
                new
            }
            Err(error) => {
                tracing::warn!(%error, "the list of joined controllers cannot be read; it stays as it was");
                self.seen = now;
                false
            }
        }
    }

    fn save(&mut self) -> Result<(), AgentError> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(AgentError::disk(folder))?;
        }
        write_json(&self.path, &self.all).map_err(AgentError::disk(&self.path))?;
        self.seen = modified(&self.path);
        Ok(())
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|meta| meta.modified())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(secret: bool) -> JoinToken {
        JoinToken {
            controller: Identity::generate().peer_id(),
            secret: secret.then(|| Secret::random().unwrap()),
            addresses: vec!["192.0.2.7:7410".into()],
        }
    }

    #[test]
    fn joining_and_leaving_is_kept_and_seen() {
        let folder = tempfile::tempdir().unwrap();
        let mut running = Joined::load(folder.path()).unwrap();
        assert!(running.all().is_empty());
        let (first, second) = (token(true), token(false));
        let mut command = Joined::load(folder.path()).unwrap();
        command.add(&first).unwrap();
        command.add(&second).unwrap();
        assert!(running.refresh() && !running.refresh());
        assert!(running.contains(&first.controller) && running.contains(&second.controller));
        assert_eq!(running.all()[0].secret(), first.secret);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let meta = std::fs::metadata(folder.path().join("joined.json")).unwrap();
            assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        }
        // A bare peer id does not take the secret away; a rotated token replaces it.
        let bare = JoinToken {
            secret: None,
            addresses: Vec::new(),
            ..first.clone()
        };
        command.add(&bare).unwrap();
        assert_eq!(command.all()[0].secret(), first.secret);
        let rotated = JoinToken {
            secret: Some(Secret::random().unwrap()),
            ..first.clone()
        };
        command.add(&rotated).unwrap();
        assert_eq!(command.all()[0].secret(), rotated.secret);
        assert_eq!(
            command.remove(first.controller.short()).unwrap(),
            first.controller
        );
        assert!(matches!(
            command.remove("nobody"),
            Err(AgentError::NotJoined(_))
        ));
        assert_eq!(Joined::load(folder.path()).unwrap().all().len(), 1);
        let forged = JoinToken {
            controller: PeerId::new("../x"),
            ..second
        };
        assert!(matches!(command.add(&forged), Err(AgentError::Peer(_))));
    }
}
