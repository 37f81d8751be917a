import { SegmentedControl } from "@mantine/core";
import { useEffect, useState } from "react";
import { indexesIn } from "@/model/stretch";
import type { Columns } from "@/store/ticks";
import { text } from "@/text";
import { Section } from "../layout";
import { Legend } from "./Legend";
import { Plot } from "./Plot";
import { SecondsTable } from "./SecondsTable";
import type { Shape } from "./shape";
import { type ChartSource, useColumns } from "./source";
import { useChartView, useViewState } from "./view";

const t = text.run.chart;

interface Props<K extends string> {
  shape: Shape<K>;
  source: ChartSource<K>;
}

/** Figures of a run by second: a chart with a cursor, or the same figures as a table. */
export function SecondsChart<K extends string>({ shape, source }: Props<K>) {
  const [form, setForm] = useState("chart");
  const [cursor, setCursor] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const columns = useColumns(source);
  const view = useChartView();
  const { stretch } = useViewState(view);
  const [first, last] = indexesIn(columns.second, stretch);
  const at = cursor !== null && cursor >= first && cursor <= last ? cursor : null;
  const move = (index: number | null) => {
    view.cursor = index === null ? null : (source.columns().second[index] ?? null);
    setCursor(index);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another run's chart starts without a cursor
  useEffect(() => setCursor(null), [source]);
  return (
    <Section
      title={shape.title}
      aside={last >= first && <Legend shape={shape} columns={columns} index={at ?? last} />}
      actions={
        <SegmentedControl
          size="xs"
          aria-label={shape.title}
          value={form}
          onChange={setForm}
          data={[
            { value: "chart", label: t.showChart },
            { value: "table", label: t.showTable },
          ]}
        />
      }
    >
      {form === "table" || failed ? (
        <>
          {failed && <p>{t.failed}</p>}
          <SecondsTable shape={shape} columns={part(columns, first, last)} />
        </>
      ) : (
        <Plot
          shape={shape}
          source={source}
          columns={columns}
          cursor={at}
          onCursor={move}
          onFailed={() => setFailed(true)}
        />
      )}
    </Section>
  );
}

const part = <K extends string>(columns: Columns<K>, first: number, last: number): Columns<K> =>
  Object.fromEntries(
    Object.entries<Float64Array>(columns).map(([name, values]) => [name, values.subarray(first, last + 1)]),
  ) as Columns<K>;
