//! Notes that somebody pins to a time of a run.

use std::ops::RangeInclusive;

use crate::api::types::{NoteSpec, PinnedNote, Run};
use crate::error::{Refused, RefusedKind};

/// Notes of one run.
const MOST: usize = 200;
/// Characters of a note.
const LONGEST: usize = 500;
/// How far behind the run's end a note may be, ms: what followed belongs to it too.
const AFTER_MS: u64 = 60_000;

/// What is asked of a run's notes.
#[derive(Debug, Clone)]
pub(crate) enum NoteChange {
    Add(NoteSpec),
    Put(u64, NoteSpec),
    Remove(u64),
}

impl NoteChange {
    /// The notes of a run after this, and the one it is about.
    pub(crate) fn of(
        self,
        run: &Run,
        now_ms: u64,
    ) -> Result<(Vec<PinnedNote>, PinnedNote), Refused> {
        let mut notes = run.pinned.clone();
        let times = run.created_ms..=run.ended_ms.unwrap_or(now_ms).saturating_add(AFTER_MS);
        let place = |notes: &[PinnedNote], id| {
            let found = notes.iter().position(|note| note.id == id);
            found.ok_or_else(|| unknown(run, id))
        };
        let note = match self {
            Self::Add(_) if notes.len() >= MOST => {
                let message = format!("A run has at most {MOST} notes, and this one has them.");
                let hint = "Remove some of them.";
                return Err(Refused::new(
                    RefusedKind::Conflict,
                    "too-many-notes",
                    message,
                    hint,
                ));
            }
            Self::Add(spec) => {
                let newest = notes.iter().map(|note| note.id).max();
                let id = now_ms.max(newest.map_or(0, |newest| newest.saturating_add(1)));
                checked(id, spec, &times)?
            }
            Self::Put(id, spec) => {
                let at = place(&notes, id)?;
                let note = checked(id, spec, &times)?;
                notes.remove(at);
                note
            }
            Self::Remove(id) => {
                let at = place(&notes, id)?;
                let note = notes.remove(at);
                return Ok((notes, note));
            }
        };
        notes.push(note.clone());
        notes.sort_by_key(|note| (note.at_ms, note.id));
        Ok((notes, note))
    }
}

fn checked(id: u64, spec: NoteSpec, times: &RangeInclusive<u64>) -> Result<PinnedNote, Refused> {
    let text = spec.text.trim();
    let length = text.chars().count();
    if length == 0 || length > LONGEST || text.chars().any(char::is_control) {
        let message =
            format!("A note has 1 to {LONGEST} characters on one line; this one has {length}.");
        let hint = "Shorten it, and leave out line breaks.";
        return Err(bad(message, hint));
    }
    if !times.contains(&spec.at_ms) {
        let message = format!("{} ms since 1970 is no time of this run.", spec.at_ms);
        let hint = "A note stands between the moment at which the run was asked for and a minute after its end.";
        return Err(bad(message, hint));
    }
    Ok(PinnedNote {
        id,
        at_ms: spec.at_ms,
        text: text.to_owned(),
    })
}

fn bad(message: String, hint: &str) -> Refused {
    Refused::new(RefusedKind::BadInput, "bad-input", message, hint)
}

fn unknown(run: &Run, id: u64) -> Refused {
    let message = format!("Run {} has no note {id} (any more).", run.id);
    let hint = "GET /api/v1/runs/{id} has its notes, in `pinned`.";
    Refused::new(RefusedKind::NotFound, "note-unknown", message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::started_run;

    fn spec(at_ms: u64, text: &str) -> NoteSpec {
        let text = text.to_owned();
        NoteSpec { at_ms, text }
    }

    #[test]
    fn notes_stand_in_the_order_of_their_times_and_keep_their_numbers() {
        let mut run = started_run(0, 10_000, 60);
        run.created_ms = 9_000;
        let mut change = |change: NoteChange| {
            let (notes, note) = change.of(&run, 20_000).unwrap();
            run.pinned = notes;
            note.id
        };
        let late = change(NoteChange::Add(spec(15_000, " late ")));
        let early = change(NoteChange::Add(spec(12_000, "early")));
        assert_ne!(late, early);
        change(NoteChange::Put(early, spec(16_000, "moved")));
        let again = change(NoteChange::Add(spec(12_000, "new")));
        change(NoteChange::Remove(late));
        let texts: Vec<&str> = run.pinned.iter().map(|note| note.text.as_str()).collect();
        assert_eq!(texts, ["new", "moved"]);
        let ids: Vec<u64> = run.pinned.iter().map(|note| note.id).collect();
        assert_eq!(ids, [again, early]);
        for change in [
            NoteChange::Remove(late),
            NoteChange::Put(7, spec(12_000, "x")),
        ] {
            assert_eq!(change.of(&run, 20_000).unwrap_err().code, "note-unknown");
        }
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let mut run = started_run(0, 10_000, 60);
        (run.created_ms, run.ended_ms) = (9_000, Some(30_000));
        let long = "é".repeat(LONGEST);
        for (at_ms, text, code) in [
            (12_000, "", "bad-input"),
            (12_000, " \t ", "bad-input"),
            (12_000, "two\nlines", "bad-input"),
            (12_000, &format!("{long}x"), "bad-input"),
            (8_999, "before", "bad-input"),
            (90_001, "after", "bad-input"),
            (u64::MAX, "never", "bad-input"),
            (90_000, &long, ""),
            (9_000, "<script>alert(1)</script>", ""),
        ] {
            let result = NoteChange::Add(spec(at_ms, text)).of(&run, 99_000_000);
            let found = result.err().map_or("", |refused| refused.code);
            assert_eq!(found, code, "{at_ms} {text}");
        }
        let full = |id| PinnedNote {
            id,
            at_ms: 12_000,
            text: "x".into(),
        };
        run.pinned = (0..MOST as u64).map(full).collect();
        let refused = NoteChange::Add(spec(12_000, "one more")).of(&run, 20_000);
        assert_eq!(refused.unwrap_err().code, "too-many-notes");
        assert!(
            NoteChange::Put(3, spec(12_000, "y"))
                .of(&run, 20_000)
                .is_ok()
        );
    }
}
