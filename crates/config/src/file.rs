//! The TOML file: one level of keys.

use crate::{ConfigError, TextFile};

/// Key and value of each entry; `None` for a value that is no text, integer, boolean or list of
/// these.
pub(crate) fn entries(file: &TextFile) -> Result<Vec<(String, Option<String>)>, ConfigError> {
    let table: toml::Table = file.text.parse().map_err(|error: toml::de::Error| {
        let before = error
            .span()
            .map_or(0, |span| span.start.min(file.text.len()));
        let line = file.text.as_bytes()[..before]
            .iter()
            .filter(|&&b| b == b'\n')
            .count()
            + 1;
        ConfigError::Syntax {
            path: file.path.clone(),
            line,
            cause: one_line(error.message()),
        }
    })?;
    Ok(table
        .iter()
        .map(|(key, value)| (key.clone(), plain(value)))
        .collect())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(value) => Some(if *value { "on" } else { "off" }.to_owned()),
        toml::Value::Array(values) => {
            let words: Option<Vec<_>> = values
                .iter()
                .map(|v| if v.is_array() { None } else { plain(v) })
                .collect();
            words.map(|words| words.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}
