//! Stops that a user asks for.

use super::*;

#[test]
fn a_stop_before_the_start_leaves_no_result() {
    for arm in [false, true] {
        let mut rig = if arm { Rig::to_arming() } else { Rig::new() };
        rig.input(Input::Stop { force: false });
        assert_eq!(rig.state(), State::Stopping);
        rig.heard("a", None, None);
        rig.heard("b", None, None);
        assert_eq!(rig.state(), State::Stopped);
    }
}

#[test]
fn a_stop_is_sent_once_then_forced_then_given_up() {
    let mut rig = Rig::to_running();
    rig.input(Input::Stop { force: false });
    rig.input(Input::Stop { force: false });
    assert_eq!(rig.stops(), [false, false]);
    rig.later(81);
    assert_eq!(rig.stops(), [false, false, true, true]);
    rig.heard("a", None, Some(RunExit::Stopped));
    rig.later(30);
    // What "a" logged is collected; "b" has said nothing.
    assert_eq!(rig.state(), State::Collecting);
    assert_eq!(
        (rig.phase(0), rig.phase(1)),
        (Phase::Collecting, Phase::Lost)
    );
    rig.collect(&["a"]);
    rig.input(Input::Reported {
        result: Ok(Vec::new()),
    });
    assert_eq!(rig.state(), State::Stopped);
}

#[test]
fn the_user_can_force_a_stop_that_is_under_way() {
    let mut rig = Rig::to_running();
    rig.input(Input::Stop { force: false });
    rig.input(Input::Stop { force: true });
    rig.input(Input::Stop { force: true });
    assert_eq!(rig.stops(), [false, false, true, true]);
}

#[test]
fn a_stop_before_anything_was_logged_is_nobodys_failure() {
    let mut rig = Rig::to_running();
    rig.input(Input::Stop { force: false });
    for agent in ["a", "b"] {
        rig.heard(agent, None, Some(RunExit::Stopped));
    }
    rig.collect(&["a", "b"]);
    let result = Err(failure(FailureCode::NoResult));
    rig.input(Input::Reported { result });
    assert_eq!(rig.state(), State::Stopped);
    assert_eq!(rig.machine.run().failures, []);
    assert_eq!(rig.machine.run().notes.last().unwrap(), "it failed");
}
