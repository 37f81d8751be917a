//! The controller's key: in the keychain, or in a file of mode 0600, and it says which.
//!
//! identity.json holds the peer id and the place of its key. A new key is never made beside a
//! known peer id: the agents have joined that one.

use std::path::{Path, PathBuf};

use bfgg_net::Identity;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::folder::{failed, write_private};
use crate::{ControllerError, Settings, keychain, platform};

/// Where the key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Place {
    Keychain,
    File(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    peer: String,
    place: Place,
}

/// A key, and in one sentence where it is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) identity: Identity,
    pub(crate) place: String,
}

/// Finds the controller's key, or makes one where none is known.
pub(crate) fn load(settings: &Settings) -> Result<Kept, ControllerError> {
    if let Some(file) = &settings.identity_file {
        return in_file(file, None);
    }
    let record = settings.data_dir.join("identity.json");
    match std::fs::read(&record) {
        Ok(json) => {
            let known: Known = serde_json::from_slice(&json)
                .map_err(|e| failed("read", &record, std::io::Error::other(e)))?;
            read_known(&known)
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => make(settings, &record),
        Err(cause) => Err(failed("read", &record, cause)),
    }
}

/// Forgets the known key, so that the next start makes a new one. The old record is kept beside.
///
/// Returns the peer id that was forgotten, if there was one.
pub fn move_identity(data_dir: &Path) -> Result<Option<String>, ControllerError> {
    let record = data_dir.join("identity.json");
    let Ok(json) = std::fs::read(&record) else {
        return Ok(None);
    };
    let old = data_dir.join("identity.old.json");
    std::fs::rename(&record, &old).map_err(|e| failed("rename", &record, e))?;
    let key = data_dir.join("identity.key");
    if key.exists() {
        let kept = data_dir.join("identity.old.key");
        std::fs::rename(&key, &kept).map_err(|e| failed("rename", &key, e))?;
    }
    Ok(serde_json::from_slice::<Known>(&json)
        .ok()
        .map(|known| known.peer))
}

fn read_known(known: &Known) -> Result<Kept, ControllerError> {
    let locked = |place: String, cause: String| ControllerError::IdentityLocked {
        peer: known.peer.clone(),
        place,
        cause,
    };
    match &known.place {
        Place::File(path) => in_file(path, Some(known)),
        Place::Keychain => {
            let identity = from_keychain(&known.peer)
                .map_err(|cause| locked(platform::KEYCHAIN.into(), cause))?;
            check(&identity, known)?;
            Ok(Kept {
                identity,
                place: format!("The key is in {}.", platform::KEYCHAIN),
            })
        }
    }
}

/// The key file, which must hold the key of the known peer id; without one it may be made.
fn in_file(path: &Path, known: Option<&Known>) -> Result<Kept, ControllerError> {
    let place = format!("The key is in the file {} (mode 0600).", path.display());
    match std::fs::read(path) {
        Ok(bytes) => {
            let identity = Identity::from_bytes(&bytes)
                .map_err(|e| failed("use the key in", path, std::io::Error::other(e)))?;
            if let Some(known) = known {
                check(&identity, known)?;
            }
            Ok(Kept { identity, place })
        }
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound && known.is_none() => {
            let identity = Identity::generate();
            write_key(path, &identity)?;
            Ok(Kept { identity, place })
        }
        Err(cause) => Err(match known {
            None => failed("read", path, cause),
            Some(known) => ControllerError::IdentityLocked {
                peer: known.peer.clone(),
                place: path.display().to_string(),
                cause: cause.to_string(),
            },
        }),
    }
}

fn check(identity: &Identity, known: &Known) -> Result<(), ControllerError> {
    if identity.peer_id().as_str() == known.peer {
        return Ok(());
    }
    Err(ControllerError::IdentityLocked {
        peer: known.peer.clone(),
        place: match &known.place {
            Place::Keychain => platform::KEYCHAIN.into(),
            Place::File(path) => path.display().to_string(),
        },
        cause: format!("the key there belongs to {}", identity.peer_id()),
    })
}

fn make(settings: &Settings, record: &Path) -> Result<Kept, ControllerError> {
    let identity = Identity::generate();
    let peer = identity.peer_id().as_str().to_owned();
    let in_keychain = settings.keychain.then(|| to_keychain(&peer, &identity));
    let (place, told) = match in_keychain {
        Some(Ok(())) => (
            Place::Keychain,
            format!("The key is in {}.", platform::KEYCHAIN),
        ),
        other => {
            let path = settings.data_dir.join("identity.key");
            write_key(&path, &identity)?;
            let why = match other {
                Some(Err(cause)) => {
                    warn!(%cause, "no keychain: the key is kept in a file");
                    format!(", since no keychain can be used ({cause})")
                }
                _ => String::new(),
            };
            let told = format!(
                "The key is in the file {} (mode 0600){why}.",
                path.display()
            );
            (Place::File(path), told)
        }
    };
    let known = Known { peer, place };
    let json = serde_json::to_vec_pretty(&known).unwrap_or_default();
    write_private(record, &json)?;
    info!(peer = %known.peer, "{told}");
    Ok(Kept {
        identity,
        place: told,
    })
}

fn write_key(path: &Path, identity: &Identity) -> Result<(), ControllerError> {
    let bytes = identity
        .to_bytes()
        .map_err(|e| failed("write", path, std::io::Error::other(e)))?;
    write_private(path, &bytes)
}

fn to_keychain(peer: &str, identity: &Identity) -> Result<(), String> {
    let bytes = identity.to_bytes().map_err(|e| e.to_string())?;
    keychain::put(peer, &BASE64.encode(&bytes))
}

fn from_keychain(peer: &str) -> Result<Identity, String> {
    let text = keychain::get(peer)?;
    let bytes = BASE64.decode(text.as_bytes()).map_err(|e| e.to_string())?;
    Identity::from_bytes(&bytes).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(folder: &Path) -> Settings {
        Settings {
            keychain: false,
            ..Settings::new(folder)
        }
    }

    #[test]
    fn the_key_outlives_a_restart_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(&settings(folder.path())).unwrap();
        let second = load(&settings(folder.path())).unwrap();
        assert_eq!(first.identity.peer_id(), second.identity.peer_id());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let key = std::fs::metadata(folder.path().join("identity.key")).unwrap();
            assert_eq!(key.permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_new_key_is_never_made_beside_a_known_peer_id() {
        let folder = tempfile::tempdir().unwrap();
        let first = load(&settings(folder.path())).unwrap();
        std::fs::remove_file(folder.path().join("identity.key")).unwrap();
        let error = load(&settings(folder.path())).unwrap_err();
        assert!(error.to_string().contains("bfgg identity move"), "{error}");
        let forgotten = move_identity(folder.path()).unwrap();
        assert_eq!(
            forgotten.as_deref(),
            Some(first.identity.peer_id().as_str())
        );
        let new = load(&settings(folder.path())).unwrap();
        assert_ne!(first.identity.peer_id(), new.identity.peer_id());
    }

    #[test]
    fn an_identity_file_outlives_the_data_folder() {
        let keys = tempfile::tempdir().unwrap();
        let file = keys.path().join("ci.key");
        let id = || {
            let folder = tempfile::tempdir().unwrap();
            let settings = Settings {
                identity_file: Some(file.clone()),
                ..settings(folder.path())
            };
            load(&settings).unwrap().identity.peer_id()
        };
        assert_eq!(id(), id());
        std::fs::write(&file, b"not a key").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            identity_file: Some(file.clone()),
            ..settings(folder.path())
        };
        let error = load(&settings).unwrap_err().to_string();
        assert!(error.contains("ci.key"), "{error}");
    }
}
