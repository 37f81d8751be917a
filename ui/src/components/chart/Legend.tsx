import { clock, integer } from "@/model/format";
import type { TickColumns } from "@/store/ticks";
import { text } from "@/text";
import classes from "./chart.module.css";
import { DASHES } from "./plot";

const t = text.run.chart;

/** The lines' looks and their values in one second. */
export function Legend({ columns, index }: { columns: TickColumns; index: number }) {
  const { second, ok, ko, users } = columns;
  return (
    <span className={classes.legend}>
      <span>{clock(second[index] ?? 0)}</span>
      <Entry line="ok" label={t.ok} value={ok[index]} />
      <Entry line="ko" label={t.ko} value={ko[index]} />
      <Entry line="users" label={t.users} value={users[index]} />
    </span>
  );
}

function Entry({
  line,
  label,
  value = 0,
}: {
  line: keyof typeof DASHES;
  label: string;
  value: number | undefined;
}) {
  return (
    <span className={classes.entry}>
      <svg width="22" height="8" aria-hidden="true">
        <line
          x1="0"
          x2="22"
          y1="4"
          y2="4"
          stroke={`var(--chart-${line})`}
          strokeWidth="2"
          strokeDasharray={DASHES[line].join(" ")}
        />
      </svg>
      {label} <strong>{integer(value)}</strong>
    </span>
  );
}
