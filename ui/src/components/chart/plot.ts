import type UPlot from "uplot";
import { clock, integer, plain } from "@/model/format";
import type { Columns } from "@/store/ticks";
import { gapsOf } from "./gaps";
import type { Line, Shape } from "./shape";

const HEIGHT = 260;

/** Charts with this key share their cursor. */
const LINKED = "run";

/** One uPlot chart over the seconds of a run. */
export class SecondsPlot<K extends string> {
  readonly #plot: UPlot;
  readonly #shape: Shape<K>;
  readonly #resize: ResizeObserver;

  constructor(
    uPlot: typeof UPlot,
    container: HTMLElement,
    shape: Shape<K>,
    columns: Columns<K>,
    onCursor: (index: number | null) => void,
  ) {
    this.#shape = shape;
    this.#plot = new uPlot(options(container, shape, onCursor), dataOf(shape, columns), container);
    this.#resize = new ResizeObserver(() =>
      this.#plot.setSize({ width: container.clientWidth, height: HEIGHT }),
    );
    this.#resize.observe(container);
  }

  setColumns(columns: Columns<K>): void {
    this.#plot.setData(dataOf(this.#shape, columns));
  }

  /** Puts the cursor on a second, by its index. */
  setCursor(index: number): void {
    const second = this.#plot.data[0]?.[index];
    if (second === undefined) return;
    const at = { left: this.#plot.valToPos(second, "x"), top: this.#plot.bbox.height / 4 };
    // The third argument, which its type leaves out, tells the charts that share the cursor.
    const setCursor: (at: { left: number; top: number }, fire: boolean, publish: boolean) => void =
      this.#plot.setCursor;
    setCursor(at, true, true);
  }

  destroy(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
  }
}

// uPlot takes typed arrays; its type says number[] for the x axis of some forms only.
const dataOf = <K extends string>(shape: Shape<K>, columns: Columns<K>): UPlot.AlignedData => [
  columns.second,
  ...shape.lines.map(({ key }) => drawn(columns[key])),
];

/** uPlot breaks a line at null, not at NaN. */
function drawn(values: Float64Array): Float64Array | (number | null)[] {
  if (!values.some(Number.isNaN)) return values;
  return Array.from(values, (value) => (Number.isNaN(value) ? null : value));
}

function options<K extends string>(
  container: HTMLElement,
  shape: Shape<K>,
  onCursor: (index: number | null) => void,
): UPlot.Options {
  const style = getComputedStyle(container);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: colour("--neutral"), font, ticks: { stroke: colour("--line"), size: 4 } };
  const grid = { stroke: colour("--line"), width: 1 };
  const series = (line: Line<K>): UPlot.Series => ({
    scale: line.axis,
    stroke: colour(`--chart-${line.colour}`),
    width: line.axis === "right" ? 1.25 : 1.75,
    dash: [...line.dash],
    points: { show: (plot, _series, from, to) => to - from < 2 || plot.data[0].length === 1 },
    gaps: (plot, _series, from, to, nulls) => [
      ...nulls,
      ...gapsOf(plot.data[0], from, to, (x) => plot.valToPos(x, "x", true)),
    ],
  });
  const fromZero: UPlot.Scale = { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.08)] };
  const right = shape.lines.some((line) => line.axis === "right");
  return {
    width: container.clientWidth || 600,
    height: HEIGHT,
    padding: [10, right ? 4 : 16, 0, 4],
    legend: { show: false },
    cursor: {
      drag: { x: false, y: false },
      y: false,
      points: { size: 7 },
      sync: { key: LINKED, scales: ["x", null] },
    },
    scales: {
      x: { time: false, range: (_plot, min, max) => [min ?? 0, Math.max(max ?? 0, (min ?? 0) + 10)] },
      left: fromZero,
      ...(right && { right: fromZero }),
    },
    series: [{}, ...shape.lines.map(series)],
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 30,
        space: 70,
        values: (_plot, ticks) => ticks.map(clock),
        incrs: X_STEPS,
      },
      {
        ...axis,
        grid,
        scale: "left",
        size: 56,
        incrs: WHOLE_STEPS,
        values: (_plot, ticks) => ticks.map(plain),
      },
      ...(right
        ? [
            {
              ...axis,
              grid: { show: false },
              scale: "right",
              side: 1 as const,
              size: 52,
              incrs: WHOLE_STEPS,
              values: (_plot: UPlot, ticks: number[]) => ticks.map(integer),
            },
          ]
        : []),
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}

/** Steps of the time axis that read well, s. */
const X_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** There is no half a user, and no half a request. */
const WHOLE_STEPS = Array.from({ length: 9 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();
