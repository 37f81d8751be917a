//! Prepare: one commit, or one snapshot of a folder, fetched, built once, its simulations and settings known.

mod build;
mod checkout;
pub(crate) mod git;
mod indicators;
mod log;
mod reference;
mod simulations;
mod snapshot;
pub(crate) mod space;
mod url;

use std::path::{Path, PathBuf};
use std::time::Instant;

use bfgg_protocol::{
    AgentPhase, ContentHash, Failure, FailureCode, Indicators, Jdk, Prepare, Prepared, Toolchains,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::keeping::Keep;
use crate::run_folder::{RunFolder, read_json, write_json};
use crate::tool::{Tools, stopped};
use crate::toolchain::{self, Named};
use build::Builder;
use checkout::Checkout;
use git::Repository;
use log::BuildLog;
use snapshot::Snapshots;
pub use snapshot::{Answering, Ask};
use url::RepositoryUrl;

/// Where things are, and what is allowed.
#[derive(Debug, Clone)]
pub struct Places {
    /// Folder of the projects.
    pub projects: PathBuf,
    /// Folder of the runs.
    pub results: PathBuf,
    /// Whether `file://` and plain paths may be cloned.
    pub allow_file: bool,
    /// Bytes that must be free before each step.
    pub reserve: u64,
    /// How long runs are kept once their controller has them.
    pub keep: Keep,
    /// Tools that the user named.
    pub named: Named,
}

/// A project that was built: what Start needs. Kept beside the checkout, written last, so that
/// one that is there is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The commit, or the snapshot's id.
    pub commit: String,
    /// "maven" or "sbt".
    pub builder: String,
    /// The folder Gatling runs in.
    pub module: PathBuf,
    /// The JDK it was built with, and is run with.
    pub jdk: Jdk,
    /// Gatling's version.
    pub gatling: String,
    /// Its own classes first.
    pub class_path: Vec<PathBuf>,
    /// Sorted.
    pub simulations: Vec<String>,
    /// Bounds and percentiles.
    pub indicators: Indicators,
    /// The project's own `-Xmx…`, if it has one.
    pub heap: Option<String>,
}

/// Does what a Prepare asks. `ask` reaches the controller that wants it; `progress` hears the phase
/// and what is being done.
pub async fn prepare(
    request: &Prepare,
    places: &Places,
    tools: &Tools,
    toolchains: &Toolchains,
    ask: &Ask,
    progress: &(dyn Fn(AgentPhase, &str) + Send + Sync),
) -> Result<(Prepared, Built), Failure> {
    let origin = match &request.snapshot {
        Some(snapshot) => Origin::Folder(**snapshot, ask),
        None => Origin::Git(RepositoryUrl::parse(
            &request.source.url,
            places.allow_file,
        )?),
    };
    let log = BuildLog::open(&RunFolder::of(&places.results, request.run))?;
    let result = fetch_and_build(request, origin, places, tools, toolchains, progress, &log).await;
    // The user reads the output of a build that failed, too.
    log.finish(result)
}

/// Where the project's files come from.
enum Origin<'a> {
    Git(RepositoryUrl),
    /// A snapshot that the controller has.
    Folder(ContentHash, &'a Ask),
}

