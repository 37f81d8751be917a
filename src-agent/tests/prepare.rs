//! Prepare with real git repositories, and projects whose Maven wrapper is a script.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use bfgg_agent::prepare::{Built, Places, prepare};
use bfgg_agent::tool::Tools;
use bfgg_agent::toolchain::{Named, find};
use bfgg_protocol::{AgentPhase, Failure, FailureCode, GitSource, Prepare, Prepared, RunId};
use tokio_util::sync::CancellationToken;

const AGENT: &str = env!("CARGO_BIN_EXE_bfgg-agent");

struct Scene {
    folder: tempfile::TempDir,
    places: Places,
    cancel: CancellationToken,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            projects: folder.path().join("projects"),
            results: folder.path().join("runs"),
            allow_file: true,
            reserve: 1 << 20,
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

    fn repository(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn url(&self) -> String {
        format!("file://{}", self.repository().display())
    }

    fn git(&self, arguments: &[&str]) -> String {
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
    fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, text) in files {
            let path = self.repository().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        self.git(&["add", "."]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn request(&self) -> Prepare {
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
            simulation: None,
            list_only: false,
        }
    }

    async fn prepare(&self, request: &Prepare) -> Result<(Prepared, Built), Failure> {
        let tools = Tools {
            agent: AGENT.into(),
            cancel: self.cancel.clone(),
        };
        let toolchains = find(&self.places.named).await;
        let phases = Mutex::new(Vec::new());
        let progress =
            |phase: AgentPhase, step: &str| phases.lock().unwrap().push((phase, step.to_owned()));
        prepare(request, &self.places, &tools, &toolchains, &progress).await
    }

    /// The failure, and the marker of the commit that was checked out, if one was.
    async fn fails(&self, change: impl FnOnce(&mut Prepare)) -> Failure {
        let mut request = self.request();
        change(&mut request);
        self.prepare(&request).await.unwrap_err()
    }

    fn checkouts(&self) -> Vec<String> {
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

    fn canary(&self) -> PathBuf {
        self.folder.path().join("canary")
    }
}

#[tokio::test]
async fn branches_tags_and_commits_are_found() {
    let scene = Scene::new();
    let first = scene.commit(&[("a", "1")]);
    scene.git(&["tag", "v1"]);
    scene.git(&["tag", "-a", "-m", "x", "annotated"]);
    scene.git(&["checkout", "--quiet", "-b", "feature/x"]);
    let second = scene.commit(&[("a", "2")]);
    scene.git(&["checkout", "--quiet", "--detach", "v1"]);
    let loose = scene.commit(&[("a", "3")]);
    scene.git(&["update-ref", "refs/pull/7/head", &loose]);
    scene.git(&["checkout", "--quiet", "main"]);
    let mut seen = Vec::new();
    for (reference, commit) in [
        (None, &first),
        (Some("v1"), &first),
        (Some("annotated"), &first),
        (Some("feature/x"), &second),
        (Some("refs/heads/feature/x"), &second),
        (Some(&second[..8]), &second),
        (Some(second.as_str()), &second),
        (Some("refs/pull/7/head"), &loose),
    ] {
        let failure = scene
            .fails(|request| request.source.reference = reference.map(str::to_owned))
            .await;
        // There is nothing to build: so the commit was checked out.
        assert_eq!(
            failure.code,
            FailureCode::NoBuildFile,
            "{reference:?}: {failure}"
        );
        seen.push(commit.clone());
        seen.sort();
        seen.dedup();
        assert_eq!(scene.checkouts(), seen, "{reference:?}");
    }
    // A commit that is there is not fetched again: the repository may be gone.
    std::fs::rename(scene.repository(), scene.folder.path().join("away")).unwrap();
    let failure = scene
        .fails(|request| request.source.commit = Some(first.clone()))
        .await;
    assert_eq!(failure.code, FailureCode::NoBuildFile);
    let failure = scene.fails(|_| ()).await;
    assert_eq!(
        failure.code,
        FailureCode::RepositoryUnreachable,
        "{failure}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let scene = Scene::new();
    assert_eq!(
        scene.fails(|_| ()).await.code,
        FailureCode::RefUnknown,
        "an empty repository"
    );
    scene.commit(&[("a", "1"), ("deep/load/pom.xml", "")]);
    let unknown = scene
        .fails(|request| request.source.reference = Some("mian".into()))
        .await;
    assert_eq!(unknown.code, FailureCode::RefUnknown);
    assert!(unknown.hint.contains("main"), "{unknown}");
    let id = "0123456789abcdef0123456789abcdef01234567";
    let unknown = scene
        .fails(|request| request.source.commit = Some(id.into()))
        .await;
    assert_eq!(unknown.code, FailureCode::RefUnknown, "{unknown}");
    let failure = scene
        .fails(|request| request.source.folder = Some("nowhere".into()))
        .await;
    assert_eq!(failure.code, FailureCode::BadInput);
    let failure = scene.fails(|_| ()).await;
    assert_eq!(
        failure.hint,
        "There is one in: deep/load. Name that folder."
    );
    for (url, code) in [
        ("file:///nowhere/at/all", FailureCode::RepositoryUnreachable),
        ("http://127.0.0.1:9/p", FailureCode::RepositoryUnreachable),
        ("ftp://127.0.0.1/p", FailureCode::UrlRefused),
    ] {
        let failure = scene.fails(|request| request.source.url = url.into()).await;
        assert_eq!(failure.code, code, "{failure}");
        assert_eq!(failure.phase, "clone");
    }
}

#[tokio::test]
async fn payloads_run_nothing() {
    let scene = Scene::new();
    let commit = scene.commit(&[("a", "1")]);
    let canary = scene.canary();
    let touch = format!("touch {}", canary.display());
    let payload = |text: &str| text.replace("TOUCH", &touch);
    for text in [
        "--upload-pack=TOUCH",
        "-uTOUCH",
        "ext::sh -c TOUCH",
        "ssh://-oProxyCommand=TOUCH/p",
        "-oProxyCommand=TOUCH:p",
    ] {
        let failure = scene
            .fails(|request| request.source.url = payload(text))
            .await;
        assert_eq!(failure.code, FailureCode::UrlRefused, "{text}");
        for change in [0, 1, 2] {
            let failure = scene
                .fails(|request| match change {
                    0 => request.source.reference = Some(payload(text)),
                    1 => request.source.commit = Some(payload(text)),
                    _ => request.source.folder = Some(payload(text)),
                })
                .await;
            assert_eq!(failure.code, FailureCode::BadInput, "{text}: {failure}");
        }
        assert!(!canary.exists(), "{text}");
    }
    let refused = Places {
        allow_file: false,
        ..scene.places.clone()
    };
    let scene = Scene {
        places: refused,
        ..scene
    };
    assert_eq!(scene.fails(|_| ()).await.code, FailureCode::UrlRefused);
    assert_eq!(scene.checkouts(), [commit]);
}

#[tokio::test]
async fn a_hostile_repository_runs_nothing() {
    let scene = Scene::new();
    let touch = format!("#!/bin/sh\ntouch {}\n", scene.canary().display());
    // A folder of hooks that ends up in the checkout, attributes that name filters, a submodule.
    let names = [
        "post-checkout",
        "post-merge",
        "reference-transaction",
        "pre-auto-gc",
    ];
    let files: Vec<(String, &str)> = names
        .iter()
        .map(|name| (format!("hooks/{name}"), touch.as_str()))
        .collect();
    let mut files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), *text))
        .collect();
    let modules =
        "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c touch\n\tupdate = !touch canary\n";
    files.extend([
        (".gitattributes", "* filter=evil\n"),
        (".gitmodules", modules),
    ]);
    scene.commit(&files);
    let hooks = scene.repository().join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    for name in names.iter().chain(&["post-update", "pre-receive"]) {
        for path in [
            hooks.join(name),
            scene.repository().join("hooks").join(name),
        ] {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &touch).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    assert_eq!(scene.fails(|_| ()).await.code, FailureCode::NoBuildFile);
    assert!(!scene.canary().exists());
}

#[tokio::test]
async fn a_half_done_clone_is_not_used() {
    let scene = Scene::new();
    scene.commit(&[("a", "1")]);
    assert_eq!(scene.fails(|_| ()).await.code, FailureCode::NoBuildFile);
    let repository = std::fs::read_dir(&scene.places.projects).unwrap().flatten();
    let repository = repository
        .map(|entry| entry.path())
        .find(|path| path.join("mirror.git").exists())
        .unwrap();
    // As a fetch that was cut leaves it: no marker, locks, broken objects, a half checkout.
    std::fs::remove_file(repository.join("mirror.whole")).unwrap();
    std::fs::write(repository.join("mirror.git/packed-refs.lock"), "").unwrap();
    std::fs::remove_dir_all(repository.join("mirror.git/objects")).unwrap();
    let second = scene.commit(&[("a", "2")]);
    let half = repository
        .join("commits")
        .join(&second)
        .with_extension("new");
    std::fs::create_dir_all(half.join(".git")).unwrap();
    assert_eq!(scene.fails(|_| ()).await.code, FailureCode::NoBuildFile);
    assert!(scene.checkouts().contains(&second));
    assert!(!half.exists());
}

#[tokio::test]
async fn too_little_room_is_named_before_anything_is_done() {
    let scene = Scene::new();
    scene.commit(&[("a", "1")]);
    let places = Places {
        reserve: u64::MAX,
        ..scene.places.clone()
    };
    let scene = Scene { places, ..scene };
    let failure = scene.fails(|_| ()).await;
    assert_eq!(
        (failure.code, failure.phase.as_str()),
        (FailureCode::DiskFull, "clone")
    );
    assert_eq!(scene.checkouts(), [] as [String; 0]);
}

#[tokio::test]
async fn a_failed_build_shows_its_first_failing_line() {
    let scene = Scene::new();
    let wrapper = "echo '[INFO] building'\necho '[ERROR] COMPILATION ERROR : '\n\
                   echo \"[ERROR] /p/Shop.java:[12,5] cannot find symbol\"\nexit 1\n";
    scene.commit(&[("pom.xml", ""), ("mvnw", wrapper)]);
    let request = scene.request();
    let failure = scene.prepare(&request).await.unwrap_err();
    assert_eq!(
        (failure.code, failure.phase.as_str()),
        (FailureCode::BuildFailed, "build")
    );
    assert!(
        failure
            .message
            .contains("/p/Shop.java:[12,5] cannot find symbol"),
        "{failure}"
    );
    let log = scene
        .places
        .results
        .join(request.run.to_string())
        .join("build.log");
    assert!(
        std::fs::read_to_string(log)
            .unwrap()
            .contains("[INFO] building")
    );
    // A newer Java is another remedy.
    scene.commit(&[(
        "mvnw",
        "echo '[ERROR] error: release version 99 not supported'; exit 1",
    )]);
    assert_eq!(scene.fails(|_| ()).await.code, FailureCode::JdkTooOld);
    scene.commit(&[(
        "mvnw",
        "for a; do case $a in -Dmdep.outputFile=*) touch x.jar; echo $PWD/x.jar > \"${a#*=}\"; esac; done",
    )]);
    let failure = scene.fails(|_| ()).await;
    assert_eq!(failure.code, FailureCode::NoSimulation, "{failure}");
}

#[tokio::test]
async fn cancelling_leaves_no_child() {
    let scene = Scene::new();
    let ids = scene.folder.path().join("ids");
    let wrapper = format!(
        "trap '' TERM\nsleep 300 & echo $! >> {0}\nsetsid sh -c 'trap \"\" TERM; echo $$ >> {0}; sleep 301' &\n\
         while [ $(wc -l < {0}) -lt 2 ]; do sleep 0.05; done; echo $$ >> {0}\nwait\n",
        ids.display()
    );
    scene.commit(&[("pom.xml", ""), ("mvnw", &wrapper)]);
    let request = scene.request();
    let cancelling = async {
        let deadline = Instant::now() + Duration::from_secs(60);
        while std::fs::read_to_string(&ids)
            .unwrap_or_default()
            .lines()
            .count()
            < 3
        {
            assert!(Instant::now() < deadline, "the build begins within 60 s");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        scene.cancel.cancel();
        Instant::now()
    };
    let (prepared, cancelled) = tokio::join!(scene.prepare(&request), cancelling);
    assert_eq!(prepared.unwrap_err().code, FailureCode::Stopped);
    assert!(cancelled.elapsed() < Duration::from_secs(20));
    for id in std::fs::read_to_string(&ids).unwrap().lines() {
        let alive = Path::new(&format!("/proc/{id}")).exists();
        assert!(!alive, "{id} is left");
    }
}

#[tokio::test]
async fn the_sample_project_is_built_once() {
    let scene = Scene::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/sample-project");
    let copied = Command::new("cp")
        .arg("-R")
        .arg(sample)
        .arg(scene.repository().join("load"))
        .status();
    assert!(copied.unwrap().success());
    let commit = scene.commit(&[]);
    let mut request = scene.request();
    request.source.folder = Some("load".into());
    let several = scene.prepare(&request).await.unwrap_err();
    assert_eq!(
        several.code,
        FailureCode::SeveralSimulations,
        "{several}\n{}",
        several.detail
    );
    assert_eq!(
        several.detail,
        "example.ShopSimulation\nexample.SmokeSimulation"
    );

    let jar = |built: &Built, name: &str| {
        built
            .class_path
            .iter()
            .any(|path| path.to_string_lossy().contains(name))
    };
    request.simulation = Some("example.ShopSimulation".into());
    let (prepared, built) = scene.prepare(&request).await.unwrap();
    assert_eq!(prepared.commit, commit);
    assert_eq!(
        prepared.simulation.as_deref(),
        Some("example.ShopSimulation")
    );
    assert_eq!(
        (prepared.build_tool.as_str(), prepared.gatling.as_str()),
        ("maven", "3.16.0")
    );
    assert_eq!(prepared.indicators, Default::default());
    assert!(
        built.module.join("target/test-classes").is_dir() && jar(&built, "gatling-core-3.16.0.jar")
    );
    let classes = built
        .module
        .join("target/test-classes/example/ShopSimulation.class");
    let before = std::fs::metadata(&classes).unwrap().modified().unwrap();
    request.list_only = true;
    let (listed, again) = scene.prepare(&request).await.unwrap();
    assert_eq!((listed.simulation, again), (None, built));
    assert_eq!(
        std::fs::metadata(classes).unwrap().modified().unwrap(),
        before
    );

    // The project's own settings count.
    let conf = "gatling { charting.indicators { lowerBound = 100, percentile4 = 99.9 } }";
    scene.commit(&[("load/src/test/resources/gatling.conf", conf)]);
    let (prepared, _) = scene.prepare(&request).await.unwrap();
    assert_eq!(
        (
            prepared.indicators.lower_bound_ms,
            prepared.indicators.higher_bound_ms
        ),
        (100, 1200)
    );
    assert_eq!(
        prepared.indicators.percentiles_milli,
        [50_000, 75_000, 95_000, 99_900]
    );
}

#[tokio::test]
async fn an_sbt_project_is_built_by_its_launcher() {
    let mut scene = Scene::new();
    // sbt need not be installed: its launcher is an artifact like any other.
    let launcher = scene.folder.path().join("launcher");
    let fetched = Command::new("mvn")
        .args([
            "-B",
            "-q",
            "org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy",
        ])
        .arg("-Dartifact=org.scala-sbt:sbt-launch:1.10.7")
        .arg(format!("-DoutputDirectory={}", launcher.display()))
        .status();
    assert!(fetched.unwrap().success());
    scene.places.named.sbt_launch = Some(launcher.join("sbt-launch-1.10.7.jar"));
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/sbt-project");
    for part in [
        "build.sbt",
        "src",
        "project/build.properties",
        "project/plugins.sbt",
    ] {
        let to = scene.repository().join(part);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        let copied = Command::new("cp")
            .arg("-R")
            .arg(sample.join(part))
            .arg(to)
            .status();
        assert!(copied.unwrap().success());
    }
    scene.commit(&[]);
    let request = scene.request();
    let (prepared, built) = scene.prepare(&request).await.unwrap();
    assert_eq!(
        prepared.simulation.as_deref(),
        Some("example.ShopSimulation")
    );
    assert_eq!(
        (prepared.build_tool.as_str(), prepared.gatling.as_str()),
        ("sbt", "3.15.1")
    );
    assert!(
        built.class_path[0].ends_with("test-classes"),
        "{:?}",
        built.class_path
    );
    let class = built.class_path[0].join("example/ShopSimulation.class");
    let compiled = std::fs::metadata(&class).unwrap().modified().unwrap();
    assert_eq!(scene.prepare(&request).await.unwrap().1, built);
    assert_eq!(
        std::fs::metadata(&class).unwrap().modified().unwrap(),
        compiled,
        "built once"
    );

    // A class that does not compile is named with its line.
    scene.commit(&[(
        "src/test/scala/example/Broken.scala",
        "package example\nclass Broken extends Nothing2\n",
    )]);
    let failure = scene.prepare(&request).await.unwrap_err();
    assert_eq!(failure.code, FailureCode::BuildFailed);
    assert!(failure.message.contains("Broken.scala:2"), "{failure}");
}
