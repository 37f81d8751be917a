import { clock, integer, ordinal } from "@/model/format";
import { TIMES, type TimeName } from "@/store/figures";
import { text } from "@/text";

const t = text.run.chart;

/** One line of a chart. */
export interface Line<K extends string> {
  key: K;
  label: string;
  /** Of the custom property `--chart-…`. */
  colour: string;
  /** Dashes tell the lines apart without their colours. */
  dash: readonly number[];
  /** Which axis it goes by. */
  axis: "left" | "right";
}

/** What a chart over the seconds of a run shows. */
export interface Shape<K extends string> {
  title: string;
  description: string;
  tableLabel: string;
  lines: readonly Line<K>[];
  /** A value of the left axis, with its unit. */
  left: (value: number) => string;
}

/** Requests per second, and users. */
export const REQUESTS: Shape<"ok" | "ko" | "users"> = {
  title: t.title,
  description: t.description,
  tableLabel: t.tableLabel,
  lines: [
    { key: "ok", label: t.ok, colour: "ok", dash: [], axis: "left" },
    { key: "ko", label: t.ko, colour: "ko", dash: [7, 4], axis: "left" },
    { key: "users", label: t.users, colour: "users", dash: [2, 3], axis: "right" },
  ],
  left: integer,
};

const LOOKS = [
  { colour: "users", dash: [2, 3] },
  { colour: "p1", dash: [9, 3] },
  { colour: "ok", dash: [] },
  { colour: "p3", dash: [6, 3, 2, 3] },
  { colour: "ko", dash: [7, 4] },
];

/** Response times of OK requests, by the second in which they were sent. */
export function timesShape(percentiles: readonly number[]): Shape<TimeName> {
  const label = (index: number) => {
    const percent = percentiles[index];
    return percent === undefined ? t.max : ordinal(percent);
  };
  return {
    title: t.times,
    description: t.timesDescription,
    tableLabel: t.timesTableLabel,
    lines: TIMES.map((key, index) => ({
      key,
      label: label(index),
      axis: "left",
      ...(LOOKS[index] ?? { colour: "ok", dash: [] }),
    })),
    left: (value) => t.ms(integer(value)),
  };
}

/** One value, or a dash where there is none. */
export function shownValue<K extends string>(
  shape: Shape<K>,
  line: Line<K>,
  value: number | undefined,
): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return line.axis === "left" ? shape.left(value) : integer(value);
}

/** The figures of one second, in a sentence. */
export function secondAsText<K extends string>(
  shape: Shape<K>,
  columns: Record<K | "second", Float64Array>,
  index: number,
): string {
  const second = columns.second[index];
  if (second === undefined) return t.empty;
  const values = shape.lines.map(
    (line) => `${line.label} ${shownValue(shape, line, columns[line.key][index])}`,
  );
  return `${clock(second)}: ${values.join(", ")}`;
}
