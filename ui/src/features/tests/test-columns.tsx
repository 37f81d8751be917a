import { Link } from "react-router";
import type { Run, Test } from "@/api/types";
import type { Column } from "@/components/DataTable";
import { MayChange } from "@/components/MayChange";
import { Name } from "@/components/Name";
import { Sparkline } from "@/components/Sparkline";
import { RunStatePill, VerdictPill } from "@/components/states";
import { integer, percent, shortMoment } from "@/model/format";
import { sourceShort, sourceText } from "@/model/source";
import { agentsText, errorTrend, newestOf, p95Trend } from "@/model/test";
import { text } from "@/text";
import { TestActions } from "./TestActions";
import classes from "./tests.module.css";

const t = text.tests.table;

const ms = (value: number) => t.ms(integer(value));

/** The columns of the saved tests; `runs` are those in the live events, which know why one failed. */
export function testColumns(
  runs: readonly Run[],
  starting: string | null,
  onStart: (test: Test) => void,
): readonly Column<Test>[] {
  return [
    {
      id: "name",
      header: t.name,
      rowHeader: true,
      value: (test) => test.name,
      cell: (test) => <NameCell test={test} />,
    },
    {
      id: "project",
      header: t.project,
      value: (test) => sourceShort(test.spec.source),
      cell: ({ spec }) => (
        <span title={sourceText(spec.source)}>
          <Name>{sourceShort(spec.source)}</Name>
        </span>
      ),
    },
    {
      id: "simulation",
      header: t.simulation,
      value: (test) => test.spec.simulation ?? null,
      cell: ({ spec }) =>
        spec.simulation ? (
          <span title={spec.simulation}>
            <Name>{spec.simulation.split(".").pop() ?? spec.simulation}</Name>
          </span>
        ) : (
          t.onlySimulation
        ),
    },
    {
      id: "agents",
      header: t.agents,
      value: (test) => agentsText(test.spec.selection),
      cell: (test) => <Name>{agentsText(test.spec.selection)}</Name>,
    },
    {
      id: "last",
      header: t.lastRun,
      value: (test) => test.runs[0]?.created_ms ?? null,
      cell: (test) => <LastRun test={test} runs={runs} />,
    },
    {
      id: "p95",
      header: t.p95,
      title: t.p95Title,
      numeric: true,
      value: (test) => newestOf(p95Trend(test)),
      cell: (test) => <Sparkline values={p95Trend(test)} format={ms} label={t.p95Of} tone="time" />,
    },
    {
      id: "errors",
      header: t.errors,
      title: t.errorsTitle,
      numeric: true,
      value: (test) => newestOf(errorTrend(test)),
      cell: (test) => (
        <Sparkline values={errorTrend(test)} format={percent} label={t.errorsOf} tone="error" />
      ),
    },
    {
      id: "actions",
      header: t.actions,
      quiet: true,
      sticky: true,
      sortable: false,
      value: () => null,
      cell: (test) => (
        <MayChange>
          <TestActions test={test} starting={starting === test.id} onStart={() => onStart(test)} />
        </MayChange>
      ),
    },
  ];
}

function NameCell({ test }: { test: Test }) {
  return (
    <div className={classes.name}>
      <Link to={`/tests/${test.id}`} className={classes.link} title={test.description || undefined}>
        <Name>{test.name}</Name>
      </Link>
      {test.labels.map((label) => (
        <span key={label} className={classes.label}>
          <Name>{label}</Name>
        </span>
      ))}
    </div>
  );
}

/** State, verdict and time of the newest run; why it failed, where that is known. */
function LastRun({ test, runs }: { test: Test; runs: readonly Run[] }) {
  const [last] = test.runs;
  if (!last) return <span className={classes.never}>{t.never}</span>;
  const cause = runs.find((run) => run.id === last.id)?.failures[0]?.failure.message;
  return (
    <div className={classes.last}>
      <span className={classes.pills}>
        <RunStatePill state={last.state} />
        {last.verdict && <VerdictPill level={last.verdict} />}
      </span>
      <Link to={`/runs/${last.id}`}>{shortMoment(last.created_ms)}</Link>
      {cause && (
        <span className={classes.cause} title={cause}>
          <Name>{cause}</Name>
        </span>
      )}
    </div>
  );
}
