//! What is added to the times of a log.

use std::path::{Component, Path, PathBuf};

use bfgg_report::FileIdentity;

use super::{DASH, Log, Name};
use crate::error::CliError;

/// Gives each offset to the log it names. Each log has one at most.
pub(super) fn shift(logs: &mut [Log], offsets: &[(String, i64)]) -> Result<(), CliError> {
    let mut taken: Vec<Option<&str>> = vec![None; logs.len()];
    for (name, offset) in offsets {
        let meant: Vec<usize> = (0..logs.len())
            .filter(|index| logs[*index].names.iter().any(|own| means(name, own)))
            .collect();
        let wrong = |what: &str| Err(CliError::Input(format!("--offset {name}: {what}")));
        let which = match meant[..] {
            [one] => match taken[one].replace(name) {
                None => {
                    logs[one].offset_ms = *offset;
                    continue;
                }
                Some(before) if before == name => return wrong("it is given twice"),
                Some(before) => {
                    let log = logs[one].shown();
                    return wrong(&format!("{log} has one already, by --offset {before}"));
                }
            },
            [] => "no log has",
            _ => "more than one log has",
        };
        let names: Vec<String> = logs.iter().map(Log::shown).collect();
        return wrong(&format!(
            "{which} this name; the logs are {}",
            names.join(", ")
        ));
    }
    Ok(())
}

/// Whether text is the name of a log, its path, or the folder it lies in or the end of that one's path.
fn means(text: &str, name: &Name) -> bool {
    if text == name.shown() {
        return true;
    }
    let Some(folder) = name.folder() else {
        return text == DASH;
    };
    let wanted: PathBuf = Path::new(text)
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    let is_end = !wanted.as_os_str().is_empty()
        && std::path::absolute(folder).is_ok_and(|folder| folder.ends_with(&wanted));
    let same = |path: &Path| {
        let identity = FileIdentity::of(path);
        identity.is_some() && identity == FileIdentity::of(Path::new(text))
    };
    is_end || same(&name.path) || same(folder)
}
