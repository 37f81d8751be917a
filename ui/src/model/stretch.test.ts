import { expect, test } from "vitest";
import {
  between,
  clipped,
  indexesIn,
  parseClock,
  spanning,
  stretchLength,
  stretchText,
  whole,
} from "./stretch";

test.each([
  // What a rectangle has in it: the points of these seconds.
  [3.2, 9.8, 4, 10],
  [9.8, 3.2, 4, 10],
  [4, 9, 4, 10],
  [-3.5, 2.2, -3, 3],
  // Between two points: the nearest.
  [3.2, 3.7, 3, 4],
  [3.4, 3.9, 4, 5],
  [5, 5, 5, 6],
])("from %d to %d lie the seconds from %d until %d", (a, b, from, until) => {
  expect(between(a, b)).toEqual({ from, until });
});

test("what is marked by keyboard has both of its ends", () => {
  expect(spanning(7, 7)).toEqual({ from: 7, until: 8 });
  expect(spanning(7, 3)).toEqual({ from: 3, until: 8 });
});

test.each([
  [
    { from: 2, until: 8 },
    { from: 0, until: 10 },
    { from: 2, until: 8 },
  ],
  [
    { from: -5, until: 80 },
    { from: 0, until: 10 },
    { from: 0, until: 10 },
  ],
  [{ from: 10, until: 12 }, { from: 0, until: 10 }, null],
])("%j clipped to %j is %j", (stretch, within, expected) => {
  expect(clipped(stretch, within)).toEqual(expected);
});

test("all there is, and what of it is shown, also where seconds are missing", () => {
  const seconds = Float64Array.of(0, 1, 2, 7, 8);
  expect(whole([])).toBeNull();
  expect(whole(seconds)).toEqual({ from: 0, until: 9 });
  expect(indexesIn(seconds, null)).toEqual([0, 4]);
  expect(indexesIn(seconds, { from: 1, until: 3 })).toEqual([1, 2]);
  expect(indexesIn(seconds, { from: 2, until: 8 })).toEqual([2, 3]);
  const [first, last] = indexesIn(seconds, { from: 4, until: 6 });
  expect(last).toBeLessThan(first);
  expect(indexesIn([], null)).toEqual([0, -1]);
});

test("a stretch in words", () => {
  const stretch = { from: 70, until: 180 };
  expect(stretchLength(stretch)).toBe(110);
  expect(stretchText(stretch)).toBe("1:10 to 3:00, 110 s");
  expect(stretchText({ from: 3599, until: 3600 })).toBe("59:59 to 1:00:00, 1 s");
});

test.each([
  ["1:10", 70],
  [" 0:00 ", 0],
  ["90:00", 5400],
  ["1:02:03", 3723],
  ["1:60", null],
  ["1:75:00", null],
  ["70", null],
  ["-1:00", null],
  ["", null],
])("%j is second %j", (written, second) => {
  expect(parseClock(written)).toBe(second);
});
