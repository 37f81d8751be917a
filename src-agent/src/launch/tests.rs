use bfgg_protocol::Jdk;

use super::*;

fn built(heap: Option<&str>) -> Built {
    let jdk = Jdk {
        home: "/jdk".into(),
        version: "17".into(),
        feature: 17,
        vendor: String::new(),
    };
    Built {
        commit: String::new(),
        builder: "maven".into(),
        module: "/p".into(),
        jdk,
        gatling: "3.16.0".into(),
        class_path: vec!["/p/target/test-classes".into(), "/c/a b.jar".into()],
        simulations: Vec::new(),
        indicators: Default::default(),
        heap: heap.map(str::to_owned),
    }
}

fn start(parameters: &[(&str, &str)], java_options: &[&str]) -> Start {
    Start {
        run: RunId::new(),
        parameters: parameters
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        secret: Vec::new(),
        java_options: java_options.iter().map(ToString::to_string).collect(),
        index: 1,
        count: 2,
        max_duration_s: 60,
        jvms_on_host: 2,
        dead_man_s: None,
    }
}

fn spec(start: &Start, heap: Option<&str>) -> Result<RunSpec, Failure> {
    probed_spec(start, &built(heap), &Err("none here".to_owned()))
}

fn probed_spec(start: &Start, built: &Built, probe: &probe::Place) -> Result<RunSpec, Failure> {
    let temporary = tempfile::tempdir().unwrap();
    let folder = RunFolder::of(temporary.path(), start.run);
    let launch = Launch {
        run: start.run,
        controller: &PeerId::new("12D3KooWExample"),
        controller_name: "here",
        since_ms: 0,
        agent_name: "lab 1",
        built,
        simulation: "example.Shop",
        start,
        memory: 16 << 30,
        start_up_ms: 2000,
        probe,
    };
    let spec = launch.prepare(&folder)?;
    assert_eq!(folder.spec().unwrap().as_ref(), Some(&spec));
    let preferences = folder
        .preferences()
        .join(".java/.userPrefs/io/gatling/latestVersion/prefs.xml");
    assert!(preferences.is_file() && folder.results().is_dir());
    Ok(spec)
}

