//! What is built, and what is said where it cannot be.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use bfgg_agent::prepare::Built;
use bfgg_protocol::FailureCode;

use crate::scene::Scene;

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
