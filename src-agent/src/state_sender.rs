//! The state sender: a heartbeat each second to every controller that has admitted the agent.
//!
//! It is a task of its own that only reads what others left for it, so that no other work can
//! delay a beat.

use std::time::Duration;

use bfgg_net::Node;
use bfgg_protocol::{AgentPhase, AgentState, PeerId, TaskOutcome};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::gauge::Measured;

const BEAT: Duration = Duration::from_secs(1);
/// News are told at once, but not more often than this.
const CLOSEST: Duration = Duration::from_millis(250);

/// What to tell to whom.
pub(crate) type Beats = Vec<(PeerId, AgentState)>;

/// Sends until it is stopped.
pub(crate) async fn send(
    node: Node,
    mut beats: watch::Receiver<Beats>,
    measured: watch::Receiver<Measured>,
    stop: CancellationToken,
) {
    let mut tick = interval(BEAT);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut sequence = 0;
    let mut told = Vec::new();
    let mut last = Instant::now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
            changed = beats.changed() => {
                if changed.is_err() {
                    return;
                }
                if news(&beats.borrow()) == told {
                    continue;
                }
                sleep_until(last + CLOSEST).await;
            }
        }
        let now = beats.borrow_and_update().clone();
        told = news(&now);
        last = Instant::now();
        sequence += 1;
        for (controller, mut state) in now {
            state.sequence = sequence;
            let Measured { health, clock_jump } = measured.borrow().clone();
            (state.health, state.clock_jump) = (health, clock_jump);
            if node.publish(controller, state).await.is_err() {
                return;
            }
        }
    }
}

/// What a controller waits for.
fn news(beats: &Beats) -> Vec<(PeerId, AgentPhase, Vec<TaskOutcome>)> {
    let news =
        |(peer, state): &(PeerId, AgentState)| (peer.clone(), state.phase, state.tasks.clone());
    beats.iter().map(news).collect()
}
