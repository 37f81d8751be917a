//! A repository and an agent's folders.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use bfgg_agent::keeping::Keep;
use bfgg_agent::prepare::{Answering, Ask, Built, Places, prepare};
use bfgg_agent::tool::Tools;
use bfgg_agent::toolchain::{Named, find};
use bfgg_protocol::{AgentPhase, Failure, GitSource, Prepare, Prepared, RunId};
use tokio_util::sync::CancellationToken;

const AGENT: &str = env!("CARGO_BIN_EXE_bfgg-agent");

pub(crate) struct Scene {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) places: Places,
    pub(crate) cancel: CancellationToken,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            projects: folder.path().join("projects"),
            results: folder.path().join("runs"),
            allow_file: true,
            reserve: 1 << 20,
            keep: Keep {
                age: Duration::MAX,
                bytes: u64::MAX,
            },
            named: Named::default(),
        };
        let scene = Self {
            folder,
            places,
            cancel: CancellationToken::new(),
        };
        std::fs::create_dir(scene.repository()).unwrap();
        scene.git(&["init", "--quiet", "--initial-branch=main"]);
        scene
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.repository().display())
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.org"]);
        let output = command
            .args(arguments)
            .current_dir(self.repository())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes files, commits them and returns the commit.
    pub(crate) fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, text) in files {
            let path = self.repository().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn request(&self) -> Prepare {
        let (reference, commit, folder) = (None, None, None);
        Prepare {
            run: RunId::new(),
            controller_name: "here".into(),
            source: GitSource {
                url: self.url(),
                reference,
                commit,
                folder,
            },
            snapshot: None,
            simulation: None,
            list_only: false,
        }
    }

    pub(crate) async fn prepare(&self, request: &Prepare) -> Result<(Prepared, Built), Failure> {
        let nobody = |_| -> Answering { panic!("the controller is not asked") };
        self.prepare_asking(request, &nobody).await
    }

    /// As [`Self::prepare`], with a controller that answers.
    pub(crate) async fn prepare_asking(
        &self,
        request: &Prepare,
        ask: &Ask,
    ) -> Result<(Prepared, Built), Failure> {
        let tools = Tools {
            agent: AGENT.into(),
            cancel: self.cancel.clone(),
        };
        let toolchains = find(&self.places.named, &tools).await;
        let phases = Mutex::new(Vec::new());
        let progress =
            |phase: AgentPhase, step: &str| phases.lock().unwrap().push((phase, step.to_owned()));
        prepare(request, &self.places, &tools, &toolchains, ask, &progress).await
    }

    /// The failure, and the marker of the commit that was checked out, if one was.
    pub(crate) async fn fails(&self, change: impl FnOnce(&mut Prepare)) -> Failure {
        let mut request = self.request();
        change(&mut request);
        self.prepare(&request).await.unwrap_err()
    }

    pub(crate) fn checkouts(&self) -> Vec<String> {
        let mut found = Vec::new();
        for repository in std::fs::read_dir(&self.places.projects)
            .into_iter()
            .flatten()
            .flatten()
        {
            for commit in std::fs::read_dir(repository.path().join("commits"))
                .into_iter()
                .flatten()
                .flatten()
            {
                let name = commit.file_name().into_string().unwrap();
                if name.len() == 40 {
                    found.push(name);
                }
            }
        }
        found.sort();
        found
    }

    pub(crate) fn canary(&self) -> PathBuf {
        self.folder.path().join("canary")
    }
}
