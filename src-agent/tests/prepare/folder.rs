//! Folders that the controller has, in the place of a repository.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bfgg_agent::prepare::Answering;
use bfgg_net::NetError;
use bfgg_protocol::version::MAX_CHUNK;
use bfgg_protocol::{
    ContentHash, Failure, FailureCode, PeerId, Prepare, SourceAnswer, SourceRequest,
};
use bfgg_source::{Manifest, pack};

use crate::scene::Scene;

/// A controller that has snapshots, and may do harm.
#[derive(Clone, Default)]
struct Controller(Arc<Mutex<Has>>);

#[derive(Default)]
struct Has {
    manifests: HashMap<ContentHash, Vec<u8>>,
    chunks: HashMap<ContentHash, Vec<u8>>,
    /// Chunks that were asked for and sent.
    sent: Vec<ContentHash>,
    /// So many answers are lost before one comes.
    loses: u32,
    /// It sends these bytes for every chunk.
    lies: Option<Vec<u8>>,
    /// It sends no more than so many chunks, and then nothing more.
    stops_after: Option<usize>,
}

impl Controller {
    /// Has the folder as it is now; the snapshot's id.
    fn receive(&self, scene: &Scene) -> ContentHash {
        let packed = pack(&scene.repository(), &mut |_| true).unwrap();
        let mut has = self.0.lock().unwrap();
        for hash in packed.manifest.chunks() {
            has.chunks.insert(hash, packed.read(&hash).unwrap());
        }
        let id = packed.manifest.id();
        has.manifests.insert(id, packed.manifest.encode());
        id
    }

    fn asking(&self) -> impl Fn(SourceRequest) -> Answering + Send + Sync + use<> {
        let controller = self.clone();
        move |request| controller.ask(request)
    }

    fn ask(&self, request: SourceRequest) -> Answering {
        let controller = self.clone();
        Box::pin(async move {
            match controller.answer(&request) {
                Some(answer) => answer,
                // It never comes.
                None => std::future::pending().await,
            }
        })
    }

    fn answer(&self, request: &SourceRequest) -> Option<Result<SourceAnswer, NetError>> {
        let mut has = self.0.lock().unwrap();
        if has.loses > 0 {
            has.loses -= 1;
            return Some(Err(NetError::TimedOut(PeerId::new("controller"))));
        }
        let answer = match request {
            SourceRequest::Manifest {
                snapshot, offset, ..
            } => has.manifests.get(snapshot).map_or_else(
                || SourceAnswer::Missing("it is gone.".into()),
                |bytes| {
                    // In small pieces, as a long list comes.
                    let rest = &bytes[bytes.len().min(*offset as usize)..];
                    SourceAnswer::Manifest {
                        size: bytes.len() as u64,
                        bytes: rest[..rest.len().min(100)].to_vec(),
                    }
                },
            ),
            SourceRequest::Chunks { chunks, .. } => {
                let mut answer = Vec::new();
                for hash in chunks.iter().take(2) {
                    if has.stops_after.is_some_and(|most| has.sent.len() >= most) {
                        break;
                    }
                    let bytes = has.lies.clone().unwrap_or_else(|| has.chunks[hash].clone());
                    answer.push(bytes);
                    has.sent.push(*hash);
                }
                if answer.is_empty() {
                    return None;
                }
                SourceAnswer::Chunks(answer)
            }
        };
        Some(Ok(answer))
    }

    fn sent(&self) -> usize {
        self.0.lock().unwrap().sent.len()
    }
}

fn request(scene: &Scene, snapshot: ContentHash) -> Prepare {
    let mut request = scene.request();
    request.source.url = String::new();
    request.snapshot = Some(Box::new(snapshot));
    request
}

async fn fails(scene: &Scene, controller: &Controller, snapshot: ContentHash) -> Failure {
    let ask = controller.asking();
    let prepared = scene.prepare_asking(&request(scene, snapshot), &ask).await;
    prepared.unwrap_err()
}

