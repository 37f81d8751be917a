//! All JDKs of this machine.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use bfgg_protocol::Jdk;

use crate::platform;
use crate::tool::Tools;

/// All JDKs: the one named, then that of the path, then the others, oldest first.
pub(super) async fn find(named: Option<&Path>, tools: &Tools) -> Vec<Jdk> {
    let mut known = HashSet::new();
    let mut first = Vec::new();
    for home in named.map(Path::to_path_buf).into_iter().chain(on_path()) {
        first.extend(look(home, &mut known, tools).await);
    }
    let mut others = Vec::new();
    for home in candidates() {
        others.extend(look(home, &mut known, tools).await);
    }
    others.sort_by(|a, b| (a.feature, &a.home).cmp(&(b.feature, &b.home)));
    first.extend(others);
    first
}

/// The `java` of a JDK.
pub(crate) fn java(jdk: &Jdk) -> PathBuf {
    tool(Path::new(&jdk.home), "java")
}

fn tool(home: &Path, name: &str) -> PathBuf {
    home.join("bin").join(platform::executable(name))
}

/// JDKs on the path, in its order; `bin/javac` is often a link to the real one.
fn on_path() -> Vec<PathBuf> {
    let found = which::which_all("javac").into_iter().flatten();
    found
        .filter_map(|javac| Some(javac.canonicalize().ok()?.parent()?.parent()?.to_owned()))
        .collect()
}

fn candidates() -> Vec<PathBuf> {
    let mut homes = Vec::new();
    for folder in platform::jdk_folders() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            // macOS wraps a JDK in a bundle.
            homes.push(entry.path().join("Contents").join("Home"));
            homes.push(entry.path());
        }
    }
    homes
}

/// The JDK in a folder, if there is one that is not known yet. One without a compiler is a JRE.
async fn look(home: PathBuf, known: &mut HashSet<PathBuf>, tools: &Tools) -> Option<Jdk> {
    if !tool(&home, "java").is_file() || !tool(&home, "javac").is_file() {
        return None;
    }
    if !known.insert(home.canonicalize().ok()?) {
        return None;
    }
    let release = std::fs::read_to_string(home.join("release")).unwrap_or_default();
    let mut said = (
        value(&release, "JAVA_VERSION"),
        value(&release, "IMPLEMENTOR"),
    );
    if said.0.is_none() || said.1.is_none() {
        let arguments = ["-XshowSettings:properties", "-version"];
        let asked = super::version(Some(tool(&home, "java")), &arguments, tools);
        let (_, settings) = asked.await?;
        said = (
            value(&settings, "java.version"),
            value(&settings, "java.vendor"),
        );
    }
    let version = said.0?;
    Some(Jdk {
        home: home.to_string_lossy().into_owned(),
        feature: feature(&version)?,
        version,
        vendor: said.1.unwrap_or_default(),
    })
}

/// `KEY="value"` of the file `release`, or `key = value` of the settings.
fn value(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let value = line
            .trim()
            .strip_prefix(key)?
            .trim_start()
            .strip_prefix('=')?;
        Some(value.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty())
    })
}

/// 8 of `1.8.0_392`, 17 of `17.0.15`, 21 of `21-ea`.
fn feature(version: &str) -> Option<u32> {
    let version = version.strip_prefix("1.").unwrap_or(version);
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_all_ages() {
        for (version, expected) in [
            ("1.8.0_392", Some(8)),
            ("11", Some(11)),
            ("17.0.15", Some(17)),
            ("21-ea", Some(21)),
            ("x", None),
        ] {
            assert_eq!(feature(version), expected, "{version}");
        }
    }

    #[test]
    fn both_sources_are_read() {
        let release = "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"25.0.3\"\nJAVA_VERSION_DATE=\"2026\"\n";
        assert_eq!(value(release, "JAVA_VERSION").as_deref(), Some("25.0.3"));
        assert_eq!(
            value(release, "IMPLEMENTOR").as_deref(),
            Some("Eclipse Adoptium")
        );
        let settings = "Property settings:\n    java.vendor = Debian\n    java.vendor.url = x\n    java.version = 17.0.15\n";
        assert_eq!(value(settings, "java.version").as_deref(), Some("17.0.15"));
        assert_eq!(value(settings, "java.vendor").as_deref(), Some("Debian"));
        assert_eq!(value("JAVA_VERSION=\n", "JAVA_VERSION"), None);
    }

    #[tokio::test]
    async fn a_jre_is_no_jdk_and_a_jdk_is_listed_once() {
        let tools = Tools::new(Path::new("nowhere"));
        let jdks = find(None, &tools).await;
        let homes: HashSet<_> = jdks
            .iter()
            .map(|jdk| Path::new(&jdk.home).canonicalize().unwrap())
            .collect();
        assert_eq!(homes.len(), jdks.len(), "{jdks:?}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        std::fs::write(tool(folder.path(), "java"), "").unwrap();
        std::fs::write(
            folder.path().join("release"),
            "JAVA_VERSION=\"17\"\nIMPLEMENTOR=\"X\"\n",
        )
        .unwrap();
        assert_eq!(
            look(folder.path().into(), &mut HashSet::new(), &tools).await,
            None
        );
        std::fs::write(tool(folder.path(), "javac"), "").unwrap();
        let named = find(Some(folder.path()), &tools).await;
        assert_eq!((named[0].feature, named[0].vendor.as_str()), (17, "X"));
        assert_eq!(named.len(), jdks.len() + 1);
    }
}
