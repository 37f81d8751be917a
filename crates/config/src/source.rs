//! Where values come from.

use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{ConfigError, Program, platform};

/// Where a value was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line (`--listen`).
    Flag(&'static str),
    /// The environment.
    Environment,
    /// A line of a `.env` file.
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The TOML file.
    File(PathBuf),
    /// No layer had one.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment => f.write_str("environment"),
            Self::DotEnv { path, line } => write!(f, "{}, line {line}", path.display()),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// Values given by flags.
#[derive(Debug, Clone, Default)]
pub struct Flags(pub(crate) Vec<(&'static str, &'static str, String)>);

impl Flags {
    /// Takes a flag's value, if it was given. `key` is the setting's name.
    pub fn set(&mut self, flag: &'static str, key: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.push((flag, key, value.to_string()));
        }
    }

    /// Takes a switch, if it was given.
    pub fn switch(&mut self, flag: &'static str, key: &'static str, given: bool, value: bool) {
        self.set(flag, key, given.then_some(if value { "on" } else { "off" }));
    }

    /// Takes a flag that may be repeated.
    pub fn words(&mut self, flag: &'static str, key: &'static str, values: &[String]) {
        self.set(flag, key, (!values.is_empty()).then(|| values.join(",")));
    }
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// Its path.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

/// All layers as they were found, nothing checked yet.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The program that asks.
    pub program: Program,
    /// Flags.
    pub flags: Flags,
    /// The environment.
    pub environment: Vec<(String, String)>,
    /// `.env` in the working directory.
    pub dotenv: Option<TextFile>,
    /// The TOML file.
    pub file: Option<TextFile>,
}

impl Sources {
    /// Reads the process's environment and the files. `file` is the one named by `--config`,
    /// which must be there; the default one need not.
    pub fn read(program: Program, flags: Flags, file: Option<&Path>) -> Result<Self, ConfigError> {
        let environment = std::env::vars_os()
            .filter_map(|(key, value)| {
                Some((
                    key.into_string().ok()?,
                    value.to_string_lossy().into_owned(),
                ))
            })
            .collect();
        let file = match file {
            Some(path) => Some(read(path)?),
            None => match platform::settings_file(program) {
                Some(path) => read_if_there(&path)?,
                None => None,
            },
        };
        let dotenv = match std::env::current_dir() {
            Ok(folder) => read_if_there(&folder.join(".env"))?,
            Err(_) => None,
        };
        Ok(Self {
            program,
            flags,
            environment,
            dotenv,
            file,
        })
    }
}

fn read(path: &Path) -> Result<TextFile, ConfigError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(TextFile {
            path: path.to_owned(),
            text,
        }),
        Err(cause) => Err(ConfigError::Unreadable {
            path: path.to_owned(),
            cause: cause.to_string(),
        }),
    }
}

/// A `.env` may also be a folder (a Python virtual environment): that is no file of ours.
fn read_if_there(path: &Path) -> Result<Option<TextFile>, ConfigError> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.is_file() => read(path).map(Some),
        Ok(_) => Ok(None),
        Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(ConfigError::Unreadable {
            path: path.to_owned(),
            cause: cause.to_string(),
        }),
    }
}
