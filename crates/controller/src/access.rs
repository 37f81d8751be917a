//! Who may use the API: whoever holds the controller's own token, a browser that was let in by a link,
//! a token that only reads.
//!
//! Sessions and read-only tokens outlive a restart in `access.json` (mode 0600), as SHA-256 of what
//! was given out: the file lets nobody in. They are no part of the database, since each request asks
//! for them and the loop that owns the database has other work. Codes of links are in memory alone.

mod grant;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub(crate) use grant::{Grant, Kind};

use crate::ControllerError;
use crate::api::types::Rights;
use crate::folder::{failed, write_private};

/// A browser stays let in for so long.
pub(crate) const SESSION_MS: u64 = 30 * 24 * 3_600_000;
/// A link that nobody opened ends after so long.
pub(crate) const LINK_MS: u64 = 15 * 60_000;
/// Browsers at a time: one more, and the oldest is out.
const MAX_SESSIONS: usize = 100;
/// Read-only tokens at a time.
const MAX_TOKENS: usize = 100;
/// Links at a time that nobody has opened: one more, and the oldest ends.
const MAX_LINKS: usize = 20;
/// So that one sees what it is, and a secret scanner knows it.
const READ_ONLY_PREFIX: &str = "bfgg_read_";

/// A link's code was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownCode;

/// Who was let in: what it may do, until when.
#[derive(Debug, Clone)]
pub(crate) struct Admitted {
    pub(crate) rights: Rights,
    /// Cancelled once that is taken back: what is open then ends.
    pub(crate) ended: CancellationToken,
}

/// The two halves of a session's secret, and what it may do. Browsers send a cookie to every port of a
/// host, so the cookie alone lets nobody in: the page keeps the other half where only it can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) cookie: String,
    pub(crate) key: String,
    pub(crate) rights: Rights,
}

/// Why no token was made or taken back.
#[derive(Debug)]
pub(crate) enum NotChanged {
    /// There are as many as there may be.
    TooMany,
    /// There is none of this id.
    Unknown,
    /// It could not be written.
    Failed(ControllerError),
}

impl From<ControllerError> for NotChanged {
    fn from(error: ControllerError) -> Self {
        Self::Failed(error)
    }
}

#[derive(Debug)]
struct Link {
    hash: [u8; 32],
    rights: Rights,
    until_ms: u64,
}

impl Link {
    fn is(&self, hash: &[u8; 32]) -> bool {
        self.hash.ct_eq(hash).into()
    }
}

#[derive(Debug, Default)]
struct State {
    grants: Vec<Grant>,
    links: VecDeque<Link>,
    /// Of the grants in use, by their ids.
    ended: HashMap<String, CancellationToken>,
}

/// All who may use the API.
#[derive(Debug)]
pub(crate) struct Access {
    owner: String,
    path: PathBuf,
    /// Held while access.json is written, which nobody who asks waits for.
    writing: Mutex<()>,
    state: Mutex<State>,
}

