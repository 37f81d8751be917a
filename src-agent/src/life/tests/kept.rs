//! What a run hears of its controller, and which runs wait for theirs.

use super::*;

#[test]
fn a_run_with_a_dead_mans_limit_is_told_of_its_controller() {
    for (limit, every) in [(Some(20), 2), (Some(600), 10), (None, 0)] {
        let mut scene = Scene::in_phase(AgentPhase::Ready);
        let run = scene.run;
        let Task::Start(start) = start(run, 60) else {
            panic!("a start")
        };
        scene.send(Task::Start(Start {
            dead_man_s: limit,
            ..start
        }));
        scene.effects.clear();
        let mut told = Vec::new();
        for second in 0..30 {
            for controller in [stranger(), owner()] {
                scene
                    .life
                    .handle(at(second), Input::Contact(controller), &mut scene.effects);
            }
            for effect in scene.effects.drain(..) {
                let Effect::Contact { control, .. } = effect else {
                    panic!("{effect:?}")
                };
                told.push((second, control.contact_ms.is_some()));
            }
        }
        let expected = (0..30).filter(|second| every > 0 && second % every == 0);
        assert_eq!(
            told,
            expected.map(|second| (second, true)).collect::<Vec<_>>()
        );
    }
    let mut scene = Scene::in_phase(AgentPhase::Ready);
    let Task::Start(start) = start(scene.run, 60) else {
        panic!("a start")
    };
    let dead_man_s = Some(0);
    let receipt = scene.send(Task::Start(Start {
        dead_man_s,
        ..start
    }));
    assert!(matches!(receipt, Receipt::Refused(refusal) if refusal.code == RefusalCode::BadInput));
}

#[test]
fn what_is_not_confirmed_is_told_in_turns_until_its_controller_confirms_it() {
    let mut scene = Scene::new();
    let (first, second) = (RunId::new(), RunId::new());
    scene.life.set_unconfirmed(&[(owner(), *end(first))]);
    let controller = owner();
    scene.input(Input::Ended {
        controller,
        end: end(second),
        start_up_ms: None,
    });
    scene.input(Input::Kept { bytes: 7 });
    let told = |scene: &Scene, to: &PeerId| scene.life.told(to, InstanceId::new(), "lab-1").kept;
    let mut seen = Vec::new();
    for _ in 0..12 {
        scene.input(Input::Tick);
        let kept = told(&scene, &owner()).unwrap();
        assert_eq!((kept.runs, kept.bytes), (2, 7));
        seen.push(kept.end.unwrap().run);
    }
    assert!(seen.contains(&first) && seen.contains(&second));
    // Others hear how much is kept, but not of what.
    assert_eq!(told(&scene, &stranger()).unwrap().end, None);
    for (from, left) in [(stranger(), 2), (owner(), 1), (owner(), 1)] {
        let confirm = request(Task::Confirm { run: first });
        scene.life.task(at(0), &from, confirm, &mut scene.effects);
        assert_eq!(told(&scene, &owner()).unwrap().runs, left);
    }
    assert_eq!(scene.effects, [Effect::Confirm(first)]);
}
