import { expect, test } from "vitest";
import type { AgentOutput } from "@/api/types";
import { buildFailure, run, runAgent } from "@/testing/fixtures";
import {
  extend,
  KEPT,
  KEPT_CHARACTERS,
  likelyAgent,
  likelyPrinter,
  NO_OUTPUT,
  type OutputLog,
} from "./output";

const answer = (from: number, lines: number, part: Partial<AgentOutput> = {}): AgentOutput => ({
  from,
  lines: Array.from({ length: lines }, (_, line) => `line ${from + line}`),
  next: from + lines,
  skipped: 0,
  ended: false,
  end: from + lines,
  ...part,
});

const texts = (log: OutputLog) => log.blocks.flatMap(({ rows }) => rows.map(({ text }) => text));
const kinds = (log: OutputLog) => log.blocks.flatMap(({ rows }) => rows.map(({ kind }) => kind));

test("keeps all lines in order, whatever pieces they come in", () => {
  let log = NO_OUTPUT;
  for (const size of [1, 99, 100, 250, 0, 7]) log = extend(log, answer(log.next ?? 0, size));
  expect(texts(log)).toEqual(Array.from({ length: 457 }, (_, line) => `line ${line}`));
  expect(log).toMatchObject({ count: 457, total: 457, next: 457, cut: false, ended: false });
  expect(new Set(log.blocks.map(({ id }) => id)).size).toBe(log.blocks.length);
  expect(log.blocks.every(({ rows }) => rows.length <= 100)).toBe(true);
});

test("leaves blocks that are full as they are: they are not drawn again", () => {
  const before = extend(NO_OUTPUT, answer(0, 150));
  const after = extend(before, answer(150, 10));
  expect(after.blocks[0]).toBe(before.blocks[0]);
  expect(after.blocks[1]).not.toBe(before.blocks[1]);
});

test("keeps a bounded number, and says that there was more", () => {
  let log = NO_OUTPUT;
  for (let piece = 0; piece < 30; piece += 1) log = extend(log, answer(log.next ?? 0, 730));
  expect(log.count).toBeGreaterThanOrEqual(KEPT);
  expect(log.count).toBeLessThan(KEPT + 100);
  expect(log).toMatchObject({ total: 30 * 730, cut: true });
  expect(texts(log).at(-1)).toBe(`line ${30 * 730 - 1}`);
  expect(extend(NO_OUTPUT, answer(500, 3)).cut).toBe(true);
});

test("keeps a bounded number of characters, however long the lines are", () => {
  const long = 60_000;
  const lines = [1, 2, 3, 4].map((line) => String(line).padEnd(long));
  let log = NO_OUTPUT;
  for (let piece = 0; piece < 100; piece += 1)
    log = extend(log, answer(piece * 4, 4, { lines: [`${piece}`, ...lines] }));
  const characters = texts(log).join("").length;
  expect(characters).toBeLessThanOrEqual(KEPT_CHARACTERS);
  expect(characters).toBeGreaterThan(KEPT_CHARACTERS - 5 * long);
  expect(log).toMatchObject({ total: 500, count: texts(log).length, cut: true });
  expect(log.blocks.every((block) => block.characters < 100_000 + long)).toBe(true);
  expect(texts(log).slice(-5)).toEqual(["99", ...lines]);
});

test("shows where something is not kept, and where a log begins anew", () => {
  const first = extend(NO_OUTPUT, answer(0, 2));
  const gap = extend(first, answer(1_000, 1, { skipped: 998 }));
  expect(kinds(gap)).toEqual(["line", "line", "skipped", "line"]);
  const anew = extend(gap, answer(0, 1, { ended: true }));
  expect(kinds(anew).slice(-2)).toEqual(["anew", "line"]);
  expect(anew.ended).toBe(true);
});

test("shows first what a user most likely wants to read", () => {
  const failed = runAgent(1, { phase: "failed", failure: buildFailure, prepared: null });
  expect(likelyAgent(run(1, { agents: [runAgent(0), failed] }))).toBe(failed);
  expect(likelyAgent(run(1, { agents: [] }))).toBeUndefined();
  expect(likelyPrinter(failed)).toBe("build");
  expect(likelyPrinter(runAgent(0, { phase: "building" }))).toBe("build");
  expect(likelyPrinter(runAgent(0, { phase: "running" }))).toBe("gatling");
  expect(likelyPrinter(runAgent(0, { phase: "collected" }))).toBe("gatling");
});