async fn fetch_and_build(
    request: &Prepare,
    origin: Origin<'_>,
    places: &Places,
    tools: &Tools,
    toolchains: &Toolchains,
    progress: &(dyn Fn(AgentPhase, &str) + Send + Sync),
    log: &BuildLog,
) -> Result<(Prepared, Built), Failure> {
    let began = Instant::now();
    space::tidy(places);
    space::ensure(places, &places.projects, "clone")?;
    let (checkout, what) = match origin {
        Origin::Git(url) => {
            progress(AgentPhase::Fetching, "git fetch");
            log.say(&format!("git fetch {}", url.as_str()));
            let repository = Repository::new(tools, &places.projects, url, log)?;
            (repository.checkout(&request.source).await?, "commit")
        }
        Origin::Folder(snapshot, ask) => {
            progress(AgentPhase::Fetching, "the folder's files");
            let snapshots = Snapshots {
                tools,
                places,
                log,
                ask,
                progress,
            };
            (snapshots.checkout(request.run, snapshot).await?, "snapshot")
        }
    };
    let fetch_ms = millis(began);
    log.say(&format!("{what} {}, after {fetch_ms} ms", checkout.commit));

    let began = Instant::now();
    progress(AgentPhase::Building, "");
    let module = build::module_folder(&checkout.folder, request.source.folder.as_deref())?;
    let builder = Builder::detect(&module)?;
    let jdk = toolchain::choose(&toolchains.jdks, &places.named)?;
    let record = Record::of(&checkout, request.source.folder.as_deref());
    let built = match record.usable(jdk) {
        Some(built) => {
            log.say("built before; what was printed then:");
            log.repeat(&record.log);
            built
        }
        None => {
            progress(AgentPhase::Building, builder.step());
            log.say(&format!("{} with Java {}", builder.step(), jdk.version));
            space::ensure(places, &module, build::PHASE)?;
            build(
                builder, &module, &checkout, jdk, toolchains, tools, &record, log,
            )
            .await?
        }
    };
    if tools.cancel.is_cancelled() {
        return Err(stopped(build::PHASE));
    }
    let simulation = match request.list_only {
        true if !built.simulations.is_empty() => None,
        _ => Some(simulations::choose(
            &built.simulations,
            request.simulation.as_deref(),
        )?),
    };
    let prepared = Prepared {
        commit: built.commit.clone(),
        build_tool: built.builder.clone(),
        simulations: built.simulations.clone(),
        simulation,
        jdk: built.jdk.clone(),
        gatling: built.gatling.clone(),
        indicators: built.indicators.clone(),
        fetch_ms,
        build_ms: millis(began),
    };
    Ok((prepared, built))
}

/// Builds and looks at what came of it.
#[expect(
    clippy::too_many_arguments,
    reason = "what a build is made of, named one by one"
)]
async fn build(
    builder: Builder,
    module: &Path,
    checkout: &Checkout,
    jdk: &Jdk,
    toolchains: &Toolchains,
    tools: &Tools,
    record: &Record,
    log: &BuildLog,
) -> Result<Built, Failure> {
    record.forget(module)?;
    let found = &toolchains.build_tools;
    let outputs = (&*record.log, log);
    let class_path = build::class_path(builder, module, jdk, found, tools, outputs).await?;
    let gatling = gatling_version(&class_path).ok_or_else(|| {
        let hint = "Add io.gatling.highcharts:gatling-charts-highcharts to the project's test dependencies.";
        Failure::new(FailureCode::NoSimulation, build::PHASE, "The project does not use Gatling.", hint)
    })?;
    let own: Vec<PathBuf> = class_path
        .iter()
        .filter(|entry| entry.is_dir())
        .cloned()
        .collect();
    let simulations =
        tokio::task::spawn_blocking(move || simulations::find(own.iter().map(PathBuf::as_path)))
            .await
            .map_err(|error| {
                let message = format!("The project's classes could not be read: {error}.");
                Failure::new(FailureCode::Internal, build::PHASE, message, "")
            })?;
    let indicators = indicators::read(jdk, &class_path, tools, &record.folder).await?;
    let built = Built {
        commit: checkout.commit.clone(),
        builder: builder.name().to_owned(),
        module: module.to_owned(),
        jdk: jdk.clone(),
        gatling,
        class_path,
        simulations,
        indicators,
        heap: project_heap(module),
    };
    write_json(&record.file, &built).map_err(|error| git::disk(&record.file, &error))?;
    Ok(built)
}

/// Where the outcome of a build is kept: beside the checkout, one for each module.
struct Record {
    folder: PathBuf,
    file: PathBuf,
    log: PathBuf,
}

