import { useMemo } from "react";
import type { Agent } from "@/api/types";
import { DataTable } from "@/components/DataTable";
import { MayChange } from "@/components/MayChange";
import { text } from "@/text";
import { AgentMenu } from "./AgentMenu";
import { agentColumns } from "./agent-columns";

interface Props {
  agents: readonly Agent[];
  /** Opens an agent's details, with the doctor at work if asked. */
  onOpen: (id: string, doctor: boolean) => void;
}

/** The controller's agents, live. */
export function AgentsTable({ agents, onOpen }: Props) {
  const columns = useMemo(
    () =>
      agentColumns(
        (agent) => onOpen(agent.id, false),
        (agent) => (
          <MayChange>
            <AgentMenu agent={agent} onOpen={onOpen} />
          </MayChange>
        ),
      ),
    [onOpen],
  );
  return (
    <DataTable
      label={text.agents.table.label}
      rows={agents}
      columns={columns}
      rowId={(agent) => agent.id}
      stale={(agent) => agent.liveness !== "alive"}
      empty={text.agents.table.noMatch}
      initialSort={{ column: "name", descending: false }}
    />
  );
}
