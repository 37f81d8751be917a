import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { NoteSpec, Run } from "@/api/types";
import { useApi } from "@/store/hooks";
import type { ChartView, PlacedNote } from "../chart/view";
import { notifyFailure } from "../notify";

/** A run's notes on an axis whose zero is a moment, ms since 1970. */
export function usePlacedNotes(run: Run, zeroMs: number, view: ChartView): readonly PlacedNote[] {
  const { pinned } = run;
  const notes = useMemo(
    () =>
      (pinned ?? []).map(({ id, at_ms, text }) => ({
        id,
        second: Math.floor((at_ms - zeroMs) / 1000),
        text,
      })),
    [pinned, zeroMs],
  );
  useEffect(() => view.setNotes(notes), [view, notes]);
  return notes;
}

/** Writes and removes notes of a run. */
export function useNotes(run: Run, onDone: () => void) {
  const api = useApi();
  // What has changed comes as an event.
  const options = { onError: notifyFailure, onSuccess: onDone };
  const save = useMutation({
    mutationFn: ({ id, spec }: { id: number | null; spec: NoteSpec }) =>
      id === null ? api.addNote(run.id, spec) : api.changeNote(run.id, id, spec),
    ...options,
  });
  const remove = useMutation({ mutationFn: (id: number) => api.removeNote(run.id, id), ...options });
  return { save, remove };
}