impl Access {
    /// Reads what earlier controllers granted. A damaged file is set aside: its browsers and dashboards
    /// have to be let in again, which the log says.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn open(path: PathBuf, owner: String) -> Result<Self, ControllerError> {
        let grants = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|cause| {
                let aside = path.with_extension("damaged.json");
                let _ = std::fs::rename(&path, &aside);
                warn!(%cause, kept = %aside.display(), "access.json cannot be read: browsers log in again, read-only tokens are made again");
                Vec::new()
            }),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(failed("read", &path, cause)),
        };
        let state = State {
            grants,
            ..State::default()
        };
        Ok(Self {
            owner,
            path,
            writing: Mutex::default(),
            state: Mutex::new(state),
        })
    }

    /// What the holder of a bearer token may do.
    pub(crate) fn of_bearer(&self, shown: &str) -> Option<Admitted> {
        if shown.as_bytes().ct_eq(self.owner.as_bytes()).into() {
            return Some(Admitted {
                rights: Rights::All,
                ended: CancellationToken::new(),
            });
        }
        self.admitted(Kind::Token, &hash(shown), 0)
    }

    /// What a browser may do by its cookie and the key that its page holds.
    pub(crate) fn of_session(&self, cookie: &str, key: &str, now_ms: u64) -> Option<Admitted> {
        self.admitted(Kind::Session, &hash(&joined(cookie, key)), now_ms)
    }

    fn admitted(&self, kind: Kind, hash: &[u8; 32], now_ms: u64) -> Option<Admitted> {
        let mut state = self.state();
        let found = state
            .grants
            .iter()
            .find(|grant| grant.kind == kind && grant.until_ms > now_ms && grant.is(hash))?;
        let (id, rights) = (found.id.clone(), found.rights);
        let ended = state.ended.entry(id).or_default().clone();
        Some(Admitted { rights, ended })
    }

    /// The code of a link that lets one browser in, once, within [`LINK_MS`].
    ///
    /// # Errors
    /// The system gave no random bytes.
    pub(crate) fn link(&self, rights: Rights, now_ms: u64) -> Result<String, ControllerError> {
        let code = random::<16>()?;
        let mut state = self.state();
        state.links.retain(|link| link.until_ms > now_ms);
        if state.links.len() == MAX_LINKS {
            state.links.pop_front();
        }
        state.links.push_back(Link {
            hash: hash(&code),
            rights,
            until_ms: now_ms + LINK_MS,
        });
        Ok(code)
    }

    /// Lets a browser in by a link's code, which is used up by that.
    ///
    /// # Errors
    /// The system gave no random bytes, or access.json cannot be written: then the link stays.
    pub(crate) fn log_in(
        &self,
        code: &str,
        now_ms: u64,
    ) -> Result<Result<Session, UnknownCode>, ControllerError> {
        let hash_of_code = hash(code);
        let (cookie, key) = (random::<32>()?, random::<32>()?);
        let _alone = self.alone();
        let (rights, mut grants) = {
            let mut state = self.state();
            state.links.retain(|link| link.until_ms > now_ms);
            let link = state.links.iter().find(|link| link.is(&hash_of_code));
            let Some(link) = link else {
                return Ok(Err(UnknownCode));
            };
            (link.rights, state.grants.clone())
        };
        grants.retain(|grant| grant.kind != Kind::Session || grant.until_ms > now_ms);
        let sessions = grants.iter().filter(|grant| grant.kind == Kind::Session);
        if sessions.count() >= MAX_SESSIONS
            && let Some(oldest) = grants.iter().position(|grant| grant.kind == Kind::Session)
        {
            grants.remove(oldest);
        }
        grants.push(Grant::session(&joined(&cookie, &key), rights, now_ms)?);
        self.save(grants)?;
        self.state().links.retain(|link| !link.is(&hash_of_code));
        info!(?rights, "a browser was let in by a link");
        Ok(Ok(Session {
            cookie,
            key,
            rights,
        }))
    }

    /// A browser is not let in any more.
    ///
    /// # Errors
    /// access.json cannot be written.
    pub(crate) fn log_out(&self, cookie: &str, key: &str) -> Result<(), ControllerError> {
        let hash = hash(&joined(cookie, key));
        let _alone = self.alone();
        let mut grants = self.state().grants.clone();
        grants.retain(|grant| grant.kind != Kind::Session || !grant.is(&hash));
        self.save(grants)
    }

    /// No browser is let in any more, and no link that is open.
    ///
    /// # Errors
    /// access.json cannot be written.
    pub(crate) fn log_out_all(&self) -> Result<(), ControllerError> {
        let _alone = self.alone();
        let mut grants = self.state().grants.clone();
        grants.retain(|grant| grant.kind != Kind::Session);
        self.save(grants)?;
        self.state().links.clear();
        info!("all browsers were logged out");
        Ok(())
    }

    /// A token that only reads, shown this once.
    ///
    /// # Errors
    /// There are [`MAX_TOKENS`], the system gave no random bytes, or access.json cannot be written.
    pub(crate) fn add_token(&self, name: &str, now_ms: u64) -> Result<(Grant, String), NotChanged> {
        let token = format!("{READ_ONLY_PREFIX}{}", random::<32>()?);
        let _alone = self.alone();
        let mut grants = self.state().grants.clone();
        if grants.iter().filter(|one| one.kind == Kind::Token).count() >= MAX_TOKENS {
            return Err(NotChanged::TooMany);
        }
        let grant = Grant::token(&token, name, now_ms)?;
        grants.push(grant.clone());
        self.save(grants)?;
        info!(name, "a read-only token was made");
        Ok((grant, token))
    }

    /// The tokens that only read, oldest first.
    pub(crate) fn tokens(&self) -> Vec<Grant> {
        let state = self.state();
        let tokens = state.grants.iter().filter(|one| one.kind == Kind::Token);
        tokens.cloned().collect()
    }

    /// Takes a token back.
    ///
    /// # Errors
    /// There is none of this id, or access.json cannot be written.
    pub(crate) fn remove_token(&self, id: &str) -> Result<(), NotChanged> {
        let _alone = self.alone();
        let mut grants = self.state().grants.clone();
        let before = grants.len();
        grants.retain(|grant| grant.kind != Kind::Token || grant.id != id);
        if grants.len() == before {
            return Err(NotChanged::Unknown);
        }
        Ok(self.save(grants)?)
    }

    /// On disk first: what is said to be granted or taken back holds after a restart, too. Only for
    /// who holds `writing`.
    fn save(&self, grants: Vec<Grant>) -> Result<(), ControllerError> {
        let json = serde_json::to_vec_pretty(&grants).unwrap_or_default();
        write_private(&self.path, &json)?;
        let mut state = self.state();
        state.ended.retain(|id, ended| {
            let stays = grants.iter().any(|grant| grant.id == *id);
            if !stays {
                ended.cancel();
            }
            stays
        });
        state.grants = grants;
        Ok(())
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn joined(cookie: &str, key: &str) -> String {
    format!("{cookie}.{key}")
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

fn random<const BYTES: usize>() -> Result<String, ControllerError> {
    let mut bytes = [0u8; BYTES];
    getrandom::fill(&mut bytes).map_err(|e| ControllerError::NoRandomness(e.to_string()))?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests;
