import { clock, integer } from "@/model/format";
import type { TickColumns } from "@/store/ticks";
import { text } from "@/text";
import { type Column, DataTable } from "../DataTable";

const t = text.run.chart;

interface Second {
  second: number;
  ok: number;
  ko: number;
  users: number;
}

const figure = (id: "ok" | "ko" | "users", header: string): Column<Second> => ({
  id,
  header,
  value: (row) => row[id],
  cell: (row) => integer(row[id]),
  numeric: true,
});

const COLUMNS: readonly Column<Second>[] = [
  {
    id: "second",
    header: t.time,
    value: (row) => row.second,
    cell: (row) => clock(row.second),
    rowHeader: true,
  },
  figure("ok", t.ok),
  figure("ko", t.ko),
  figure("users", t.users),
];

/** The chart's figures, a row per second. */
export function SecondsTable({ columns }: { columns: TickColumns }) {
  const { second, ok, ko, users } = columns;
  const rows = Array.from(second, (at, index) => ({
    second: at,
    ok: ok[index] ?? 0,
    ko: ko[index] ?? 0,
    users: users[index] ?? 0,
  }));
  return (
    <DataTable
      label={t.tableLabel}
      rows={rows}
      columns={COLUMNS}
      rowId={(row) => String(row.second)}
      empty={t.empty}
    />
  );
}
