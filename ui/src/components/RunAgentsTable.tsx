import type { RunAgent } from "@/api/types";
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

const COLUMNS: readonly Column<RunAgent>[] = [
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
    cell: (agent) => <RunAgentPhasePill phase={agent.phase} />,
  },
  {
    id: "steps",
    header: `${text.run.steps.fetch} → ${text.run.steps.collect}`,
    sortable: false,
    value: () => null,
    cell: (agent) => <PhaseSteps agent={agent} />,
  },
  {
    id: "now",
    header: t.step,
    grow: true,
    value: (agent) => now(agent) || null,
    cell: (agent) => <Name>{now(agent)}</Name>,
  },
  counter("ok", t.ok),
  counter("ko", t.ko),
  counter("users_active", t.active),
];

/** Agents × phases: which agent holds us up? */
export function RunAgentsTable({ agents }: { agents: readonly RunAgent[] }) {
  return (
    <DataTable label={t.agents} rows={agents} columns={COLUMNS} rowId={(agent) => String(agent.index)} />
  );
}