impl Record {
    fn of(checkout: &Checkout, module: Option<&str>) -> Self {
        let hash = Sha256::digest(module.unwrap_or_default());
        let folder = checkout
            .folder
            .with_extension(data_encoding::HEXLOWER.encode(&hash[..4]));
        Self {
            file: folder.join("built.json"),
            log: folder.join("build.log"),
            folder,
        }
    }

    /// What was built, if it was by this JDK and all of it is still there.
    fn usable(&self, jdk: &Jdk) -> Option<Built> {
        let built: Built = read_json(&self.file).ok()??;
        let there = built.jdk == *jdk && built.class_path.iter().all(|entry| entry.exists());
        there.then_some(built)
    }

    /// Before a build: nothing of an earlier one, maybe by another JDK, may be taken for it.
    fn forget(&self, module: &Path) -> Result<(), Failure> {
        for path in [&self.folder, &module.join("target")] {
            match std::fs::remove_dir_all(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(git::disk(path, &error));
                }
                _ => {}
            }
        }
        std::fs::create_dir_all(&self.folder).map_err(|error| git::disk(&self.folder, &error))
    }
}

/// From the name of Gatling's own jar.
fn gatling_version(class_path: &[PathBuf]) -> Option<String> {
    class_path.iter().find_map(|entry| {
        let name = entry.file_name()?.to_str()?;
        let version = name.strip_prefix("gatling-app-")?.strip_suffix(".jar")?;
        Some(version.to_owned())
    })
}

/// The heap that the project's build sets for Gatling: `<jvmArg>-Xmx2G</jvmArg>` of Maven's
/// plug-in, `Gatling / javaOptions += "-Xmx2G"` of sbt's.
fn project_heap(module: &Path) -> Option<String> {
    let read = |name: &str| std::fs::read_to_string(module.join(name)).unwrap_or_default();
    let pom = read("pom.xml");
    let arguments = pom
        .split("<jvmArg>")
        .skip(1)
        .filter_map(|part| part.split("</jvmArg>").next());
    let sbt = read("build.sbt");
    let options = sbt
        .lines()
        .filter(|line| line.contains("javaOptions") && !line.trim_start().starts_with("//"));
    let options = options.flat_map(|line| line.split('"'));
    let heap = |text: &&str| {
        text.strip_prefix("-Xmx").is_some_and(|size| {
            size.starts_with(|c: char| c.is_ascii_digit())
                && size.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    arguments
        .chain(options)
        .map(str::trim)
        .find(heap)
        .map(str::to_owned)
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_heap() {
        let folder = tempfile::tempdir().unwrap();
        for (file, text, expected) in [
            (
                "pom.xml",
                "<jvmArgs><jvmArg>-Xss1M</jvmArg><jvmArg> -Xmx2G </jvmArg></jvmArgs>",
                Some("-Xmx2G"),
            ),
            (
                "pom.xml",
                "<jvmArgs><jvmArg>-Xmx${heap}</jvmArg></jvmArgs>",
                None,
            ),
            ("pom.xml", "<argLine>-Xmx1G</argLine>", None),
            (
                "build.sbt",
                "Gatling / javaOptions := overrideDefaultJavaOptions(\"-Xms1G\", \"-Xmx3g\")",
                Some("-Xmx3g"),
            ),
            ("build.sbt", "// javaOptions += \"-Xmx3g\"", None),
        ] {
            let path = folder.path().join(file);
            std::fs::write(&path, text).unwrap();
            assert_eq!(project_heap(folder.path()).as_deref(), expected, "{text}");
            std::fs::remove_file(path).unwrap();
        }
        assert_eq!(project_heap(folder.path()), None);
    }

    #[test]
    fn gatlings_version() {
        let path = ["/c/gatling-core-3.16.0.jar", "/c/gatling-app-3.16.0.jar"].map(PathBuf::from);
        assert_eq!(gatling_version(&path).as_deref(), Some("3.16.0"));
        assert_eq!(gatling_version(&path[..1]), None);
    }
}
