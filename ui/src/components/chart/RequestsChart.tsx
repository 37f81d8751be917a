import { SegmentedControl } from "@mantine/core";
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import { clock, integer } from "@/model/format";
import { text } from "@/text";
import { Section } from "../layout";
import { Legend } from "./Legend";
import { Plot } from "./Plot";
import { SecondsTable } from "./SecondsTable";
import type { ChartSource } from "./source";

const t = text.run.chart;

/** Requests per second of a run: a chart with a cursor, or the same figures as a table. */
export function RequestsChart({ source }: { source: ChartSource }) {
  const [view, setView] = useState("chart");
  const [cursor, setCursor] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const length = useLength(source);
  const last = length - 1;
  const at = cursor !== null && cursor <= last ? cursor : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run's chart starts without a cursor
  useEffect(() => setCursor(null), [source]);
  return (
    <Section
      title={t.title}
      aside={length > 0 && <Legend source={source} index={at ?? last} />}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={t.title}
          value={view}
          onChange={setView}
          data={[
            { value: "chart", label: t.showChart },
            { value: "table", label: t.showTable },
          ]}
        />
      }
    >
      {view === "table" || failed ? (
        <>
          {failed && <p>{t.failed}</p>}
          <SecondsTable source={source} />
        </>
      ) : (
        <Plot source={source} length={length} cursor={at} onCursor={setCursor} onFailed={() => setFailed(true)} />
      )}
    </Section>
  );
}

function useLength(source: ChartSource): number {
  const read = useCallback(() => source.columns().second.length, [source]);
  return useSyncExternalStore(source.subscribe, read);
}

/** The figures of one second, in a sentence. */
export function secondAsText(source: ChartSource, index: number): string {
  const { second, ok, ko, users } = source.columns();
  const at = second[index];
  if (at === undefined) return t.empty;
  return t.at(clock(at), integer(ok[index] ?? 0), integer(ko[index] ?? 0), integer(users[index] ?? 0));
}
