//! Requests of peers, and the owner's answers.

use bfgg_protocol::{RegistrationAnswer, RegistrationRequest, TelemetryAnswer, TelemetryRequest};
use futures::FutureExt;
use libp2p::request_response::ResponseChannel;
use tracing::debug;

use super::Loop;
use crate::event::{Event, Reply};
use crate::identity::peer_id;
use crate::request::{Answered, Incoming};

impl Loop {
    pub(super) fn answer(&mut self, answered: Answered) {
        let behaviour = self.swarm.behaviour_mut();
        // An answer for a peer that is gone has nowhere to go.
        match answered {
            Answered::Registration(channel, Some(answer)) => {
                let _ = behaviour.registration.send_response(channel, answer);
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
            // The owner gave no answer; dropping the channel closes the stream.
            Answered::Registration(_, None)
            | Answered::Task(_, None)
            | Answered::Telemetry(_, None)
            | Answered::File(_, None) => {}
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

    /// Of registered peers alone: of others the stream closes.
    pub(super) fn telemetry(&mut self, asked: Incoming<TelemetryRequest, TelemetryAnswer>) {
        let peer = self.peers.get(&asked.peer);
        if !peer.is_some_and(|peer| peer.registered) {
            debug!(peer = %asked.peer, "telemetry of a peer that is not registered");
            return;
        }
        let reply = self.owe(asked.channel, Answered::Telemetry);
        let (peer, request) = (peer_id(&asked.peer), Box::new(asked.request));
        self.emit(Event::Telemetry {
            peer,
            request,
            reply,
        });
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
