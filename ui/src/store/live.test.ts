import { beforeEach, expect, test, vi } from "vitest";
import type { LiveEvent } from "@/api/types";
import { agent, run, runId, snapshotEvent, tick } from "@/testing/fixtures";
import { LiveStore } from "./live";
import { TickSeries } from "./ticks";

let now = 0;
let frames: (() => void)[] = [];
let store: LiveStore;

beforeEach(() => {
  now = 1_000;
  frames = [];
  store = new LiveStore(
    (callback) => frames.push(callback),
    () => now,
  );
});

const frame = () => {
  for (const callback of frames.splice(0)) callback();
};
test("a thousand events between two frames are one rendering", () => {
  const heard = vi.fn();
  store.subscribe(heard);
  store.apply(snapshotEvent());
  for (let n = 0; n < 1_000; n += 1) store.apply({ type: "agent", agent: agent(n % 50) });
  expect(heard).not.toHaveBeenCalled();
  frame();
  expect(heard).toHaveBeenCalledTimes(1);
  expect(store.snapshot().agents).toHaveLength(50);
});

test("a second of a run wakes its chart and nothing else", () => {
  store.apply(snapshotEvent({ runs: [run(1), run(2)] }));
  frame();
  const [state, mine, other] = [vi.fn(), vi.fn(), vi.fn()];
  store.subscribe(state);
  store.subscribeTicks(runId(1), mine);
  store.subscribeTicks(runId(2), other);
  now = 5_000;
  store.apply({ type: "tick", run: runId(1), tick: tick(0) });
  store.apply({ type: "tick", run: runId(1), tick: tick(1) });
  frame();
  expect([state, mine, other].map((listener) => listener.mock.calls.length)).toEqual([0, 1, 0]);
  expect(store.tickedAt(runId(1))).toBe(5_000);
});

test("the figures of a run are not old before any can have come", () => {
  store.apply(snapshotEvent());
  now = 70_000;
  store.apply({ type: "run", run: run(1, { state: "arming" }) });
  now = 80_000;
  store.apply({ type: "run", run: run(1, { state: "running" }) });
  now = 81_000;
  store.apply({ type: "run", run: run(1, { state: "running" }) });
  expect(store.tickedAt(runId(1))).toBe(80_000);
});

test("a snapshot replaces everything, ticks too, and wakes the charts", () => {
  store.apply(snapshotEvent({ agents: [agent(1)], ticks: { [runId(1)]: [tick(0), tick(1), tick(2)] } }));
  const chart = vi.fn();
  store.subscribeTicks(runId(1), chart);
  store.apply(snapshotEvent({ agents: [agent(2)], ticks: { [runId(1)]: [tick(0)] } }));
  frame();
  expect(store.snapshot().agents.map(({ name }) => name)).toEqual(["lab-2"]);
  expect(store.ticks(runId(1))?.length).toBe(1);
  expect(chart).toHaveBeenCalledTimes(1);
});

test("agents come by name, runs the newest first, and what is gone is gone", () => {
  store.apply(snapshotEvent({ agents: [agent(2), agent(1)], runs: [run(1), run(3)] }));
  store.apply({ type: "run", run: run(2) });
  store.apply({ type: "agent-removed", id: agent(2).id });
  frame();
  expect(store.snapshot().agents.map(({ name }) => name)).toEqual(["lab-1"]);
  expect(store.snapshot().runs.map(({ id }) => id)).toEqual([runId(3), runId(2), runId(1)]);
});

test("an answer never undoes what an event has said since", () => {
  store.apply({ type: "run", run: run(1, { state: "arming" }) });
  store.addRun(run(1, { state: "preparing" }));
  store.addRun(run(2, { state: "preparing" }));
  frame();
  expect(store.snapshot().runs.map(({ state }) => state)).toEqual(["preparing", "arming"]);
});

test("an event of a newer controller is passed over", () => {
  store.apply({ type: "weather" } as unknown as LiveEvent);
  frame();
  expect(store.snapshot().agents).toEqual([]);
});

test("seconds are kept in order, repeated ones replaced, however they come", () => {
  const series = new TickSeries();
  const order = Array.from({ length: 1_000 }, (_, index) => (index * 383) % 1_000);
  for (const second of [...order, 7, 999, 0]) series.put({ second, ok: second * 2, ko: 1, users: 3 });
  series.put({ second: 500, ok: 1, ko: 2, users: 3 });
  const { second, ok, ko } = series.columns();
  expect(second).toEqual(Float64Array.from({ length: 1_000 }, (_, index) => index));
  expect([ok[499], ok[500], ko[500]]).toEqual([998, 1, 2]);
});

test("a series' version tells every change, and one series from another", () => {
  const [a, b] = [new TickSeries(), new TickSeries()];
  a.put(tick(1));
  const before = a.version;
  a.put({ ...tick(1), ok: 9 });
  b.put(tick(1));
  expect(new Set([before, a.version, b.version]).size).toBe(3);
});
