//! Which layer wins, what each value becomes, and the sentences of what is refused.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bfgg_config::{
    AgentConfig, ConfigError, ControllerConfig, Fallback, Flags, LogFormat, Program, Resolved,
    SETTINGS, Sources, TextFile, listing,
};

fn sources(program: Program) -> Sources {
    Sources {
        program,
        flags: Flags::default(),
        environment: Vec::new(),
        dotenv: None,
        file: None,
    }
}

fn with_environment(program: Program, pairs: &[(&str, &str)]) -> Sources {
    let environment = pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    Sources {
        environment,
        ..sources(program)
    }
}

fn text_file(path: &str, text: &str) -> Option<TextFile> {
    Some(TextFile {
        path: path.into(),
        text: text.into(),
    })
}

fn controller(sources: &Sources) -> Result<ControllerConfig, ConfigError> {
    ControllerConfig::new(&Resolved::new(sources)?)
}

fn agent(sources: &Sources) -> Result<AgentConfig, ConfigError> {
    AgentConfig::new(&Resolved::new(sources)?)
}

#[test]
fn the_first_layer_that_has_a_value_wins() {
    let mut all = with_environment(Program::Agent, &[("BFGG_GROUP", "environment")]);
    all.flags.set("--group", "BFGG_GROUP", Some("flag"));
    all.dotenv = text_file("/w/.env", "# first\nBFGG_GROUP=before\nBFGG_GROUP=dotenv\n");
    all.file = text_file("/c/agent.toml", "group = \"file\"");
    let mut seen = Vec::new();
    for layer in 0..5 {
        let resolved = Resolved::new(&all).unwrap();
        let group = AgentConfig::new(&resolved).unwrap().group;
        seen.push(format!("{group}: {}", resolved.origin("BFGG_GROUP")));
        match layer {
            0 => all.flags = Flags::default(),
            1 => all.environment.clear(),
            2 => all.dotenv = None,
            _ => all.file = None,
        }
    }
    assert_eq!(
        seen,
        [
            "flag: flag --group",
            "environment: environment",
            "dotenv: /w/.env, line 3",
            "file: /c/agent.toml",
            ": default"
        ]
    );
}

#[test]
fn an_empty_value_counts_as_not_set() {
    let mut all = with_environment(Program::Agent, &[("BFGG_GROUP", " "), ("BFGG_JOIN", "")]);
    all.file = text_file("/c/agent.toml", "group = \"lab\"");
    let config = agent(&all).unwrap();
    assert_eq!((config.group.as_str(), config.join.len()), ("lab", 0));
}

#[test]
fn defaults_of_the_controller() {
    let config = controller(&sources(Program::Controller)).unwrap();
    assert!(config.data_folder.ends_with("bfgg"));
    assert!(!config.name.is_empty());
    assert_eq!(
        (
            config.listen.port,
            config.listen.loopback,
            config.listen.named
        ),
        (7410, false, false)
    );
    assert_eq!(config.http.address.to_string(), "127.0.0.1:7411");
    assert!(!config.http.named && config.keychain && config.discovery);
    assert!(config.token.is_none() && config.controller.is_none());
    assert_eq!(
        (config.log.level.as_str(), config.log.format),
        ("info", LogFormat::Text)
    );
}

#[test]
fn defaults_of_the_agent_stand_in_its_data_folder() {
    let all = with_environment(Program::Agent, &[("BFGG_DATA_DIR", "/data")]);
    let config = agent(&all).unwrap();
    assert_eq!(config.tests_location, Path::new("/data/projects"));
    assert_eq!(config.results_folder, Path::new("/data/runs"));
    assert_eq!((config.listen.port, config.listen.named), (7412, false));
    assert!(!config.allow_file && !config.ephemeral && config.health.is_none());
    assert_eq!(config.end_alone, None);
}

#[test]
fn values_as_users_write_them() {
    let all = with_environment(
        Program::Agent,
        &[
            ("BFGG_JOIN", "bfgg1-a, bfgg1-b"),
            ("CONTROLLER_HOST", "lab-0 lab-9:7000"),
            ("BFGG_LABELS", "ssd,fast"),
            ("BFGG_LISTEN", "127.0.0.1:0"),
            ("BFGG_HEALTH", "7413"),
            ("BFGG_END_ALONE", "60s"),
            ("BFGG_ALLOW_FILE", "1"),
            ("LOG_LEVEL", "WARNING"),
            ("BFGG_LOG_FORMAT", "JSON"),
            ("TESTS_LOCATION", "tests"),
            ("BFGG_AGENT_INDEX", "0"),
            ("BFGG_HTTP", "not the agent's"),
            ("PATH", "/bin"),
        ],
    );
    let config = agent(&all).unwrap();
    let join: Vec<_> = config
        .join
        .iter()
        .map(bfgg_config::Hidden::reveal)
        .collect();
    assert_eq!(join, ["bfgg1-a", "bfgg1-b"]);
    assert_eq!(config.controller_hosts, ["lab-0", "lab-9:7000"]);
    assert_eq!(config.labels, ["ssd", "fast"]);
    assert_eq!(config.end_alone, Some(Duration::from_secs(60)));
    assert_eq!(
        (
            config.listen.port,
            config.listen.loopback,
            config.listen.named
        ),
        (0, true, true)
    );
    assert_eq!(config.health.unwrap().to_string(), "127.0.0.1:7413");
    assert!(config.allow_file);
    assert_eq!(
        (config.log.level.as_str(), config.log.format),
        ("warn", LogFormat::Json)
    );
    assert_eq!(config.tests_location, Path::new("tests"));
}

