import { clock } from "@/model/format";
import type { Columns } from "@/store/ticks";
import classes from "./chart.module.css";
import { type Line, type Shape, shownValue } from "./shape";

interface Props<K extends string> {
  shape: Shape<K>;
  columns: Columns<K>;
  index: number;
}

/** The lines' looks and their values in one second. */
export function Legend<K extends string>({ shape, columns, index }: Props<K>) {
  return (
    <span className={classes.legend}>
      <span>{clock(columns.second[index] ?? 0)}</span>
      {shape.lines.map((line) => (
        <span key={line.key} className={classes.entry}>
          <Look line={line} />
          {line.label} <strong>{shownValue(shape, line, columns[line.key][index])}</strong>
        </span>
      ))}
    </span>
  );
}

function Look({ line }: { line: Line<string> }) {
  return (
    <svg width="22" height="8" aria-hidden="true">
      <line
        x1="0"
        x2="22"
        y1="4"
        y2="4"
        stroke={`var(--chart-${line.colour})`}
        strokeWidth="2"
        strokeDasharray={line.dash.join(" ")}
      />
    </svg>
  );
}
