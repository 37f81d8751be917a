//! Pairing by the code that this agent shows.

use std::io::Write;

use bfgg_net::{Address, Reply};
use bfgg_protocol::pairing::{
    MAX_ADDRESSES, NoCode, PairingAnswer, PairingRefusal, PairingRequest,
};
use bfgg_protocol::{JoinToken, PeerId};
use tracing::{debug, info, warn};

use super::Agent;
use crate::pairing::Heard;

impl Agent {
    /// A controller asks to be trusted, or asks on.
    pub(super) fn pair(
        &mut self,
        peer: PeerId,
        address: &Address,
        request: PairingRequest,
        reply: Reply<PairingAnswer>,
    ) {
        let now = self.now().mono;
        match self.pairing.ask(&peer, request, now) {
            Ok(Heard::Answer(answer)) => {
                log(&peer, address, &answer);
                reply.send(answer);
            }
            Ok(Heard::Proved {
                confirmation,
                addresses,
            }) => reply.send(self.trusts_now(&peer, confirmation, addresses)),
            // The stream closes.
            Err(cause) => no_code(&cause),
        }
        self.show_code();
    }

    /// Kept first, so that no controller takes for its own an agent that forgets it.
    fn trusts_now(
        &mut self,
        peer: &PeerId,
        confirmation: Vec<u8>,
        addresses: Vec<String>,
    ) -> PairingAnswer {
        let addresses = addresses
            .iter()
            .take(MAX_ADDRESSES)
            .filter_map(|address| address.parse::<Address>().ok());
        let token = JoinToken {
            controller: peer.clone(),
            secret: None,
            addresses: addresses.map(|address| address.to_string()).collect(),
        };
        if let Err(cause) = self.joined.add(&token) {
            warn!(%peer, %cause, "paired, but it could not be kept: the controller is not trusted");
            return PairingAnswer::Refused {
                refusal: PairingRefusal::NotKept,
                retry_after_s: 0,
            };
        }
        self.pairing.end();
        self.trusts_another = true;
        info!(%peer, "paired by the code: this agent obeys the controller from now on");
        say(&format!(
            "Paired with the controller {peer}, which this agent obeys from now on.\n\
             `bfgg-agent leave {}` takes it back.",
            peer.short()
        ));
        PairingAnswer::Paired { confirmation }
    }

    /// Waits to be paired as long as no controller is trusted.
    pub(super) fn wait_for_pairing(&mut self) {
        if !self.joined.all().is_empty() {
            self.pairing.end();
        } else if let Err(cause) = self.pairing.wait() {
            no_code(&cause);
        }
        self.show_code();
    }

    /// Makes a new code where those who tried it have gone without a word.
    pub(super) fn watch_pairing(&mut self) {
        let now = self.now().mono;
        if let Err(cause) = self.pairing.tick(now) {
            no_code(&cause);
        }
        self.show_code();
    }

    /// The one place where the code stands: this program's standard output, which is no log.
    fn show_code(&mut self) {
        let Some(code) = self.pairing.take_news() else {
            return;
        };
        let short = self.node.peer_id().short();
        say(&format!(
            "This agent trusts no controller yet. Its code is\n\n    {code}\n\n\
             Type it in the app under Agents, at {} ({short}), or on the controller's computer:\n\
             bfgg agents pair {short} {code}",
            self.settings.name.escape_debug()
        ));
    }
}

/// Whoever reads the output may be gone: that is no reason to end.
fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

fn no_code(cause: &NoCode) {
    warn!(%cause, "there is no code by which this agent could be paired");
}

fn log(peer: &PeerId, address: &Address, answer: &PairingAnswer) {
    match answer {
        PairingAnswer::Wrong { tries_left: 0 } => {
            warn!(%peer, %address, "a wrong code was tried; that was the last try, and there is a new code");
        }
        PairingAnswer::Wrong { tries_left } => {
            warn!(%peer, %address, tries_left, "a wrong code was tried");
        }
        PairingAnswer::Refused { refusal, .. } => {
            debug!(%peer, %address, ?refusal, "not paired");
        }
        // As often as there are tries: who then proves nothing has made one all the same.
        PairingAnswer::Begun { .. } => {
            info!(%peer, %address, "a try of this agent's code has begun");
        }
        PairingAnswer::Paired { .. } => {}
    }
}
