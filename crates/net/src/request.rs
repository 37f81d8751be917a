//! Requests under way: those we sent, and those whose answer the owner owes.

use std::collections::HashMap;

use bfgg_protocol::pairing::PairingAnswer;
use bfgg_protocol::{
    OutputAnswer, PeerId, Receipt, RegistrationAnswer, SourceAnswer, TelemetryAnswer,
};
use libp2p::request_response::{
    Event, Message, OutboundFailure, OutboundRequestId, ResponseChannel,
};
use tokio::sync::oneshot;
use tracing::debug;

use crate::NetError;
use crate::packed::Packed;

/// The way back to a caller of the handle.
pub(crate) type Answer<T> = oneshot::Sender<Result<T, NetError>>;

type Waiting<T> = HashMap<OutboundRequestId, (PeerId, Answer<T>)>;

/// Requests we sent.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) registrations: Waiting<RegistrationAnswer>,
    pub(crate) pairings: Waiting<PairingAnswer>,
    pub(crate) tasks: Waiting<Receipt>,
    pub(crate) telemetry: Waiting<TelemetryAnswer>,
    pub(crate) files: Waiting<Packed>,
    pub(crate) outputs: Waiting<OutputAnswer>,
    pub(crate) sources: Waiting<SourceAnswer>,
}

/// The owner's answer to a request of a peer; `None` if it gave none.
pub(crate) enum Answered {
    Registration(
        ResponseChannel<RegistrationAnswer>,
        Option<RegistrationAnswer>,
    ),
    Pairing(ResponseChannel<PairingAnswer>, Option<PairingAnswer>),
    Task(ResponseChannel<Receipt>, Option<Receipt>),
    Telemetry(ResponseChannel<TelemetryAnswer>, Option<TelemetryAnswer>),
    File(ResponseChannel<Packed>, Option<Packed>),
    Output(ResponseChannel<OutputAnswer>, Option<OutputAnswer>),
    Source(ResponseChannel<SourceAnswer>, Option<SourceAnswer>),
}

/// A request of a peer.
pub(crate) struct Incoming<Req, Res> {
    pub(crate) peer: libp2p::PeerId,
    pub(crate) request: Req,
    pub(crate) channel: ResponseChannel<Res>,
}

/// Gives answers to those who wait for them, and returns a peer's request if it is one.
pub(crate) fn incoming<Req, Res>(
    event: Event<Req, Res>,
    waiting: &mut Waiting<Res>,
    protocol: &'static str,
) -> Option<Incoming<Req, Res>> {
    match event {
        Event::Message {
            peer,
            message: Message::Request {
                request, channel, ..
            },
            ..
        } => Some(Incoming {
            peer,
            request,
            channel,
        }),
        Event::Message {
            message:
                Message::Response {
                    request_id,
                    response,
                },
            ..
        } => {
            if let Some((_, reply)) = waiting.remove(&request_id) {
                let _ = reply.send(Ok(response));
            }
            None
        }
        Event::OutboundFailure {
            request_id, error, ..
        } => {
            if let Some((peer, reply)) = waiting.remove(&request_id) {
                let _ = reply.send(Err(failure(peer, protocol, error)));
            }
            None
        }
        Event::InboundFailure { peer, error, .. } => {
            debug!(%peer, protocol, %error, "a request could not be answered");
            None
        }
        Event::ResponseSent { .. } => None,
    }
}

fn failure(peer: PeerId, protocol: &'static str, error: OutboundFailure) -> NetError {
    match error {
        OutboundFailure::Timeout => NetError::TimedOut(peer),
        OutboundFailure::UnsupportedProtocols => NetError::Unsupported { peer, protocol },
        OutboundFailure::DialFailure => NetError::NotConnected(peer),
        OutboundFailure::ConnectionClosed => NetError::NoAnswer {
            peer,
            cause: "the connection closed".into(),
        },
        OutboundFailure::Io(cause) => NetError::NoAnswer {
            peer,
            cause: cause.to_string(),
        },
    }
}
