import type UPlot from "uplot";
import { clock, integer, plain } from "@/model/format";
import type { TickColumns } from "@/store/ticks";
import { gapsOf } from "./gaps";

const HEIGHT = 260;

/** Dashes tell the lines apart without their colours. */
export const DASHES = { ok: [], ko: [7, 4], users: [2, 3] } as const;

/** One uPlot chart of requests per second and users. */
export class RequestsPlot {
  readonly #plot: UPlot;
  readonly #resize: ResizeObserver;

  constructor(
    uPlot: typeof UPlot,
    container: HTMLElement,
    columns: TickColumns,
    onCursor: (index: number | null) => void,
  ) {
    this.#plot = new uPlot(options(container, onCursor), dataOf(columns), container);
    this.#resize = new ResizeObserver(() =>
      this.#plot.setSize({ width: container.clientWidth, height: HEIGHT }),
    );
    this.#resize.observe(container);
  }

  setColumns(columns: TickColumns): void {
    this.#plot.setData(dataOf(columns));
  }

  /** Puts the cursor on a second, by its index. */
  setCursor(index: number): void {
    const second = this.#plot.data[0]?.[index];
    if (second === undefined) return;
    this.#plot.setCursor({ left: this.#plot.valToPos(second, "x"), top: this.#plot.bbox.height / 4 });
  }

  destroy(): void {
    this.#resize.disconnect();
    this.#plot.destroy();
  }
}

// uPlot takes typed arrays; its type says number[] for the x axis of some forms only.
const dataOf = (columns: TickColumns): UPlot.AlignedData => [
  columns.second,
  columns.ok,
  columns.ko,
  columns.users,
];

function options(container: HTMLElement, onCursor: (index: number | null) => void): UPlot.Options {
  const style = getComputedStyle(container);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const axis = { stroke: colour("--neutral"), font, ticks: { stroke: colour("--line"), size: 4 } };
  const grid = { stroke: colour("--line"), width: 1 };
  const line = (scale: string, name: "ok" | "ko" | "users"): UPlot.Series => ({
    scale,
    stroke: colour(`--chart-${name}`),
    width: name === "users" ? 1.25 : 1.75,
    dash: [...DASHES[name]],
    points: { show: (plot, _series, from, to) => to - from < 2 || plot.data[0].length === 1 },
    gaps: (plot, _series, from, to) => gapsOf(plot.data[0], from, to, (x) => plot.valToPos(x, "x", true)),
  });
  return {
    width: container.clientWidth || 600,
    height: HEIGHT,
    padding: [10, 4, 0, 4],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false, points: { size: 7 } },
    scales: {
      x: { time: false, range: (_plot, min, max) => [min ?? 0, Math.max(max ?? 0, (min ?? 0) + 10)] },
      rate: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.08)] },
      users: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * 1.08)] },
    },
    series: [{}, line("rate", "ok"), line("rate", "ko"), line("users", "users")],
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
        scale: "rate",
        size: 56,
        incrs: WHOLE_STEPS,
        values: (_plot, ticks) => ticks.map(plain),
      },
      {
        ...axis,
        grid: { show: false },
        scale: "users",
        side: 1,
        size: 52,
        incrs: WHOLE_STEPS,
        values: (_plot, ticks) => ticks.map(integer),
      },
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
