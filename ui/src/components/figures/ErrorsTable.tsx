import type { ErrorRow } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { integer, percent } from "@/model/format";
import { text } from "@/text";
import classes from "./figures.module.css";

const t = text.runs.detail;

const COLUMNS: readonly Column<ErrorRow>[] = [
  {
    id: "message",
    header: t.message,
    rowHeader: true,
    grow: true,
    value: (row) => row.message,
    cell: (row) => (
      <span title={row.message}>
        <Name>{row.message}</Name>
      </span>
    ),
  },
  {
    id: "count",
    header: t.count,
    numeric: true,
    value: (row) => row.count,
    cell: (row) => integer(row.count),
  },
  {
    id: "share",
    header: t.share,
    numeric: true,
    value: (row) => row.percent,
    cell: (row) => percent(row.percent),
  },
];

interface Props {
  errors: readonly ErrorRow[];
  /** Of which part of the run, if not of all. */
  of?: string;
}

/** Every error message and how often it came. */
export function ErrorsTable({ errors, of }: Props) {
  if (errors.length === 0) {
    return (
      <Section title={t.errors} aside={of}>
        <p className={classes.quiet}>{t.noErrors}</p>
      </Section>
    );
  }
  return (
    <Section title={t.errors} aside={of} flush>
      <DataTable label={t.errors} rows={errors} columns={COLUMNS} rowId={(row) => row.message} />
    </Section>
  );
}
