use super::*;

struct Scene {
    controller: PeerId,
    agent: PeerId,
    code: PairingCode,
}

impl Scene {
    fn new() -> Self {
        Self {
            controller: PeerId::new("12D3KooWController"),
            agent: PeerId::new("12D3KooWAgent"),
            code: "1234-5678".parse().unwrap(),
        }
    }

    fn typed(&self, code: &str) -> (Begun, Vec<u8>) {
        begin(&code.parse().unwrap(), &self.controller, &self.agent)
    }

    fn answered(&self, message: &[u8]) -> Result<(Proof, Vec<u8>), Unreadable> {
        answer(&self.code, &self.controller, &self.agent, message)
    }
}

#[test]
fn both_prove_the_same_code_and_no_other() {
    let scene = Scene::new();
    for (typed, expected) in [
        ("1234-5678", true),
        ("1234-5679", false),
        ("0000-0000", false),
    ] {
        let (begun, message) = scene.typed(typed);
        let (agent, answer) = scene.answered(&message).unwrap();
        let controller = begun.finish(&answer).unwrap();
        assert_eq!(agent.holds(&controller.own()), expected, "{typed}");
        assert_eq!(controller.holds(&agent.own()), expected, "{typed}");
    }
}

#[test]
fn what_was_said_once_is_of_no_use_again() {
    let scene = Scene::new();
    let (begun, message) = scene.typed("1234-5678");
    let (first, answer) = scene.answered(&message).unwrap();
    let controller = begun.finish(&answer).unwrap();
    assert!(first.holds(&controller.own()));
    // The same first message and its proof, told again by who heard both.
    let (second, other_answer) = scene.answered(&message).unwrap();
    assert_ne!(answer, other_answer);
    assert!(!second.holds(&controller.own()));
    // And an old agent's answer to a new controller.
    let (begun, _) = scene.typed("1234-5678");
    assert!(!begun.finish(&answer).unwrap().holds(&first.own()));
}

#[test]
fn nothing_of_one_side_passes_for_the_other() {
    let scene = Scene::new();
    // Messages sent back to where they came from.
    let (begun, message) = scene.typed("1234-5678");
    assert_eq!(begun.finish(&message).unwrap_err(), Unreadable);
    let (begun, message) = scene.typed("1234-5678");
    let (agent, answer) = scene.answered(&message).unwrap();
    assert_eq!(scene.answered(&answer).unwrap_err(), Unreadable);
    // Proofs too.
    let controller = begun.finish(&answer).unwrap();
    assert!(!agent.holds(&agent.own()) && !controller.holds(&controller.own()));
    // Another message in the clothes of this side.
    let (begun, mut message) = scene.typed("1234-5678");
    message[0] = b'B';
    if let Ok(reflected) = begun.finish(&message) {
        assert!(!reflected.holds(&reflected.own()));
    }
}

/// Who sits in between has a peer id of its own on each side, whatever it passes on.
#[test]
fn somebody_in_between_passes_on_neither_side() {
    let scene = Scene::new();
    let between = PeerId::new("12D3KooWBetween");
    // All is passed on as it is. The user has typed the right code at the wrong agent.
    let (begun, message) = begin(&scene.code, &scene.controller, &between);
    let (agent, answer) = answer(&scene.code, &between, &scene.agent, &message).unwrap();
    let controller = begun.finish(&answer).unwrap();
    assert!(!agent.holds(&controller.own()));
    assert!(!controller.holds(&agent.own()));
    // It plays both parts itself, with a guess.
    let guess: PairingCode = "0000-0000".parse().unwrap();
    let (begun, message) = begin(&scene.code, &scene.controller, &between);
    let (forged, forged_answer) =
        super::answer(&guess, &scene.controller, &between, &message).unwrap();
    let controller = begun.finish(&forged_answer).unwrap();
    assert!(!forged.holds(&controller.own()) && !controller.holds(&forged.own()));
    // Ids that join to the same text are not the same.
    let (begun, message) = begin(&scene.code, &PeerId::new("ab"), &PeerId::new("c"));
    let (agent, answer) =
        super::answer(&scene.code, &PeerId::new("a"), &PeerId::new("bc"), &message).unwrap();
    assert!(!agent.holds(&begun.finish(&answer).unwrap().own()));
}

#[test]
fn a_message_that_is_none_is_named_and_a_proof_that_is_none_does_not_hold() {
    let scene = Scene::new();
    let (begun, message) = scene.typed("1234-5678");
    let (agent, answer) = scene.answered(&message).unwrap();
    let controller = begun.finish(&answer).unwrap();
    for end in 0..message.len() {
        assert_eq!(
            scene.answered(&message[..end]).unwrap_err(),
            Unreadable,
            "{end}"
        );
        let (begun, _) = scene.typed("1234-5678");
        assert_eq!(begun.finish(&answer[..end]).unwrap_err(), Unreadable);
    }
    let longer = [message.as_slice(), &[0]].concat();
    assert!(scene.answered(&longer).is_err() && scene.answered(&[0xff; 33]).is_err());
    for end in 0..PROOF {
        assert!(!agent.holds(&controller.own()[..end]), "{end}");
    }
    let longer = [controller.own(), vec![0]].concat();
    assert!(!agent.holds(&longer));
    for bit in 0..PROOF * 8 {
        let mut changed = controller.own();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!agent.holds(&changed), "{bit}");
    }
    // Any bytes at all: never a panic, and never a proof.
    for byte in 0..=255 {
        let mut message = [byte; 33];
        message[0] = b'A';
        if let Ok((proof, _)) = scene.answered(&message) {
            assert!(!proof.holds(&[byte; PROOF]));
        }
    }
}

#[test]
fn nothing_secret_is_printed() {
    let scene = Scene::new();
    let (begun, message) = scene.typed("1234-5678");
    let (proof, _) = scene.answered(&message).unwrap();
    assert_eq!(
        format!("{begun:?} {proof:?}"),
        "Begun(12D3KooWController with 12D3KooWAgent) Proof(…)"
    );
}
