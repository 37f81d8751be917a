//! What `config` prints.

use std::fmt::Write;

use crate::resolve::MASK;
use crate::{ConfigError, Origin, Resolved, SETTINGS, Setting};

/// One line of the listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value in force, masked if secret; `None` if there is none.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

impl Resolved {
    /// All settings of the program, in the table's order.
    pub fn entries(&self) -> Result<Vec<Entry>, ConfigError> {
        let own = SETTINGS
            .iter()
            .filter(|setting| setting.is_for(self.program()));
        own.map(|setting| {
            let value = match self.value(setting)? {
                Some(_) if setting.secret => Some(MASK.to_owned()),
                value => value,
            };
            Ok(Entry {
                setting,
                value,
                origin: self.origin(setting.key).clone(),
            })
        })
        .collect()
    }
}

/// Each value, where it came from and what it is for, as text.
pub fn listing(resolved: &Resolved) -> Result<String, ConfigError> {
    let entries = resolved.entries()?;
    let mut text = String::new();
    for Entry {
        setting,
        value,
        origin,
    } in &entries
    {
        let value = value.as_deref().unwrap_or("(not set)");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{} = {value}\n    from: {origin}\n    {}",
            setting.key, setting.doc
        );
    }
    for note in resolved.notes() {
        let _ = writeln!(text, "note: {note}");
    }
    Ok(text)
}
