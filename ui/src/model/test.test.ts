import { expect, test } from "vitest";
import { runId, savedTest, spec } from "@/testing/fixtures";
import { agentsText, copyName, errorTrend, matchesTest, newestOf, p95Trend } from "./test";

test.each([
  [{}, "all"],
  [{ count: 3 }, "3"],
  [{ group: "lab" }, "all of lab"],
  [{ group: "", count: 2 }, "2 of no group"],
  [{ agents: ["a", "b"] }, "2 named"],
  [{ agents: ["a"] }, "1 named"],
])("agents %j are told as %s", (selection, told) => expect(agentsText(selection)).toBe(told));

test("a trend goes from the oldest run to the newest, with gaps", () => {
  const one = (n: number, figures: { ok: number; ko: number; p95_ms: number | null } | null) => ({
    id: runId(n),
    state: "finished" as const,
    created_ms: n,
    verdict: null,
    figures,
  });
  const runs = [one(4, null), one(3, { ok: 90, ko: 10, p95_ms: 7 }), one(2, { ok: 0, ko: 0, p95_ms: null })];
  const own = savedTest(1, { runs: [...runs, one(1, { ok: 1, ko: 0, p95_ms: 5 })] });
  expect(p95Trend(own)).toEqual([5, null, 7, null]);
  expect(errorTrend(own)).toEqual([0, null, 10, null]);
  expect(newestOf(p95Trend(own))).toBe(7);
  expect(newestOf(p95Trend(savedTest(1, { runs: [] })))).toBeNull();
});

test("a copy's name is free, and not too long", () => {
  const tests = [savedTest(1, { name: "Shop" }), savedTest(2, { name: "SHOP (COPY)" })];
  expect(copyName("Shop", tests)).toBe("Shop (copy 2)");
  expect(copyName("x".repeat(100), []).length).toBeLessThanOrEqual(100);
});

test("tests are found by name, words, project and simulation", () => {
  const own = savedTest(1, { spec: { ...spec, simulation: "example.Shop" } });
  for (const [filter, found] of [
    ["checkout", true],
    ["NIGHTLY", true],
    ["load-tests", true],
    ["example.shop", true],
    ["friday", true],
    ["", true],
    ["other", false],
  ] as const)
    expect([filter, matchesTest(own, filter)]).toEqual([filter, found]);
});
