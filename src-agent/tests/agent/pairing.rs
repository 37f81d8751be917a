//! Pairing by the code that an agent shows.

use bfgg_net::{Event, Identity, NodeSettings, Role, start};
use bfgg_protocol::pairing::{
    PairingAnswer, PairingCode, PairingRefusal, PairingRequest, Proof, begin,
};
use bfgg_protocol::{PeerId, Receipt, RefusalCode, Task};
use tokio::time::timeout;

use crate::scene::{Agent, Controller, PATIENCE};

/// An agent that has neither token nor controller, and a controller that it has told of itself.
async fn waiting() -> (Controller, Agent) {
    let mut controller = Controller::start().await;
    let mut agent = Agent::new();
    agent.arguments = vec![
        "--controller-host".into(),
        controller.token.addresses[0].clone(),
    ];
    agent.start();
    controller
        .registration(|said| !said.joined && said.shows_code && said.secret.is_none())
        .await;
    (controller, agent)
}

impl Controller {
    fn peer(&self) -> PeerId {
        self.agent.clone().unwrap()
    }

    /// The first question, and its proof.
    async fn begin(&self, code: &PairingCode) -> Result<Proof, PairingAnswer> {
        let (begun, message) = begin(code, self.node.peer_id(), &self.peer());
        let request = PairingRequest::Begin { message };
        match self.node.pair(self.peer(), request).await.unwrap() {
            PairingAnswer::Begun { message } => Ok(begun.finish(&message).unwrap()),
            other => Err(other),
        }
    }

    async fn confirm(&self, confirmation: Vec<u8>) -> PairingAnswer {
        let request = PairingRequest::Confirm {
            confirmation,
            addresses: self.token.addresses.clone(),
        };
        self.node.pair(self.peer(), request).await.unwrap()
    }

    async fn pair(&self, code: &PairingCode) -> PairingAnswer {
        match self.begin(code).await {
            Ok(proof) => self.confirm(proof.own()).await,
            Err(answer) => answer,
        }
    }
}

/// Another code.
fn wrong(code: &PairingCode) -> PairingCode {
    let digit = if code.to_string().starts_with('0') {
        "1"
    } else {
        "0"
    };
    format!("{digit}{}", &code.to_string()[1..])
        .parse()
        .unwrap()
}

fn left(answer: &PairingAnswer) -> Option<u32> {
    match answer {
        PairingAnswer::Wrong { tries_left } => Some(*tries_left),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_without_a_token_is_paired_by_its_code_and_stays_so() {
    let (mut controller, mut agent) = waiting().await;
    let code = agent.code(None).await;
    assert_eq!(left(&controller.pair(&wrong(&code)).await), Some(4));
    let receipt = controller.task(Task::Clock).await;
    assert!(
        matches!(&receipt, Receipt::Refused(refusal) if refusal.code == RefusalCode::NotJoined),
        "{receipt:?}"
    );
    assert!(!agent.data().join("joined.json").exists());

    let proof = controller.begin(&code).await.unwrap();
    let answer = controller.confirm(proof.own()).await;
    let PairingAnswer::Paired { confirmation } = answer else {
        panic!("{answer:?}")
    };
    assert!(proof.holds(&confirmation));
    controller.until("a beat", |_, _| Some(())).await;
    let said = controller.registered.last().unwrap();
    assert!(
        said.joined && !said.shows_code && said.secret.is_none(),
        "{said:?}"
    );
    assert!(matches!(
        controller.task(Task::Clock).await,
        Receipt::Done(_)
    ));
    // Nobody else is let in, and the code is worth nothing any more.
    assert_eq!(
        controller.pair(&code).await,
        PairingAnswer::Refused {
            refusal: PairingRefusal::NotWaiting,
            retry_after_s: 0
        }
    );

    // As one that was joined by token it finds its controller again, without being told where.
    agent.kill();
    agent.arguments.clear();
    agent.start();
    controller.until("a beat", |_, _| Some(())).await;
    let joined = std::fs::read_to_string(agent.data().join("joined.json")).unwrap();
    for text in [agent.log(), joined] {
        assert!(!text.contains(&code.to_string()), "{text}");
    }

    // It leaves, and shows another code.
    let left = agent
        .command()
        .args(["leave", controller.token.controller.short()])
        .output()
        .unwrap();
    assert!(left.status.success());
    agent.code(Some(&code)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_make_a_new_one() {
    let (controller, agent) = waiting().await;
    let code = agent.code(None).await;
    // Who goes without a proof has tried too.
    controller.begin(&wrong(&code)).await.unwrap();
    for expected in [3, 2, 1, 0] {
        assert_eq!(left(&controller.pair(&wrong(&code)).await), Some(expected));
    }
    let new = agent.code(Some(&code)).await;
    assert_eq!(left(&controller.pair(&code).await), Some(4));
    assert!(matches!(
        controller.pair(&new).await,
        PairingAnswer::Paired { .. }
    ));
    for code in [code, new] {
        assert!(!agent.log().contains(&code.to_string()));
    }
}

/// The user types the right code at an agent that is none: a node of its own towards each side, which
/// passes on all that it hears.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_in_between_is_trusted_by_nobody() {
    let identity = Identity::generate();
    let mut between = Controller::with(identity.clone(), 0).await;
    let mut agent = Agent::new();
    agent.arguments = vec![
        "--controller-host".into(),
        between.token.addresses[0].clone(),
    ];
    agent.start();
    between.registration(|said| said.shows_code).await;
    let code = agent.code(None).await;

    let mut office = Controller::start().await;
    let (posing, mut events) = start(NodeSettings::here(identity, Role::Agent))
        .await
        .unwrap();
    let address = office.token.addresses[0].parse().unwrap();
    let controller = office.token.controller.clone();
    posing
        .dial(Some(controller.clone()), vec![address])
        .await
        .unwrap();
    // It says of itself what the agent has said.
    let said = between.registered[0].clone();
    let introducing = tokio::spawn({
        let posing = posing.clone();
        async move { posing.register(controller, said).await }
    });
    office.registration(|said| said.shows_code).await;
    introducing.await.unwrap().unwrap();
    let victim = between.peer();
    let passes_on = between.node.clone();
    let passing = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            if let Event::Pairing { request, reply, .. } = event {
                reply.send(passes_on.pair(victim.clone(), request).await.unwrap());
            }
        }
    });

    let answer = timeout(PATIENCE, office.pair(&code)).await.unwrap();
    assert_eq!(left(&answer), Some(4));
    assert!(!agent.data().join("joined.json").exists());
    let receipt = between.task(Task::Clock).await;
    assert!(matches!(receipt, Receipt::Refused(_)), "{receipt:?}");
    passing.abort();
}
