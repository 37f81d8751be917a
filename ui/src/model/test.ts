import type { RunFigures, Selection, Test, TestRun } from "@/api/types";
import { text } from "@/text";
import { errorPercent } from "./format";

const t = text.tests;

/** "2 of frankfurt", "all", "3 named". */
export function agentsText({ group, agents, count }: Selection): string {
  const which = count ? t.agents.count(count) : agents?.length ? t.agents.named(agents.length) : t.agents.all;
  return group === undefined || group === null ? which : t.agents.ofGroup(which, group);
}

/** A figure of a test's runs, the oldest first; null where a run has none. */
export type Trend = (number | null)[];

const trend = (runs: readonly TestRun[], read: (figures: RunFigures) => number | null): Trend =>
  runs.map(({ figures }) => (figures ? read(figures) : null)).reverse();

export const p95Trend = (test: Test): Trend => trend(test.runs, ({ p95_ms }) => p95_ms);

export const errorTrend = (test: Test): Trend =>
  trend(test.runs, ({ ok, ko }) => (ok + ko > 0 ? errorPercent(ok, ko) : null));

/** The newest figure there is. */
export const newestOf = (values: Trend): number | null => values.findLast((value) => value !== null) ?? null;

/** A name for a copy that no other test has. */
export function copyName(name: string, tests: readonly Test[]): string {
  const taken = new Set(tests.map((test) => test.name.toLowerCase()));
  // Room for what is added: names have an end.
  const base = name.slice(0, 85);
  for (let n = 1; ; n += 1) {
    const copy = t.copyName(base, n);
    if (!taken.has(copy.toLowerCase())) return copy;
  }
}

export function matchesTest(test: Test, filter: string): boolean {
  const needle = filter.trim().toLowerCase();
  if (needle === "") return true;
  const { source, simulation } = test.spec;
  return [
    test.name,
    test.description,
    ...test.labels,
    source.url,
    source.reference ?? "",
    source.snapshot?.name ?? "",
    simulation ?? "",
  ].some((value) => value.toLowerCase().includes(needle));
}
