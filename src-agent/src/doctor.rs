//! Looking at the machine: what a run needs, and what may spoil it.

mod limits;

use std::path::Path;

use bfgg_protocol::{Check, CheckStatus, DoctorReport, Toolchains};

use crate::prepare::Places;
use crate::tool::Tools;
use crate::{clock, keeping, platform, toolchain};

/// Looks at everything anew.
pub async fn examine(places: &Places, tools: &Tools) -> DoctorReport {
    let toolchains = toolchain::find(&places.named, tools).await;
    let mut checks = vec![git(&toolchains)];
    checks.extend(jdks(&toolchains, places));
    checks.extend(build_tools(&toolchains));
    checks.extend([proxy(), mirror()]);
    checks.extend(
        [("projects", &places.projects), ("runs", &places.results)]
            .map(|(what, path)| disk(what, path, places.reserve)),
    );
    checks.push(kept_runs(&places.results));
    checks.extend(limits::checks());
    checks.extend([memory(), time()]);
    DoctorReport { checks, toolchains }
}

fn check(name: &str, status: CheckStatus, value: impl Into<String>, hint: &str) -> Check {
    Check {
        name: name.to_owned(),
        status,
        value: value.into(),
        hint: hint.to_owned(),
        lines: Vec::new(),
    }
}

fn git(found: &Toolchains) -> Check {
    match found.git.as_str() {
        "" => check("git", CheckStatus::Fail, "not found", "Install git."),
        version => check("git", CheckStatus::Pass, version, ""),
    }
}

fn jdks(found: &Toolchains, places: &Places) -> Vec<Check> {
    let chosen = match toolchain::choose(&found.jdks, &places.named) {
        Ok(jdk) => jdk,
        Err(failure) => {
            return vec![check(
                "JDK",
                CheckStatus::Fail,
                failure.message,
                &failure.hint,
            )];
        }
    };
    let line = |jdk: &bfgg_protocol::Jdk| format!("{} {} ({})", jdk.vendor, jdk.version, jdk.home);
    let mut checks = vec![check("JDK", CheckStatus::Pass, line(chosen), "")];
    let others = found.jdks.iter().filter(|jdk| *jdk != chosen);
    checks.extend(others.map(|jdk| check("other JDK", CheckStatus::Info, line(jdk), "")));
    if let Some(home) = places
        .named
        .java_home
        .as_deref()
        .filter(|home| *home != Path::new(&chosen.home))
    {
        let value = format!("{} is not used", home.display());
        let hint = "JAVA_HOME must name a JDK (with javac) of version 11 or newer.";
        checks.push(check("JAVA_HOME", CheckStatus::Warn, value, hint));
    }
    checks
}

fn build_tools(found: &Toolchains) -> Vec<Check> {
    let one = |name: &str, hint: &str| match found.build_tools.iter().find(|tool| tool.name == name)
    {
        Some(tool) => check(
            name,
            CheckStatus::Pass,
            format!("{} {}", tool.version, tool.path).trim(),
            "",
        ),
        None => check(name, CheckStatus::Warn, "not found", hint),
    };
    vec![
        one("mvn", "Needed for Maven projects without a wrapper (mvnw)."),
        one(
            "sbt",
            "Needed for sbt projects; BFGG_SBT_LAUNCH may name sbt-launch.jar instead.",
        ),
    ]
}

/// Runs that no controller has confirmed stay for ever: somebody has to know.
fn kept_runs(results: &Path) -> Check {
    let kept = keeping::unconfirmed(results);
    let name = "runs not yet fetched";
    if kept.runs == 0 {
        return check(name, CheckStatus::Pass, "none", "");
    }
    let value = format!("{}, {} MiB", kept.runs, kept.bytes >> 20);
    let hint = "They are kept until their controller has them: let it run and reach this machine.";
    check(name, CheckStatus::Warn, value, hint)
}

fn proxy() -> Check {
    let set = [
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "http_proxy",
        "ALL_PROXY",
        "all_proxy",
    ];
    let found = set
        .iter()
        .find_map(|name| Some((name, std::env::var(name).ok()?)));
    let value = match found {
        Some((name, proxy)) => format!("{name}={}", without_login(&proxy)),
        None => "none in the environment".to_owned(),
    };
    check("proxy", CheckStatus::Info, value, "")
}

