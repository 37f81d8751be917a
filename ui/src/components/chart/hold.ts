import type { Columns } from "@/store/ticks";
import type { ChartSource } from "./source";

/** Whether a screen's charts and tables are held still while the data go on arriving. */
export class Hold {
  #since: object | null = null;
  readonly #listeners = new Set<() => void>();

  /** Another object for each time it is held; null while it is not. */
  readonly since = (): object | null => this.#since;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  set(held: boolean): void {
    if (held === (this.#since !== null)) return;
    this.#since = held ? {} : null;
    for (const listener of this.#listeners) listener();
  }
}

/** A source that stays as it is while it is held, and then has all that has come meanwhile. */
export function holdable<K extends string>(source: ChartSource<K>, hold: Hold): ChartSource<K> {
  let kept: { since: object; columns: Columns<K>; version: number } | null = null;
  const held = () => {
    const since = hold.since();
    if (since === null) kept = null;
    else if (kept?.since !== since)
      kept = { since, columns: copyOf(source.columns()), version: source.version() };
    return kept;
  };
  return {
    columns: () => held()?.columns ?? source.columns(),
    version: () => held()?.version ?? source.version(),
    subscribe: (listener) => {
      // What is held is not drawn again for what comes.
      const ends = [
        source.subscribe(() => {
          if (hold.since() === null) listener();
        }),
        hold.subscribe(listener),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  };
}

/** The columns are views on memory that goes on changing. */
const copyOf = <K extends string>(columns: Columns<K>): Columns<K> =>
  Object.fromEntries(
    Object.entries<Float64Array>(columns).map(([name, values]) => [name, values.slice()]),
  ) as Columns<K>;
