//! One commit of a repository, in a folder of its own.
//!
//! Below the projects' folder each URL has a folder named by its hash, with a bare mirror and one
//! checkout for each commit that was asked for. The mirror counts only while the marker beside it
//! stands: it is taken away before a fetch and put back after it, so that what a cut fetch left
//! behind is never used. A checkout is made beside and renamed.

mod failure;

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_protocol::{Failure, FailureCode, GitSource};
use sha2::{Digest, Sha256};

use super::checkout::{self, Checkout};
use super::log::BuildLog;
use super::reference::Reference;
use super::url::RepositoryUrl;
use crate::tool::{Call, Finished, Tools};
use crate::toolchain;

pub(crate) use failure::disk;
use failure::explain;

const PHASE: &str = "clone";
/// A fetch over a slow line may take long; it must not take for ever.
const FETCH_LIMIT: Duration = Duration::from_secs(30 * 60);
const LOCAL_LIMIT: Duration = Duration::from_secs(10 * 60);

/// The repository of one URL.
pub(crate) struct Repository<'a> {
    tools: &'a Tools,
    log: &'a BuildLog,
    git: PathBuf,
    url: RepositoryUrl,
    folder: PathBuf,
    no_hooks: PathBuf,
}

impl<'a> Repository<'a> {
    /// The repository of a URL that was checked, cached below `projects`.
    pub(crate) fn new(
        tools: &'a Tools,
        projects: &Path,
        url: RepositoryUrl,
        log: &'a BuildLog,
    ) -> Result<Self, Failure> {
        let git = toolchain::which("git").ok_or_else(|| {
            let hint = "Install git on the agent, for instance with `apt-get install git`.";
            Failure::new(
                FailureCode::NoGit,
                PHASE,
                "There is no git on the agent.",
                hint,
            )
        })?;
        let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(url.as_str())[..8]);
        let repository = Self {
            tools,
            log,
            git,
            url,
            folder: projects.join(hash),
            no_hooks: projects.join("no-hooks"),
        };
        let folders = [&repository.folder, &repository.no_hooks];
        folders
            .into_iter()
            .try_for_each(std::fs::create_dir_all)
            .map_err(|e| disk(projects, &e))?;
        Ok(repository)
    }

    /// Checks out the commit asked for; fetches only if it is not there.
    pub(crate) async fn checkout(&self, source: &GitSource) -> Result<Checkout, Failure> {
        let exact = source
            .commit
            .as_deref()
            .map(Reference::commit)
            .transpose()?;
        let named = source
            .reference
            .as_deref()
            .map(Reference::parse)
            .transpose()?;
        let lock = checkout::lock(&self.folder, self.tools, self.log, PHASE).await?;
        let commit = match &exact {
            Some(commit) if self.is_whole() && self.has(commit.as_str()).await? => {
                commit.as_str().to_owned()
            }
            _ => self.fetch(exact.as_ref().or(named.as_ref())).await?,
        };
        let folder = self.folder.join("commits").join(&commit);
        if !folder.is_dir() {
            self.materialise(&commit, &folder).await?;
        }
        Ok(Checkout::new(commit, folder, lock))
    }

    fn mirror(&self) -> PathBuf {
        self.folder.join("mirror.git")
    }

    fn marker(&self) -> PathBuf {
        self.folder.join("mirror.whole")
    }

    fn is_whole(&self) -> bool {
        self.marker().is_file() && self.mirror().is_dir()
    }

    /// Brings the mirror up to date and returns the commit wanted (`None`: the default branch's).
    async fn fetch(&self, wanted: Option<&Reference>) -> Result<String, Failure> {
        let mirror = self.mirror();
        if !self.is_whole() {
            remove_folder(&mirror)?;
            let arguments = ["init", "--quiet", "--bare", "--template="].map(OsString::from);
            let arguments = arguments
                .into_iter()
                .chain([mirror.clone().into_os_string()])
                .collect();
            let finished = self
                .git(&self.folder, arguments, LOCAL_LIMIT, false)
                .await?;
            self.succeeded(&finished)?;
        }
        remove_file(&self.marker())?;
        let url = self.url.as_str();
        let everything = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];
        self.fetch_refs(&everything, true).await?;
        let extra = match wanted {
            None => Some("+HEAD:refs/bfgg/HEAD".to_owned()),
            Some(reference) => reference.to_fetch(),
        };
        if let Some(extra) = extra {
            // What is not there is found out below, with a better sentence.
            match self.fetch_refs(&[&extra], false).await {
                Err(failure) if failure.code != FailureCode::Internal => return Err(failure),
                _ => {}
            }
        }
        File::create(self.marker())
            .and_then(|marker| marker.sync_all())
            .map_err(|error| disk(&self.marker(), &error))?;
        let candidates = match wanted {
            None => vec!["refs/bfgg/HEAD".to_owned()],
            Some(reference) => reference.candidates(),
        };
        for candidate in candidates {
            if let Some(commit) = self.resolve(&candidate).await? {
                return Ok(commit);
            }
        }
        let Some(wanted) = wanted else {
            let message = format!("{url} has no default branch: it is empty.");
            let hint = "Push a commit, or name a branch.";
            return Err(Failure::new(FailureCode::RefUnknown, PHASE, message, hint));
        };
        let message = format!("There is no branch, tag or commit \"{wanted}\" in {url}.");
        let hint = format!(
            "The newest branches and tags: {}.",
            self.newest_refs().await?
        );
        Err(Failure::new(FailureCode::RefUnknown, PHASE, message, hint))
    }

    async fn fetch_refs(&self, refs: &[&str], prune: bool) -> Result<(), Failure> {
        let mut arguments: Vec<OsString> = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--force",
            "--no-recurse-submodules",
            "--no-auto-gc",
        ]
        .map(OsString::from)
        .into();
        if prune {
            arguments.push("--prune".into());
        }
        arguments.extend(["--end-of-options", self.url.as_str()].map(OsString::from));
        arguments.extend(refs.iter().map(OsString::from));
        let finished = self
            .git(&self.mirror(), arguments, FETCH_LIMIT, false)
            .await?;
        self.succeeded(&finished)
    }

    async fn has(&self, commit: &str) -> Result<bool, Failure> {
        Ok(self.resolve(commit).await?.is_some())
    }

    /// The commit that a full name stands for.
    async fn resolve(&self, name: &str) -> Result<Option<String>, Failure> {
        let arguments =
            ["rev-parse", "--verify", "--quiet", "--end-of-options"].map(OsString::from);
        let arguments = arguments
            .into_iter()
            .chain([format!("{name}^{{commit}}").into()])
            .collect();
        let finished = self
            .git(&self.mirror(), arguments, LOCAL_LIMIT, false)
            .await?;
        let text = finished.stdout();
        Ok(text
            .split_whitespace()
            .last()
            .filter(|_| finished.status == 0)
            .map(str::to_owned))
    }

    async fn newest_refs(&self) -> Result<String, Failure> {
        let arguments = [
            "for-each-ref",
            "--count=8",
            "--sort=-creatordate",
            "--format=%(refname:short)",
            "refs/heads",
            "refs/tags",
        ];
        let arguments = arguments.map(OsString::from).into();
        let finished = self
            .git(&self.mirror(), arguments, LOCAL_LIMIT, false)
            .await?;
        let names = finished.stdout();
        Ok(names.lines().collect::<Vec<_>>().join(", "))
    }

    /// Writes the files of a commit: a clone of the mirror, so that the build can ask git.
    async fn materialise(&self, commit: &str, folder: &Path) -> Result<(), Failure> {
        let beside = folder.with_extension("new");
        remove_folder(&beside)?;
        if let Some(parent) = folder.parent() {
            std::fs::create_dir_all(parent).map_err(|error| disk(parent, &error))?;
        }
        let mut arguments: Vec<OsString> = [
            "clone",
            "--quiet",
            "--no-checkout",
            "--template=",
            "--end-of-options",
        ]
        .map(OsString::from)
        .into();
        arguments.extend([
            self.mirror().into_os_string(),
            beside.clone().into_os_string(),
        ]);
        let finished = self.git(&self.folder, arguments, LOCAL_LIMIT, true).await?;
        self.succeeded(&finished)?;
        let arguments = ["checkout", "--quiet", "--force", "--detach", commit];
        let arguments = arguments.map(OsString::from).into();
        let finished = self.git(&beside, arguments, FETCH_LIMIT, false).await?;
        self.succeeded(&finished)?;
        std::fs::rename(&beside, folder).map_err(|error| disk(folder, &error))
    }

    async fn git(
        &self,
        folder: &Path,
        arguments: Vec<OsString>,
        limit: Duration,
        own_mirror: bool,
    ) -> Result<Finished, Failure> {
        let mut all: Vec<OsString> = vec!["-c".into()];
        let mut hooks = OsString::from("core.hooksPath=");
        hooks.push(&self.no_hooks);
        all.extend([hooks, "-c".into(), "submodule.recurse=false".into()]);
        all.extend(["-c", "core.fsmonitor=false", "-c", "gc.auto=0"].map(OsString::from));
        all.extend(arguments);
        // A plain path is git's transport "file".
        let allowed = match self
            .url
            .as_str()
            .split_once("://")
            .map(|(scheme, _)| scheme)
        {
            _ if own_mirror => "file",
            Some(scheme) if scheme.eq_ignore_ascii_case("file") => "file",
            None if Path::new(self.url.as_str()).is_absolute() => "file",
            _ => "https:http:ssh",
        };
        let mut environment: Vec<(String, OsString)> = vec![
            ("GIT_ALLOW_PROTOCOL".into(), allowed.into()),
            ("GIT_TERMINAL_PROMPT".into(), "0".into()),
            // Its messages are read below.
            ("LC_ALL".into(), "C".into()),
        ];
        if ["GIT_SSH_COMMAND", "GIT_SSH"]
            .iter()
            .all(|name| std::env::var_os(name).is_none())
        {
            let ssh = "ssh -o BatchMode=yes -o ConnectTimeout=10";
            environment.push(("GIT_SSH_COMMAND".into(), ssh.into()));
        }
        let call = Call {
            phase: PHASE,
            program: &self.git,
            arguments: all,
            folder,
            environment,
            limit,
        };
        self.tools.call(&call, |_| ()).await
    }

    fn succeeded(&self, finished: &Finished) -> Result<(), Failure> {
        self.log.push(&finished.stderr);
        if finished.status == 0 {
            return Ok(());
        }
        Err(explain(&finished.stderr(), &self.url))
    }
}

fn remove_folder(path: &Path) -> Result<(), Failure> {
    gone(std::fs::remove_dir_all(path), path)
}

fn remove_file(path: &Path) -> Result<(), Failure> {
    gone(std::fs::remove_file(path), path)
}

fn gone(result: io::Result<()>, path: &Path) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk(path, &error)),
        _ => Ok(()),
    }
}
