import { ActionIcon } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { Run } from "@/api/types";
import { clock } from "@/model/format";
import { useMayChange } from "@/store/hooks";
import { text } from "@/text";
import { Confirm } from "../Confirm";
import { type PlacedNote, useChartView } from "../chart/view";
import { Section } from "../layout";
import { MayChange } from "../MayChange";
import { Name } from "../Name";
import { type Draft, NoteDialog } from "./NoteDialog";
import { useNotes } from "./notes";
import classes from "./notes.module.css";

const t = text.figures.notes;

interface Props {
  run: Run;
  notes: readonly PlacedNote[];
  /** The charts' zero, ms since 1970. */
  zeroMs: number;
  /** The note being written, if one is. */
  draft: Draft | null;
  onDraft: (draft: Draft | null) => void;
}

/** The notes of a run below its charts, numbered as there; and the dialogs for them. */
export function PinnedNotes({ run, notes, zeroMs, draft, onDraft }: Props) {
  const [removing, setRemoving] = useState<PlacedNote | null>(null);
  const { save, remove } = useNotes(run, () => {
    onDraft(null);
    setRemoving(null);
  });
  const view = useChartView();
  const mayChange = useMayChange();
  useEffect(() => {
    view.onPick = (id) => {
      if (mayChange) onDraft(notes.find((note) => note.id === id) ?? null);
    };
  }, [view, notes, onDraft, mayChange]);
  return (
    <>
      {notes.length > 0 && (
        <Section title={t.title}>
          <ol className={classes.notes}>
            {notes.map((note, index) => (
              <li key={note.id} className={classes.note}>
                <span className={classes.number} aria-hidden>
                  {index + 1}
                </span>
                <span className={classes.at}>{clock(note.second)}</span>
                <span className={classes.text}>
                  <Name>{note.text}</Name>
                </span>
                <MayChange>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t.edit(clock(note.second))}
                    onClick={() => onDraft(note)}
                  >
                    <IconPencil size={15} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t.removeOf(clock(note.second))}
                    onClick={() => setRemoving(note)}
                  >
                    <IconTrash size={15} aria-hidden />
                  </ActionIcon>
                </MayChange>
              </li>
            ))}
          </ol>
        </Section>
      )}
      {draft && (
        <NoteDialog
          key={draft.id ?? "new"}
          draft={draft}
          busy={save.isPending}
          onSave={({ id, second, text: written }) =>
            save.mutate({ id, spec: { at_ms: zeroMs + second * 1000, text: written } })
          }
          onClose={() => onDraft(null)}
        />
      )}
      {removing && (
        <Confirm
          opened
          title={t.removeTitle}
          body={removing.text}
          confirm={t.remove}
          cancel={t.keep}
          busy={remove.isPending}
          danger
          onConfirm={() => remove.mutate(removing.id)}
          onClose={() => setRemoving(null)}
        />
      )}
    </>
  );
}
