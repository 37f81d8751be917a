import { expect, test } from "vitest";
import { gapsOf } from "./gaps";

const position = (second: number) => second * 10;

test("a missing second breaks the line, a whole line has no gap", () => {
  expect(gapsOf([0, 1, 2, 5, 6, 9], 0, 5, position)).toEqual([
    [20, 50],
    [60, 90],
  ]);
  expect(gapsOf(Float64Array.of(3, 4, 5), 0, 2, position)).toEqual([]);
  expect(gapsOf([], 0, 0, position)).toEqual([]);
});

test("only what is in view is looked at", () => {
  expect(gapsOf([0, 5, 6, 20], 1, 2, position)).toEqual([]);
});
