import { SegmentedControl } from "@mantine/core";
import { useEffect, useState } from "react";
import { text } from "@/text";
import { Section } from "../layout";
import { Legend } from "./Legend";
import { Plot } from "./Plot";
import { SecondsTable } from "./SecondsTable";
import { type ChartSource, useColumns } from "./source";

const t = text.run.chart;

/** Requests per second of a run: a chart with a cursor, or the same figures as a table. */
export function RequestsChart({ source }: { source: ChartSource }) {
  const [view, setView] = useState("chart");
  const [cursor, setCursor] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const columns = useColumns(source);
  const last = columns.second.length - 1;
  const at = cursor !== null && cursor <= last ? cursor : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run's chart starts without a cursor
  useEffect(() => setCursor(null), [source]);
  return (
    <Section
      title={t.title}
      aside={last >= 0 && <Legend columns={columns} index={at ?? last} />}
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
          <SecondsTable columns={columns} />
        </>
      ) : (
        <Plot
          source={source}
          columns={columns}
          cursor={at}
          onCursor={setCursor}
          onFailed={() => setFailed(true)}
        />
      )}
    </Section>
  );
}
