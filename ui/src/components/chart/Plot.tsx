import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { indexesIn, spanning, stretchText } from "@/model/stretch";
import type { Columns } from "@/store/ticks";
import { text } from "@/text";
import classes from "./chart.module.css";
import { loadUplot } from "./load-uplot";
import { NoteMarks } from "./NoteMarks";
import { type MarkPlace, SecondsPlot } from "./plot";
import { type Shape, secondAsText } from "./shape";
import type { ChartSource } from "./source";
import { useChartView, useViewState } from "./view";

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
  const view = useChartView();
  const { stretch, marked, notes } = useViewState(view);
  const [places, setPlaces] = useState<readonly MarkPlace[]>([]);
  /** Where marking by keyboard began. */
  const anchor = useRef<number | null>(null);

  // A new colour scheme is drawn anew: the colours are read once, when the chart is made.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the callbacks only set state
  useEffect(() => {
    let gone = false;
    let unsubscribe = () => {};
    const draw = async () => {
      const uPlot = await loadUplot();
      if (gone || !container.current) return;
      const drawn = new SecondsPlot(uPlot, container.current, shape, source.columns(), view, {
        onCursor,
        onMarks: (next) => setPlaces((known) => (same(known, next) ? known : next)),
      });
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
  }, [shape, source, scheme, view]);

  const [first, last] = indexesIn(columns.second, stretch);
  const at = Math.max(0, Math.min(last, Math.max(first, cursor ?? last)));
  const empty = columns.second.length === 0;
  const moveTo = (index: number) => {
    plot.current?.setCursor(index);
    onCursor(index);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const targets: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      PageDown: at - 10,
      PageUp: at + 10,
      Home: first,
      End: last,
    };
    const target = targets[event.key];
    if (event.key === "Enter" && marked) view.select(marked);
    else if (target === undefined || last < first) return;
    else {
      const index = Math.min(last, Math.max(first, target));
      const from = columns.second[marked ? (anchor.current ?? at) : at] ?? 0;
      if (!marked) anchor.current = at;
      view.mark(event.shiftKey ? spanning(from, columns.second[index] ?? from) : null);
      moveTo(index);
    }
    event.preventDefault();
  };
  const said = secondAsText(shape, columns, at);

  return (
    <>
      <p id={description} className={classes.description}>
        {shape.description} {t.keys}
      </p>
      <div className={classes.frame}>
        <div
          className={classes.plot}
          role="slider"
          tabIndex={0}
          aria-label={shape.title}
          aria-describedby={description}
          aria-valuemin={Math.max(0, first)}
          aria-valuemax={Math.max(0, last)}
          aria-valuenow={at}
          aria-valuetext={marked ? `${said}. ${text.figures.marked(stretchText(marked))}` : said}
          onKeyDown={onKeyDown}
          onDoubleClick={() => view.reset()}
        >
          <div ref={container} />
          {empty && <p className={classes.empty}>{t.empty}</p>}
        </div>
        <NoteMarks notes={notes} places={places} onPick={(note) => view.onPick(note)} />
      </div>
    </>
  );
}

const same = (a: readonly MarkPlace[], b: readonly MarkPlace[]) =>
  a.length === b.length && a.every(({ id, left }, index) => b[index]?.id === id && b[index].left === left);
