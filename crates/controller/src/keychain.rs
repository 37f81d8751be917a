//! The operating system's keychain: entries by name, below one service. Each call may wait for the system.

const SERVICE: &str = "bfgg";

/// Keeps a text under a name, in the place of what was there. `Err` says why it could not.
pub(crate) fn put(name: &str, text: &str) -> Result<(), String> {
    let entry = keyring::Entry::new(SERVICE, name).map_err(|e| cause(&e))?;
    entry.set_password(text).map_err(|e| cause(&e))
}

/// The text of a name.
pub(crate) fn get(name: &str) -> Result<String, String> {
    let entry = keyring::Entry::new(SERVICE, name).map_err(|e| cause(&e))?;
    entry.get_password().map_err(|e| cause(&e))
}

/// Forgets a name; that there is none is no error.
pub(crate) fn remove(name: &str) -> Result<(), String> {
    let entry = keyring::Entry::new(SERVICE, name).map_err(|e| cause(&e))?;
    match entry.delete_credential() {
        Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
        Err(error) => Err(cause(&error)),
    }
}

fn cause(error: &keyring::Error) -> String {
    match error {
        keyring::Error::NoDefaultStore => match keyring::Entry::store_status() {
            Err(cause) => cause.to_string(),
            Ok(()) => "there is none".into(),
        },
        keyring::Error::NoStorageAccess(_) => "it is locked".into(),
        keyring::Error::NoEntry => "it has no such entry".into(),
        other => other.to_string(),
    }
}
