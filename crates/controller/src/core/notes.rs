//! Notes pinned to a time of a run: kept with it, and told to all viewers.

use bfgg_protocol::RunId;
use tracing::warn;

use super::Core;
use crate::api::types::{PinnedNote, Run};
use crate::clock::Now;
use crate::error::Refused;
use crate::run::NoteChange;

impl Core {
    pub(super) fn change_notes(
        &mut self,
        id: RunId,
        change: NoteChange,
        now: Now,
    ) -> Result<PinnedNote, Refused> {
        let mut run = self.find_run(id)?;
        let now_ms = match self.runs.get(&id) {
            Some(active) => active.time(now, &self.clock).wall_ms,
            None => now.wall_ms,
        };
        let (notes, note) = change.of(&run, now_ms)?;
        if let Some(active) = self.runs.get_mut(&id) {
            active.machine.pin(notes.clone());
            active.shown.pinned.clone_from(&notes);
        }
        run.pinned = notes;
        self.save_run(&run);
        self.publish_run(run);
        Ok(note)
    }

    /// Puts into a run that is over the notes that it got since it was looked at.
    pub(super) fn take_notes_since(&self, run: &mut Run) {
        match self.store.run(run.id) {
            Ok(Some(now)) => run.pinned = now.pinned,
            Ok(None) => {}
            Err(cause) => warn!(%cause, "the database cannot be read"),
        }
    }
}
