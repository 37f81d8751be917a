//! Agents that wait: paired by the code that they show, admitted, ignored.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bfgg_controller::{Controller, Settings};
use bfgg_net::{Address, Event, Identity, Node, NodeSettings, Role, start};
use bfgg_protocol::pairing::{
    PairingAnswer, PairingCode, PairingRefusal, PairingRequest, Proof, answer,
};
use bfgg_protocol::{
    InstanceId, JoinToken, Machine, PeerId, RegistrationAnswer, RegistrationRequest, Toolchains,
};
use serde_json::json;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

use crate::scripted::{Api, settings};

/// What the agent does with a right proof, and what it says first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// What it should.
    Pairs,
    /// It says that it is paired, and cannot prove that it knows the code.
    Lies,
    /// It has no time.
    Refuses(PairingRefusal),
    /// It has none of this.
    IsOld,
}

/// An agent that trusts nobody yet.
struct Waiting {
    node: Node,
    identity: Identity,
    worker: JoinHandle<()>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.worker.abort();
    }
}

fn code() -> PairingCode {
    "1234-5678".parse().unwrap()
}

impl Waiting {
    async fn start(api: &Api, name: &'static str, does: Does) -> Self {
        Self::with(api, name, does, Identity::generate(), false).await
    }

    async fn with(
        api: &Api,
        name: &'static str,
        does: Does,
        identity: Identity,
        joined: bool,
    ) -> Self {
        let (_, join) = api.get("/token").await;
        let token: JoinToken = join["token"].as_str().unwrap().parse().unwrap();
        let (node, events) = start(NodeSettings::here(identity.clone(), Role::Agent))
            .await
            .unwrap();
        let worker = tokio::spawn(work(node.clone(), events, name, does, token, joined));
        Self {
            node,
            identity,
            worker,
        }
    }

    fn id(&self) -> PeerId {
        self.node.peer_id().clone()
    }
}

fn introduction(name: &str, does: Does, joined: bool) -> RegistrationRequest {
    RegistrationRequest {
        software: "0.0.0".into(),
        oldest: 1,
        newest: 1,
        instance: InstanceId::new(),
        name: name.into(),
        group: String::new(),
        labels: Vec::new(),
        machine: Machine::default(),
        toolchains: Toolchains::default(),
        secret: None,
        joined,
        shows_code: !joined && does != Does::IsOld,
        ephemeral: false,
    }
}

async fn work(
    node: Node,
    mut events: Receiver<Event>,
    name: &'static str,
    does: Does,
    token: JoinToken,
    joined: bool,
) {
    let addresses: Vec<Address> = token.addresses.iter().map(|a| a.parse().unwrap()).collect();
    let joined = Arc::new(Mutex::new(joined));
    let mut talk: Option<Proof> = None;
    let mut tries_left = 5;
    let mut beat = tokio::time::interval(Duration::from_millis(250));
    let mut connected = false;
    let register = |joined: bool| {
        let (node, to) = (node.clone(), token.controller.clone());
        async move {
            let answer = node.register(to, introduction(name, does, joined)).await;
            matches!(answer, Ok(RegistrationAnswer::Admitted { .. }))
        }
    };
    loop {
        tokio::select! {
            event = events.recv() => match event {
                None => return,
                Some(Event::Connected { .. }) => {
                    connected = true;
                    let joined = *joined.lock().unwrap();
                    register(joined).await;
                }
                Some(Event::Disconnected { .. }) => connected = false,
                Some(Event::Pairing { request, reply, .. }) => match request {
                    PairingRequest::Begin { message } => match does {
                        Does::Refuses(refusal) => reply.send(PairingAnswer::Refused {
                            refusal,
                            retry_after_s: 9,
                        }),
                        Does::Pairs | Does::Lies | Does::IsOld => {
                            let (proof, message) =
                                answer(&code(), &token.controller, node.peer_id(), &message)
                                    .unwrap();
                            tries_left = if tries_left == 0 { 4 } else { tries_left - 1 };
                            talk = Some(proof);
                            reply.send(PairingAnswer::Begun { message });
                        }
                    },
                    PairingRequest::Confirm { confirmation, addresses } => {
                        assert_eq!(addresses, token.addresses);
                        let proof = talk.take().unwrap();
                        if does == Does::Lies {
                            let confirmation = vec![7; 32];
                            reply.send(PairingAnswer::Paired { confirmation });
                        } else if proof.holds(&confirmation) {
                            *joined.lock().unwrap() = true;
                            reply.send(PairingAnswer::Paired { confirmation: proof.own() });
                            // At once: it may come before the controller knows what became of it.
                            register(true).await;
                        } else {
                            reply.send(PairingAnswer::Wrong { tries_left });
                        }
                    }
                },
                Some(_) => {}
            },
            _ = beat.tick() => {
                if !connected {
                    let _ = node.dial(Some(token.controller.clone()), addresses.clone()).await;
                }
            }
        }
    }
}

