import { SegmentedControl } from "@mantine/core";
import { useEffect, useState } from "react";
import { text } from "@/text";
import { Section } from "../layout";
import { Legend } from "./Legend";
import { Plot } from "./Plot";
import { SecondsTable } from "./SecondsTable";
import type { Shape } from "./shape";
import { type ChartSource, useColumns } from "./source";

const t = text.run.chart;

interface Props<K extends string> {
  shape: Shape<K>;
  source: ChartSource<K>;
}

/** Figures of a run by second: a chart with a cursor, or the same figures as a table. */
export function SecondsChart<K extends string>({ shape, source }: Props<K>) {
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
      title={shape.title}
      aside={last >= 0 && <Legend shape={shape} columns={columns} index={at ?? last} />}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={shape.title}
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
          <SecondsTable shape={shape} columns={columns} />
        </>
      ) : (
        <Plot
          shape={shape}
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
