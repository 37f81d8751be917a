import { locale } from "./locale";

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const atMostOne = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const two = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const atMostTwo = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const atMostThree = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
const shortDateTime = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

/** What stands where there is no value. */
export const NONE = "–";

export const integer = (value: number): string => whole.format(value);

/** A rate per second: two digits below 100, as Gatling's Cnt/s. */
export const rate = (value: number): string => (Math.abs(value) < 100 ? two : one).format(value);

/** A rate at a glance, for tiles. */
export const glance = (value: number): string => (Math.abs(value) < 10 ? one : whole).format(value);

/** What an assertion looked at: at most two digits, as in the report. */
export const actual = (value: number): string => atMostTwo.format(value);

export const plain = (value: number): string => atMostThree.format(value);

/** A share in percent; never rounds something to nothing, nor all but something to all. */
export function percent(value: number): string {
  if (value > 0 && value < 0.01) return `< ${two.format(0.01)} %`;
  if (value > 99.99 && value < 100) return `> ${two.format(99.99)} %`;
  return `${two.format(value)} %`;
}

export const errorPercent = (ok: number, ko: number): number => (ok + ko > 0 ? (ko / (ok + ko)) * 100 : 0);

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(value: number): string {
  let amount = value;
  let unit = 0;
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024;
    unit += 1;
  }
  const format = unit === 0 || amount >= 100 ? whole : atMostOne;
  return `${format.format(amount)} ${UNITS[unit]}`;
}

/** Seconds as h:mm:ss, or m:ss below an hour. */
export function clock(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (value: number) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** A length of time in words: "4 h", "1 h 30 min", "45 s". */
export function duration(seconds: number): string {
  const total = Math.round(seconds);
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const parts = [h > 0 ? `${h} h` : "", m > 0 ? `${m} min` : "", s > 0 ? `${s} s` : ""].filter(Boolean);
  return parts.slice(0, 2).join(" ") || "0 s";
}

/** An age: "now", "12 s", "3 min", "2 h", "5 d". */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** A clock offset with its sign; ms below a second, else s. */
export function offset(ms: number): string {
  const sign = ms < 0 ? "−" : "+";
  const size = Math.abs(ms);
  if (size < 0.5) return "0 ms";
  if (size < 1000) return `${sign}${whole.format(size)} ms`;
  return `${sign}${one.format(size / 1000)} s`;
}

export const moment = (ms: number): string => dateTime.format(ms);
export const shortMoment = (ms: number): string => shortDateTime.format(ms);

export const commit = (hash: string): string => hash.slice(0, 10);

/** "50th", "99.9th", "1st": the heading of a percentile column. */
export function ordinal(value: number): string {
  const number = atMostThree.format(value);
  if (!Number.isInteger(value)) return `${number}th`;
  const tens = value % 100;
  if (tens >= 11 && tens <= 13) return `${number}th`;
  return `${number}${{ 1: "st", 2: "nd", 3: "rd" }[value % 10] ?? "th"}`;
}

/** Parses "4 h", "90m", "1h 30m", "45 s", "2:30:00" or bare minutes; null if it is none of these. */
export function parseDuration(input: string): number | null {
  const trimmed = input.trim().toLowerCase();
  if (/^\d+$/.test(trimmed)) return Number(trimmed) * 60;
  const colon = /^(\d+):([0-5]?\d):([0-5]?\d)$/.exec(trimmed);
  if (colon) return Number(colon[1]) * 3600 + Number(colon[2]) * 60 + Number(colon[3]);
  const words =
    /^(?:(\d+)\s*h(?:ours?)?)?\s*(?:(\d+)\s*m(?:in(?:utes?)?)?)?\s*(?:(\d+)\s*s(?:ec(?:onds?)?)?)?$/.exec(
      trimmed,
    );
  if (!words || trimmed === "") return null;
  return Number(words[1] ?? 0) * 3600 + Number(words[2] ?? 0) * 60 + Number(words[3] ?? 0);
}
