import { Link } from "react-router";
import type { Run } from "@/api/types";
import type { Column } from "@/components/DataTable";
import { Name } from "@/components/Name";
import { RunStatePill, VerdictPill } from "@/components/states";
import { clock, errorPercent, integer, NONE, percent, shortMoment } from "@/model/format";
import { elapsedSeconds, isActive, runTitle } from "@/model/run";
import { sourceShort, sourceText } from "@/model/source";
import { text } from "@/text";
import classes from "./runs.module.css";

const t = text.runs.table;

const counted = (run: Run) => run.live.ok + run.live.ko;
const seconds = (run: Run) =>
  run.started_ms === null && !isActive(run) ? null : elapsedSeconds(run, Date.now());

export const RUN_COLUMNS: readonly Column<Run>[] = [
  {
    id: "state",
    header: t.state,
    value: (run) => text.run.states[run.state],
    cell: (run) => <RunStatePill state={run.state} />,
  },
  {
    id: "verdict",
    header: text.verdict.title,
    value: (run) => (run.verdict ? text.verdict.levels[run.verdict.level] : null),
    cell: (run) => (run.verdict ? <VerdictPill level={run.verdict.level} /> : NONE),
  },
  {
    id: "simulation",
    header: t.simulation,
    rowHeader: true,
    value: runTitle,
    cell: (run) => (
      <Link to={`/runs/${run.id}`} className={classes.run}>
        <Name>{runTitle(run) || t.unnamed}</Name>
      </Link>
    ),
  },
  {
    id: "source",
    header: t.source,
    value: (run) => sourceShort(run.spec.source),
    cell: (run) => (
      <span title={sourceText(run.spec.source)}>
        <Name>{sourceShort(run.spec.source)}</Name>
      </span>
    ),
  },
  {
    id: "started",
    header: t.started,
    value: (run) => run.started_ms ?? run.created_ms,
    cell: (run) => shortMoment(run.started_ms ?? run.created_ms),
  },
  {
    id: "duration",
    header: t.duration,
    numeric: true,
    value: seconds,
    cell: (run) => {
      const known = seconds(run);
      return known === null ? NONE : clock(known);
    },
  },
  {
    id: "agents",
    header: t.agents,
    numeric: true,
    value: (run) => run.agents.length,
    cell: (run) => integer(run.agents.length),
  },
  {
    id: "requests",
    header: t.requests,
    numeric: true,
    value: (run) => counted(run) || null,
    cell: (run) => (counted(run) > 0 ? integer(counted(run)) : NONE),
  },
  {
    id: "errors",
    header: t.errors,
    numeric: true,
    value: (run) => (counted(run) > 0 ? errorPercent(run.live.ok, run.live.ko) : null),
    cell: (run) =>
      counted(run) > 0 ? (
        <span data-bad={run.live.ko > 0 || undefined} className={classes.share}>
          {percent(errorPercent(run.live.ok, run.live.ko))}
        </span>
      ) : (
        NONE
      ),
  },
  {
    id: "description",
    header: t.description,
    grow: true,
    value: (run) => run.spec.description || null,
    cell: (run) => (
      <span title={run.spec.description}>
        <Name>{run.spec.description}</Name>
      </span>
    ),
  },
];
