import { Skeleton } from "@mantine/core";
import { memo, type ReactNode } from "react";
import type { Columns, ErrorRow, Row, Run } from "@/api/types";
import { type Stretch, stretchText } from "@/model/stretch";
import { text } from "@/text";
import { Name } from "../Name";
import { Problem, RequestProblem } from "../Problem";
import { ErrorsTable } from "./ErrorsTable";
import classes from "./figures.module.css";
import { RequestsTable } from "./RequestsTable";
import { useStretchFigures } from "./stretch";

const t = text.figures;

interface Props {
  run: Run;
  /** The figures of all of it. */
  whole: { columns: Columns; rows: readonly Row[]; errors: readonly ErrorRow[] };
  /** The seconds that were chosen in a chart. */
  stretch: Stretch | null;
  /** Nothing new comes of these seconds. */
  settled: boolean;
  /** What stands beside the errors. */
  beside?: ReactNode;
}

/** The table of requests and that of errors: of the whole run, or of the chosen seconds alone. */
export const FigureTables = memo(function FigureTables({ run, whole, stretch, settled, beside }: Props) {
  const { data, error } = useStretchFigures(run, stretch, settled);
  if (!stretch) {
    return (
      <>
        <RequestsTable rows={whole.rows} columns={whole.columns} />
        <Beside beside={beside}>
          <ErrorsTable errors={whole.errors} />
        </Beside>
      </>
    );
  }
  if (error || !data) {
    return (
      <>
        {error ? (
          <RequestProblem error={error} />
        ) : (
          <div role="status">
            <p className={classes.quiet}>{t.counting}</p>
            <Skeleton height={240} mt="xs" />
          </div>
        )}
        {beside}
      </>
    );
  }
  const of = t.only(stretchText({ from: data.from_s, until: data.until_s }));
  return (
    <>
      {data.notes.map((note) => (
        <Problem key={note} tone="warn" title={<Name>{note}</Name>} />
      ))}
      <RequestsTable
        rows={data.rows}
        columns={data.columns}
        of={of}
        note={
          <>
            {t.counted[data.counted]}
            {data.outside + data.elsewhere > 0 && ` ${t.edges(data.outside, data.elsewhere)}`}
          </>
        }
      />
      <Beside beside={beside}>
        <ErrorsTable errors={data.errors} of={of} />
      </Beside>
    </>
  );
});

function Beside({ beside, children }: { beside: ReactNode; children: ReactNode }) {
  if (!beside) return children;
  return (
    <div className={classes.columns}>
      {children}
      {beside}
    </div>
  );
}
