import type { Tick } from "@/api/types";

/** Columns of one run's seconds, ready for a chart. Views on the store's own memory: do not keep them. */
export interface TickColumns {
  second: Float64Array;
  ok: Float64Array;
  ko: Float64Array;
  users: Float64Array;
}

const COLUMNS = ["second", "ok", "ko", "users"] as const;

/** The seconds of one run, in order, in typed arrays that grow. A second that comes again replaces the old one. */
export class TickSeries {
  static #changes = 0;
  #version = 0;
  #length = 0;
  #columns: TickColumns = allocate(256);

  get length(): number {
    return this.#length;
  }

  /** Another number after every change, and in every series: equal means unchanged. */
  get version(): number {
    return this.#version;
  }

  put(tick: Tick): void {
    TickSeries.#changes += 1;
    this.#version = TickSeries.#changes;
    const at = this.#position(tick.second);
    const known = at < this.#length && this.#columns.second[at] === tick.second;
    if (!known) this.#open(at);
    for (const name of COLUMNS) this.#columns[name][at] = tick[name];
  }

  columns(): TickColumns {
    const view = (name: keyof TickColumns) => this.#columns[name].subarray(0, this.#length);
    return { second: view("second"), ok: view("ok"), ko: view("ko"), users: view("users") };
  }

  /** The first index whose second is not before this one; the end is the usual answer. */
  #position(second: number): number {
    const seconds = this.#columns.second;
    let low = 0;
    let high = this.#length;
    if (high > 0 && (seconds[high - 1] ?? 0) < second) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((seconds[middle] ?? 0) < second) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Makes room for one second at this index. */
  #open(at: number): void {
    if (this.#length === this.#columns.second.length) this.#grow();
    for (const name of COLUMNS) this.#columns[name].copyWithin(at + 1, at, this.#length);
    this.#length += 1;
  }

  #grow(): void {
    const larger = allocate(this.#columns.second.length * 2);
    for (const name of COLUMNS) larger[name].set(this.#columns[name]);
    this.#columns = larger;
  }
}

function allocate(capacity: number): TickColumns {
  const column = () => new Float64Array(capacity);
  return { second: column(), ok: column(), ko: column(), users: column() };
}
