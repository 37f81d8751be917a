import type { Series } from "@/api/types";
import type { LiveStore } from "@/store/live";
import { type TickColumns, TickSeries } from "@/store/ticks";

/** What a chart draws: columns that may grow, and word of it when they do. */
export interface ChartSource {
  columns: () => TickColumns;
  subscribe: (listener: () => void) => () => void;
}

const EMPTY = new TickSeries();

/** The seconds of a run in progress. */
export function liveSource(live: LiveStore, run: string): ChartSource {
  return {
    columns: () => (live.ticks(run) ?? EMPTY).columns(),
    subscribe: (listener) => live.subscribeTicks(run, listener),
  };
}

/** The seconds of a run that has ended. */
export function seriesSource(series: Series): ChartSource {
  const ticks = new TickSeries();
  for (const point of series.seconds) ticks.put(point);
  return { columns: () => ticks.columns(), subscribe: () => () => {} };
}
