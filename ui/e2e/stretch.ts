// What a controller counts of some seconds of a run, and keeps of its notes: made up, as the other answers here.
import type { LiveFigures, NoteSpec, PinnedNote, Row, Run, RunStretch, Summary } from "@/api/types";

/** A share of a run's figures that goes by the stretch's length, so that each stretch has its own. */
export function stretchOf(
  whole: Summary | LiveFigures,
  seconds: number,
  search: URLSearchParams,
  ended: boolean,
): RunStretch {
  const [from, until] = [Number(search.get("from_s")), Number(search.get("until_s"))];
  const share = (until - from) / seconds;
  const part = (row: Row): Row => {
    const [ok, ko] = [Math.round(row.ok * share), Math.round(row.ko * share)];
    const total = ok + ko;
    return { ...row, ok, ko, total, per_second: total / (until - from) };
  };
  return {
    from_s: from,
    until_s: until,
    counted: ended ? "ended" : "told",
    outside: ended ? 0 : 12,
    elsewhere: ended ? 0 : 15,
    columns: whole.columns,
    rows: whole.rows.map(part),
    errors: whole.errors.slice(0, 1).map((row) => ({ ...row, count: Math.ceil(row.count * share) })),
    notes: [],
  };
}

/** The run with its notes changed, and the note that it is about. */
export function withNote(
  run: Run,
  method: string,
  id: number,
  spec: NoteSpec | undefined,
): { next: Run; note: PinnedNote | undefined } {
  const pinned = run.pinned ?? [];
  const others = pinned.filter((note) => note.id !== id);
  if (method === "DELETE" || !spec) return { next: { ...run, pinned: others }, note: undefined };
  const note = { id: method === "PUT" ? id : Math.max(0, ...pinned.map((one) => one.id)) + 1, ...spec };
  const notes = [...others, note].sort((a, b) => a.at_ms - b.at_ms);
  return { next: { ...run, pinned: notes }, note };
}
