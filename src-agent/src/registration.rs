//! Registration: for each controller that was joined, one task that dials it, introduces the
//! agent on every connection, whoever dialled, and begins again when the connection is gone.

use std::time::Duration;

use bfgg_net::{Address, NetError, Node};
use bfgg_protocol::{PeerId, RegistrationAnswer, RegistrationRequest};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::joined::Membership;

/// Pauses between attempts; the last one for ever.
const PAUSES_MS: [u64; 4] = [500, 1000, 2000, 4000];
/// How often an agent that waits to be admitted asks again.
const PENDING: Duration = Duration::from_secs(5);
/// A controller cannot keep an agent away for longer than this, seconds.
const LONGEST_REFUSAL: u32 = 60;
/// Registrations that may fail in a row before the connection is taken for dead.
const MAX_FAILURES: u32 = 3;

/// What the agent's loop knows of the way to a controller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) connected: bool,
    /// Counts the connections: one that is gone and back at once is another one.
    pub(crate) connections: u64,
    /// Where mDNS saw it.
    pub(crate) found: Vec<Address>,
}

/// What came of a registration.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) controller: PeerId,
    pub(crate) answer: RegistrationAnswer,
}

/// The way to one controller.
pub(crate) struct Registration {
    pub(crate) node: Node,
    pub(crate) membership: Membership,
    /// Addresses of the settings, besides the token's.
    pub(crate) hosts: Vec<Address>,
    pub(crate) link: watch::Receiver<Link>,
    /// What the agent says of itself, without the secret.
    pub(crate) introduction: watch::Receiver<RegistrationRequest>,
    pub(crate) answers: mpsc::Sender<Registered>,
    pub(crate) stop: CancellationToken,
}

impl Registration {
    /// Keeps in touch until it is stopped.
    pub(crate) async fn keep_in_touch(mut self) {
        let stop = self.stop.clone();
        stop.run_until_cancelled(async move {
            let mut failures = 0;
            loop {
                if self.link.borrow_and_update().connected {
                    failures = 0;
                    self.stay_registered().await;
                } else {
                    self.dial(&mut failures).await;
                }
            }
        })
        .await;
    }

    async fn dial(&mut self, failures: &mut u32) {
        let controller = &self.membership.controller;
        let mut addresses: Vec<Address> = self
            .membership
            .addresses
            .iter()
            .filter_map(|address| address.parse().ok())
            .collect();
        addresses.extend(self.hosts.iter().cloned());
        addresses.extend(self.link.borrow_and_update().found.iter().cloned());
        addresses.dedup();
        if !addresses.is_empty() {
            match self.node.dial(Some(controller.clone()), addresses).await {
                Ok(_) => {
                    // The loop hears of the connection, and so do we, at once; or it is gone again.
                    let up = self.link.wait_for(|link| link.connected);
                    let _ = tokio::time::timeout(Duration::from_secs(2), up).await;
                    return;
                }
                Err(cause) if *failures == 0 => {
                    info!(%controller, %cause, "the controller is not reached; trying on");
                }
                Err(cause) => debug!(%controller, %cause, "the controller is not reached"),
            }
        }
        let pause = pause(*failures);
        *failures = failures.saturating_add(1);
        // It may come by itself, or be found.
        let _ = tokio::time::timeout(pause, self.link.changed()).await;
    }

    /// Registers, and again when there is news, until the connection is gone.
    async fn stay_registered(&mut self) {
        let controller = self.membership.controller.clone();
        let mut failures = 0;
        let connection = self.link.borrow().connections;
        let stands = move |link: &Link| link.connected && link.connections == connection;
        while stands(&self.link.borrow()) {
            let mut request = self.introduction.borrow_and_update().clone();
            request.secret = self.membership.secret();
            let wait = match self.node.register(controller.clone(), request).await {
                Ok(answer) => {
                    failures = 0;
                    let wait = after(&controller, &answer);
                    let told = Registered {
                        controller: controller.clone(),
                        answer,
                    };
                    if self.answers.send(told).await.is_err() {
                        return;
                    }
                    wait
                }
                Err(cause @ NetError::Unsupported { .. }) => {
                    warn!(%controller, %cause, "cannot register");
                    Some(Duration::from_secs(LONGEST_REFUSAL.into()))
                }
                Err(cause) => {
                    debug!(%controller, %cause, "registration failed");
                    failures += 1;
                    if failures >= MAX_FAILURES {
                        let _ = self.node.disconnect(controller.clone()).await;
                    }
                    Some(Duration::from_secs(1))
                }
            };
            self.wait(wait, stands).await;
        }
    }

    /// Waits until the connection is gone, there is news of the agent, or the time is over.
    async fn wait(&mut self, time: Option<Duration>, stands: impl Fn(&Link) -> bool) {
        let gone = self.link.wait_for(|link| !stands(link));
        let over = async {
            match time {
                Some(time) => tokio::time::sleep(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = gone => {}
            _ = self.introduction.changed() => {}
            () = over => {}
        }
    }
}

/// When to register again by itself.
fn after(controller: &PeerId, answer: &RegistrationAnswer) -> Option<Duration> {
    match answer {
        RegistrationAnswer::Admitted { .. } => None,
        RegistrationAnswer::Pending { reason } => {
            debug!(%controller, %reason, "waiting to be admitted");
            Some(PENDING)
        }
        RegistrationAnswer::Refused {
            reason,
            retry_after_s,
        } => {
            warn!(%controller, %reason, "the controller refuses this agent");
            let seconds = (*retry_after_s).clamp(1, LONGEST_REFUSAL);
            Some(Duration::from_secs(seconds.into()))
        }
    }
}

/// How long an agent waits before it dials again after that many failures, give or take a quarter: 200
/// agents that lost the same controller must not come back at once.
pub fn pause(failures: u32) -> Duration {
    let step = usize::try_from(failures)
        .unwrap_or(usize::MAX)
        .min(PAUSES_MS.len() - 1);
    let base = PAUSES_MS[step];
    let mut random = [0; 2];
    // Without randomness the pauses are merely regular.
    let _ = getrandom::fill(&mut random);
    let spread = u64::from(u16::from_le_bytes(random)) * base / 2 / u64::from(u16::MAX);
    Duration::from_millis(base * 3 / 4 + spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_four_seconds_and_differ() {
        for (failures, base) in [
            (0, 500),
            (1, 1000),
            (2, 2000),
            (3, 4000),
            (4, 4000),
            (u32::MAX, 4000),
        ] {
            for _ in 0..20 {
                let pause = pause(failures).as_millis();
                assert!(
                    (base * 3 / 4..=base * 5 / 4).contains(&pause),
                    "{failures}: {pause}"
                );
            }
        }
        let all: std::collections::HashSet<_> = (0..20).map(|_| pause(3)).collect();
        assert!(all.len() > 1);
    }
}
