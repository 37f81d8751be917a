//! What ends where nothing comes.

use super::*;

#[test]
fn a_lease_that_is_not_used_ends() {
    let tick = |scene: &mut Scene, seconds| {
        scene
            .life
            .handle(at(seconds), Input::Tick, &mut scene.effects);
        scene.life.phase()
    };
    let mut scene = Scene::in_phase(AgentPhase::Ready);
    assert_eq!(tick(&mut scene, 120), AgentPhase::Ready);
    assert_eq!(tick(&mut scene, 121), AgentPhase::Available);
    // While its controller is connected, the other agents may still be building; not for ever.
    let mut scene = Scene::in_phase(AgentPhase::Ready);
    for seconds in (0..=7200).step_by(100) {
        scene
            .life
            .handle(at(seconds), Input::Contact(owner()), &mut scene.effects);
        assert_eq!(tick(&mut scene, seconds), AgentPhase::Ready);
    }
    scene
        .life
        .handle(at(7201), Input::Contact(owner()), &mut scene.effects);
    assert_eq!(tick(&mut scene, 7201), AgentPhase::Available);
    let mut scene = Scene::in_phase(AgentPhase::Ready);
    scene
        .life
        .handle(at(100), Input::Contact(stranger()), &mut scene.effects);
    assert_eq!(tick(&mut scene, 121), AgentPhase::Available);
}

#[test]
fn a_supervisor_that_does_not_stop_is_aborted_once() {
    let mut scene = Scene::in_phase(AgentPhase::Stopping);
    for (seconds, aborts) in [(100, 0), (101, 1), (102, 1)] {
        scene
            .life
            .handle(at(seconds), Input::Tick, &mut scene.effects);
        assert_eq!(scene.effects.len(), aborts);
    }
    assert_eq!(scene.effects, [Effect::Abort(scene.run)]);
}