#[test]
fn the_file_takes_lists_numbers_and_booleans_and_its_own_folder() {
    let mut all = sources(Program::Agent);
    all.file = text_file(
        "/etc/bfgg/agent.toml",
        "listen = 9000\nlabels = [\"ssd\", \"fast\"]\nallow_file = true\ntests_location = \"projects\"\n\
         results_folder = \"/var/runs\"\nlog_level = \"bfgg_net=debug,info\"\n",
    );
    let config = agent(&all).unwrap();
    assert_eq!((config.listen.port, config.listen.named), (9000, true));
    assert_eq!(config.labels, ["ssd", "fast"]);
    assert!(config.allow_file);
    assert_eq!(config.tests_location, Path::new("/etc/bfgg/projects"));
    assert_eq!(config.results_folder, PathBuf::from("/var/runs"));
    assert_eq!(config.log.level, "bfgg_net=debug,info");
}

#[test]
fn a_projects_dotenv_steers_bfgg_in_little() {
    let mut all = sources(Program::Controller);
    all.dotenv = text_file(
        "/w/.env",
        "LOG_LEVEL=debug\nRESULTS_FOLDER=out\nBFGG_CONTROLLER=http://lab-0:7411\nBFGG_LOG_FORMAT=json\n\
         CONTROLLER_HOST=lab-0\nBFGG_JOIN=x\nDATABASE_URL=postgres://\nBFGG_DATA_DIR=/elsewhere\nBFGG_HTTP=nonsense\n",
    );
    let config = controller(&all).unwrap();
    assert_eq!(
        (config.log.level.as_str(), config.log.format),
        ("debug", LogFormat::Json)
    );
    assert_eq!(config.results_folder, Some("out".into()));
    assert_eq!(config.controller.unwrap().as_str(), "http://lab-0:7411/");
    assert_ne!(config.data_folder, Path::new("/elsewhere"));
    assert_eq!(
        config.notes,
        [
            "BFGG_HTTP (/w/.env, line 9) is not read by bfgg: set it in the environment or in the settings file",
            "BFGG_DATA_DIR (/w/.env, line 8) is not read by bfgg: set it in the environment or in the settings file",
        ]
    );
}

