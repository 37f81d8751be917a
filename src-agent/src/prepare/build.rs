//! Building a project once, and what comes of it.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use bfgg_protocol::version::OUTPUT_KEPT;
use bfgg_protocol::{BuildTool, Failure, FailureCode, Jdk};

use super::log::BuildLog;
use crate::capped::CappedLog;
use crate::platform;
use crate::tool::{Call, Finished, Tools};
use crate::toolchain;

pub(super) const PHASE: &str = "build";
/// A first build downloads everything; it must not take for ever.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Which tool builds a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builder {
    Maven,
    Sbt,
}

impl Builder {
    /// The tool for the files of a module's folder.
    pub(crate) fn detect(module: &Path) -> Result<Self, Failure> {
        if module.join("pom.xml").is_file() {
            return Ok(Self::Maven);
        }
        if module.join("build.sbt").is_file() || module.join("project/build.properties").is_file() {
            return Ok(Self::Sbt);
        }
        let elsewhere = folders_with_build_files(module);
        let hint = if elsewhere.is_empty() {
            "BFG-G builds projects of Maven and of sbt.".to_owned()
        } else {
            format!(
                "There is one in: {}. Name that folder.",
                elsewhere.join(", ")
            )
        };
        let message = "There is no pom.xml and no build.sbt in the project's folder.";
        Err(Failure::new(FailureCode::NoBuildFile, PHASE, message, hint))
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Maven => "maven",
            Self::Sbt => "sbt",
        }
    }

    /// What is shown while it works.
    pub(crate) fn step(self) -> &'static str {
        match self {
            Self::Maven => "mvn test-compile",
            Self::Sbt => "sbt Test/compile",
        }
    }
}

/// The module's folder inside a checkout; nothing outside it can be named.
pub(crate) fn module_folder(checkout: &Path, folder: Option<&str>) -> Result<PathBuf, Failure> {
    let Some(folder) = folder.filter(|folder| !folder.is_empty() && *folder != ".") else {
        return Ok(checkout.to_owned());
    };
    let inside = Path::new(folder)
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let refused = |why: &str| {
        let message = format!("The project's folder \"{}\" {why}.", folder.escape_debug());
        Failure::new(
            FailureCode::BadInput,
            PHASE,
            message,
            "Name a folder inside the repository, such as \"load-tests\".",
        )
    };
    if !inside || folder.contains(['\\', '\0']) {
        return Err(refused("is not a path inside the repository"));
    }
    let (Ok(root), Ok(module)) = (
        checkout.canonicalize(),
        checkout.join(folder).canonicalize(),
    ) else {
        return Err(refused("is not in the repository"));
    };
    // A link may lead out.
    if !module.starts_with(root) || !module.is_dir() {
        return Err(refused("is not a folder inside the repository"));
    }
    Ok(checkout.join(folder))
}

/// Compiles the project and returns the class path, its own classes first. What is printed goes to
/// a file beside the checkout, for later runs of the same commit, and to the run's log.
pub(crate) async fn class_path(
    builder: Builder,
    module: &Path,
    jdk: &Jdk,
    build_tools: &[BuildTool],
    tools: &Tools,
    (kept, log): (&Path, &BuildLog),
) -> Result<Vec<PathBuf>, Failure> {
    let list = kept.with_extension("classpath");
    let (program, arguments) = match builder {
        Builder::Maven => maven(module, build_tools, &list)?,
        Builder::Sbt => sbt(jdk, build_tools)?,
    };
    let call = Call {
        phase: PHASE,
        program: &program,
        arguments,
        folder: module,
        environment: vec![("JAVA_HOME".into(), jdk.home.clone().into())],
        limit: LIMIT,
    };
    let mut output = CappedLog::create(kept, OUTPUT_KEPT, log.secrets())
        .map_err(|e| super::git::disk(kept, &e))?;
    let finished = tools
        .call(&call, |bytes| {
            output.push(bytes);
            log.push(bytes);
        })
        .await;
    output.finish();
    let finished = finished?;
    if finished.status != 0 {
        return Err(failed(builder, jdk, &finished));
    }
    let entries = match builder {
        Builder::Maven => std::fs::read_to_string(&list)
            .ok()
            .map(|text| maven_entries(module, &text)),
        Builder::Sbt => sbt_entries(&finished.stdout()),
    };
    let entries = entries.map(|mut entries| {
        // sbt names folders of classes that the project does not have.
        entries.retain(|entry| entry.exists());
        entries
    });
    entries
        .filter(|entries| !entries.is_empty())
        .ok_or_else(|| {
            let message = format!("{} did not say its class path.", builder.name());
            Failure::new(
                FailureCode::BuildFailed,
                PHASE,
                message,
                "See the build's output.",
            )
        })
}

fn maven(
    module: &Path,
    found: &[BuildTool],
    list: &Path,
) -> Result<(PathBuf, Vec<OsString>), Failure> {
    let (program, first) = match platform::maven_wrapper(module) {
        Some(wrapper) => wrapper,
        None => (
            tool("mvn", found).ok_or_else(|| no_tool("Maven", "mvn"))?,
            Vec::new(),
        ),
    };
    let mut output = OsString::from("-Dmdep.outputFile=");
    output.push(list);
    let goals = [
        "-B",
        // Followers see each escape sequence.
        "-Dstyle.color=never",
        "test-compile",
        "dependency:build-classpath",
        "-Dmdep.includeScope=test",
    ];
    let arguments = first
        .into_iter()
        .map(OsString::from)
        .chain(goals.map(OsString::from));
    Ok((program, arguments.chain([output]).collect()))
}

