use super::*;

#[test]
fn the_first_failing_line_is_that_in_the_source() {
    let maven = "[ERROR] COMPILATION ERROR : \n[ERROR] /p/src/test/java/example/Shop.java:[12,5] cannot find symbol\n\
                 [ERROR]   symbol:   variable x\n[ERROR] Failed to execute goal\n";
    assert_eq!(
        failing_lines(maven)[0],
        "[ERROR] /p/src/test/java/example/Shop.java:[12,5] cannot find symbol"
    );
    assert_eq!(failing_lines(maven).len(), 3);
    let sbt = "[info] compiling\n[error] /p/Shop.scala:9:3: not found: value x\n[error]   x\n[error] one error found\n";
    assert!(failing_lines(sbt)[0].contains("Shop.scala:9:3"));
    let pom = "[ERROR] [ERROR] Some problems were encountered\n[ERROR] Non-resolvable parent POM\n";
    assert!(failing_lines(pom)[0].contains("Some problems"));
    assert_eq!(
        failing_lines("a\n\nsh: mvn: not found\n"),
        ["a", "sh: mvn: not found"]
    );
}

#[test]
fn sbt_says_its_class_path_last() {
    let output = "[info] welcome\n/p/target/test-classes:/c/a.jar\n[success] Total time: 1 s\n";
    assert_eq!(
        sbt_entries(output),
        Some(vec!["/p/target/test-classes".into(), "/c/a.jar".into()])
    );
    assert_eq!(sbt_entries("[info] x\nnot a path\n"), None);
    assert_eq!(sbt_entries(""), None);
}

#[cfg(unix)]
#[test]
fn a_folder_outside_the_repository_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("checkout");
    std::fs::create_dir_all(root.join("a/b")).unwrap();
    std::fs::create_dir(folder.path().join("outside")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("outside"), root.join("link")).unwrap();
    for (name, expected) in [
        (None, ""),
        (Some(""), ""),
        (Some("."), ""),
        (Some("a/b"), "a/b"),
        (Some("./a"), "a"),
    ] {
        assert_eq!(
            module_folder(&root, name).unwrap(),
            root.join(expected),
            "{name:?}"
        );
    }
    for name in [
        "..",
        "a/../..",
        "/etc",
        "link",
        "nowhere",
        "a\\b",
        "a\0",
        "../outside",
    ] {
        assert_eq!(
            module_folder(&root, Some(name)).unwrap_err().code,
            FailureCode::BadInput,
            "{name:?}"
        );
    }
}

#[test]
fn where_the_build_file_is() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for inner in ["x/load", "tests", ".git"] {
        std::fs::create_dir_all(at(inner)).unwrap();
    }
    assert_eq!(
        Builder::detect(folder.path()).unwrap_err().code,
        FailureCode::NoBuildFile
    );
    for file in ["x/load/pom.xml", "tests/build.sbt", ".git/pom.xml"] {
        std::fs::write(at(file), "").unwrap();
    }
    let failure = Builder::detect(folder.path()).unwrap_err();
    assert_eq!(
        failure.hint,
        "There is one in: tests, x/load. Name that folder."
    );
    assert_eq!(Builder::detect(&at("tests")), Ok(Builder::Sbt));
    std::fs::write(at("tests/pom.xml"), "").unwrap();
    assert_eq!(Builder::detect(&at("tests")), Ok(Builder::Maven));
}