#[test]
fn the_sentences_of_what_is_refused() {
    use Program::{Agent, Controller};
    let in_environment = [
        (
            Controller,
            ("BFGG_LISTENS", "1"),
            "there is no setting BFGG_LISTENS (environment); did you mean BFGG_LISTEN?",
        ),
        (
            Agent,
            ("BFGG_LABLES", "1"),
            "there is no setting BFGG_LABLES (environment); did you mean BFGG_LABELS?",
        ),
        (
            Agent,
            ("BFGG_ZZZZZZZZ", "1"),
            "there is no setting BFGG_ZZZZZZZZ (environment); `config` lists the settings there are",
        ),
        (
            Controller,
            ("BFGG_HTTP", "somewhere"),
            "BFGG_HTTP is \"somewhere\" (environment), but must be a port or an IP address and a port, for example 127.0.0.1:7411",
        ),
        (
            Controller,
            ("BFGG_LISTEN", "192.0.2.7:7410"),
            "BFGG_LISTEN is \"192.0.2.7:7410\" (environment), but must be a port (0 to 65535), for this computer only with 127.0.0.1: before it",
        ),
        (
            Controller,
            ("BFGG_LISTEN", "65536"),
            "BFGG_LISTEN is \"65536\" (environment), but must be a port (0 to 65535), for this computer only with 127.0.0.1: before it",
        ),
        (
            Controller,
            ("BFGG_TOKEN", "short"),
            "BFGG_TOKEN is \"********\" (environment), but must be a token of 16 to 256 letters, digits, - . _ or ~",
        ),
        (
            Controller,
            ("BFGG_CONTROLLER", "https://lab-0:7411"),
            "BFGG_CONTROLLER is \"https://lab-0:7411\" (environment), but must be the controller's address as it prints it, for example http://127.0.0.1:7411",
        ),
        (
            Agent,
            ("BFGG_HEALTH", "0.0.0.0:80"),
            "BFGG_HEALTH is \"0.0.0.0:80\" (environment), but must be a loopback address and a port, for example 127.0.0.1:7413",
        ),
        (
            Agent,
            ("LOG_LEVEL", "loud"),
            "LOG_LEVEL is \"loud\" (environment), but must be error, warn, info, debug, trace or off",
        ),
        (
            Agent,
            ("BFGG_ALLOW_FILE", "maybe"),
            "BFGG_ALLOW_FILE is \"maybe\" (environment), but must be on or off",
        ),
        (
            Agent,
            ("BFGG_NAME", "a\u{1b}[1mb"),
            "BFGG_NAME is \"a\u{fffd}[1mb\" (environment), but must be a name of at most 64 characters without control characters",
        ),
    ];
    for (program, pair, sentence) in in_environment {
        let error = Resolved::new(&with_environment(program, &[pair])).unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
    let in_file = [
        (
            "lisen = 1",
            "there is no setting lisen (/c/bfgg.toml); did you mean listen?",
        ),
        (
            "labels = \"a\"",
            "there is no setting labels (/c/bfgg.toml); it belongs to bfgg-agent: remove it here",
        ),
        (
            "[http]\nport = 1",
            "http is \"a table, a date or a fraction\" (/c/bfgg.toml), but must be a port or an IP address and a port, for example 127.0.0.1:7411",
        ),
    ];
    for (text, sentence) in in_file {
        let mut all = sources(Controller);
        all.file = text_file("/c/bfgg.toml", text);
        assert_eq!(Resolved::new(&all).unwrap_err().to_string(), sentence);
    }
    let mut all = sources(Agent);
    all.dotenv = text_file("/w/.env", "\nBFGG_GRUOP=x");
    let error = Resolved::new(&all).unwrap_err().to_string();
    assert_eq!(
        error,
        "there is no setting BFGG_GRUOP (/w/.env, line 2); did you mean BFGG_GROUP?"
    );
}

#[test]
fn a_damaged_file_is_named_with_its_line() {
    let mut all = sources(Program::Controller);
    all.file = text_file("/c/bfgg.toml", "name = \"a\"\nlisten = = 1\n");
    let error = Resolved::new(&all).unwrap_err().to_string();
    assert!(error.starts_with("/c/bfgg.toml, line 2: "), "{error}");
    assert!(
        error.ends_with("write each setting as `key = \"value\"`"),
        "{error}"
    );
}

#[test]
fn a_named_file_must_be_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.toml");
    let error = Sources::read(Program::Agent, Flags::default(), Some(&path)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot read the settings in {}", path.display()))
    );
}

#[test]
fn the_listing_shows_origins_and_no_secret() {
    let mut all = with_environment(
        Program::Controller,
        &[
            ("BFGG_TOKEN", "0123456789abcdef"),
            ("BFGG_DATA_DIR", "/d"),
            ("BFGG_NAME", "desk"),
        ],
    );
    all.flags.set("--http", "BFGG_HTTP", Some("0"));
    let text = listing(&Resolved::new(&all).unwrap()).unwrap();
    assert!(!text.contains("0123456789abcdef"));
    assert!(
        text.contains("BFGG_TOKEN = ********\n    from: environment\n"),
        "{text}"
    );
    assert!(
        text.contains("BFGG_HTTP = 0\n    from: flag --http\n"),
        "{text}"
    );
    assert!(
        text.contains("BFGG_LISTEN = 7410\n    from: default\n"),
        "{text}"
    );
    assert!(text.contains("BFGG_IDENTITY_FILE = (not set)\n"), "{text}");
    assert!(!text.contains("BFGG_JOIN"), "{text}");
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_noted() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bfgg.toml");
    std::fs::write(&path, "token = \"0123456789abcdef\"\n").unwrap();
    for (mode, notes) in [(0o644, 1), (0o600, 0)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let mut all = sources(Program::Controller);
        all.file = text_file(
            &path.display().to_string(),
            "token = \"0123456789abcdef\"\n",
        );
        assert_eq!(controller(&all).unwrap().notes.len(), notes, "{mode:o}");
    }
}

/// Each default of the table must be readable by the setting's own parser.
#[test]
fn every_default_fits() {
    for setting in SETTINGS {
        for program in [Program::Controller, Program::Agent] {
            let text = match setting.fallback {
                Fallback::Is(text) => text,
                Fallback::Per(text, _) if program == Program::Controller => text,
                Fallback::Per(_, text) => text,
                _ => continue,
            };
            let all = with_environment(program, &[(setting.key, text)]);
            Resolved::new(&all).unwrap();
        }
    }
}
