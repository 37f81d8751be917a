import { NONE } from "@/model/format";
import classes from "./Sparkline.module.css";

const [WIDTH, HEIGHT, EDGE] = [60, 22, 3];

interface Props {
  /** The oldest first; null where there is none. */
  values: readonly (number | null)[];
  format: (value: number) => string;
  /** All of it in a sentence. */
  label: (count: number, newest: string, least: string, most: string) => string;
  tone: "time" | "error";
}

/** A figure of some runs as a line from 0 up, and the newest one in words. */
export function Sparkline({ values, format, label, tone }: Props) {
  const known = values.filter((value) => value !== null);
  const newest = known.at(-1);
  if (newest === undefined) return NONE;
  const most = Math.max(...known);
  const place = (value: number, index: number) => ({
    x: EDGE + (values.length > 1 ? index / (values.length - 1) : 1) * (WIDTH - 2 * EDGE),
    y: HEIGHT - EDGE - (most > 0 ? value / most : 0) * (HEIGHT - 2 * EDGE),
  });
  const points = values.flatMap((value, index) => (value === null ? [] : [place(value, index)]));
  const last = points.at(-1);
  const said = label(known.length, format(newest), format(Math.min(...known)), format(most));
  return (
    <span className={classes.spark} data-tone={tone} title={said}>
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
        <polyline points={points.map(({ x, y }) => `${x},${y}`).join(" ")} />
        {last && <circle cx={last.x} cy={last.y} r="2.5" />}
      </svg>
      <span className={classes.newest}>{format(newest)}</span>
    </span>
  );
}
