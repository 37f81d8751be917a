import type { Tick } from "@/api/types";

/** Columns of one run's seconds, ready for a chart. Views on the store's own memory: do not keep them. */
export type Columns<K extends string> = Record<K | "second", Float64Array>;

/** Seconds of one run, in order, in typed arrays that grow. A second that comes again replaces the old one. */
export class Seconds<K extends string> {
  static #changes = 0;
  #version = 0;
  #length = 0;
  readonly #names: readonly (K | "second")[];
  #columns: Columns<K>;

  constructor(names: readonly K[]) {
    this.#names = ["second", ...names];
    this.#columns = this.#allocate(256);
  }

  get length(): number {
    return this.#length;
  }

  /** Another number after every change, and in every series: equal means unchanged. */
  get version(): number {
    return this.#version;
  }

  put(values: Record<K | "second", number>): void {
    Seconds.#changes += 1;
    this.#version = Seconds.#changes;
    const at = this.#position(values.second);
    const known = at < this.#length && this.#columns.second[at] === values.second;
    if (!known) this.#open(at);
    for (const name of this.#names) this.#columns[name][at] = values[name];
  }

  columns(): Columns<K> {
    return this.#each((name) => this.#columns[name].subarray(0, this.#length));
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
    for (const name of this.#names) this.#columns[name].copyWithin(at + 1, at, this.#length);
    this.#length += 1;
  }

  #grow(): void {
    const larger = this.#allocate(this.#columns.second.length * 2);
    for (const name of this.#names) larger[name].set(this.#columns[name]);
    this.#columns = larger;
  }

  #allocate(capacity: number): Columns<K> {
    return this.#each(() => new Float64Array(capacity));
  }

  #each(column: (name: K | "second") => Float64Array): Columns<K> {
    return Object.fromEntries(this.#names.map((name) => [name, column(name)])) as Columns<K>;
  }
}

/** The seconds of a run as its controller counts them. */
export type TickColumns = Columns<"ok" | "ko" | "users">;

export class TickSeries extends Seconds<"ok" | "ko" | "users"> {
  constructor() {
    super(["ok", "ko", "users"]);
  }

  override put({ second, ok, ko, users }: Tick): void {
    super.put({ second, ok, ko, users });
  }
}