/// A proxy's URL without user and password.
fn without_login(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((before, host)) => {
            let scheme = before
                .split_once("://")
                .map(|(scheme, _)| format!("{scheme}://"));
            format!("{}***@{host}", scheme.unwrap_or_default())
        }
        None => url.to_owned(),
    }
}

/// Mirrors that the build tools of this user go to instead of Maven Central.
fn mirror() -> Check {
    let home = bfgg_config::platform::home().unwrap_or_default();
    let read = |path: &str| std::fs::read_to_string(home.join(path)).unwrap_or_default();
    let settings = read(".m2/settings.xml");
    let mirrors = settings.split("<mirror>").skip(1).filter_map(|part| {
        let url = part.split("<url>").nth(1)?.split("</url>").next()?;
        Some(format!("Maven: {}", without_login(url.trim())))
    });
    let repositories = read(".sbt/repositories");
    let lines = repositories
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['[', '#']));
    let all: Vec<String> = mirrors
        .chain(lines.map(|line| format!("sbt: {}", without_login(line))))
        .collect();
    let value = if all.is_empty() {
        "none".to_owned()
    } else {
        all.join("; ")
    };
    check("mirror", CheckStatus::Info, value, "")
}

fn disk(what: &str, path: &Path, reserve: u64) -> Check {
    let name = format!("disk ({what})");
    match platform::free_space(path) {
        Ok(free) => {
            let value = format!("{:.1} GiB free at {}", gigabytes(free), path.display());
            let (status, hint) = match free {
                free if free < reserve => (
                    CheckStatus::Fail,
                    "Runs are refused below the reserve of 1 GiB.",
                ),
                free if free < 5 * reserve => (CheckStatus::Warn, "A long run writes gigabytes."),
                _ => (CheckStatus::Pass, ""),
            };
            check(&name, status, value, hint)
        }
        Err(error) => check(
            &name,
            CheckStatus::Fail,
            format!("{}: {error}", path.display()),
            "Check the folder's rights.",
        ),
    }
}

#[expect(clippy::cast_precision_loss, reason = "to show")]
fn gigabytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

fn memory() -> Check {
    let bytes = crate::machine::memory();
    let status = if bytes < 2 << 30 {
        CheckStatus::Warn
    } else {
        CheckStatus::Pass
    };
    let value = format!("{:.1} GiB", gigabytes(bytes));
    check(
        "memory",
        status,
        value,
        if bytes < 2 << 30 {
            "Gatling alone wants 1 GiB."
        } else {
            ""
        },
    )
}

/// The controller compares it with its own; here it is only shown.
fn time() -> Check {
    let now =
        jiff::Timestamp::from_millisecond(i64::try_from(clock::wall_ms()).unwrap_or_default());
    let value = now
        .map(|now| now.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_default();
    check("clock", CheckStatus::Info, value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_login_is_not_shown() {
        for (url, shown) in [
            ("http://me:secret@proxy:3128", "http://***@proxy:3128"),
            ("me:secret@proxy", "***@proxy"),
            ("http://proxy:3128/", "http://proxy:3128/"),
        ] {
            assert_eq!(without_login(url), shown);
        }
    }

    #[tokio::test]
    async fn each_check_has_a_value_and_a_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            projects: folder.path().join("a/b"),
            results: folder.path().into(),
            allow_file: false,
            reserve: u64::MAX,
            keep: keeping::Keep {
                age: std::time::Duration::MAX,
                bytes: 0,
            },
            named: toolchain::Named {
                java_home: Some("/nowhere".into()),
                sbt_launch: None,
            },
        };
        let tools = Tools::new(Path::new("nowhere"));
        let report = examine(&places, &tools).await;
        for check in &report.checks {
            assert!(!check.value.is_empty(), "{check:?}");
            let hinted = !check.hint.is_empty();
            match check.status {
                CheckStatus::Pass => assert!(!hinted, "{check:?}"),
                CheckStatus::Warn | CheckStatus::Fail => assert!(hinted, "{check:?}"),
                // A fact may have a consequence.
                CheckStatus::Info => {}
            }
        }
        let status = |name: &str| {
            report
                .checks
                .iter()
                .find(|check| check.name == name)
                .unwrap()
                .status
        };
        assert_eq!(status("disk (projects)"), CheckStatus::Fail);
        assert_eq!(status("JAVA_HOME"), CheckStatus::Warn);
    }
}
