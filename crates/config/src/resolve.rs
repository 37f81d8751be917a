//! From the layers to one value for each setting.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::setting::{Fallback, SETTINGS, Setting};
use crate::value::{self, LogSettings};
use crate::{ConfigError, Listen, LogFormat, Origin, Program, Sources, dotenv, file, platform};

/// One checked value for each setting of a program, with its origin.
#[derive(Debug, Clone)]
pub struct Resolved {
    program: Program,
    found: BTreeMap<&'static str, Found>,
    notes: Vec<String>,
}

#[derive(Debug, Clone)]
struct Found {
    text: String,
    origin: Origin,
}

impl Resolved {
    /// Checks all layers and keeps, for each setting, the value of the first that has one.
    pub fn new(sources: &Sources) -> Result<Self, ConfigError> {
        let program = sources.program;
        let mut resolved = Self {
            program,
            found: BTreeMap::new(),
            notes: Vec::new(),
        };
        for (flag, key, text) in &sources.flags.0 {
            resolved.take(key, text, Origin::Flag(flag))?;
        }
        for (key, text) in &sources.environment {
            resolved.take(key, text, Origin::Environment)?;
        }
        resolved.take_dotenv(sources)?;
        resolved.take_file(sources)?;
        if resolved.text("GATLING_LOCATION").is_some() {
            resolved.notes.push(
                "GATLING_LOCATION has no effect: Gatling comes with the project that is run"
                    .to_owned(),
            );
        }
        Ok(resolved)
    }

    /// What the user should know ("BFGG_TOKEN in .env is not read by bfgg").
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    pub(crate) fn program(&self) -> Program {
        self.program
    }

