import { Tooltip } from "@mantine/core";
import { clock } from "@/model/format";
import { visible } from "@/model/visible";
import { text } from "@/text";
import classes from "./chart.module.css";
import type { MarkPlace } from "./plot";
import type { PlacedNote } from "./view";

const t = text.figures.notes;

interface Props {
  notes: readonly PlacedNote[];
  places: readonly MarkPlace[];
  onPick: (note: number) => void;
}

/** The numbers of the notes above their lines in a chart, with what they say on hover and focus. */
export function NoteMarks({ notes, places, onPick }: Props) {
  return places.map(({ id, left }) => {
    const index = notes.findIndex((note) => note.id === id);
    const note = notes[index];
    if (!note) return null;
    const said = t.mark(clock(note.second), visible(note.text));
    return (
      <Tooltip key={id} label={said} multiline maw={360} events={{ hover: true, focus: true, touch: true }}>
        <button
          type="button"
          className={classes.mark}
          style={{ left }}
          aria-label={said}
          onClick={() => onPick(id)}
        >
          {index + 1}
        </button>
      </Tooltip>
    );
  });
}
