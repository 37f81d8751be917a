//! Folders that are packed and written out again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use bfgg_source::{ChunkFolder, Manifest, Packed, SourceError, pack, parent_pom_above, write_out};
use proptest::prelude::*;
use tempfile::TempDir;

struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir(scene.folder()).unwrap();
        scene
    }

    /// With a repository, one commit.
    fn committed(files: &[(&str, &str)]) -> Self {
        let scene = Self::new();
        scene.git(&["init", "--quiet", "--initial-branch=main"]);
        files
            .iter()
            .for_each(|(path, text)| scene.write(path, text.as_bytes()));
        scene.git(&["add", "."]);
        scene.git(&["commit", "--quiet", "-m", "x"]);
        scene
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("shop tests")
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.folder().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.folder(), arguments)
    }

    fn pack(&self) -> Result<Packed, SourceError> {
        pack(&self.folder(), &mut |_| true)
    }

    fn paths(&self) -> Vec<String> {
        paths(&self.pack().unwrap())
    }

    /// What an agent makes of it.
    fn written_out(&self, packed: &Packed) -> PathBuf {
        let chunks = ChunkFolder::at(self.0.path().join("chunks"));
        for hash in packed.manifest.chunks() {
            chunks.write(&hash, &packed.read(&hash).unwrap()).unwrap();
        }
        let manifest = Manifest::decode(&packed.manifest.encode()).unwrap();
        let to = self.0.path().join(manifest.id().short());
        write_out(&manifest, &to, &mut |hash| chunks.read(hash)).unwrap();
        to
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "-c",
            "protocol.file.allow=always",
        ])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {words}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn paths(packed: &Packed) -> Vec<String> {
    let entries = packed.manifest.entries().iter();
    entries.map(|entry| entry.path.clone()).collect()
}

#[test]
fn what_git_does_not_ignore_is_sent_committed_or_not() {
    let scene = Scene::committed(&[
        (".gitignore", "target/\n*.log\n"),
        ("pom.xml", "<project/>"),
        ("src/Shop.java", "class Shop {}"),
        ("gone.txt", "x"),
        ("kept.log", "ignored, but not committed"),
    ]);
    let clean = scene.pack().unwrap();
    let commit = scene.git(&["rev-parse", "HEAD"]);
    let state = clean.git.clone().unwrap();
    assert_eq!(
        (state.commit.as_deref(), state.dirty),
        (Some(commit.as_str()), false)
    );
    assert_eq!(clean.name, "shop tests");

    scene.write("src/Shop.java", b"class Shop { int changed; }");
    scene.write("src/Grown.java", b"");
    scene.write("src/größe 日.csv", b"a;b");
    scene.write("target/classes/Shop.class", b"made");
    std::fs::remove_file(scene.folder().join("gone.txt")).unwrap();
    let packed = scene.pack().unwrap();
    assert_eq!(
        paths(&packed),
        [
            ".gitignore",
            "pom.xml",
            "src/Grown.java",
            "src/Shop.java",
            "src/größe 日.csv"
        ]
    );
    assert!(packed.git.as_ref().unwrap().dirty);
    assert_ne!(packed.manifest.id(), clean.manifest.id());
    let out = scene.written_out(&packed);
    let read = |path: &str| std::fs::read_to_string(out.join(path)).unwrap();
    assert_eq!(read("src/Shop.java"), "class Shop { int changed; }");
    assert_eq!(
        (
            read("src/Grown.java").as_str(),
            read("src/größe 日.csv").as_str()
        ),
        ("", "a;b")
    );
    // What is built of it is no part of another snapshot, and a commit changes nothing.
    let before = packed.manifest.id();
    scene.git(&["add", "."]);
    scene.git(&["commit", "--quiet", "-m", "y"]);
    let committed = scene.pack().unwrap();
    assert_eq!(committed.manifest.id(), before);
    assert!(!committed.git.unwrap().dirty);
}