    /// The value as written, unless it is the default.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.found.get(key).map(|found| found.text.as_str())
    }

    /// Where the value in force comes from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.found
            .get(key)
            .map_or(&Origin::Default, |found| &found.origin)
    }

    /// The value in force as text; `None` where there is none.
    pub(crate) fn value(&self, setting: &Setting) -> Result<Option<String>, ConfigError> {
        if let Some(text) = self.text(setting.key) {
            return Ok(Some(text.to_owned()));
        }
        Ok(match setting.fallback {
            Fallback::Unset => None,
            Fallback::Is(text) => Some(text.to_owned()),
            Fallback::Per(controller, agent) => Some(match self.program {
                Program::Controller => controller.to_owned(),
                Program::Agent => agent.to_owned(),
            }),
            Fallback::DataFolder => {
                let folder = platform::data_folder(self.program).ok_or(ConfigError::NoHome)?;
                Some(folder.to_string_lossy().into_owned())
            }
            Fallback::InAgentData(name) => match self.program {
                Program::Controller => None,
                Program::Agent => Some(
                    self.data_folder()?
                        .join(name)
                        .to_string_lossy()
                        .into_owned(),
                ),
            },
            Fallback::HostName => Some(platform::host_name()),
        })
    }

    pub(crate) fn data_folder(&self) -> Result<PathBuf, ConfigError> {
        match self.path("BFGG_DATA_DIR")? {
            Some(path) => Ok(path),
            None => Err(ConfigError::NoHome),
        }
    }

    pub(crate) fn path(&self, key: &str) -> Result<Option<PathBuf>, ConfigError> {
        let base = match self.origin(key) {
            Origin::File(file) => file.parent(),
            _ => None,
        };
        Ok(self.in_force(key)?.map(|text| value::path(&text, base)))
    }

    pub(crate) fn listen(&self) -> Result<Listen, ConfigError> {
        let key = "BFGG_LISTEN";
        let (port, loopback) = self.parsed(key, value::listen)?.unwrap_or_default();
        Ok(Listen {
            port,
            loopback,
            named: self.is_named(key),
        })
    }

    pub(crate) fn log(&self) -> Result<LogSettings, ConfigError> {
        Ok(LogSettings {
            level: self.parsed("LOG_LEVEL", value::level)?.unwrap_or_default(),
            named: self.is_named("LOG_LEVEL"),
            format: self
                .parsed("BFGG_LOG_FORMAT", value::format)?
                .unwrap_or(LogFormat::Text),
        })
    }

    pub(crate) fn switch(&self, key: &str) -> Result<bool, ConfigError> {
        Ok(self.parsed(key, value::switch)?.unwrap_or_default())
    }

    pub(crate) fn number(&self, key: &str) -> Result<u32, ConfigError> {
        Ok(self.parsed(key, value::number)?.unwrap_or_default())
    }

    pub(crate) fn words(&self, key: &str) -> Result<Vec<String>, ConfigError> {
        Ok(self
            .in_force(key)?
            .map(|text| value::words(&text))
            .unwrap_or_default())
    }

    pub(crate) fn loopback(&self, key: &str) -> Result<Option<SocketAddr>, ConfigError> {
        self.parsed(key, value::loopback)
    }

    pub(crate) fn is_named(&self, key: &str) -> bool {
        *self.origin(key) != Origin::Default
    }

    pub(crate) fn in_force(&self, key: &str) -> Result<Option<String>, ConfigError> {
        match Setting::find(key) {
            Some(setting) => self.value(setting),
            None => Ok(None),
        }
    }

    /// Values were checked as they were taken, so a parser that refuses one means a default of
    /// the table is wrong: a test reads them all.
    pub(crate) fn parsed<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, ConfigError> {
        Ok(self.in_force(key)?.and_then(|text| parse(&text)))
    }

    fn take_dotenv(&mut self, sources: &Sources) -> Result<(), ConfigError> {
        let Some(dotenv) = &sources.dotenv else {
            return Ok(());
        };
        // From the last line up: the last assignment of a key wins.
        let lines: Vec<_> = dotenv::assignments(&dotenv.text).collect();
        for line in lines.into_iter().rev() {
            let origin = Origin::DotEnv {
                path: dotenv.path.clone(),
                line: line.line,
            };
            if let Some(setting) = Setting::find(line.key)
                && !setting.in_dotenv(self.program)
            {
                if setting.is_for(self.program) {
                    self.notes.push(format!(
                        "{} ({origin}) is not read by {}: set it in the environment or in the settings file",
                        line.key, self.program
                    ));
                }
                continue;
            }
            self.take(line.key, &line.value, origin)?;
        }
        Ok(())
    }

    fn take_file(&mut self, sources: &Sources) -> Result<(), ConfigError> {
        let Some(text_file) = &sources.file else {
            return Ok(());
        };
        let origin = Origin::File(text_file.path.clone());
        for (key, text) in file::entries(text_file)? {
            let setting = SETTINGS.iter().find(|setting| setting.file_key() == key);
            let Some(setting) = setting.filter(|setting| setting.is_for(self.program)) else {
                let own = SETTINGS.iter().filter(|s| s.is_for(self.program));
                let nearest = nearest(&key, own.map(Setting::file_key));
                let belongs_to = setting.map(|_| other(self.program).to_string());
                return Err(ConfigError::UnknownKey {
                    key,
                    origin,
                    nearest,
                    belongs_to,
                });
            };
            let Some(text) = text else {
                let value = "a table, a date or a fraction".to_owned();
                let expected = value::expected(setting.kind).to_owned();
                return Err(ConfigError::WrongValue {
                    key,
                    value,
                    origin,
                    expected,
                });
            };
            if setting.secret && platform::readable_by_others(&text_file.path) {
                self.notes.push(format!(
                    "{} holds the secret {key} and can be read by other users: chmod 600 it",
                    text_file.path.display()
                ));
            }
            self.keep(setting, &key, &text, origin.clone())?;
        }
        Ok(())
    }

    fn take(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), ConfigError> {
        match Setting::find(key) {
            Some(setting) if setting.is_for(self.program) => self.keep(setting, key, text, origin),
            Some(_) => Ok(()),
            // BFGG_AGENT_* is what an agent tells Gatling's JVM and its children.
            None if !key.starts_with("BFGG_") || key.starts_with("BFGG_AGENT_") => Ok(()),
            None => {
                let own = SETTINGS.iter().filter(|s| s.is_for(self.program));
                let nearest = nearest(key, own.map(|setting| setting.key.to_owned()));
                Err(ConfigError::UnknownKey {
                    key: key.to_owned(),
                    origin,
                    nearest,
                    belongs_to: None,
                })
            }
        }
    }

    fn keep(
        &mut self,
        setting: &'static Setting,
        key: &str,
        text: &str,
        origin: Origin,
    ) -> Result<(), ConfigError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if !value::fits(setting.kind, text) {
            return Err(ConfigError::WrongValue {
                key: key.to_owned(),
                value: if setting.secret {
                    MASK.to_owned()
                } else {
                    printable(text)
                },
                origin,
                expected: value::expected(setting.kind).to_owned(),
            });
        }
        self.found.entry(setting.key).or_insert_with(|| Found {
            text: text.to_owned(),
            origin,
        });
        Ok(())
    }
}

/// What stands for a secret's value.
pub(crate) const MASK: &str = "********";

fn printable(text: &str) -> String {
    text.chars()
        .take(100)
        .flat_map(|c| c.is_control().then_some('\u{fffd}').or(Some(c)))
        .collect()
}

fn other(program: Program) -> Program {
    match program {
        Program::Controller => Program::Agent,
        Program::Agent => Program::Controller,
    }
}

/// The candidate at most a third of the key's letters away.
fn nearest(key: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(key, &candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance * 3 <= key.len())
        .map(|(_, candidate)| candidate)
}
