import { expect, test } from "vitest";
import { health, loaded } from "@/testing/fixtures";
import { afterStart, difference, drift, withUncertainty } from "./clock";
import { bits, gauges, highOnes, linkShare } from "./health";
import { startOf } from "./start";

test("a machine at rest has nothing high, and nothing where nobody has told anything", () => {
  const all = gauges(health(), 8);
  expect(highOnes(all)).toEqual([]);
  const of = (id: string) => all.find((gauge) => gauge.id === id);
  expect(of("cpu")).toMatchObject({ value: "4 %", detail: "8 cores", share: 0.04 });
  expect(of("heap")).toMatchObject({ value: "–", detail: "", share: null });
  expect(of("files")).toMatchObject({ value: "–", share: null });
  expect(of("memory")).toMatchObject({ value: "6 GiB", detail: "of 32 GiB" });
});

test.each([
  ["cpu", { cpu_percent: 85 }],
  ["steal", { steal_percent: 6 }],
  ["load", { load_1m: 17 }],
  ["memory", { memory_used_bytes: 30 * 1024 ** 3 }],
  ["heap", { heap_used_bytes: 3.9 * 1024 ** 3 }],
  ["gc", { gc_pause_ms: 501 }],
  ["gc", { gc_ms: 60 }],
  ["network", { rx_bytes_s: 115_000_000 }],
  ["files", { open_files: 900_000 }],
  ["ports", { ports_used: 22_600 }],
  ["retransmits", { retransmits_s: 300 }],
  ["disk", { disk_free_bytes: 1024 ** 3 }],
])("%s at its limit is high, and alone", (id, part) => {
  expect(highOnes(gauges(loaded(), 8))).toEqual([]);
  expect(highOnes(gauges(loaded(part), 8)).map((gauge) => gauge.id)).toEqual([id]);
});

test("a quota of processors that is used up is told beside them", () => {
  const cpu = gauges(health({ cpu_percent: 30, quota_percent: 97, throttled_percent: 40 }), 2).find(
    (gauge) => gauge.id === "cpu",
  );
  expect(cpu).toMatchObject({ value: "97 %", high: true });
  expect(cpu?.detail).toBe("2 cores · quota used up 40 % of the time");
});

test("the network counts its busier direction, and few segments say nothing", () => {
  expect(linkShare(health({ rx_bytes_s: 0, tx_bytes_s: 125_000_000 }))).toBe(1);
  expect(linkShare(health({ link_bits_s: 0 }))).toBeNull();
  expect(bits(0)).toBe("0 bit/s");
  expect(bits(304_000_000)).toBe("304 Mbit/s");
  expect(highOnes(gauges(health({ retransmits_s: 20, segments_s: 60 }), 8))).toEqual([]);
});

test("clocks in words", () => {
  const clock = { offset_ms: 300_000, uncertainty_ms: 0.26, measured_ms: 0, drift: null };
  expect(withUncertainty(clock)).toBe("5:00 ahead ± 0.3 ms");
  expect(difference(-2500)).toBe("2.5 s behind");
  expect(difference(0)).toBe("the same");
  expect(drift(clock)).toBe("not known yet");
  expect(drift({ ...clock, drift: { ppm: -12, uncertainty_ppm: 1.5 } })).toBe("−12.0 ± 1.5 ppm");
  expect([afterStart(4.2), afterStart(-0.4), afterStart(undefined)]).toEqual(["+4.2 ms", "−0.4 ms", "–"]);
});

test("the start's spread, or that it was not held", () => {
  const held = { held: true, spread_ms: 3, uncertainty_ms: 1.4 };
  expect(startOf({})).toBe("");
  expect(startOf({ start: held }, 14)).toBe("Released within 3.0 ms ± 1.4 ms; first users within 14 ms");
  expect(startOf({ start: { ...held, held: false, spread_ms: null } })).toContain("not held");
});
