//! Files of a folder, for the agents that prepare a run of it, and for nobody else.

use std::collections::HashSet;

use bfgg_net::Reply;
use bfgg_protocol::{ContentHash, PeerId, RunId, SourceAnswer, SourceRequest};

use super::{Core, Done};

/// A snapshot that agents prepare without a run.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) snapshot: ContentHash,
    pub(super) agents: HashSet<PeerId>,
}

impl Core {
    /// An agent asks for files.
    pub(super) fn source(
        &mut self,
        peer: &PeerId,
        request: SourceRequest,
        reply: Reply<SourceAnswer>,
    ) {
        let (SourceRequest::Manifest { run, snapshot, .. }
        | SourceRequest::Chunks { run, snapshot, .. }) = &request;
        if !self.may_have(peer, *run, *snapshot) {
            let why = "the run is over, or not of this agent, or not of these files.";
            reply.send(SourceAnswer::Missing(why.into()));
            return;
        }
        let sources = self.sources.clone();
        self.tasks.spawn_blocking(move || {
            reply.send(sources.answer(&request));
            Done::Nothing
        });
    }

    fn may_have(&self, peer: &PeerId, run: RunId, snapshot: ContentHash) -> bool {
        if let Some(active) = self.runs.get(&run) {
            let of_run = active.shown.spec.source.snapshot.as_ref();
            return of_run.is_some_and(|of_run| of_run.id == snapshot)
                && active.shown.agents.iter().any(|agent| agent.id == *peer);
        }
        self.lent
            .get(&run)
            .is_some_and(|lent| lent.snapshot == snapshot && lent.agents.contains(peer))
    }

    /// An agent has prepared, or has failed to.
    pub(super) fn returned(&mut self, run: RunId, agent: &PeerId) {
        if let Some(lent) = self.lent.get_mut(&run) {
            lent.agents.remove(agent);
            if lent.agents.is_empty() {
                self.lent.remove(&run);
            }
        }
    }

    /// Snapshots that are not to be cleared.
    pub(super) fn sources_in_use(&self) -> HashSet<ContentHash> {
        let runs = self.runs.values();
        let of_runs = runs.filter_map(|active| active.shown.spec.source.snapshot.as_ref());
        let lent = self.lent.values().map(|lent| lent.snapshot);
        let of_tests = self.snapshots_of_tests();
        of_runs
            .map(|snapshot| snapshot.id)
            .chain(lent)
            .chain(of_tests)
            .collect()
    }
}
