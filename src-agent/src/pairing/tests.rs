use bfgg_protocol::pairing::{Begun, begin};

use super::*;

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn controller(name: impl std::fmt::Display) -> PeerId {
    PeerId::new(format!("12D3KooW{name}"))
}

struct Scene {
    agent: PeerId,
    pairing: Pairing,
    code: PairingCode,
}

impl Scene {
    fn new() -> Self {
        let agent = PeerId::new("12D3KooWAgent");
        let mut pairing = Pairing::new(agent.clone());
        pairing.wait().unwrap();
        let code = pairing.take_news().unwrap().clone();
        Self {
            agent,
            pairing,
            code,
        }
    }

    /// A code that is not the agent's.
    fn wrong(&self) -> PairingCode {
        let digits: String = self
            .code
            .to_string()
            .chars()
            .map(|c| if c == '9' { '0' } else { c })
            .collect();
        let code: PairingCode = match digits == self.code.to_string() {
            true => digits.replacen(|c: char| c.is_ascii_digit(), "9", 1),
            false => digits,
        }
        .parse()
        .unwrap();
        assert_ne!(code, self.code);
        code
    }

    fn ask(&mut self, peer: &PeerId, request: PairingRequest, now: Duration) -> Heard {
        self.pairing.ask(peer, request, now).unwrap()
    }

    fn begin(
        &mut self,
        peer: &PeerId,
        code: &PairingCode,
        now: Duration,
    ) -> Result<(Begun, Vec<u8>), PairingAnswer> {
        let (begun, message) = begin(code, peer, &self.agent);
        match self.ask(peer, PairingRequest::Begin { message }, now) {
            Heard::Answer(PairingAnswer::Begun { message }) => Ok((begun, message)),
            Heard::Answer(other) => Err(other),
            Heard::Proved { .. } => panic!("proved by the first question"),
        }
    }

    /// A whole try.
    fn pair(&mut self, peer: &PeerId, code: &PairingCode, now: Duration) -> Heard {
        match self.begin(peer, code, now) {
            Ok((begun, message)) => {
                let proof = begun.finish(&message).unwrap();
                self.ask(peer, confirm(proof.own()), now)
            }
            Err(answer) => Heard::Answer(answer),
        }
    }

    fn new_code(&mut self) -> bool {
        match self.pairing.take_news() {
            Some(code) => {
                assert_ne!(*code, self.code);
                self.code = code.clone();
                true
            }
            None => false,
        }
    }
}

fn confirm(confirmation: Vec<u8>) -> PairingRequest {
    PairingRequest::Confirm {
        confirmation,
        addresses: vec!["192.0.2.7:7410".into()],
    }
}

fn wrong(heard: &Heard) -> Option<u32> {
    match heard {
        Heard::Answer(PairingAnswer::Wrong { tries_left }) => Some(*tries_left),
        _ => None,
    }
}

fn refusal(heard: &Heard) -> Option<PairingRefusal> {
    match heard {
        Heard::Answer(PairingAnswer::Refused { refusal, .. }) => Some(*refusal),
        _ => None,
    }
}

#[test]
fn the_right_code_proves_the_controller_and_the_agent() {
    let mut scene = Scene::new();
    let (office, code) = (controller("Office"), scene.code.clone());
    let (begun, message) = scene.begin(&office, &code, at(0)).unwrap();
    let proof = begun.finish(&message).unwrap();
    let heard = scene.ask(&office, confirm(proof.own()), at(1));
    let Heard::Proved {
        confirmation,
        addresses,
    } = heard
    else {
        panic!("{heard:?}")
    };
    assert!(proof.holds(&confirmation));
    assert_eq!(addresses, ["192.0.2.7:7410"]);
    // The proof told again is of no use, and of no harm.
    let again = scene.ask(&office, confirm(proof.own()), at(2));
    assert_eq!(refusal(&again), Some(PairingRefusal::Stale));
    scene.pairing.end();
    let late = scene.pair(&office, &code, at(3));
    assert_eq!(refusal(&late), Some(PairingRefusal::NotWaiting));
    assert!(!scene.pairing.is_waiting() && scene.pairing.take_news().is_none());
    // It waits again: the old code is none.
    scene.pairing.wait().unwrap();
    assert!(scene.new_code());
    assert!(wrong(&scene.pair(&office, &code, at(4))).is_some());
}

#[test]
fn after_five_wrong_codes_there_is_a_new_one() {
    let mut scene = Scene::new();
    let (office, wrong_code) = (controller("Office"), scene.wrong());
    for left in [4, 3, 2, 1, 0] {
        assert!(!scene.new_code());
        assert_eq!(wrong(&scene.pair(&office, &wrong_code, at(0))), Some(left));
    }
    let old = scene.code.clone();
    assert!(scene.new_code());
    assert_eq!(wrong(&scene.pair(&office, &old, at(1))), Some(4));
    let code = scene.code.clone();
    assert!(matches!(
        scene.pair(&office, &code, at(1)),
        Heard::Proved { .. }
    ));
}

