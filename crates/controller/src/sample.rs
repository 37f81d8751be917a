//! The sample project, embedded, and made a Git repository where one is needed.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use bfgg_source::GIT_ELSEWHERE;
use sha2::{Digest, Sha256};
use tokio::process::Command;
use url::Url;

use crate::platform;

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        /// Each file's path and content.
        const FILES: &[(&str, &[u8])] = &[$((
            $path,
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/sample-project/", $path)),
        )),*];
    };
}

files![
    ".gitignore",
    "README.md",
    "pom.xml",
    "src/test/java/example/Parameters.java",
    "src/test/java/example/Shop.java",
    "src/test/java/example/ShopSimulation.java",
    "src/test/java/example/SmokeSimulation.java",
    "src/test/resources/gatling.conf",
    "src/test/resources/logback-test.xml",
    "src/test/resources/products.csv",
];

/// The simulation to run.
pub const SIMULATION: &str = "example.ShopSimulation";
/// The branch of its repository.
pub const BRANCH: &str = "main";

/// Why there is no sample.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A file cannot be written.
    #[error("the sample project cannot be written to {}: {cause}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        cause: io::Error,
    },
    /// git does not do it.
    #[error("the sample project cannot be made a repository: git {command}: {cause}")]
    Git {
        /// What it was to do.
        command: String,
        /// What it said.
        cause: String,
    },
}

/// The sample below `folder`, as a repository that is there already or is made now; its URL. Not to be
/// called twice at the same time.
///
/// # Errors
/// Nothing can be written there, or there is no git.
pub async fn repository_below(folder: &Path) -> Result<String, SampleError> {
    let mut hash = Sha256::new();
    for (path, content) in FILES {
        hash.update(path);
        hash.update(content);
    }
    // Named by its content: that of an earlier version stays what it was.
    let name = data_encoding::HEXLOWER.encode(&hash.finalize()[..6]);
    let project = folder.join(format!("shop-{name}"));
    if !project.join(".git/HEAD").is_file() {
        let beside = folder.join(format!("shop-{name}.new"));
        let failed = |cause| SampleError::Write {
            path: beside.clone(),
            cause,
        };
        match tokio::fs::remove_dir_all(&beside).await {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(failed(cause)),
            _ => {}
        }
        repository(&beside).await?;
        let renamed = tokio::fs::rename(&beside, &project).await;
        renamed.map_err(failed)?;
    }
    url(&project)
}

/// Writes the project into `folder`, commits it, and returns the repository's `file://` URL.
///
/// # Errors
/// Nothing can be written there, or there is no git.
pub async fn repository(folder: &Path) -> Result<String, SampleError> {
    for (path, content) in FILES {
        let path = folder.join(path);
        let folder = path.parent().unwrap_or(folder).to_owned();
        let written = async {
            tokio::fs::create_dir_all(folder).await?;
            tokio::fs::write(&path, content).await
        };
        let written = written.await;
        written.map_err(|cause| SampleError::Write { path, cause })?;
    }
    git(folder, &["init", "--quiet"]).await?;
    git(
        folder,
        &["symbolic-ref", "HEAD", &format!("refs/heads/{BRANCH}")],
    )
    .await?;
    git(folder, &["add", "--all"]).await?;
    git(
        folder,
        &["commit", "--quiet", "--message", "Load test of the shop"],
    )
    .await?;
    url(folder)
}

fn url(folder: &Path) -> Result<String, SampleError> {
    let failed = |cause| SampleError::Write {
        path: folder.to_owned(),
        cause,
    };
    let absolute = std::path::absolute(folder).map_err(failed)?;
    let url = Url::from_file_path(&absolute);
    url.map(String::from)
        .map_err(|()| failed(io::Error::other("it is no absolute path")))
}

/// The user's own Git settings (signing, hooks, an author) are no part of the sample.
async fn git(folder: &Path, arguments: &[&str]) -> Result<(), SampleError> {
    let settings = [
        "core.hooksPath=",
        "core.autocrlf=false",
        "commit.gpgSign=false",
    ];
    let mut command = Command::new("git");
    for setting in settings {
        command.args(["-c", setting]);
    }
    command
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([
            ("GIT_AUTHOR_NAME", "BFG-G"),
            ("GIT_AUTHOR_EMAIL", "sample@bfgg.invalid"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "BFG-G"),
            ("GIT_COMMITTER_EMAIL", "sample@bfgg.invalid"),
        ])
        .stdin(Stdio::null())
        .kill_on_drop(true);
    for elsewhere in GIT_ELSEWHERE {
        command.env_remove(elsewhere);
    }
    platform::detach(&mut command);
    let failed = |cause: String| SampleError::Git {
        command: arguments.join(" "),
        cause,
    };
    let output = command.output().await;
    let output = output.map_err(|cause| failed(cause.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(format!("{} ({})", said.trim(), output.status)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::PathBuf;

    use super::*;

    fn list(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            match (name.as_str(), path.is_dir()) {
                ("target" | ".git", _) => {}
                (_, true) => list(root, &path, found),
                (_, false) => drop(found.insert(name)),
            }
        }
    }

    #[test]
    fn all_files_of_the_project_are_embedded() {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/sample-project");
        let mut there = BTreeSet::new();
        list(&root, &root, &mut there);
        assert_eq!(
            there,
            FILES.iter().map(|(path, _)| (*path).to_owned()).collect()
        );
    }

    #[tokio::test]
    async fn the_repository_can_be_cloned_at_its_one_commit() {
        let folder = tempfile::tempdir().unwrap();
        let project = folder.path().join("pro ject");
        let url = repository(&project).await.unwrap();
        assert!(
            url.starts_with("file://") && url.ends_with("/pro%20ject"),
            "{url}"
        );
        let copy = folder.path().join("copy");
        let clone = Command::new("git")
            .args(["clone", "--quiet", "--branch", BRANCH, "--", &url])
            .arg(&copy)
            .output()
            .await
            .unwrap();
        assert!(
            clone.status.success(),
            "{}",
            String::from_utf8_lossy(&clone.stderr)
        );
        let mut there = BTreeSet::new();
        list(&copy, &copy, &mut there);
        assert_eq!(there.len(), FILES.len());
        let count = Command::new("git")
            .args(["rev-list", "--count", "HEAD"])
            .current_dir(&copy)
            .output()
            .await
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&count.stdout).trim(), "1");
    }
}