async fn trust(api: &Api, wanted: &str) -> String {
    let agents = api
        .until("/agents", |agents| agents[0]["trust"] == wanted)
        .await;
    agents[0]["id"].as_str().unwrap().to_owned()
}

/// The same controller, started again at the same port.
async fn again(controller: Controller, api: &Api, settings: &mut Settings) -> (Controller, Api) {
    let (_, info) = api.get("/info").await;
    let address = info["addresses"][0].as_str().unwrap();
    settings.port = address.rsplit_once(':').unwrap().1.parse().unwrap();
    controller.shutdown().await;
    let controller = Controller::start(settings.clone()).await.unwrap();
    let api = Api::of(&controller);
    (controller, api)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_is_paired_by_the_code_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    let controller = Controller::start(settings.clone()).await.unwrap();
    let api = Api::of(&controller);
    let agent = Waiting::start(&api, "lab-1", Does::Pairs).await;
    let id = trust(&api, "needs-code").await;
    assert_eq!(id, agent.id().as_str());
    let path = format!("/agents/{id}/pair");
    for (typed, status, code, says) in [
        ("1234-567", 400, "bad-input", "eight digits"),
        ("1234-5679", 409, "wrong-code", "4 tries are left"),
        ("0000 0000", 409, "wrong-code", "3 tries are left"),
        ("00000000", 409, "wrong-code", "2 tries are left"),
        ("00000000", 409, "wrong-code", "1 try is left"),
        ("00000000", 409, "new-code", "shows a new one"),
    ] {
        let (found, error) = api.post(&path, &json!({"code": typed})).await;
        assert_eq!(
            (found, error["code"].as_str()),
            (status, Some(code)),
            "{typed}: {error}"
        );
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(says) && (status == 400 || !message.contains(typed)),
            "{error}"
        );
    }
    // One click is not enough.
    let (status, error) = api.post(&format!("/agents/{id}/admit"), &json!({})).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (409, Some("not-admitted")),
        "{error}"
    );
    let (status, paired) = api.post(&path, &json!({"code": "1234 5678"})).await;
    assert_eq!(
        (status, &paired["trust"]),
        (200, &json!("admitted")),
        "{paired}"
    );
    // Told again it is as it is.
    let (status, _) = api.post(&path, &json!({"code": "1234-5678"})).await;
    assert_eq!(status, 200);
    // And after a restart of either side.
    let (controller, api) = again(controller, &api, &mut settings).await;
    api.until("/agents", |agents| {
        agents[0]["trust"] == "admitted" && agents[0]["liveness"] == "alive"
    })
    .await;
    let identity = agent.identity.clone();
    agent.node.shutdown().await;
    drop(agent);
    let _agent = Waiting::with(&api, "lab-one", Does::Pairs, identity, true).await;
    let agents = api
        .until("/agents", |agents| agents[0]["name"] == "lab-one")
        .await;
    assert_eq!(agents[0]["trust"], "admitted");
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_cannot_be_paired_says_why() {
    let refuses = Does::Refuses;
    for (does, trusts, status, code, says) in [
        (Does::Lies, "needs-code", 502, "not-proved", "did not prove"),
        (Does::IsOld, "needs-token", 409, "no-code", "older release"),
        (
            refuses(PairingRefusal::NotWaiting),
            "needs-code",
            409,
            "no-code",
            "trusts a controller",
        ),
        (
            refuses(PairingRefusal::TooManyTries),
            "needs-code",
            409,
            "too-many-tries",
            "too often",
        ),
        (
            refuses(PairingRefusal::Stale),
            "needs-code",
            409,
            "pairing-stale",
            "too long",
        ),
        (
            refuses(PairingRefusal::NotKept),
            "needs-code",
            502,
            "agent-failed",
            "could not write down",
        ),
        (
            refuses(PairingRefusal::Unreadable),
            "needs-code",
            502,
            "agent-failed",
            "does not understand",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let controller = Controller::start(settings(folder.path())).await.unwrap();
        let api = Api::of(&controller);
        let _agent = Waiting::start(&api, "lab-1", does).await;
        let id = trust(&api, trusts).await;
        let path = format!("/agents/{id}/pair");
        let (found, error) = api.post(&path, &json!({"code": "1234-5678"})).await;
        assert_eq!(
            (found, error["code"].as_str()),
            (status, Some(code)),
            "{error}"
        );
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        trust(&api, trusts).await;
        controller.shutdown().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_is_gone_or_trusts_us_already_is_not_paired() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::start(settings(folder.path())).await.unwrap();
    let api = Api::of(&controller);
    let agent = Waiting::start(&api, "lab-1", Does::Pairs).await;
    let id = trust(&api, "needs-code").await;
    let path = format!("/agents/{id}/pair");
    agent.worker.abort();
    agent.node.shutdown().await;
    let body = json!({"code": "1234-5678"});
    let (status, error) = api.post(&path, &body).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (502, Some("agent-unreachable")),
        "{error}"
    );
    let identity = agent.identity.clone();
    let _agent = Waiting::with(&api, "lab-1", Does::Pairs, identity, true).await;
    trust(&api, "pending").await;
    let (status, error) = api.post(&path, &body).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (409, Some("no-code")),
        "{error}"
    );
    let (status, error) = api.post("/agents/nobody/pair", &body).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (404, Some("agent-unknown"))
    );
    controller.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_ignored_stays_so_until_it_is_taken_back_or_paired() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(folder.path());
    let controller = Controller::start(settings.clone()).await.unwrap();
    let api = Api::of(&controller);
    let agent = Waiting::start(&api, "lab-1", Does::Pairs).await;
    let id = trust(&api, "needs-code").await;
    let path = format!("/agents/{id}/ignore");
    let (status, ignored) = api.post(&path, &json!({})).await;
    assert_eq!((status, &ignored["ignored"]), (200, &json!(true)));

    // A restarted controller knows it, though the agent is not there.
    agent.worker.abort();
    agent.node.shutdown().await;
    let identity = agent.identity.clone();
    let (controller, api) = again(controller, &api, &mut settings).await;
    let (_, agents) = api.get("/agents").await;
    assert_eq!(
        (
            &agents[0]["ignored"],
            &agents[0]["name"],
            &agents[0]["liveness"]
        ),
        (&json!(true), &json!("lab-1"), &json!("lost")),
        "{agents}"
    );
    let _agent = Waiting::with(&api, "lab-1", Does::Pairs, identity, false).await;
    let agents = api
        .until("/agents", |agents| agents[0]["trust"] == "needs-code")
        .await;
    assert_eq!(agents[0]["ignored"], true);
    let (status, shown) = api.delete(&path).await;
    assert_eq!((status, &shown["ignored"]), (200, &json!(false)));
    api.post(&path, &json!({})).await;

    // One that is paired is not ignored.
    let body = json!({"code": "1234-5678"});
    let (status, paired) = api.post(&format!("/agents/{id}/pair"), &body).await;
    assert_eq!(
        (status, &paired["ignored"]),
        (200, &json!(false)),
        "{paired}"
    );
    let (status, error) = api.post(&path, &json!({})).await;
    assert_eq!(
        (status, error["code"].as_str()),
        (409, Some("already-admitted")),
        "{error}"
    );
    let (controller, api) = again(controller, &api, &mut settings).await;
    let (_, agents) = api.get("/agents").await;
    assert_eq!(
        (&agents[0]["ignored"], &agents[0]["trust"]),
        (&json!(false), &json!("admitted"))
    );
    controller.shutdown().await;
}
