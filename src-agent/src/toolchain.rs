//! The tools of this machine: JDKs, git, mvn, sbt.

mod jdk;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_protocol::{BuildTool, Failure, FailureCode, Jdk, Toolchains};

use crate::tool::{Call, Tools};
pub(crate) use jdk::java;

/// The oldest Java that Gatling 3.13–3.16 runs on, by the version of its class files.
const OLDEST_JAVA: u32 = 11;
/// A Java as new as this is preferred where none is named.
const PREFERRED_JAVA: u32 = 17;
/// How long a tool may take to say its version.
const VERSION_LIMIT: Duration = Duration::from_secs(20);

/// Where to look besides the usual places.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// The JDK to use.
    pub java_home: Option<PathBuf>,
    /// sbt's launcher, where sbt is not installed.
    pub sbt_launch: Option<PathBuf>,
}

/// Looks for all tools.
pub async fn find(named: &Named, tools: &Tools) -> Toolchains {
    let (jdks, git, mvn, sbt) = tokio::join!(
        jdk::find(named.java_home.as_deref(), tools),
        version(which("git"), &["--version"], tools),
        version(which("mvn"), &["-v"], tools),
        // `sbt --version` starts a JVM and may download; its path is enough.
        async { which("sbt").map(|path| (path, String::new())) },
    );
    let mut build_tools = Vec::new();
    for (name, found) in [("mvn", mvn), ("sbt", sbt.or_else(|| launcher(named)))] {
        if let Some((path, output)) = found {
            let first = output.lines().next().unwrap_or_default();
            let version = first
                .split(' ')
                .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
            build_tools.push(BuildTool {
                name: name.to_owned(),
                version: version.unwrap_or_default().to_owned(),
                path: path.to_string_lossy().into_owned(),
            });
        }
    }
    let git = git.map(|(_, output)| output).unwrap_or_default();
    let git = git.trim().trim_start_matches("git version ").to_owned();
    Toolchains {
        jdks,
        git,
        build_tools,
    }
}

/// A program on the path.
pub(crate) fn which(name: &str) -> Option<PathBuf> {
    which::which(name).ok()
}

fn launcher(named: &Named) -> Option<(PathBuf, String)> {
    let path = named.sbt_launch.clone().filter(|path| path.is_file())?;
    // sbt-launch-1.10.7.jar
    let version = path
        .file_stem()?
        .to_string_lossy()
        .replace("sbt-launch-", "");
    Some((path, version))
}

/// The JDK to build and run with: the first that is new enough, the one named before all.
pub(crate) fn choose<'a>(jdks: &'a [Jdk], named: &Named) -> Result<&'a Jdk, Failure> {
    const REMEDY: &str = "Install a JDK 17 or newer on the agent, or set JAVA_HOME to one.";
    let first = |least: u32| jdks.iter().find(|jdk| jdk.feature >= least);
    let home = named.java_home.as_deref();
    let wanted = jdks.iter().find(|jdk| home == Some(Path::new(&jdk.home)));
    wanted
        .filter(|jdk| jdk.feature >= OLDEST_JAVA)
        .or_else(|| first(PREFERRED_JAVA))
        .or_else(|| first(OLDEST_JAVA))
        .ok_or_else(|| {
            let Some(newest) = jdks.iter().max_by_key(|jdk| jdk.feature) else {
                return Failure::new(
                    FailureCode::NoJdk,
                    "build",
                    "There is no JDK on the agent.",
                    REMEDY,
                );
            };
            let message = format!(
                "The newest JDK on the agent is {} ({}); Gatling needs Java {OLDEST_JAVA}.",
                newest.version, newest.home
            );
            Failure::new(FailureCode::JdkTooOld, "build", message, REMEDY)
        })
}

/// What a program prints about itself, if it ends in time with success.
async fn version(
    program: Option<PathBuf>,
    arguments: &[&str],
    tools: &Tools,
) -> Option<(PathBuf, String)> {
    let program = program?;
    let call = Call {
        phase: "doctor",
        program: &program,
        arguments: arguments.iter().map(Into::into).collect(),
        folder: &std::env::temp_dir(),
        environment: Vec::new(),
        limit: VERSION_LIMIT,
    };
    let finished = tools.call(&call, |_| ()).await.ok()?;
    let text = plain(&format!("{}{}", finished.stdout(), finished.stderr()));
    (finished.status == 0).then_some((program, text))
}

/// Text without terminal escapes.
pub(crate) fn plain(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\u{1b}') {
        kept.push_str(before);
        let end = escape
            .strip_prefix('[')
            .and_then(|body| body.find(|c: char| c.is_ascii_alphabetic()));
        rest = end.map_or(escape, |end| &escape[end + 2..]);
    }
    kept.push_str(rest);
    kept.retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jdk(feature: u32) -> Jdk {
        Jdk {
            home: format!("/jdk/{feature}"),
            version: feature.to_string(),
            feature,
            vendor: String::new(),
        }
    }

    #[test]
    fn the_named_jdk_wins_if_it_is_new_enough() {
        for (there, home, expected) in [
            (vec![11, 17, 21], None, Ok(17)),
            (vec![11], None, Ok(11)),
            (vec![11, 17, 21], Some(21), Ok(21)),
            (vec![11, 17, 21], Some(11), Ok(11)),
            (vec![8, 17], Some(8), Ok(17)),
            (vec![17], Some(99), Ok(17)),
            (vec![8], None, Err(FailureCode::JdkTooOld)),
            (vec![], None, Err(FailureCode::NoJdk)),
        ] {
            let jdks: Vec<Jdk> = there.into_iter().map(jdk).collect();
            let java_home = home.map(|feature: u32| format!("/jdk/{feature}").into());
            let chosen = choose(
                &jdks,
                &Named {
                    java_home,
                    sbt_launch: None,
                },
            );
            assert_eq!(
                chosen
                    .map(|jdk| jdk.feature)
                    .map_err(|failure| failure.code),
                expected
            );
        }
    }

    #[test]
    fn escapes_are_taken_out() {
        assert_eq!(
            plain("\u{1b}[1mApache Maven 3.8.7\u{1b}[m\n\u{7}x\u{1b}"),
            "Apache Maven 3.8.7\nx"
        );
    }
}
