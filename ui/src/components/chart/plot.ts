import type UPlot from "uplot";
import { clock, integer, plain } from "@/model/format";
import { between, clipped, type Stretch, whole } from "@/model/stretch";
import type { Columns } from "@/store/ticks";
import { gapsOf } from "./gaps";
import type { Line, Shape } from "./shape";
import type { ChartView } from "./view";

const HEIGHT = 260;
/** Room of the right axis, px. */
const RIGHT = 52;

/** Charts with this key share their cursor. */
const LINKED = "run";

/** Where a note's mark stands, px from the chart's left edge. */
export interface MarkPlace {
  id: number;
  left: number;
}

interface Listener {
  onCursor: (index: number | null) => void;
  /** The marks of the notes in view, after each change of their places. */
  onMarks: (places: readonly MarkPlace[]) => void;
}

/** One uPlot chart over the seconds of a run. */
export class SecondsPlot<K extends string> {
  readonly #plot: UPlot;
  readonly #shape: Shape<K>;
  readonly #view: ChartView;
  readonly #resize: ResizeObserver;
  readonly #unsubscribe: () => void;
  #shown: Stretch | null;

  constructor(
    uPlot: typeof UPlot,
    container: HTMLElement,
    shape: Shape<K>,
    columns: Columns<K>,
    view: ChartView,
    listener: Listener,
  ) {
    this.#shape = shape;
    this.#view = view;
    this.#shown = view.state().stretch;
    this.#plot = new uPlot(options(container, shape, view, listener), dataOf(shape, columns), container);
    this.#showMarked();
    this.#unsubscribe = view.subscribe(() => this.#follow());
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

  /** Draws what the view has become. */
  #follow(): void {
    const { stretch } = this.#view.state();
    if (stretch === this.#shown) this.#plot.redraw(false);
    // The scales are made anew, by the stretch that is shown now.
    else this.#plot.setData(this.#plot.data);
    this.#shown = stretch;
    this.#showMarked();
  }

  #showMarked(): void {
    const { marked } = this.#view.state();
    const position = (second: number) => this.#plot.valToPos(second, "x");
    const [left, right] = marked ? [position(marked.from - 0.5), position(marked.until - 0.5)] : [0, 0];
    const height = marked ? this.#plot.over.clientHeight : 0;
    this.#plot.setSelect({ left, width: right - left, top: 0, height }, false);
  }

  destroy(): void {
    this.#unsubscribe();
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
  view: ChartView,
  listener: Listener,
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
    // The same time stands at the same place in all charts, whether they have a right axis or not.
    padding: [10, right ? 4 : 4 + RIGHT, 0, 4],
    legend: { show: false },
    cursor: {
      drag: { x: true, y: false, setScale: false, dist: 5 },
      y: false,
      points: { size: 7 },
      sync: { key: LINKED, scales: ["x", null] },
    },
    scales: {
      x: { time: false, range: (_plot, min, max) => rangeOf(view, min ?? 0, max ?? 0) },
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
              size: RIGHT,
              incrs: WHOLE_STEPS,
              values: (_plot: UPlot, ticks: number[]) => ticks.map(integer),
            },
          ]
        : []),
    ],
    hooks: {
      setCursor: [(plot) => listener.onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => select(plot, view)],
      draw: [(plot) => drawNotes(plot, view, colour("--neutral"), listener.onMarks)],
    },
  };
}

/** What the time axis shows: a stretch, or all there is and at least ten seconds. */
function rangeOf(view: ChartView, min: number, max: number): [number, number] {
  const { stretch } = view.state();
  if (!stretch) return [min, Math.max(max, min + 10)];
  const last = stretch.until - 1;
  return last > stretch.from ? [stretch.from, last] : [last - 0.5, last + 0.5];
}

/** What was dragged over becomes what is shown. */
function select(plot: UPlot, view: ChartView): void {
  // The charts that share the cursor are told too: the one under the mouse alone counts.
  if (!plot.cursor.event) return;
  const { left, width } = plot.select;
  const dragged = between(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
  const all = whole(plot.data[0]);
  const stretch = all && clipped(dragged, all);
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
  if (stretch) view.select(stretch);
}

/** A line for each note in view. */
function drawNotes(
  plot: UPlot,
  view: ChartView,
  colour: string,
  onMarks: (places: readonly MarkPlace[]) => void,
): void {
  const { min, max } = plot.scales.x ?? {};
  const inView = view
    .state()
    .notes.filter(({ second }) => second >= (min ?? 0) && second <= (max ?? Number.NEGATIVE_INFINITY));
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { second } of inView) {
    const x = Math.round(plot.valToPos(second, "x", true)) + 0.5;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
  const place = (second: number) => plot.valToPos(second, "x") + bbox.left / devicePixelRatio;
  onMarks(inView.map(({ id, second }) => ({ id, left: Math.round(place(second)) })));
}

/** Steps of the time axis that read well, s. */
const X_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** There is no half a user, and no half a request. */
const WHOLE_STEPS = Array.from({ length: 9 }, (_, power) =>
  [1, 2, 5].map((step) => step * 10 ** power),
).flat();
