import { useSyncExternalStore } from "react";
import type { Series } from "@/api/types";
import { clock, integer } from "@/model/format";
import type { LiveStore } from "@/store/live";
import { type TickColumns, TickSeries } from "@/store/ticks";
import { text } from "@/text";

/** What a chart draws: columns that may grow, and word of it when they do. */
export interface ChartSource {
  columns: () => TickColumns;
  /** Another number whenever the columns have changed. */
  version: () => number;
  subscribe: (listener: () => void) => () => void;
}

const EMPTY = new TickSeries();

/** The seconds of a run in progress. */
export function liveSource(live: LiveStore, run: string): ChartSource {
  return {
    columns: () => (live.ticks(run) ?? EMPTY).columns(),
    version: () => (live.ticks(run) ?? EMPTY).version,
    subscribe: (listener) => live.subscribeTicks(run, listener),
  };
}

/** The seconds of a run that has ended. */
export function seriesSource(series: Series): ChartSource {
  const ticks = new TickSeries();
  for (const point of series.seconds) ticks.put(point);
  return { columns: () => ticks.columns(), version: () => ticks.version, subscribe: () => () => {} };
}

/** The columns as they are now; re-renders when they change. */
export function useColumns(source: ChartSource): TickColumns {
  useSyncExternalStore(source.subscribe, source.version);
  return source.columns();
}

/** The figures of one second, in a sentence. */
export function secondAsText({ second, ok, ko, users }: TickColumns, index: number): string {
  const at = second[index];
  if (at === undefined) return text.run.chart.empty;
  return text.run.chart.at(
    clock(at),
    integer(ok[index] ?? 0),
    integer(ko[index] ?? 0),
    integer(users[index] ?? 0),
  );
}
