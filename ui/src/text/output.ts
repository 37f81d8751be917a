import type { Printer } from "@/api/types";

const printers: Record<Printer, string> = { build: "Build", gatling: "Gatling" };

export const output = {
  title: "Log",
  hint: "What build and Gatling print on an agent; secrets are masked",
  printers,
  which: "Which log",
  agent: "Agent of the log",
  label: (printer: string, agent: string) => `${printer} log of ${agent}`,
  show: "Show log",
  hide: "Hide log",
  follow: "Follow",
  toEnd: "Jump to the end",
  toEndNew: (lines: string) => `Jump to the end, ${lines} new`,
  download: "Download",
  empty: {
    waiting: "Nothing is printed yet.",
    ended: "Nothing was printed.",
  },
  notKept: (bytes: string) => `${bytes} that were printed here are not kept`,
  anew: "The log begins anew",
  earlier: "What was printed before is in the download",
  lines: (count: number, shown: string) => (count === 1 ? "1 line" : `${shown} lines`),
  most: (count: string) => `The last ${count} lines`,
  state: {
    following: "following",
    paused: "paused while you read",
    ended: "complete",
  },
  away: "Not to be had now; trying again.",
} as const;