#[test]
fn a_folder_below_a_work_tree_is_sent_alone() {
    let parent = "<project><parent><artifactId>p</artifactId></parent></project>";
    let scene = Scene::committed(&[("pom.xml", ""), ("load/pom.xml", parent), ("other/x", "")]);
    let load = scene.folder().join("load");
    let packed = pack(&load, &mut |_| true).unwrap();
    assert_eq!(
        (paths(&packed), packed.name.as_str()),
        (vec!["pom.xml".to_owned()], "load")
    );
    scene.write("other/y", b"not below it");
    assert!(!pack(&load, &mut |_| true).unwrap().git.unwrap().dirty);
    assert!(parent_pom_above(&load) && !parent_pom_above(&scene.folder()));
    scene.write(
        "load/pom.xml",
        parent
            .replace("</parent>", "<relativePath/></parent>")
            .as_bytes(),
    );
    assert!(!parent_pom_above(&load));
}

#[test]
fn without_git_all_is_sent_but_what_tools_make() {
    let scene = Scene::new();
    for path in [
        "pom.xml",
        "src/a/b.txt",
        "target/x",
        "a/target/x",
        "node_modules/x/y",
        ".gradle/x",
        ".idea/x",
        "build/kept",
        "g/build.gradle.kts",
        "g/build/x",
        ".mvn/jvm.config",
    ] {
        scene.write(path, b"x");
    }
    let packed = scene.pack().unwrap();
    assert_eq!(packed.git, None);
    let expected = [
        ".mvn/jvm.config",
        "build/kept",
        "g/build.gradle.kts",
        "pom.xml",
        "src/a/b.txt",
    ];
    assert_eq!(paths(&packed), expected);
}

