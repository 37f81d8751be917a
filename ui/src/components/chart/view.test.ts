import { expect, test, vi } from "vitest";
import { LiveStore } from "@/store/live";
import { snapshotEvent, tick } from "@/testing/fixtures";
import { Hold, holdable } from "./hold";
import { liveSource } from "./source";
import { ChartView } from "./view";

test("charts are told of a stretch once, however often it is chosen", () => {
  const view = new ChartView();
  const told = vi.fn();
  view.subscribe(told);
  view.select({ from: 1, until: 5 });
  const { stretch } = view.state();
  view.select({ from: 1, until: 5 });
  expect(told).toHaveBeenCalledTimes(1);
  expect(view.state().stretch).toBe(stretch);
});

test("going back drops what is marked first, then what is shown", () => {
  const view = new ChartView();
  view.select({ from: 1, until: 5 });
  view.mark({ from: 2, until: 3 });
  expect(view.back()).toBe(true);
  expect(view.state()).toMatchObject({ stretch: { from: 1, until: 5 }, marked: null });
  expect(view.back()).toBe(true);
  expect(view.state().stretch).toBeNull();
  expect(view.back()).toBe(false);
});

test("choosing what is marked leaves nothing marked", () => {
  const view = new ChartView();
  view.mark({ from: 2, until: 3 });
  view.select({ from: 2, until: 3 });
  expect(view.state()).toMatchObject({ stretch: { from: 2, until: 3 }, marked: null });
});

/** A run's seconds, of which some have come. */
function rig(seconds: number) {
  const live = new LiveStore(
    (publish) => publish(),
    () => 0,
  );
  live.apply(snapshotEvent({}));
  const come = (from: number, until: number) => {
    for (let second = from; second < until; second += 1)
      live.apply({ type: "tick", run: "r", tick: tick(second) });
  };
  come(0, seconds);
  const hold = new Hold();
  const source = holdable(liveSource(live, "r"), hold);
  return { hold, source, come, all: () => liveSource(live, "r").columns() };
}

test("a view that is paused stays as it is, and loses nothing", () => {
  const { hold, source, come, all } = rig(10);
  const told = vi.fn(() => source.columns().second.length);
  source.subscribe(told);
  come(10, 12);
  expect(told.mock.results.map(({ value }) => value)).toEqual([11, 12]);

  hold.set(true);
  const version = source.version();
  const before = [...source.columns().ok];
  told.mockClear();
  // More than the store's memory has room for, and a second that comes again.
  come(5, 700);
  expect(told).not.toHaveBeenCalled();
  expect(source.version()).toBe(version);
  expect([...source.columns().ok]).toEqual(before);
  expect(all().second.length).toBe(700);

  hold.set(false);
  expect(told.mock.results.map(({ value }) => value)).toEqual([700]);
  expect(source.columns()).toEqual(all());
  expect(source.version()).not.toBe(version);

  // Held again, it is what there is by then.
  come(700, 702);
  hold.set(true);
  come(702, 710);
  expect(source.columns().second.length).toBe(702);
});

test("who looks no more is not told", () => {
  const { hold, source, come } = rig(1);
  const told = vi.fn();
  source.subscribe(told)();
  come(1, 3);
  hold.set(true);
  expect(told).not.toHaveBeenCalled();
});
