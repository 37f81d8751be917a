//! The sample project, embedded, and made a Git repository where the demo needs one.

use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;
use url::Url;

use crate::error::CliError;

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
    "src/test/java/example/ShopSimulation.java",
    "src/test/java/example/SmokeSimulation.java",
    "src/test/resources/gatling.conf",
    "src/test/resources/logback-test.xml",
    "src/test/resources/products.csv",
];

/// The simulation the demo runs.
pub const SIMULATION: &str = "example.ShopSimulation";
/// The branch of the repository.
pub const BRANCH: &str = "main";

/// Writes the project into `folder`, commits it, and returns the repository's `file://` URL.
pub async fn repository(folder: &Path) -> Result<String, CliError> {
    for (path, content) in FILES {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            let created = tokio::fs::create_dir_all(parent).await;
            created.map_err(|cause| CliError::file("create", parent, cause))?;
        }
        let written = tokio::fs::write(&path, content).await;
        written.map_err(|cause| CliError::file("write", path, cause))?;
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
    let absolute = std::path::absolute(folder);
    let absolute = absolute.map_err(|cause| CliError::file("find", folder, cause))?;
    match Url::from_file_path(&absolute) {
        Ok(url) => Ok(url.to_string()),
        Err(()) => Err(CliError::Input(format!(
            "{} is no absolute path",
            absolute.display()
        ))),
    }
}

/// The user's own Git settings (signing, hooks, an author) are no part of the demo.
async fn git(folder: &Path, arguments: &[&str]) -> Result<(), CliError> {
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
            ("GIT_AUTHOR_NAME", "BFG-G demo"),
            ("GIT_AUTHOR_EMAIL", "demo@bfgg.invalid"),
        ])
        .envs([
            ("GIT_COMMITTER_NAME", "BFG-G demo"),
            ("GIT_COMMITTER_EMAIL", "demo@bfgg.invalid"),
        ])
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let demo = |what: String, output: String| CliError::Demo {
        what,
        hint: "install git, and check that `git commit` works for you".to_owned(),
        output,
    };
    let output = command.output().await;
    let output =
        output.map_err(|cause| demo(format!("git does not start: {cause}"), String::new()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(demo(
        format!("git {} failed ({})", arguments.join(" "), output.status),
        said,
    ))
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
