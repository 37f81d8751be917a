import { type ReactNode, useMemo, useState, useSyncExternalStore } from "react";
import type { Run } from "@/api/types";
import { ChartBar } from "@/components/chart/ChartBar";
import { Hold, holdable } from "@/components/chart/hold";
import { SecondsChart } from "@/components/chart/SecondsChart";
import { REQUESTS, timesShape } from "@/components/chart/shape";
import { liveSource, useColumns } from "@/components/chart/source";
import { ChartView, ChartViewProvider, useViewState } from "@/components/chart/view";
import { FigureTables } from "@/components/figures/FigureTables";
import { isSettled } from "@/components/figures/stretch";
import type { Draft } from "@/components/notes/NoteDialog";
import { usePlacedNotes } from "@/components/notes/notes";
import { PinnedNotes } from "@/components/notes/PinnedNotes";
import { useNow } from "@/components/use-now";
import { age } from "@/model/format";
import { useFigures } from "@/store/figures";
import { useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import { OLD_MS } from "./LiveTiles";
import classes from "./LiveTiles.module.css";
import { useKept } from "./use-kept";

const t = text.run.live;

/** The charts and tables of a run that has started: they can be zoomed, held still, and noted upon. */
export function LiveFigures({ run, startedMs }: { run: Run; startedMs: number }) {
  const live = useLiveStore();
  const following = useFigures(run.id);
  const [view] = useState(() => new ChartView());
  const [hold] = useState(() => new Hold());
  const [draft, setDraft] = useState<Draft | null>(null);
  const held = useSyncExternalStore(hold.subscribe, hold.since);
  const ticks = useMemo(() => liveSource(live, run.id), [live, run.id]);
  const source = useMemo(() => holdable(ticks, hold), [ticks, hold]);
  const times = useMemo(() => holdable(following.times, hold), [following.times, hold]);
  const newest = useColumns(ticks).second.at(-1) ?? 0;
  const shown = source.columns().second.at(-1) ?? 0;
  const figures = useKept(following.figures, held !== null);
  const notes = usePlacedNotes(run, startedMs, view);
  const { stretch } = useViewState(view);
  const percentiles = JSON.stringify(figures?.columns.percentiles ?? []);
  const shape = useMemo(() => timesShape(JSON.parse(percentiles)), [percentiles]);
  const has = figures !== null && figures.rows.length > 0;
  const write = () => setDraft({ id: null, second: view.cursor ?? newest, text: "" });
  return (
    <ChartViewProvider value={view}>
      <ChartBar
        view={view}
        onNote={write}
        pause={{ paused: held !== null, behind: newest - shown, onPause: (paused) => hold.set(paused) }}
      />
      <SecondsChart shape={REQUESTS} source={source} />
      {has && (
        <Aged run={run} heardAt={following.heardAt}>
          <SecondsChart shape={shape} source={times} />
        </Aged>
      )}
      <PinnedNotes run={run} notes={notes} zeroMs={startedMs} draft={draft} onDraft={setDraft} />
      {has && (
        <Aged run={run} heardAt={following.heardAt}>
          <FigureTables run={run} whole={figures} stretch={stretch} settled={isSettled(stretch, newest)} />
        </Aged>
      )}
    </ChartViewProvider>
  );
}

/** Figures that are grey, and say how old they are, once nothing new comes. */
function Aged({ run, heardAt, children }: { run: Run; heardAt: number; children: ReactNode }) {
  const now = useNow();
  const old = run.state === "running" && now - heardAt > OLD_MS;
  return (
    <div className={classes.figures} data-old={old || undefined}>
      {old && <p className={classes.old}>{t.stale(age(now - heardAt))}</p>}
      {children}
    </div>
  );
}
