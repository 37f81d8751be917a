//! The files of a folder that git knows nothing of.

use std::path::Path;

use crate::{MAX_FILES, SourceError};

/// Folders that tools make, or keep for themselves.
const NOT_SENT: [&str; 12] = [
    ".git",
    ".hg",
    ".svn",
    "target",
    "node_modules",
    ".gradle",
    ".idea",
    ".vscode",
    ".bsp",
    ".bloop",
    ".metals",
    ".settings",
];

/// All files and links, but those of [`NOT_SENT`], and of `build` beside a build file of Gradle.
pub(super) fn list(folder: &Path) -> Result<Vec<String>, SourceError> {
    let mut found = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        let failed = |cause| SourceError::file("read", &folder, cause);
        let is_gradle = ["build.gradle", "build.gradle.kts"]
            .iter()
            .any(|file| folder.join(file).is_file());
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                let name = format!("{prefix}{}", name.to_string_lossy());
                return Err(SourceError::NotUtf8 { name });
            };
            let path = format!("{prefix}{name}");
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            let is_made = NOT_SENT.contains(&name) || (is_gradle && name == "build");
            match is_folder {
                true if is_made => {}
                true => open.push((entry.path(), format!("{path}/"))),
                // A work tree of git has a file of this name.
                false if name == ".git" => {}
                false => found.push(path),
            }
        }
        if found.len() > MAX_FILES {
            return Err(SourceError::TooManyFiles);
        }
    }
    found.sort();
    Ok(found)
}