#[cfg(unix)]
#[test]
fn the_command_is_whole_and_its_values_are_never_split() {
    let parameters = [("users", "50"), ("text", "a b;\"x\n'$HOME"), ("empty", "")];
    let start = start(
        &parameters,
        &["-Dx=y z", "--add-opens", "java.base/java.util=ALL-UNNAMED"],
    );
    let spec = spec(&start, None).unwrap();
    let results = format!("/{}/gatling", start.run);
    let shown: Vec<&str> = spec.arguments.iter().map(String::as_str).collect();
    let (preferences, rest) = (shown[16], [&shown[..16], &shown[17..]].concat());
    assert!(
        preferences.starts_with("-Djava.util.prefs.userRoot=")
            && preferences.ends_with("/preferences")
    );
    let (folder, rest): (Vec<&str>, Vec<&str>) =
        rest.into_iter().partition(|word| word.ends_with(&results));
    assert_eq!(folder.len(), 1);
    assert_eq!(
        rest,
        [
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-XX:MaxInlineLevel=20",
            "-XX:MaxTrivialSize=12",
            "-Xmx4096m",
            "-Dusers=50",
            "-Dtext=a b;\"x\n'$HOME",
            "-Dempty=",
            "-Dbfgg.agent.index=1",
            "-Dbfgg.agent.count=2",
            "-Dbfgg.agent.name=lab 1",
            "-Dgatling.data.writers.0=console",
            "-Dgatling.data.writers.1=file",
            "-Dgatling.data.console.writePeriod=1",
            "-Dgatling.data.enableAnalytics=false",
            "-Dgatling.http.warmUpUrl=",
            "-Dx=y z",
            "--add-opens",
            "java.base/java.util=ALL-UNNAMED",
            "-cp",
            "/p/target/test-classes:/c/a b.jar",
            "io.gatling.app.Gatling",
            "-s",
            "example.Shop",
            "-rf",
            "-nr",
        ]
    );
    assert_eq!(
        (spec.program, spec.folder),
        ("/jdk/bin/java".into(), "/p".into())
    );
    let set = |name: &str| {
        spec.environment
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(set("BFGG_AGENT_INDEX"), Some("1"));
    assert_eq!(set("BFGG_AGENT_NAME"), Some("lab 1"));
    assert_eq!(set("JAVA_HOME"), Some("/jdk"));
    for name in ["HTTPS_PROXY", "no_proxy", "BFGG_JOIN"] {
        assert!(
            spec.environment_removed
                .iter()
                .any(|removed| removed == name),
            "{name}"
        );
    }
}

#[test]
fn secret_values_stand_in_no_argument() {
    let mut options = start(&[("users", "50"), ("login", "hunter22")], &[]);
    options.secret = vec!["login".into()];
    let temporary = tempfile::tempdir().unwrap();
    let folder = RunFolder::of(temporary.path(), options.run);
    let (built, none) = (built(None), Err("none here".to_owned()));
    let launch = Launch {
        run: options.run,
        controller: &PeerId::new("12D3KooWExample"),
        controller_name: "here",
        since_ms: 0,
        agent_name: "lab 1",
        built: &built,
        simulation: "example.Shop",
        start: &options,
        memory: 16 << 30,
        start_up_ms: 2000,
        probe: &none,
    };
    let spec = launch.prepare(&folder).unwrap();
    let json = std::fs::read_to_string(folder.path().join("run.json")).unwrap();
    assert!(!json.contains("hunter22"), "{json}");
    let file = secret_args::path(folder.path());
    let argument = format!("@{}", file.display());
    assert!(spec.arguments.contains(&argument), "{:?}", spec.arguments);
    assert!(spec.arguments.contains(&"-Dusers=50".to_owned()));
    assert_eq!(secret_args::values(folder.path()).unwrap(), ["hunter22"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn the_probe_comes_before_all_that_the_user_sets() {
    let options = start(&[("users", "50")], &[]);
    let jar: probe::Place = Ok("/data/probe-1.jar".into());
    let spec = probed_spec(&options, &built(None), &jar).unwrap();
    let at = |begin: &str| {
        let mut words = spec.arguments.iter();
        words.position(|word| word.starts_with(begin)).unwrap()
    };
    let agent = at("-javaagent:/data/probe-1.jar=2000,/");
    assert!(agent < at("-Dusers=50"));
    assert!(spec.arguments[agent].ends_with(&options.run.to_string()));
    assert!(spec.probe && spec.unprobed.is_empty());
    // Without one the log's buffer is made small, where it can be.
    let none: probe::Place = Err("switched off".into());
    for (gatling, small) in [("3.12.0", true), ("3.13.5", true), ("3.14.9", false)] {
        let mut built = built(None);
        built.gatling = gatling.into();
        let spec = probed_spec(&options, &built, &none).unwrap();
        let has = |word: &String| word == "-Dgatling.data.file.bufferSize=1024";
        assert_eq!(spec.arguments.iter().any(has), small, "{gatling}");
        assert_eq!(
            (spec.probe, spec.unprobed.as_str()),
            (false, "switched off")
        );
    }
}

#[test]
fn who_sets_the_heap() {
    for (options, project, expected) in [
        (vec![], None, "-Xmx4096m"),
        (vec![], Some("-Xmx2G"), "-Xmx2G"),
        (vec!["-Xmx3g"], Some("-Xmx2G"), "-Xmx3g"),
        (vec!["-XX:MaxRAMPercentage=70"], Some("-Xmx2G"), ""),
    ] {
        let spec = spec(&start(&[], &options), project).unwrap();
        let heap: Vec<_> = spec
            .arguments
            .iter()
            .filter(|word| word.starts_with("-Xmx"))
            .collect();
        assert_eq!(heap.into_iter().cloned().collect::<String>(), expected);
    }
}

#[test]
fn what_is_no_parameter_or_option_is_refused() {
    for name in [
        "",
        "a=b",
        "a b",
        "-x",
        "1a",
        "a\n",
        "a\0",
        "ä",
        "bfgg.agent.index",
    ] {
        let failure = spec(&start(&[(name, "x")], &[]), None).unwrap_err();
        assert_eq!(failure.code, FailureCode::BadInput, "{name:?}");
    }
    assert!(spec(&start(&[("a", "\0")], &[]), None).is_err());
    for options in [
        vec![""],
        vec!["-"],
        vec!["Main"],
        vec!["@file"],
        vec!["-jar"],
        vec!["-cp", "x"],
        vec!["--class-path=x"],
        vec!["-Xmx1g", "Main"],
        vec!["--add-opens"],
        vec!["--add-opens", "@x"],
        vec!["-D\0"],
        vec!["--version"],
    ] {
        let failure = spec(&start(&[], &options), None).unwrap_err();
        assert_eq!(failure.code, FailureCode::BadInput, "{options:?}");
    }
}

#[test]
fn proxies_are_taken_out_of_javas_variables() {
    let all = [
        (
            "JAVA_TOOL_OPTIONS",
            "-Dhttps.proxyHost=p -Dfile.encoding=UTF-8 -Dhttp.proxyPort=1",
        ),
        ("_JAVA_OPTIONS", "-DsocksProxyHost=p"),
        ("JDK_JAVA_OPTIONS", "-Dx=\"a  b\""),
        ("OTHER", "-Dhttp.proxyHost=p"),
    ];
    let (set, removed) = environment(
        all.map(|(name, value)| (name.into(), value.into()))
            .into_iter(),
    );
    assert_eq!(
        set,
        [(
            "JAVA_TOOL_OPTIONS".to_owned(),
            "-Dfile.encoding=UTF-8".to_owned()
        )]
    );
    assert!(removed.contains(&"_JAVA_OPTIONS".to_owned()));
    assert!(!removed.contains(&"JDK_JAVA_OPTIONS".to_owned()));
}
