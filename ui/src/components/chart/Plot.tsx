import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import type { Columns } from "@/store/ticks";
import { text } from "@/text";
import classes from "./chart.module.css";
import { loadUplot } from "./load-uplot";
import { SecondsPlot } from "./plot";
import { type Shape, secondAsText } from "./shape";
import type { ChartSource } from "./source";

const t = text.run.chart;

interface Props<K extends string> {
  shape: Shape<K>;
  source: ChartSource<K>;
  /** The source's columns at this rendering. */
  columns: Columns<K>;
  cursor: number | null;
  onCursor: (index: number | null) => void;
  onFailed: () => void;
}

/** The canvas, with a cursor for mouse and keyboard: to a screen reader it is a slider along the seconds. */
export function Plot<K extends string>({ shape, source, columns, cursor, onCursor, onFailed }: Props<K>) {
  const container = useRef<HTMLDivElement>(null);
  const plot = useRef<SecondsPlot<K> | null>(null);
  const scheme = useComputedColorScheme("light");
  const description = useId();

  // A new colour scheme is drawn anew: the colours are read once, when the chart is made.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the callbacks only set state
  useEffect(() => {
    let gone = false;
    let unsubscribe = () => {};
    const draw = async () => {
      const uPlot = await loadUplot();
      if (gone || !container.current) return;
      const drawn = new SecondsPlot(uPlot, container.current, shape, source.columns(), onCursor);
      plot.current = drawn;
      unsubscribe = source.subscribe(() => drawn.setColumns(source.columns()));
    };
    draw().catch(() => {
      if (!gone) onFailed();
    });
    return () => {
      gone = true;
      unsubscribe();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, source, scheme]);

  const length = columns.second.length;
  const last = Math.max(0, length - 1);
  const at = cursor ?? last;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 10 : 1;
    const targets: Record<string, number> = {
      ArrowLeft: at - step,
      ArrowRight: at + step,
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    if (target === undefined || length === 0) return;
    event.preventDefault();
    const index = Math.min(last, Math.max(0, target));
    plot.current?.setCursor(index);
    onCursor(index);
  };

  return (
    <>
      <p id={description} className={classes.description}>
        {shape.description} {t.keys}
      </p>
      <div
        className={classes.plot}
        role="slider"
        tabIndex={0}
        aria-label={shape.title}
        aria-describedby={description}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={secondAsText(shape, columns, at)}
        onKeyDown={onKeyDown}
      >
        <div ref={container} />
        {length === 0 && <p className={classes.empty}>{t.empty}</p>}
      </div>
    </>
  );
}