/// Maven keeps a module's own classes in these folders unless the project says otherwise.
fn maven_entries(module: &Path, list: &str) -> Vec<PathBuf> {
    let own = ["target/test-classes", "target/classes"].map(|folder| module.join(folder));
    let own = own.into_iter().filter(|folder| folder.is_dir());
    own.chain(std::env::split_paths(list.trim()).filter(|path| !path.as_os_str().is_empty()))
        .collect()
}

fn sbt(jdk: &Jdk, found: &[BuildTool]) -> Result<(PathBuf, Vec<OsString>), Failure> {
    let sbt = tool("sbt", found).ok_or_else(|| {
        let mut failure = no_tool("sbt", "sbt");
        failure.hint += " Or set BFGG_SBT_LAUNCH to the path of sbt-launch.jar.";
        failure
    })?;
    let quiet = [
        "-Dsbt.supershell=false",
        "-Dsbt.color=false",
        "-Dsbt.server.autostart=false",
    ];
    let commands = ["Test/compile", "export Test/fullClasspath"].map(OsString::from);
    if sbt.extension().is_none_or(|extension| extension != "jar") {
        return Ok((
            sbt,
            quiet
                .map(OsString::from)
                .into_iter()
                .chain(commands)
                .collect(),
        ));
    }
    // As sbt's own script does.
    let options = std::env::var("SBT_OPTS").unwrap_or_default();
    let mut arguments: Vec<OsString> = options.split_whitespace().map(OsString::from).collect();
    arguments.extend(quiet.map(OsString::from));
    arguments.extend(["-jar".into(), sbt.into_os_string()]);
    arguments.extend(commands);
    Ok((toolchain::java(jdk), arguments))
}

/// The class path is the last line that is not sbt's log.
fn sbt_entries(output: &str) -> Option<Vec<PathBuf>> {
    let line = output
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('['))?;
    let entries: Vec<PathBuf> = std::env::split_paths(line).collect();
    entries
        .iter()
        .all(|entry| entry.is_absolute())
        .then_some(entries)
}

fn tool(name: &str, found: &[BuildTool]) -> Option<PathBuf> {
    found
        .iter()
        .find(|tool| tool.name == name)
        .map(|tool| PathBuf::from(&tool.path))
}

fn no_tool(name: &str, command: &str) -> Failure {
    let message = format!("There is no {name} on the agent.");
    let hint = format!("Install {name}, so that the agent's user can call `{command}`.");
    Failure::new(FailureCode::NoBuildTool, PHASE, message, hint)
}

fn failed(builder: Builder, jdk: &Jdk, finished: &Finished) -> Failure {
    let text = toolchain::plain(&format!("{}\n{}", finished.stdout(), finished.stderr()));
    let lines = failing_lines(&text);
    let first = lines.first().copied().unwrap_or("see the build's output");
    let too_old = [
        "release version",
        "invalid target release",
        "class file has wrong version",
        "UnsupportedClassVersionError",
    ];
    if lines
        .iter()
        .any(|line| too_old.iter().any(|words| line.contains(words)))
    {
        let message = format!(
            "The project needs a newer Java than {} ({}): {first}",
            jdk.version, jdk.home
        );
        let hint = "Install a newer JDK on the agent and set JAVA_HOME to it.";
        return Failure::new(FailureCode::JdkTooOld, PHASE, message, hint)
            .with_detail(lines.join("\n"));
    }
    if text.contains("No space left on device") {
        let message = "The agent's disk is full.";
        return Failure::new(
            FailureCode::DiskFull,
            PHASE,
            message,
            "Free some space on it.",
        );
    }
    let message = format!(
        "{} failed (status {}): {first}",
        builder.step(),
        finished.status
    );
    let hint = "Build this commit by hand to see more; the whole output is kept as build.log.";
    Failure::new(FailureCode::BuildFailed, PHASE, message, hint).with_detail(lines.join("\n"))
}

/// The lines that say what failed, the most telling first: a place in a source file, then any
/// error, then the end of the output.
fn failing_lines(text: &str) -> Vec<&str> {
    const SHOWN: usize = 15;
    let told = |line: &str| {
        line.trim_start_matches("[ERROR]")
            .trim_start_matches("[error]")
            .trim()
            .to_owned()
    };
    let errors: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("[ERROR]") || line.starts_with("[error]"))
        .filter(|line| {
            !told(line).is_empty()
                && !told(line).starts_with("COMPILATION ERROR")
                && !told(line).starts_with("---")
        })
        .collect();
    let in_source = |line: &&str| {
        [".java:", ".scala:", ".kt:"]
            .iter()
            .any(|mark| line.contains(mark))
    };
    if let Some(first) = errors.iter().position(in_source) {
        return errors[first..].iter().copied().take(SHOWN).collect();
    }
    if !errors.is_empty() {
        return errors.into_iter().take(SHOWN).collect();
    }
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(SHOWN)..].to_vec()
}

/// Folders up to two levels below that have a build file.
fn folders_with_build_files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if hidden || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                continue;
            }
            if (path.join("pom.xml").is_file() || path.join("build.sbt").is_file())
                && let Ok(inside) = path.strip_prefix(root)
            {
                found.push(inside.to_string_lossy().into_owned());
            }
            if depth < 1 {
                open.push((path, depth + 1));
            }
        }
    }
    found.sort();
    found.truncate(8);
    found
}

#[cfg(test)]
mod tests;
