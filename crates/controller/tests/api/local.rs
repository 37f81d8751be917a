//! The agent on this computer that is not there, and the sample. (The one that is there: the
//! tests of whole runs, which have its program.)

use std::path::Path;

use bfgg_controller::{Controller, Settings, sample};
use serde_json::json;

use crate::scripted::{Api, settings};

async fn controller(folder: &Path, program: Option<&Path>) -> (Controller, Api) {
    let settings = Settings {
        agent_program: program.map(Path::to_owned),
        ..settings(folder)
    };
    let controller = Controller::start(settings).await.unwrap();
    let api = Api::of(&controller);
    (controller, api)
}

#[tokio::test]
async fn why_there_is_no_agent_on_this_computer() {
    let folder = tempfile::tempdir().unwrap();
    let breaks = folder.path().join("breaks");
    std::fs::write(&breaks, "#!/bin/sh\necho 'no room here'\nexit 3\n").unwrap();
    let no_program = folder.path().join("no-program");
    std::fs::write(&no_program, "").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&breaks, executable).unwrap();
    }
    for (index, (program, words)) in [
        (None, ["bfgg-agent, is not there", "PATH"]),
        (
            Some(no_program.as_path()),
            ["no-program cannot be started: ", "allowed to run it"],
        ),
        (
            Some(breaks.as_path()),
            [
                "ended by itself (exit status: 3): no room here",
                "agent.log",
            ],
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let data = folder.path().join(index.to_string());
        let (controller, api) = controller(&data, program).await;
        let (_, before) = api.get("/local-agent").await;
        assert_eq!(before, json!({"state": "off"}));
        let (status, _) = api.post("/local-agent", &json!(null)).await;
        assert_eq!(status, 200);
        let failed = api
            .until("/local-agent", |local| local["state"] == "failed")
            .await;
        let problem = &failed["problem"];
        assert_eq!(problem["code"], "local-agent");
        for (key, words) in ["message", "hint"].into_iter().zip(words) {
            let text = problem[key].as_str().unwrap();
            assert!(text.contains(words), "{text}");
        }
        let (status, off) = api.delete("/local-agent").await;
        assert_eq!((status, &off["state"]), (200, &json!("off")), "{off}");
        controller.shutdown().await;
    }
}

#[tokio::test]
async fn other_computers_start_no_agent_here() {
    let folder = tempfile::tempdir().unwrap();
    let open = Settings {
        http: ([0, 0, 0, 0], 0).into(),
        agent_program: None,
        ..settings(folder.path())
    };
    let controller = Controller::start(open).await.unwrap();
    let api = Api::of(&controller);
    let (status, refused) = api.post("/local-agent", &json!(null)).await;
    assert_eq!((status, &refused["code"]), (409, &json!("local-agent")));
    controller.shutdown().await;
}

#[tokio::test]
async fn the_sample_is_a_repository_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let (controller, api) = controller(folder.path(), None).await;
    let (status, refused) = api.post("/sample", &json!(null)).await;
    assert_eq!((status, &refused["code"]), (409, &json!("no-agents")));
    let below = folder.path().join("sample");
    let first = sample::repository_below(&below).await.unwrap();
    let path = Path::new(first.strip_prefix("file://").unwrap());
    assert!(path.join(".git/HEAD").is_file(), "{first}");
    assert_eq!(sample::repository_below(&below).await.unwrap(), first);
    controller.shutdown().await;
}
