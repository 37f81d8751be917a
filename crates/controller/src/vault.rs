//! The secret values of saved tests: in the keychain, or in a file of mode 0600, and it says which.
//!
//! A value is kept under its test's id and the parameter's name. The calls wait for the system, and the
//! writing ones are for one caller at a time.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bfgg_protocol::TestId;
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::error::{Refused, RefusedKind};
use crate::folder::write_private;
use crate::{keychain, platform};

/// Where a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    Keychain,
    File,
}

/// Where each secret value of a test is, by the parameter's name.
pub(crate) type Places = BTreeMap<String, Place>;

/// All values of the file, by test and by name.
type Kept = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Debug, Clone)]
pub(crate) struct Vault {
    file: PathBuf,
    /// Whether the keychain may be used.
    keychain: bool,
}

impl Vault {
    pub(crate) fn at(data: &Path, keychain: bool) -> Self {
        Self {
            file: data.join("secrets.json"),
            keychain,
        }
    }

    /// Keeps a value, in the place of an earlier one.
    pub(crate) fn put(&self, test: TestId, name: &str, value: &str) -> Result<Place, Refused> {
        if self.keychain {
            match keychain::put(&entry(test, name), value) {
                Ok(()) => return Ok(Place::Keychain),
                Err(cause) => warn!(%cause, "no keychain: a secret value is kept in a file"),
            }
        }
        let mut all = self.read().map_err(|cause| self.refused(&cause))?;
        all.entry(test.to_string())
            .or_default()
            .insert(name.to_owned(), value.to_owned());
        self.write(&all).map_err(|cause| self.refused(&cause))?;
        Ok(Place::File)
    }

    /// A value that was kept.
    pub(crate) fn get(&self, test: TestId, name: &str, place: Place) -> Result<String, Refused> {
        let found = match place {
            Place::Keychain => keychain::get(&entry(test, name)),
            Place::File => self.read().and_then(|all| {
                let found = all.get(&test.to_string()).and_then(|own| own.get(name));
                found.cloned().ok_or_else(|| "it is not there".to_owned())
            }),
        };
        found.map_err(|cause| {
            let place = self.named(place);
            let message =
                format!("The secret value of {name} cannot be read from {place}: {cause}.");
            let hint = "Unlock the keychain; or open the test, type the value again and save it.";
            Refused::new(RefusedKind::Conflict, "secret-unreadable", message, hint)
        })
    }

    /// Forgets a value. One that stays is nobody's any more: that is a warning.
    pub(crate) fn forget(&self, test: TestId, name: &str, place: Place) {
        let forgotten = match place {
            Place::Keychain => keychain::remove(&entry(test, name)),
            Place::File => self.read().and_then(|mut all| {
                let key = test.to_string();
                if let Some(own) = all.get_mut(&key) {
                    own.remove(name);
                    if own.is_empty() {
                        all.remove(&key);
                    }
                }
                self.write(&all)
            }),
        };
        if let Err(cause) = forgotten {
            warn!(%test, name, %cause, "a secret value could not be removed");
        }
    }

    /// Where the values are, in a sentence; none where there are none.
    pub(crate) fn told(&self, places: &Places) -> Option<String> {
        let names = |place: Place| {
            let own = places.iter().filter(|(_, kept)| **kept == place);
            own.map(|(name, _)| name.as_str()).collect::<Vec<_>>()
        };
        let (kept, filed) = (names(Place::Keychain), names(Place::File));
        let why = if self.keychain {
            ", since no keychain could be used"
        } else {
            ""
        };
        let (keychain, file) = (self.named(Place::Keychain), self.named(Place::File));
        match (kept.is_empty(), filed.is_empty()) {
            (true, true) => None,
            (false, true) => Some(format!("Secret values are in {keychain}.")),
            (true, false) => Some(format!("Secret values are in {file}{why}.")),
            (false, false) => Some(format!(
                "Secret values are in {keychain}, but for {} in {file}{why}.",
                filed.join(", ")
            )),
        }
    }

    fn named(&self, place: Place) -> String {
        match place {
            Place::Keychain => platform::KEYCHAIN.to_owned(),
            Place::File => format!("the file {} (mode 0600)", self.file.display()),
        }
    }

    fn read(&self) -> Result<Kept, String> {
        match std::fs::read(&self.file) {
            Ok(json) => serde_json::from_slice(&json).map_err(|e| e.to_string()),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Kept::new()),
            Err(cause) => Err(cause.to_string()),
        }
    }

    fn write(&self, all: &Kept) -> Result<(), String> {
        let json = serde_json::to_vec_pretty(all).map_err(|e| e.to_string())?;
        write_private(&self.file, &json).map_err(|e| e.to_string())
    }

    fn refused(&self, cause: &str) -> Refused {
        let message = format!(
            "A secret value cannot be kept in {}: {cause}.",
            self.named(Place::File)
        );
        let hint = "Free some space, or look at the data folder's rights.";
        Refused::new(RefusedKind::Internal, "disk", message, hint)
    }
}

fn entry(test: TestId, name: &str) -> String {
    format!("test {test} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_apart_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::at(folder.path(), false);
        let (one, other) = (TestId::new(), TestId::new());
        for (test, name, value) in [
            (one, "login", "hunter22"),
            (one, "key", "two\nlines"),
            (other, "login", "other"),
            (one, "login", "hunter23"),
        ] {
            assert_eq!(vault.put(test, name, value), Ok(Place::File));
        }
        let get = |test, name| vault.get(test, name, Place::File);
        assert_eq!(get(one, "login").unwrap(), "hunter23");
        assert_eq!(get(other, "login").unwrap(), "other");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let file = std::fs::metadata(folder.path().join("secrets.json")).unwrap();
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
        vault.forget(one, "login", Place::File);
        let gone = get(one, "login").unwrap_err();
        assert_eq!(gone.code, "secret-unreadable");
        assert_eq!(get(one, "key").unwrap(), "two\nlines");
    }

    #[test]
    fn it_says_where_they_are() {
        let vault = Vault::at(Path::new("/data"), true);
        let places = |all: &[(&str, Place)]| {
            all.iter()
                .map(|(name, place)| ((*name).to_owned(), *place))
                .collect::<Places>()
        };
        let file = Path::new("/data").join("secrets.json");
        let file = file.display();
        for (kept, told) in [
            (places(&[]), None),
            (
                places(&[("a", Place::Keychain)]),
                Some(format!("Secret values are in {}.", platform::KEYCHAIN)),
            ),
            (
                places(&[("a", Place::File)]),
                Some(format!(
                    "Secret values are in the file {file} (mode 0600), since no keychain could be used."
                )),
            ),
            (
                places(&[("a", Place::Keychain), ("b", Place::File)]),
                Some(format!(
                    "Secret values are in {}, but for b in the file {file} (mode 0600), since no \
                     keychain could be used.",
                    platform::KEYCHAIN
                )),
            ),
        ] {
            assert_eq!(vault.told(&kept), told);
        }
    }
}