/// The names of what lies below the snapshots' folder.
fn written_out(scene: &Scene) -> Vec<String> {
    let commits = scene.places.projects.join("snapshots/commits");
    let entries = std::fs::read_dir(commits).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name.len() == 64 || name.ends_with(".new"))
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_folder_is_written_out_and_of_a_change_only_that_is_fetched() {
    let scene = Scene::new();
    scene.commit(&[
        ("a", "1"),
        ("src/größe.txt", "x"),
        ("b", "2"),
        ("c", "3"),
        ("run.sh", "echo"),
    ]);
    let controller = Controller::default();
    let first = controller.receive(&scene);
    controller.0.lock().unwrap().loses = 2;
    // There is nothing to build: so the files are there.
    assert_eq!(
        fails(&scene, &controller, first).await.code,
        FailureCode::NoBuildFile
    );
    assert_eq!(controller.sent(), 5);
    let folder = |id: ContentHash| {
        scene
            .places
            .projects
            .join("snapshots/commits")
            .join(id.to_string())
    };
    assert_eq!(
        std::fs::read_to_string(folder(first).join("src/größe.txt")).unwrap(),
        "x"
    );

    // A file that is not committed.
    std::fs::write(scene.repository().join("src/größe.txt"), "y").unwrap();
    let second = controller.receive(&scene);
    assert_eq!(
        fails(&scene, &controller, second).await.code,
        FailureCode::NoBuildFile
    );
    assert_eq!(controller.sent(), 6);
    assert_eq!(
        std::fs::read_to_string(folder(second).join("src/größe.txt")).unwrap(),
        "y"
    );
    assert_eq!(
        std::fs::read_to_string(folder(first).join("src/größe.txt")).unwrap(),
        "x"
    );

    // What is there needs no controller.
    let gone = Controller::default();
    assert_eq!(
        fails(&scene, &gone, first).await.code,
        FailureCode::NoBuildFile
    );
    let unknown = fails(&scene, &gone, ContentHash::of(b"?")).await;
    assert_eq!(
        (unknown.code, unknown.phase.as_str()),
        (FailureCode::RefUnknown, "fetch")
    );
    assert!(
        unknown.message.contains("it is gone") && unknown.hint.contains("--source"),
        "{unknown}"
    );

    // A chunk that the disk has damaged is fetched anew.
    let hash = ContentHash::of(b"x").to_string();
    let chunk = scene
        .places
        .projects
        .join("snapshots/chunks")
        .join(&hash[..2])
        .join(&hash);
    std::fs::write(chunk, "!").unwrap();
    std::fs::remove_dir_all(folder(first)).unwrap();
    assert_eq!(
        fails(&scene, &controller, first).await.code,
        FailureCode::NoBuildFile
    );
    assert_eq!(controller.sent(), 7);
    assert_eq!(
        std::fs::read_to_string(folder(first).join("src/größe.txt")).unwrap(),
        "x"
    );
}

