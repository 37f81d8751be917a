import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Run, Series, Summary } from "@/api/types";
import { ChartBar } from "@/components/chart/ChartBar";
import { SecondsChart } from "@/components/chart/SecondsChart";
import { REQUESTS, timesShape } from "@/components/chart/shape";
import { seriesSource } from "@/components/chart/source";
import { ChartView, ChartViewProvider, useViewState } from "@/components/chart/view";
import { FigureTables } from "@/components/figures/FigureTables";
import type { Draft } from "@/components/notes/NoteDialog";
import { usePlacedNotes } from "@/components/notes/notes";
import { PinnedNotes } from "@/components/notes/PinnedNotes";
import { RequestProblem } from "@/components/Problem";
import { timesOf } from "@/store/figures";
import { useApi } from "@/store/hooks";
import { text } from "@/text";
import { AgentShares } from "./AgentShares";
import { Assertions } from "./Assertions";
import { Completeness } from "./Completeness";
import { UsersTable } from "./UsersTable";

interface Props {
  run: Run;
  summary: Summary;
}

/** The figures of a result: the charts, and the tables that go by what is chosen in them. */
export function ResultFigures({ run, summary }: Props) {
  const api = useApi();
  const [view] = useState(() => new ChartView());
  const { stretch } = useViewState(view);
  const series = useQuery({
    queryKey: ["series", run.id, run.state, run.revision],
    queryFn: ({ signal }) => api.series(run.id, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <ChartViewProvider value={view}>
      {summary.assertions.length > 0 && <Assertions assertions={summary.assertions} />}
      {series.data && <Charts run={run} series={series.data} summary={summary} view={view} />}
      {series.error && <RequestProblem error={series.error} />}
      <FigureTables
        run={run}
        whole={summary}
        stretch={stretch}
        settled
        beside={<UsersTable users={summary.users} of={stretch !== null && text.figures.all} />}
      />
      <AgentShares run={run} summary={summary} />
      <Completeness proofs={summary.proofs} />
    </ChartViewProvider>
  );
}

function Charts({ run, series, summary, view }: Props & { series: Series; view: ChartView }) {
  const source = useMemo(() => seriesSource(series), [series]);
  const times = useMemo(() => timesOf(series), [series]);
  const { percentiles } = summary.columns;
  const shape = useMemo(() => timesShape(percentiles), [percentiles]);
  const notes = usePlacedNotes(run, series.start_ms, view);
  const [draft, setDraft] = useState<Draft | null>(null);
  const { stretch } = useViewState(view);
  const write = () => setDraft({ id: null, second: view.cursor ?? stretch?.from ?? 0, text: "" });
  return (
    <>
      <ChartBar view={view} onNote={write} />
      <SecondsChart shape={REQUESTS} source={source} />
      {times && <SecondsChart shape={shape} source={times} />}
      <PinnedNotes run={run} notes={notes} zeroMs={series.start_ms} draft={draft} onDraft={setDraft} />
    </>
  );
}