#[test]
fn submodules_are_sent_and_empty_ones_named() {
    let inner = Scene::committed(&[("lib.txt", "lib")]);
    let scene = Scene::committed(&[("pom.xml", "")]);
    let url = inner.folder().display().to_string();
    scene.git(&["submodule", "--quiet", "add", &url, "common"]);
    scene.write("common/new.txt", b"not committed there");
    assert_eq!(
        scene.paths(),
        [".gitmodules", "common/lib.txt", "common/new.txt", "pom.xml"]
    );
    let common = scene.folder().join("common");
    std::fs::remove_dir_all(&common).unwrap();
    std::fs::create_dir(&common).unwrap();
    let error = scene.pack().unwrap_err().to_string();
    assert!(
        error.contains("common") && error.contains("submodule update --init"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn links_and_executables_stay_what_they_are() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let scene = Scene::committed(&[("mvnw", "#!/bin/sh\n"), ("data/users.csv", "a")]);
    let folder = scene.folder();
    std::fs::set_permissions(folder.join("mvnw"), PermissionsExt::from_mode(0o755)).unwrap();
    symlink("data", folder.join("feeders")).unwrap();
    std::fs::create_dir(folder.join("src")).unwrap();
    symlink("../data/users.csv", folder.join("src/users.csv")).unwrap();
    let packed = scene.pack().unwrap();
    assert_eq!(
        paths(&packed),
        ["data/users.csv", "feeders", "mvnw", "src/users.csv"]
    );
    let out = scene.written_out(&packed);
    assert_eq!(
        std::fs::read_link(out.join("feeders")).unwrap(),
        Path::new("data")
    );
    assert_eq!(
        std::fs::read_to_string(out.join("feeders/users.csv")).unwrap(),
        "a"
    );
    assert_eq!(
        std::fs::read_to_string(out.join("src/users.csv")).unwrap(),
        "a"
    );
    let mode = |path: &str| {
        std::fs::metadata(out.join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o100
    };
    assert_eq!((mode("mvnw"), mode("data/users.csv")), (0o100, 0));
    let plain = packed.manifest.id();
    std::fs::set_permissions(folder.join("mvnw"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_ne!(
        scene.pack().unwrap().manifest.id(),
        plain,
        "it is part of what all agents have"
    );

    symlink("/etc/hostname", folder.join("out")).unwrap();
    symlink("../../x", folder.join("src/up")).unwrap();
    let error = scene.pack().unwrap_err().to_string();
    assert!(error.contains("out, src/up"), "{error}");
}

#[test]
fn what_cannot_be_sent_is_named() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    let lfs = Scene::committed(&[
        ("data/users.csv", pointer),
        ("b.bin", pointer),
        ("c.txt", "c"),
    ]);
    let error = lfs.pack().unwrap_err().to_string();
    assert!(
        error.contains("b.bin, data/users.csv") && error.contains("git lfs pull"),
        "{error}"
    );

    let ignored = Scene::committed(&[(".gitignore", "load/\n")]);
    ignored.write("load/pom.xml", b"");
    let error = pack(&ignored.folder().join("load"), &mut |_| true).unwrap_err();
    assert!(matches!(error, SourceError::Empty { .. }), "{error}");

    let error = pack(&ignored.folder().join("nowhere"), &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
    let error = pack(&ignored.folder().join("load/pom.xml"), &mut |_| true).unwrap_err();
    assert!(error.to_string().contains("pom.xml"), "{error}");

    let device = Scene::committed(&[("src/aux.java", "")]);
    let error = device.pack().unwrap_err().to_string();
    assert!(
        error.contains("src/aux.java") && error.contains("Windows"),
        "{error}"
    );

    let error = pack(&lfs.folder(), &mut |_| false).unwrap_err();
    assert!(matches!(error, SourceError::Stopped));
}

#[test]
fn a_file_that_changes_while_it_is_sent_is_noticed() {
    let scene = Scene::committed(&[("a.txt", "one"), ("b.txt", "two")]);
    let packed = scene.pack().unwrap();
    let [one, two] = packed.manifest.chunks()[..] else {
        panic!()
    };
    scene.write("a.txt", b"0ne");
    std::fs::remove_file(scene.folder().join("b.txt")).unwrap();
    for (hash, path) in [(one, "a.txt"), (two, "b.txt")] {
        let error = packed.read(&hash).unwrap_err().to_string();
        assert!(
            error.contains(path) && error.contains("start again"),
            "{error}"
        );
    }
}

fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(byte).collect()
}

#[test]
fn an_edit_of_a_large_file_sends_few_chunks() {
    let scene = Scene::new();
    let mut bytes = noise(6 << 20, 7);
    scene.write("users.csv", &bytes);
    let first = scene.pack().unwrap().manifest;
    let had: HashSet<_> = first.chunks().into_iter().collect();
    assert!((12..=96).contains(&had.len()), "{} chunks", had.len());
    for (what, at) in [("changed", 3 << 20), ("inserted", 5 << 20)] {
        match what {
            "changed" => bytes[at] ^= 1,
            _ => bytes.insert(at, 0),
        }
        scene.write("users.csv", &bytes);
        let packed = scene.pack().unwrap();
        let missing: HashSet<_> = packed
            .manifest
            .chunks()
            .into_iter()
            .filter(|chunk| !had.contains(chunk))
            .collect();
        // Two edits by then.
        assert!(
            (1..=6).contains(&missing.len()),
            "{what}: {} chunks",
            missing.len()
        );
        let bytes: usize = missing.iter().map(|chunk| packed.length(chunk)).sum();
        assert!(bytes <= 4 << 20, "{what}: {bytes} bytes");
        assert_eq!(packed.files_with(&missing), 1);
    }
}

/// Names, of which no two are the same by case alone.
fn trees() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let path = "[a-z]{1,3}(/[a-z]{1,3}ö?){0,3}\\.[a-z]";
    let sizes = prop_oneof![
        Just(0usize),
        1..300usize,
        60_000..70_000usize,
        Just(200_000),
        Just(700_000)
    ];
    let bytes =
        (sizes, any::<u64>(), any::<bool>()).prop_map(|(length, seed, zeros)| match zeros {
            true => vec![0; length],
            false => noise(length, seed),
        });
    prop::collection::btree_map(path, bytes, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_was_packed_comes_out_byte_for_byte(files in trees()) {
        let scene = Scene::new();
        for (path, bytes) in &files {
            scene.write(path, bytes);
        }
        let packed = scene.pack().unwrap();
        prop_assert_eq!(packed.manifest.bytes(), files.values().map(|bytes| bytes.len() as u64).sum::<u64>());
        let out = scene.written_out(&packed);
        let again = pack(&out, &mut |_| true).unwrap();
        prop_assert_eq!(again.manifest.id(), packed.manifest.id());
        for (path, bytes) in &files {
            prop_assert!(&std::fs::read(out.join(path)).unwrap() == bytes, "{}", path);
        }
    }
}
