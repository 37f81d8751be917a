import { useMemo } from "react";
import { clock } from "@/model/format";
import type { Columns } from "@/store/ticks";
import { text } from "@/text";
import { type Column, DataTable } from "../DataTable";
import { type Line, type Shape, shownValue } from "./shape";

const t = text.run.chart;

interface Second {
  second: number;
  values: (number | null)[];
}

/** The chart's figures, a row per second. */
export function SecondsTable<K extends string>({ shape, columns }: { shape: Shape<K>; columns: Columns<K> }) {
  const heads = useMemo(
    () => [TIME, ...shape.lines.map((line, index) => figure(shape, line, index))],
    [shape],
  );
  const rows = Array.from(columns.second, (second, index) => ({
    second,
    values: shape.lines.map(({ key }) => {
      const value = columns[key][index];
      return value === undefined || Number.isNaN(value) ? null : value;
    }),
  }));
  return (
    <DataTable
      label={shape.tableLabel}
      rows={rows}
      columns={heads}
      rowId={(row) => String(row.second)}
      empty={t.empty}
    />
  );
}

const TIME: Column<Second> = {
  id: "second",
  header: t.time,
  value: (row) => row.second,
  cell: (row) => clock(row.second),
  rowHeader: true,
};

function figure<K extends string>(shape: Shape<K>, line: Line<K>, index: number): Column<Second> {
  return {
    id: line.key,
    header: line.label,
    value: (row) => row.values[index] ?? null,
    cell: (row) => shownValue(shape, line, row.values[index] ?? undefined),
    numeric: true,
  };
}
