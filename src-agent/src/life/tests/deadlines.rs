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

/// Clocks that are set by hand.
#[derive(Debug)]
struct Hand(std::sync::Mutex<Now>);

impl bfgg_clock::Source for Hand {
    fn read(&self) -> Now {
        *self.0.lock().unwrap()
    }
}

#[test]
fn a_lease_outlives_the_night() {
    // Whether the machine's monotonic clock stands still while it sleeps, or goes on.
    for mono in [Duration::ZERO, Duration::from_secs(600)] {
        let hand = std::sync::Arc::new(Hand(std::sync::Mutex::new(at(0))));
        let mut clock = crate::clock::Clock::of(hand.clone());
        let mut scene = Scene::in_phase(AgentPhase::Ready);
        {
            let mut now = hand.0.lock().unwrap();
            now.mono += mono;
            now.wall_ms += 600_000;
        }
        let woken = clock.now();
        scene.life.handle(woken, Input::Tick, &mut scene.effects);
        assert_eq!(scene.life.phase(), AgentPhase::Ready, "{mono:?}");
    }
}

#[test]
fn a_gatling_that_says_nothing_new_is_told() {
    let mut scene = Scene::in_phase(AgentPhase::Running);
    let run = scene.life.lease().unwrap().run;
    let mut step = |seconds, counted: Option<u64>| {
        if let Some(ok) = counted {
            let counters = LiveCounters {
                run,
                elapsed_s: 1,
                ok,
                ko: 0,
                users_active: 0,
                users_done: 0,
                users_waiting: 0,
            };
            let input = Input::Counters(counters);
            scene.life.handle(at(seconds), input, &mut scene.effects);
        }
        scene
            .life
            .handle(at(seconds), Input::Tick, &mut scene.effects);
        scene
            .life
            .told(&owner(), InstanceId::new(), "lab-1")
            .step
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(step(1_000, Some(1)), "");
    assert_eq!(step(1_009, None), "");
    assert_eq!(step(1_010, None), "no new data for 10 s");
    assert_eq!(step(1_014, None), "no new data for 14 s");
    assert_eq!(step(1_015, Some(2)), "");
}
