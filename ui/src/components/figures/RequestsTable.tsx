import { Button, SegmentedControl } from "@mantine/core";
import type { ExpandedState } from "@tanstack/react-table";
import { type ReactNode, useMemo, useState } from "react";
import type { Columns, Row } from "@/api/types";
import { DataTable } from "@/components/DataTable";
import { FilterInput } from "@/components/FilterInput";
import { Section } from "@/components/layout";
import { filterTree, type RowNode, rowTree } from "@/model/tree";
import { text } from "@/text";
import classes from "./figures.module.css";
import { requestColumns, requestGroups, type TimesOf } from "./request-columns";

const t = text.runs.detail;

const TIMES: { value: TimesOf; label: string }[] = [
  { value: "all", label: t.timesAll },
  { value: "ok", label: t.timesOk },
  { value: "ko", label: t.timesKo },
];
const DURATION = { value: "duration" as const, label: t.timesDuration };

const childrenOf = (node: RowNode) => node.children;
const nameOf = (node: RowNode) => (node.row.kind === "all" ? t.all : node.name);

interface Props {
  rows: readonly Row[];
  columns: Columns;
  /** Of which part of the run, if not of all. */
  of?: string;
  /** What counts there. */
  note?: ReactNode;
}

/** Gatling's table on the figures of all agents: a tree of groups and requests. */
export function RequestsTable({ rows, columns: settings, of, note }: Props) {
  const [filter, setFilter] = useState("");
  const [times, setTimes] = useState<TimesOf>("all");
  const [expanded, setExpanded] = useState<ExpandedState>(true);
  const tree = useMemo(() => rowTree(rows), [rows]);
  const shown = useMemo(() => filterTree(tree, filter), [tree, filter]);
  const columns = useMemo(() => requestColumns(settings, times), [settings, times]);
  const timed = rows.some((row) => row.duration);
  const grouped = tree.some((node) => node.children.length > 0);
  return (
    <Section
      title={t.table}
      aside={of}
      actions={
        <>
          {grouped && (
            <Button variant="subtle" color="gray" onClick={() => setExpanded(expanded === true ? {} : true)}>
              {expanded === true ? t.collapseAll : t.expandAll}
            </Button>
          )}
          <SegmentedControl
            size="xs"
            aria-label={t.times}
            value={times}
            onChange={(value) => setTimes(value as TimesOf)}
            data={timed ? [...TIMES, DURATION] : TIMES}
          />
          <FilterInput value={filter} onChange={setFilter} />
        </>
      }
      flush
    >
      {note && <p className={classes.counted}>{note}</p>}
      <DataTable
        label={t.table}
        rows={shown}
        columns={columns}
        groups={requestGroups}
        rowId={(node) => node.id}
        rowName={nameOf}
        empty={t.noRequests}
        childrenOf={childrenOf}
        expanded={expanded}
        onExpanded={setExpanded}
        pinned={(node) => node.row.kind === "all"}
      />
    </Section>
  );
}
