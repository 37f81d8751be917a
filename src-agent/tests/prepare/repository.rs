//! What git fetches, and what it must not do.

use std::os::unix::fs::PermissionsExt;

use bfgg_agent::prepare::Places;
use bfgg_protocol::FailureCode;

use crate::scene::Scene;

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
