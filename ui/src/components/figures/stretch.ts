import { useQuery } from "@tanstack/react-query";
import type { Run, RunStretch } from "@/api/types";
import { isActive } from "@/model/run";
import type { Stretch } from "@/model/stretch";
import { useApi } from "@/store/hooks";

interface Chosen {
  data: RunStretch | null;
  error: Error | null;
}

/** Seconds after which nothing is told of a second any more, where all is well. */
const SETTLED_S = 3;

/** Whether what is known of some seconds stays as it is, by the newest second of which anything is. */
export const isSettled = (stretch: Stretch | null, newest: number): boolean =>
  stretch === null || newest >= stretch.until + SETTLED_S;

/**
 * The figures of the chosen seconds alone; nothing where none are chosen. Of a run in progress they are asked for again
 * once the newest of them are complete.
 */
export function useStretchFigures(run: Run, stretch: Stretch | null, settled: boolean): Chosen {
  const api = useApi();
  const { from, until } = stretch ?? { from: 0, until: 0 };
  const asked = useQuery({
    queryKey: ["stretch", run.id, isActive(run), run.revision, from, until, settled],
    queryFn: ({ signal }) => api.stretch(run.id, from, until, signal),
    enabled: stretch !== null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    // The same seconds as they were: never those of others.
    placeholderData: (known) =>
      known && known.from_s === from && known.until_s === until ? known : undefined,
  });
  return { data: (stretch && asked.data) ?? null, error: stretch && asked.error };
}
