import { expect, test } from "vitest";
import {
  actual,
  age,
  bytes,
  clock,
  duration,
  errorPercent,
  offset,
  ordinal,
  parseDuration,
  percent,
  rate,
} from "./format";
import { usableLocale } from "./locale";
import { visible } from "./visible";

test.each([
  ["4 h", 14_400],
  ["4h", 14_400],
  ["90m", 5_400],
  ["15 min", 900],
  ["1h 30m", 5_400],
  ["1 hour 2 minutes 3 seconds", 3_723],
  ["45 s", 45],
  ["2:30:00", 9_000],
  ["90", 5_400],
  ["", null],
  ["soon", null],
  ["-5 min", null],
  ["4 h later", null],
])("%j is %j seconds", (input, seconds) => expect(parseDuration(input)).toBe(seconds));

test.each([14_400, 5_400, 45, 60, 3_661])("the words for %i s are read back", (seconds) => {
  const words = duration(seconds);
  // Two units are shown at most.
  expect(parseDuration(words)).toBe(seconds === 3_661 ? 3_660 : seconds);
});

test.each([
  [0, "0:00"],
  [59.9, "0:59"],
  [61, "1:01"],
  [3_600, "1:00:00"],
  [-3, "0:00"],
])("%d s on the clock", (seconds, shown) => expect(clock(seconds)).toBe(shown));

test.each([
  [0, "0 B"],
  [1023, "1,023 B"],
  [1536, "1.5 KiB"],
  [32 * 1024 ** 3, "32 GiB"],
  [180.4 * 1024 ** 3, "180 GiB"],
])("%d bytes", (value, shown) => expect(bytes(value)).toBe(shown));

test("a small share is never nothing, a large one never all", () => {
  expect(percent(0)).toBe("0.00 %");
  expect(percent(0.0001)).toBe("< 0.01 %");
  expect(percent(99.9999)).toBe("> 99.99 %");
  expect(percent(100)).toBe("100.00 %");
});

test("no requests are no errors", () => expect(errorPercent(0, 0)).toBe(0));

test.each([
  [0.2, "0 ms"],
  [14, "+14 ms"],
  [-4_210, "−4.2 s"],
])("a clock %d ms off", (ms, shown) => expect(offset(ms)).toBe(shown));

test.each([
  [50, "50th"],
  [99.9, "99.9th"],
  [91, "91st"],
  [92, "92nd"],
  [93, "93rd"],
  [11, "11th"],
])("the heading of percentile %d", (value, shown) => expect(ordinal(value)).toBe(shown));

test.each([
  [59_000, "59 s"],
  [60_000, "1 min"],
  [7_200_000, "2 h"],
  [200_000_000, "2 d"],
])("%d ms ago", (ms, shown) => expect(age(ms)).toBe(shown));

test("rates have two digits below a hundred", () => {
  expect(rate(20.005)).toBe("20.01");
  expect(rate(199.36)).toBe("199.4");
});

test("what an assertion looked at has two digits at most, as in the report", () => {
  expect([16.6667, 4.545, 1.0974, 479, 100].map(actual)).toEqual(["16.67", "4.55", "1.1", "479", "100"]);
});

test("a locale that Intl refuses is passed over", () => {
  expect(usableLocale(["C", "de-DE"])).toBe("de-DE");
  expect(usableLocale(["C.UTF-8", "c"])).toBe("en-US");
  expect(usableLocale([])).toBe("en-US");
});

test("what cannot be seen is spelt out, everything else is left alone", () => {
  expect(visible("a\u2028b\u202ec\u0000\u0007\n\t")).toBe("a\\u{2028}b\\u{202e}c\\u{0}\\u{7}\\n\\t");
  expect(visible("<b>Übergröße 日本 🚀</b>")).toBe("<b>Übergröße 日本 🚀</b>");
});
