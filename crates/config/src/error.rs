//! What can be wrong with settings, as sentences.

use std::path::PathBuf;

use crate::Origin;

/// Settings that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No setting has this name.
    #[error("there is no setting {key} ({origin}){}", advice(.nearest, .belongs_to))]
    UnknownKey {
        /// The name as it was written.
        key: String,
        /// Where it was found.
        origin: Origin,
        /// The setting that was probably meant.
        nearest: Option<String>,
        /// The program whose setting it is.
        belongs_to: Option<String>,
    },
    /// A value that does not fit its setting. A secret's value is masked.
    #[error("{key} is \"{value}\" ({origin}), but must be {expected}")]
    WrongValue {
        /// The setting, as it is called where it was found.
        key: String,
        /// Its value.
        value: String,
        /// Where it was found.
        origin: Origin,
        /// What it must be.
        expected: String,
    },
    /// A file that cannot be read.
    #[error("cannot read the settings in {}: {cause}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        cause: String,
    },
    /// A file that is no TOML.
    #[error("{}, line {line}: {cause}; write each setting as `key = \"value\"`", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        cause: String,
    },
    /// The machine has no folder for a user's data or settings.
    #[error("this system names no home folder; set BFGG_DATA_DIR to the folder to keep data in")]
    NoHome,
}

fn advice(nearest: &Option<String>, belongs_to: &Option<String>) -> String {
    match (nearest, belongs_to) {
        (_, Some(program)) => format!("; it belongs to {program}: remove it here"),
        (Some(nearest), None) => format!("; did you mean {nearest}?"),
        (None, None) => "; `config` lists the settings there are".to_owned(),
    }
}