#[tokio::test]
async fn what_was_cut_is_gone_on_with() {
    let scene = Scene::new();
    scene.commit(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5")]);
    let controller = Controller::default();
    let id = controller.receive(&scene);
    controller.0.lock().unwrap().stops_after = Some(3);
    let ask = controller.asking();
    let cancelling = async {
        while controller.sent() < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        scene.cancel.cancel();
    };
    let asked = request(&scene, id);
    let (prepared, ()) = tokio::join!(scene.prepare_asking(&asked, &ask), cancelling);
    assert_eq!(prepared.unwrap_err().code, FailureCode::Stopped);
    assert_eq!(written_out(&scene), [] as [String; 0]);
    // A half-written folder is not used either.
    let half = scene
        .places
        .projects
        .join("snapshots/commits")
        .join(format!("{id}.new"));
    std::fs::create_dir_all(half.join("a")).unwrap();

    let scene = Scene {
        cancel: Default::default(),
        ..scene
    };
    controller.0.lock().unwrap().stops_after = None;
    assert_eq!(
        fails(&scene, &controller, id).await.code,
        FailureCode::NoBuildFile
    );
    let sent = controller.sent();
    assert!(
        (5..=6).contains(&sent),
        "{sent}: an answer may have been on its way"
    );
    assert_eq!(written_out(&scene), [id.to_string()]);
}

#[tokio::test]
async fn a_controller_cannot_write_elsewhere() {
    let scene = Scene::new();
    let controller = Controller::default();
    let x = ContentHash::of(b"x");
    let link = scene.folder.path().display().to_string();
    for lines in [
        format!("file\t../../../canary\t1\t{x}"),
        format!("file\t{}\t1\t{x}", scene.canary().display()),
        format!("file\ta/.git/hooks/post-checkout\t1\t{x}"),
        format!("file\ta\\..\\canary\t1\t{x}"),
        format!("file\tNUL\t1\t{x}"),
        format!("link\ta\t{link}\nfile\ta/canary\t1\t{x}"),
        format!("link\ta\t{link}"),
        "link\ta\t../../../..".to_owned(),
        "link\tb\tc/../../x".to_owned(),
        format!("file\tA\t1\t{x}\nfile\ta\t1\t{x}"),
        format!("file\ta\t1\t{x}\nfile\ta/canary\t1\t{x}"),
        format!("file\ta\t9\t{x}"),
        format!("file\ta\t{}\t{x}", MAX_CHUNK + 1),
        "canary".to_owned(),
    ] {
        let manifest = format!("bfgg-source 1\n{lines}\n").into_bytes();
        let id = ContentHash::of(&manifest);
        let mut has = Has::default();
        has.chunks.insert(x, b"x".to_vec());
        has.manifests.insert(id, manifest);
        *controller.0.lock().unwrap() = has;
        let failure = fails(&scene, &controller, id).await;
        assert_eq!(
            (failure.code, failure.phase.as_str()),
            (FailureCode::BadInput, "fetch"),
            "{lines}: {failure}"
        );
        let whole: Vec<String> = written_out(&scene)
            .into_iter()
            .filter(|name| name.len() == 64)
            .collect();
        assert_eq!(whole, [] as [String; 0], "{lines}");
        assert!(!scene.canary().exists(), "{lines}");
    }

    // Other bytes than the list's hash, or a chunk's, says.
    scene.commit(&[("a", "1")]);
    let id = controller.receive(&scene);
    controller.0.lock().unwrap().lies = Some(b"other".to_vec());
    assert_eq!(
        fails(&scene, &controller, id).await.code,
        FailureCode::BadInput
    );
    let mut has = Has::default();
    has.manifests
        .insert(id, Manifest::new(Vec::new()).unwrap().encode());
    *controller.0.lock().unwrap() = has;
    let other = Scene::new();
    assert_eq!(
        fails(&other, &controller, id).await.code,
        FailureCode::BadInput
    );
    assert_eq!(written_out(&other), [] as [String; 0]);
}

#[tokio::test]
async fn a_module_of_a_folder_is_built_where_it_is() {
    let scene = Scene::new();
    let wrapper = "for a; do case $a in -Dmdep.outputFile=*) touch x.jar; \
                   echo $PWD/x.jar > \"${a#*=}\"; esac; done";
    scene.commit(&[("load/pom.xml", ""), ("load/mvnw", wrapper)]);
    let controller = Controller::default();
    let id = controller.receive(&scene);
    let ask = controller.asking();
    let mut asked = request(&scene, id);
    asked.source.folder = Some("load".into());
    let failure = scene.prepare_asking(&asked, &ask).await.unwrap_err();
    // The wrapper has run in the module's folder of this snapshot.
    assert_eq!(failure.code, FailureCode::NoSimulation, "{failure}");
    let log = scene
        .places
        .results
        .join(asked.run.to_string())
        .join("build.log");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(
        log.contains(&format!("snapshot {id}")) && log.contains("fetched chunks: 1, "),
        "{log}"
    );
}
