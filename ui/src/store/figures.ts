import { useEffect, useState } from "react";
import { asFailure } from "@/api/error";
import { EventStreamDecoder } from "@/api/sse";
import type { ErrorRow, LiveFigures, LiveSecond, Row, Columns as RowColumns, Series } from "@/api/types";
import { useApi } from "./hooks";
import { Seconds } from "./ticks";

/** Response times of one second: the project's four percentiles and the maximum, NaN where there were none. */
export const TIMES = ["p0", "p1", "p2", "p3", "max"] as const;

export type TimeName = (typeof TIMES)[number];

/** The figures of a run in progress, as far as they are known. */
export interface Figures {
  columns: RowColumns;
  rows: readonly Row[];
  errors: readonly ErrorRow[];
}

/** What a screen gets of them. */
interface Following {
  figures: Figures | null;
  times: TimeSeries;
  /** Page time of the last ones. */
  heardAt: number;
}

/** How long after a stream that broke the next one is opened, ms. */
const RETRY_MS = 2_000;

/** The response times of a run that has ended; null where it has none by second. */
export function timesOf({ seconds }: Series): TimeSeries | null {
  if (seconds.every(({ times }) => !times)) return null;
  const series = new TimeSeries();
  series.put(seconds.map(({ second, times }) => ({ second, times: times ?? null })));
  return series;
}

/** The response times of a run's seconds; subscribers hear of each change. */
export class TimeSeries {
  readonly #seconds = new Seconds<TimeName>(TIMES);
  readonly #listeners = new Set<() => void>();

  put(seconds: readonly Pick<LiveSecond, "second" | "times">[]): void {
    for (const { second, times } of seconds) {
      const [p0, p1, p2, p3, max] = times ?? [NaN, NaN, NaN, NaN, NaN];
      if (second >= 0) this.#seconds.put({ second, p0, p1, p2, p3, max });
    }
    for (const listener of this.#listeners) listener();
  }

  readonly columns = () => this.#seconds.columns();

  readonly version = () => this.#seconds.version;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

/** Follows the figures of a run as long as the screen that wants them is there; null before the first ones. */
export function useFigures(run: string): Following {
  const api = useApi();
  const [times, setTimes] = useState(() => new TimeSeries());
  const [figures, setFigures] = useState<Figures | null>(null);
  const [heardAt, setHeardAt] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    const series = new TimeSeries();
    setTimes(series);
    setFigures(null);
    const take = ({ seconds, ...more }: LiveFigures) => {
      series.put(seconds);
      setFigures(more);
      setHeardAt(performance.now());
    };
    const follow = async () => {
      while (!abort.signal.aborted) {
        if (await read((signal) => api.figures(run, signal), take, abort.signal)) return;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    };
    void follow();
    return () => abort.abort();
  }, [api, run]);
  return { figures, times, heardAt };
}

/** Reads one stream to its end; whether there will be no other. */
async function read(
  open: (signal: AbortSignal) => Promise<Response>,
  take: (figures: LiveFigures) => void,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const reader = (await open(signal)).body?.getReader();
    const decoder = new EventStreamDecoder();
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done || signal.aborted) return signal.aborted;
      for (const message of decoder.push(chunk.value)) take(JSON.parse(message.data) as LiveFigures);
    }
  } catch (error) {
    // A run that has ended has none, and its page is another one.
    return signal.aborted || [401, 404, 409].includes(asFailure(error).status);
  }
}
