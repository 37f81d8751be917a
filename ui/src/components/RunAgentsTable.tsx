import { useMemo } from "react";
import type { RunAgent } from "@/api/types";
import { afterStart, drift, withUncertainty } from "@/model/clock";
import { bytes, integer, NONE } from "@/model/format";
import { text } from "@/text";
import { type Column, DataTable } from "./DataTable";
import { Name } from "./Name";
import { PhaseSteps } from "./PhaseSteps";
import { RunAgentPhasePill } from "./states";

const t = text.run.live;

const now = (agent: RunAgent): string => {
  if (agent.step) return agent.step;
  return agent.phase === "collecting" ? t.collected(bytes(agent.collected_bytes)) : "";
};

const counter = (id: "ok" | "ko" | "users_active", header: string): Column<RunAgent> => ({
  id,
  header,
  numeric: true,
  value: (agent) => agent.live?.[id] ?? null,
  cell: (agent) => (agent.live ? integer(agent.live[id]) : NONE),
});

const columnsOf = (ended: boolean): Column<RunAgent>[] => [
  {
    id: "agent",
    header: t.agent,
    rowHeader: true,
    value: (agent) => agent.name,
    cell: (agent) => <Name>{agent.name}</Name>,
  },
  {
    id: "phase",
    header: text.runs.table.state,
    value: (agent) => text.run.phases[agent.phase],
    cell: (agent) => <RunAgentPhasePill phase={agent.phase} ended={ended} />,
  },
  {
    id: "steps",
    header: `${text.run.steps.fetch} → ${text.run.steps.collect}`,
    sortable: false,
    value: () => null,
    cell: (agent) => <PhaseSteps agent={agent} ended={ended} />,
  },
  {
    id: "now",
    header: ended ? t.lastStep : t.step,
    grow: true,
    value: (agent) => now(agent) || null,
    cell: (agent) => <Name>{now(agent)}</Name>,
  },
  counter("ok", t.ok),
  counter("ko", t.ko),
  counter("users_active", t.active),
  {
    id: "released",
    header: text.health.start.released,
    numeric: true,
    value: (agent) => agent.released_after_ms ?? null,
    cell: (agent) =>
      agent.probe && !agent.probe.held ? text.health.start.notHeld : afterStart(agent.released_after_ms),
  },
  {
    id: "clock",
    header: text.health.clock.title,
    numeric: true,
    value: (agent) => agent.clock?.offset_ms ?? null,
    cell: ({ clock }) => (clock ? <span title={drift(clock)}>{withUncertainty(clock)}</span> : NONE),
  },
];

interface Props {
  agents: readonly RunAgent[];
  /** Whether the run has ended: nothing is shown as in progress then. */
  ended?: boolean;
  /** Columns at the end. */
  more?: readonly Column<RunAgent>[];
}

const NO_MORE: readonly Column<RunAgent>[] = [];

/** Agents × phases: which agent holds us up? */
export function RunAgentsTable({ agents, ended = false, more = NO_MORE }: Props) {
  const columns = useMemo(() => [...columnsOf(ended), ...more], [ended, more]);
  return (
    <DataTable label={t.agents} rows={agents} columns={columns} rowId={(agent) => String(agent.index)} />
  );
}
