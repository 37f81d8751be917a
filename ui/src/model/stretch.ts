import { text } from "@/text";
import { clock } from "./format";

const t = text.figures;

/** Seconds of a run: from the first on, until the one behind the last. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

export const stretchLength = ({ from, until }: Stretch): number => until - from;

export const sameStretch = (a: Stretch | null, b: Stretch | null): boolean =>
  a === b || (a !== null && b !== null && a.from === b.from && a.until === b.until);

/** As much of a stretch as lies within another; null if nothing does. */
export function clipped({ from, until }: Stretch, within: Stretch): Stretch | null {
  const both = { from: Math.max(from, within.from), until: Math.min(until, within.until) };
  return both.from < both.until ? both : null;
}

/** The seconds whose points lie between two places on the time axis, at least the one nearest to both. */
export function between(a: number, b: number): Stretch {
  const [low, high] = a < b ? [a, b] : [b, a];
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  if (first <= last) return { from: first, until: last + 1 };
  const nearest = Math.round((low + high) / 2);
  return { from: nearest, until: nearest + 1 };
}

/** The seconds from one to the other, both with them. */
export const spanning = (anchor: number, head: number): Stretch => between(anchor, head);

/** All seconds there are; null if there are none. The seconds are sorted. */
export function whole(seconds: ArrayLike<number>): Stretch | null {
  const [first, last] = [seconds[0], seconds[seconds.length - 1]];
  return first === undefined || last === undefined ? null : { from: first, until: last + 1 };
}

/** The first and the last index whose seconds are in a stretch; the last is below the first if none is. */
export function indexesIn(seconds: ArrayLike<number>, stretch: Stretch | null): [number, number] {
  if (!stretch) return [0, seconds.length - 1];
  return [firstFrom(seconds, stretch.from), firstFrom(seconds, stretch.until) - 1];
}

function firstFrom(seconds: ArrayLike<number>, second: number): number {
  let [low, high] = [0, seconds.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((seconds[middle] ?? 0) < second) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** "1:10 to 3:00, 110 s" */
export const stretchText = (stretch: Stretch): string =>
  t.stretch(clock(stretch.from), clock(stretch.until), stretchLength(stretch));

/** Seconds written as m:ss or h:mm:ss; null if it is neither. */
export function parseClock(input: string): number | null {
  const [, h = "0", m = "", s = ""] = /^(?:(\d+):)?(\d+):([0-5]\d)$/.exec(input.trim()) ?? [];
  if (m === "" || (h !== "0" && Number(m) > 59)) return null;
  return Number(h) * 3600 + Number(m) * 60 + Number(s);
}
