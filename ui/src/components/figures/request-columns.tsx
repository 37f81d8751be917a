import type { Columns, Row, Times } from "@/api/types";
import type { Column } from "@/components/DataTable";
import { Name } from "@/components/Name";
import type { HeadGroup } from "@/components/TableHead";
import { integer, NONE, ordinal, percent, rate } from "@/model/format";
import type { RowNode } from "@/model/tree";
import { text } from "@/text";
import classes from "./figures.module.css";

const t = text.runs.detail;

/** Whose response times are shown; `duration`: how long users were in a group. */
export type TimesOf = "all" | "ok" | "ko" | "duration";

export const requestGroups: readonly HeadGroup[] = [
  { header: "", span: 1 },
  { header: t.executions, span: 5 },
  { header: t.responseTime, span: 8 },
];

function timesOf(row: Row, which: TimesOf): { times: Times; count: number } {
  if (which === "duration") return { times: row.duration ?? row, count: row.duration ? row.total : 0 };
  if (which === "ok") return { times: row.ok_only, count: row.ok };
  if (which === "ko") return { times: row.ko_only, count: row.ko };
  return { times: row, count: row.total };
}

/** Gatling's columns; the percentiles' headings come from the project's own settings. */
export function requestColumns(settings: Columns, which: TimesOf): Column<RowNode>[] {
  const [p50, p75, p95, p99] = settings.percentiles;
  const time = (id: keyof Times, header: string, divider = false): Column<RowNode> => ({
    id,
    header,
    numeric: true,
    divider,
    value: ({ row }) => {
      const { times, count } = timesOf(row, which);
      return count > 0 ? times[id] : null;
    },
    cell: ({ row }) => {
      const { times, count } = timesOf(row, which);
      return count > 0 ? integer(times[id]) : NONE;
    },
  });
  return [
    {
      id: "name",
      header: t.columns.name,
      rowHeader: true,
      grow: true,
      value: (node) => node.name,
      cell: ({ row, name }) => (
        <span className={classes.request} data-kind={row.kind} title={row.path.join(" / ") || undefined}>
          <Name>{row.kind === "all" ? t.all : name}</Name>
        </span>
      ),
    },
    count("total", t.columns.total, true),
    count("ok", t.columns.ok),
    count("ko", t.columns.ko),
    {
      id: "percent_ko",
      header: t.columns.percentKo,
      numeric: true,
      value: ({ row }) => row.percent_ko,
      cell: ({ row }) => (
        <span className={classes.share} data-bad={row.ko > 0 || undefined}>
          {percent(row.percent_ko)}
        </span>
      ),
    },
    {
      id: "per_second",
      header: t.columns.perSecond,
      numeric: true,
      value: ({ row }) => row.per_second,
      cell: ({ row }) => rate(row.per_second),
    },
    time("min", t.columns.min, true),
    time("p50", ordinal(p50)),
    time("p75", ordinal(p75)),
    time("p95", ordinal(p95)),
    time("p99", ordinal(p99)),
    time("max", t.columns.max),
    time("mean", t.columns.mean),
    time("std_dev", t.columns.stdDev),
  ];
}

const count = (id: "total" | "ok" | "ko", header: string, divider = false): Column<RowNode> => ({
  id,
  header,
  numeric: true,
  divider,
  value: ({ row }) => row[id],
  cell: ({ row }) => integer(row[id]),
});