#[test]
fn who_goes_before_the_proof_has_tried() {
    let mut scene = Scene::new();
    let code = scene.code.clone();
    for n in 0..4 {
        assert!(scene.begin(&controller(n), &code, at(0)).is_ok());
    }
    // Four at once are all there can be.
    let full = scene.begin(&controller("x"), &code, at(1)).unwrap_err();
    assert!(matches!(
        full,
        PairingAnswer::Refused {
            refusal: PairingRefusal::TooManyTries,
            retry_after_s: 15
        }
    ));
    // One of them begins anew: its fifth try of all. Then nobody has one, until these have ended.
    let (begun, message) = scene.begin(&controller(0), &code, at(2)).unwrap();
    assert!(scene.begin(&controller(1), &code, at(3)).is_err());
    assert!(!scene.new_code());
    // The last of them may still be the right one.
    let proof = begun.finish(&message).unwrap();
    let mut copy = Scene::new();
    assert_eq!(
        refusal(&copy.ask(&controller(0), confirm(proof.own()), at(4))),
        Some(PairingRefusal::Stale)
    );
    assert!(matches!(
        scene.ask(&controller(0), confirm(proof.own()), at(4)),
        Heard::Proved { .. }
    ));
    // If nobody goes on there is a new code by itself.
    let mut scene = Scene::new();
    let code = scene.code.clone();
    for second in 0..5 {
        assert!(scene.begin(&controller("x"), &code, at(second)).is_ok());
    }
    scene.pairing.tick(at(18)).unwrap();
    assert!(!scene.new_code());
    scene.pairing.tick(at(19)).unwrap();
    assert!(scene.new_code());
    assert_eq!(wrong(&scene.pair(&controller("x"), &code, at(20))), Some(4));
}

#[test]
fn twenty_tries_are_all_there_are_in_ten_minutes() {
    let mut scene = Scene::new();
    for n in 0..20 {
        let code = scene.wrong();
        let heard = scene.pair(&controller(n), &code, at(n));
        assert!(wrong(&heard).is_some(), "{n}: {heard:?}");
        scene.new_code();
    }
    let code = scene.code.clone();
    let answer = scene.begin(&controller("Office"), &code, at(30));
    assert_eq!(
        answer.unwrap_err(),
        PairingAnswer::Refused {
            refusal: PairingRefusal::TooManyTries,
            retry_after_s: 570
        }
    );
    assert!(!scene.new_code());
    assert!(matches!(
        scene.pair(&controller("Office"), &code, at(600)),
        Heard::Proved { .. }
    ));
}

#[test]
fn a_proof_is_of_one_peer_and_of_one_talk() {
    let mut scene = Scene::new();
    let (office, other) = (controller("Office"), controller("Other"));
    let code = scene.code.clone();
    let first = confirm(vec![0; 32]);
    let heard = scene.ask(&office, first, at(0));
    assert_eq!(refusal(&heard), Some(PairingRefusal::Stale), "none begun");
    // Another peer shows the proof of this one, with and without a talk of its own.
    let (begun, message) = scene.begin(&office, &code, at(0)).unwrap();
    let proof = begun.finish(&message).unwrap().own();
    let heard = scene.ask(&other, confirm(proof.clone()), at(0));
    assert_eq!(refusal(&heard), Some(PairingRefusal::Stale));
    scene.begin(&other, &code, at(0)).unwrap();
    let heard = scene.ask(&other, confirm(proof.clone()), at(0));
    assert_eq!(wrong(&heard), Some(3));
    // A newer talk of the same peer, or one that is too old.
    scene.begin(&office, &code, at(1)).unwrap();
    assert_eq!(wrong(&scene.ask(&office, confirm(proof), at(1))), Some(2));
    let (begun, message) = scene.begin(&office, &code, at(2)).unwrap();
    let proof = begun.finish(&message).unwrap().own();
    let heard = scene.ask(&office, confirm(proof), at(17));
    assert_eq!(refusal(&heard), Some(PairingRefusal::Stale));
}

/// A node of its own towards each side, which passes on what it hears.
#[test]
fn somebody_in_between_is_not_let_in() {
    let mut scene = Scene::new();
    let (office, between) = (controller("Office"), controller("Between"));
    let code = scene.code.clone();
    // At the office the user has typed the right code, at the agent that is none.
    let (begun, message) = begin(&code, &office, &between);
    let heard = scene.ask(&between, PairingRequest::Begin { message }, at(0));
    let Heard::Answer(PairingAnswer::Begun { message }) = heard else {
        panic!("{heard:?}")
    };
    let proof = begun.finish(&message).unwrap();
    let heard = scene.ask(&between, confirm(proof.own()), at(0));
    assert_eq!(wrong(&heard), Some(4));
}

#[test]
fn what_is_no_message_costs_no_try_and_tells_nothing() {
    let mut scene = Scene::new();
    let office = controller("Office");
    for length in [0, 1, 32, 33, 34, 5000] {
        let message = vec![0xff; length];
        let heard = scene.ask(&office, PairingRequest::Begin { message }, at(0));
        assert_eq!(
            refusal(&heard),
            Some(PairingRefusal::Unreadable),
            "{length}"
        );
    }
    let code = scene.code.clone();
    for length in [0, 31, 33, 5000] {
        scene.begin(&office, &code, at(0)).unwrap();
        let heard = scene.ask(&office, confirm(vec![0xff; length]), at(0));
        assert!(wrong(&heard).is_some(), "{length}");
    }
    assert!(!scene.new_code());
    assert!(matches!(
        scene.pair(&office, &code, at(0)),
        Heard::Proved { .. }
    ));
    assert!(!format!("{:?}", scene.pairing).contains(&code.to_string()));
}
