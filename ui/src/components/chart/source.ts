import { useSyncExternalStore } from "react";
import type { Series } from "@/api/types";
import type { LiveStore } from "@/store/live";
import { type Columns, TickSeries } from "@/store/ticks";

/** What a chart draws: columns that may grow, and word of it when they do. */
export interface ChartSource<K extends string> {
  columns: () => Columns<K>;
  /** Another number whenever the columns have changed. */
  version: () => number;
  subscribe: (listener: () => void) => () => void;
}

export type TickSource = ChartSource<"ok" | "ko" | "users">;

const EMPTY = new TickSeries();

/** The seconds of a run in progress. */
export function liveSource(live: LiveStore, run: string): TickSource {
  return {
    columns: () => (live.ticks(run) ?? EMPTY).columns(),
    version: () => (live.ticks(run) ?? EMPTY).version,
    subscribe: (listener) => live.subscribeTicks(run, listener),
  };
}

/** The seconds of a run that has ended. */
export function seriesSource(series: Series): TickSource {
  const ticks = new TickSeries();
  for (const point of series.seconds) ticks.put(point);
  return { columns: () => ticks.columns(), version: () => ticks.version, subscribe: () => () => {} };
}

/** The columns as they are now; re-renders when they change. */
export function useColumns<K extends string>(source: ChartSource<K>): Columns<K> {
  useSyncExternalStore(source.subscribe, source.version);
  return source.columns();
}
