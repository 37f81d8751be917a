import { expect, test } from "vitest";
import { parseStopRule, writeStopRule } from "./stop-rule";

test.each([
  ["errors > 5% for 30s", "errors > 5 % for 30 s"],
  ["cpu>95 % for 2 min", "cpu > 95 % for 120 s"],
  ["p99.9 > 1.5 s for 10s", "p99.9 > 1500 ms for 10 s"],
  ["p95 of Checkout / Pay > 800ms for 10 s", "p95 of Checkout / Pay > 800 ms for 10 s"],
])("%s is a rule", (line, written) => {
  const rule = parseStopRule(line);
  expect(rule && writeStopRule(rule)).toBe(written);
  expect(parseStopRule(written)).toEqual(rule);
});

test.each([
  "errors",
  "errors > 5 for 30s",
  "errors > 100% for 30s",
  "errors > 5% for 601s",
  "errors > 5% for 0s",
  "latency > 5% for 30s",
  "p95 > 5% for 30s",
  "p0 > 5 ms for 30s",
  "p95 > 0.5 ms for 30s",
])("%s is none", (line) => expect(parseStopRule(line)).toBeNull());
