//! Requests of peers, and the owner's answers.

use std::time::{Duration, Instant};

use bfgg_protocol::pairing::{PairingAnswer, PairingRequest};
use bfgg_protocol::{
    FileAnswer, RegistrationAnswer, RegistrationRequest, SourceAnswer, SourceRequest,
    TelemetryAnswer, TelemetryRequest,
};
use futures::FutureExt;
use libp2p::request_response::ResponseChannel;
use tracing::debug;

use super::Loop;
use crate::event::{Event, Reply};
use crate::identity::peer_id;
use crate::packed::Packed;
use crate::request::{Answered, Incoming};

/// Telemetry without an answer yet, of up to 4 MiB each: more is refused, and told again.
const TELEMETRY: usize = 64;
/// Questions for files of a folder without an answer yet, of up to 1 MiB each.
const SOURCES: usize = 64;
/// Refused telemetry of one peer in [`REFUSED_IN`] after which it is disconnected. An agent that is
/// not admitted any more, or not yet, tries once a second for each run that it still has.
const REFUSED: u32 = 4;
const REFUSED_IN: Duration = Duration::from_secs(1);

/// How much telemetry of a peer was refused of late.
#[derive(Default)]
pub(super) struct Refused {
    since: Option<Instant>,
    times: u32,
}

impl Refused {
    /// Once more; whether that is too often.
    fn add(&mut self, now: Instant) -> bool {
        let is_late = |since: Instant| now.saturating_duration_since(since) >= REFUSED_IN;
        if self.since.is_none_or(is_late) {
            (self.since, self.times) = (Some(now), 0);
        }
        self.times = self.times.saturating_add(1);
        self.times > REFUSED
    }
}

impl Loop {
    pub(super) fn answer(&mut self, answered: Answered) {
        if let Answered::Telemetry(..) = &answered {
            self.telemetry_owed = self.telemetry_owed.saturating_sub(1);
        }
        if let Answered::Source(..) = &answered {
            self.sources_owed = self.sources_owed.saturating_sub(1);
        }
        let behaviour = self.swarm.behaviour_mut();
        // An answer for a peer that is gone has nowhere to go.
        match answered {
            Answered::Registration(channel, Some(answer)) => {
                let _ = behaviour.registration.send_response(channel, answer);
            }
            Answered::Pairing(channel, Some(answer)) => {
                let _ = behaviour.pairings.send_response(channel, answer);
            }
            Answered::Task(channel, Some(answer)) => {
                let _ = behaviour.tasks.send_response(channel, answer);
            }
            Answered::Telemetry(channel, Some(answer)) => {
                let _ = behaviour.telemetry.send_response(channel, answer);
            }
            Answered::File(channel, Some(answer)) => {
                let _ = behaviour.files.send_response(channel, answer);
            }
            Answered::Output(channel, Some(answer)) => {
                let _ = behaviour.outputs.send_response(channel, answer);
            }
            Answered::Source(channel, Some(answer)) => {
                let _ = behaviour.sources.send_response(channel, answer);
            }
            // The owner gave no answer; dropping the channel closes the stream.
            Answered::Registration(_, None)
            | Answered::Pairing(_, None)
            | Answered::Task(_, None)
            | Answered::Telemetry(_, None)
            | Answered::File(_, None)
            | Answered::Output(_, None)
            | Answered::Source(_, None) => {}
        }
    }

    pub(super) fn registration(
        &mut self,
        asked: Incoming<RegistrationRequest, RegistrationAnswer>,
    ) {
        let Some(peer) = self.peers.get_mut(&asked.peer) else {
            return;
        };
        peer.introduced = true;
        let address = peer.address.clone();
        let reply = self.owe(asked.channel, Answered::Registration);
        let (peer, request) = (peer_id(&asked.peer), Box::new(asked.request));
        self.emit(Event::Registration {
            peer,
            address,
            request,
            reply,
        });
    }

    pub(super) fn pairing(&mut self, asked: Incoming<PairingRequest, PairingAnswer>) {
        let Some(address) = self.peers.get(&asked.peer).map(|peer| peer.address.clone()) else {
            return;
        };
        let reply = self.owe(asked.channel, Answered::Pairing);
        let (peer, request) = (peer_id(&asked.peer), asked.request);
        self.emit(Event::Pairing {
            peer,
            address,
            request,
            reply,
        });
    }

    /// Of registered peers alone: of others the stream closes, and of those that do not leave it at
    /// that the connections.
    pub(super) fn telemetry(&mut self, asked: Incoming<TelemetryRequest, TelemetryAnswer>) {
        let Some(peer) = self.peers.get_mut(&asked.peer) else {
            return;
        };
        if !peer.registered {
            debug!(peer = %asked.peer, "telemetry of a peer that is not registered");
            if peer.refused.add(Instant::now()) {
                let _ = self.swarm.disconnect_peer_id(asked.peer);
            }
            return;
        }
        if self.telemetry_owed >= TELEMETRY {
            debug!(peer = %asked.peer, "telemetry waits: there is too much of it");
            return;
        }
        self.telemetry_owed += 1;
        let reply = self.owe(asked.channel, Answered::Telemetry);
        let (peer, request) = (peer_id(&asked.peer), Box::new(asked.request));
        self.emit(Event::Telemetry {
            peer,
            request,
            reply,
        });
    }

    /// Of registered peers alone: of others the stream closes.
    pub(super) fn source(&mut self, asked: Incoming<SourceRequest, SourceAnswer>) {
        let is_registered = self
            .peers
            .get(&asked.peer)
            .is_some_and(|peer| peer.registered);
        if !is_registered || self.sources_owed >= SOURCES {
            debug!(peer = %asked.peer, is_registered, "a question for a folder's files waits");
            return;
        }
        self.sources_owed += 1;
        let reply = self.owe(asked.channel, Answered::Source);
        let (peer, request) = (peer_id(&asked.peer), asked.request);
        self.emit(Event::Source {
            peer,
            request,
            reply,
        });
    }

    /// The same for a file, whose answer is packed first.
    pub(super) fn owe_file(&mut self, channel: ResponseChannel<Packed>) -> Reply<FileAnswer> {
        let (reply, answer) = Reply::channel();
        let packed = async move {
            let answer = answer.await.ok()?;
            let packing = tokio::task::spawn_blocking(move || Packed::of(answer));
            match packing.await.ok()? {
                Ok(packed) => Some(packed),
                Err(cause) => {
                    debug!(%cause, "a part of a file could not be sent");
                    None
                }
            }
        };
        self.answers
            .push(async move { Answered::File(channel, packed.await) }.boxed());
        reply
    }

    /// The owner owes an answer, and gives it through the reply.
    pub(super) fn owe<T: Send + 'static>(
        &mut self,
        channel: ResponseChannel<T>,
        answered: fn(ResponseChannel<T>, Option<T>) -> Answered,
    ) -> Reply<T> {
        let (reply, answer) = Reply::channel();
        self.answers
            .push(async move { answered(channel, answer.await.ok()) }.boxed());
        reply
    }
}
