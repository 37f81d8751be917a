//! Pairing, as the agent keeps it: its code, and who has tried it. Pure: time is passed in.
//!
//! A try counts once its first question was answered: who then goes without a proof has still made a
//! guess. After five a new code is made; and however many codes that takes, all peers together have
//! few tries in ten minutes, as peer ids cost nothing.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use bfgg_protocol::PeerId;
use bfgg_protocol::pairing::{
    NoCode, PairingAnswer, PairingCode, PairingRefusal, PairingRequest, Proof, answer,
};

/// How often one code can be tried.
const TRIES: u32 = 5;
/// The second question comes as soon as the first is answered.
const TALK: Duration = Duration::from_secs(15);
/// Peers between their two questions at once.
const TALKS: usize = 4;
/// All tries in [`LATELY`]. A guess hits one of 10⁸ codes: in a day of guessing, one time in 30 000.
const TRIES_LATELY: usize = 20;
const LATELY: Duration = Duration::from_secs(600);

/// What came of a question.
#[derive(Debug)]
pub(crate) enum Heard {
    /// This is to be answered.
    Answer(PairingAnswer),
    /// The controller has proved that its user knows the code. Once it is kept that it is trusted, the
    /// confirmation is the answer.
    Proved {
        confirmation: Vec<u8>,
        addresses: Vec<String>,
    },
}

/// A controller between its two questions.
#[derive(Debug)]
struct Talk {
    proof: Proof,
    until: Duration,
}

#[derive(Debug)]
struct Waiting {
    code: PairingCode,
    tries: u32,
    talks: HashMap<PeerId, Talk>,
}

/// Whether this agent shows a code, and all that is tried with it.
#[derive(Debug)]
pub(crate) struct Pairing {
    me: PeerId,
    waiting: Option<Waiting>,
    /// When tries were made, of all codes.
    lately: VecDeque<Duration>,
    /// The code is new and was not shown yet.
    is_news: bool,
}

impl Pairing {
    pub(crate) fn new(me: PeerId) -> Self {
        Self {
            me,
            waiting: None,
            lately: VecDeque::new(),
            is_news: false,
        }
    }

    /// Waits to be paired, with a new code unless it waits already.
    ///
    /// # Errors
    /// There is no code to be had.
    pub(crate) fn wait(&mut self) -> Result<(), NoCode> {
        if self.waiting.is_none() {
            self.renew()?;
        }
        Ok(())
    }

    /// Waits no longer: the code is worth nothing any more.
    pub(crate) fn end(&mut self) {
        self.waiting = None;
        self.is_news = false;
    }

    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// The code, if it was not shown yet.
    pub(crate) fn take_news(&mut self) -> Option<&PairingCode> {
        let is_news = std::mem::take(&mut self.is_news);
        self.waiting
            .as_ref()
            .filter(|_| is_news)
            .map(|waiting| &waiting.code)
    }

    /// A controller asks.
    ///
    /// # Errors
    /// There is no new code to be had; the agent waits no longer.
    pub(crate) fn ask(
        &mut self,
        peer: &PeerId,
        request: PairingRequest,
        now: Duration,
    ) -> Result<Heard, NoCode> {
        self.tick(now)?;
        match request {
            PairingRequest::Begin { message } => Ok(Heard::Answer(self.begin(peer, &message, now))),
            PairingRequest::Confirm {
                confirmation,
                addresses,
            } => self.confirm(peer, &confirmation, addresses),
        }
    }

    fn begin(&mut self, peer: &PeerId, message: &[u8], now: Duration) -> PairingAnswer {
        let late = |at: &Duration| now.saturating_sub(*at) >= LATELY;
        while self.lately.front().is_some_and(late) {
            self.lately.pop_front();
        }
        let Some(waiting) = &mut self.waiting else {
            return refused(PairingRefusal::NotWaiting);
        };
        let oldest = self
            .lately
            .front()
            .filter(|_| self.lately.len() >= TRIES_LATELY);
        if let Some(oldest) = oldest {
            return wait(LATELY.saturating_sub(now.saturating_sub(*oldest)));
        }
        let is_full = waiting.talks.len() >= TALKS && !waiting.talks.contains_key(peer);
        // With the last try of this code under way, it has to end before there is a new one.
        if is_full || waiting.tries >= TRIES {
            return wait(TALK);
        }
        let Ok((proof, message)) = answer(&waiting.code, peer, &self.me, message) else {
            return refused(PairingRefusal::Unreadable);
        };
        waiting.tries += 1;
        self.lately.push_back(now);
        let until = now + TALK;
        waiting.talks.insert(peer.clone(), Talk { proof, until });
        PairingAnswer::Begun { message }
    }

    fn confirm(
        &mut self,
        peer: &PeerId,
        confirmation: &[u8],
        addresses: Vec<String>,
    ) -> Result<Heard, NoCode> {
        let Some(waiting) = &mut self.waiting else {
            return Ok(Heard::Answer(refused(PairingRefusal::NotWaiting)));
        };
        let Some(talk) = waiting.talks.remove(peer) else {
            return Ok(Heard::Answer(refused(PairingRefusal::Stale)));
        };
        if talk.proof.holds(confirmation) {
            let confirmation = talk.proof.own();
            return Ok(Heard::Proved {
                confirmation,
                addresses,
            });
        }
        let tries_left = TRIES.saturating_sub(waiting.tries);
        if tries_left == 0 {
            self.renew()?;
        }
        Ok(Heard::Answer(PairingAnswer::Wrong { tries_left }))
    }

    /// Time passes: who does not go on has made a guess all the same.
    ///
    /// # Errors
    /// As [`Pairing::ask`].
    pub(crate) fn tick(&mut self, now: Duration) -> Result<(), NoCode> {
        let Some(waiting) = &mut self.waiting else {
            return Ok(());
        };
        waiting.talks.retain(|_, talk| talk.until > now);
        if waiting.tries >= TRIES && waiting.talks.is_empty() {
            self.renew()?;
        }
        Ok(())
    }

    fn renew(&mut self) -> Result<(), NoCode> {
        self.waiting = None;
        let code = PairingCode::random()?;
        self.waiting = Some(Waiting {
            code,
            tries: 0,
            talks: HashMap::new(),
        });
        self.is_news = true;
        Ok(())
    }
}

fn refused(refusal: PairingRefusal) -> PairingAnswer {
    PairingAnswer::Refused {
        refusal,
        retry_after_s: 0,
    }
}

fn wait(time: Duration) -> PairingAnswer {
    PairingAnswer::Refused {
        refusal: PairingRefusal::TooManyTries,
        retry_after_s: u32::try_from(time.as_secs()).unwrap_or(u32::MAX).max(1),
    }
}

#[cfg(test)]
mod tests;
