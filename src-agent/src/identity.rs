//! The agent's key, in a file that only its user can read, and the peer id that belongs to it.
//!
//! A new key is never made beside a known peer id: an agent whose key is lost would come back as
//! another agent, and its controllers would wait for the old one.

use std::path::{Path, PathBuf};

use bfgg_net::Identity;
use bfgg_protocol::PeerId;
use serde::{Deserialize, Serialize};

use crate::AgentError;
use crate::run_folder::{read_json, write_json, write_whole};

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    peer: PeerId,
}

fn paths(data: &Path) -> (PathBuf, PathBuf) {
    (data.join("identity.json"), data.join("identity.key"))
}

/// The agent's peer id, if it has one yet.
pub fn known(data: &Path) -> Result<Option<PeerId>, AgentError> {
    let (record, _) = paths(data);
    let known: Option<Record> = read_json(&record).map_err(AgentError::disk(&record))?;
    Ok(known.map(|known| known.peer))
}

/// The agent's key; the first start makes it.
pub fn load(data: &Path) -> Result<Identity, AgentError> {
    std::fs::create_dir_all(data).map_err(AgentError::disk(data))?;
    let (record, key) = paths(data);
    let unusable = |cause: String| AgentError::Identity {
        key: key.clone(),
        cause,
    };
    let known = known(data)?;
    let bytes = match std::fs::read(&key) {
        Ok(bytes) => bytes,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            return match known {
                Some(peer) => Err(unusable(format!("it is {peer}, but its key is not there"))),
                None => create(data),
            };
        }
        Err(cause) => return Err(unusable(cause.to_string())),
    };
    let identity = Identity::from_bytes(&bytes).map_err(|cause| unusable(cause.to_string()))?;
    let peer = identity.peer_id();
    match known {
        Some(known) if known != peer => Err(unusable(format!(
            "it is {known}, but the key is that of {peer}"
        ))),
        Some(_) => Ok(identity),
        None => {
            write_json(&record, &Record { peer }).map_err(AgentError::disk(&record))?;
            Ok(identity)
        }
    }
}

/// Makes a new identity; what was there is kept beside it. For copied machines.
pub fn reset(data: &Path) -> Result<PeerId, AgentError> {
    let (record, key) = paths(data);
    for path in [&record, &key] {
        match std::fs::rename(path, path.with_extension("old")) {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(AgentError::disk(path)(cause));
            }
            _ => {}
        }
    }
    std::fs::create_dir_all(data).map_err(AgentError::disk(data))?;
    create(data).map(|identity| identity.peer_id())
}

/// The key first: a start that is cut between the two finds the key and writes the record.
fn create(data: &Path) -> Result<Identity, AgentError> {
    let (record, key) = paths(data);
    let identity = Identity::generate();
    write_whole(&key, &identity.to_bytes()?).map_err(AgentError::disk(&key))?;
    let known = Record {
        peer: identity.peer_id(),
    };
    write_json(&record, &known).map_err(AgentError::disk(&record))?;
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_identity_is_never_replaced_by_itself() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        assert_eq!(known(&data).unwrap(), None);
        let peer = load(&data).unwrap().peer_id();
        assert_eq!(load(&data).unwrap().peer_id(), peer);
        assert_eq!(known(&data).unwrap(), Some(peer.clone()));
        let (record, key) = paths(&data);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                std::fs::metadata(&key).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
        // The first start was cut after the key.
        std::fs::remove_file(&record).unwrap();
        assert_eq!(load(&data).unwrap().peer_id(), peer);

        let other = folder.path().join("other");
        load(&other).unwrap();
        for damage in [
            None,
            Some(b"x".to_vec()),
            Some(std::fs::read(paths(&other).1).unwrap()),
        ] {
            match damage {
                None => std::fs::remove_file(&key).unwrap(),
                Some(bytes) => std::fs::write(&key, bytes).unwrap(),
            }
            let error = load(&data).unwrap_err().to_string();
            assert!(error.contains("identity reset"), "{error}");
        }
        let new = reset(&data).unwrap();
        assert_ne!(new, peer);
        assert_eq!(load(&data).unwrap().peer_id(), new);
        assert!(key.with_extension("old").exists());
    }
}
