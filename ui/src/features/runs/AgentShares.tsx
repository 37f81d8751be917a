import { useMemo } from "react";
import type { AgentShare, Run, Summary } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { afterStart, drift, withUncertainty } from "@/model/clock";
import { integer, NONE, offset } from "@/model/format";
import { startOf } from "@/model/start";
import { text } from "@/text";
import { AgentFiles } from "./downloads";

const t = text.runs.detail;

/** A share with the agent's place in the run, by which its files are asked for. */
interface Share extends AgentShare {
  index: number | null;
}

const count = (id: "total" | "ok" | "ko" | "unfinished_users", header: string): Column<Share> => ({
  id,
  header,
  numeric: true,
  value: (share) => share[id],
  cell: (share) => integer(share[id]),
});

/** What each agent brought, when it started, and its files. */
export function AgentShares({ run, summary }: { run: Run; summary: Summary }) {
  const shares = useMemo(() => sharesOf(run, summary), [run, summary]);
  const released = shares.some((share) => share.released_after_ms != null);
  const clocks = shares.some((share) => share.clock != null);
  const unfinished = shares.some((share) => share.unfinished_users > 0);
  const columns = useMemo(
    (): Column<Share>[] => [
      {
        id: "agent",
        header: t.agent,
        rowHeader: true,
        value: (share) => share.name,
        cell: (share) => <Name>{share.name}</Name>,
      },
      count("total", t.columns.total),
      count("ok", t.columns.ok),
      count("ko", t.columns.ko),
      ...(released
        ? [
            {
              id: "released",
              header: text.health.start.released,
              numeric: true,
              value: (share: Share) => share.released_after_ms ?? null,
              cell: (share: Share) => afterStart(share.released_after_ms),
            },
          ]
        : []),
      {
        id: "start",
        header: t.startOffset,
        numeric: true,
        value: (share) => share.start_offset_ms,
        cell: (share) => offset(share.start_offset_ms),
      },
      ...(clocks
        ? [
            {
              id: "clock",
              header: text.health.clock.title,
              numeric: true,
              value: (share: Share) => share.clock?.offset_ms ?? null,
              cell: ({ clock }: Share) => (clock ? withUncertainty(clock) : NONE),
            },
            {
              id: "drift",
              header: text.health.clock.drift,
              numeric: true,
              value: (share: Share) => share.clock?.drift?.ppm ?? null,
              cell: ({ clock }: Share) => (clock ? drift(clock) : NONE),
            },
          ]
        : []),
      ...(unfinished ? [count("unfinished_users", t.unfinished)] : []),
      {
        id: "files",
        header: t.files,
        sortable: false,
        value: () => null,
        cell: ({ index, name }) =>
          index === null ? NONE : <AgentFiles run={run} index={index} agent={name} />,
      },
    ],
    [run, unfinished, released, clocks],
  );
  return (
    <Section title={t.agents} aside={startOf(summary, summary.start_spread_ms)} flush>
      <DataTable
        label={t.agents}
        rows={shares}
        columns={columns}
        rowId={(share) => share.peer || share.name}
      />
    </Section>
  );
}

/** The summary's shares, and the run's agents that have none, with nothing counted. */
function sharesOf(run: Run, summary: Summary): Share[] {
  const places = new Map(run.agents.map((agent) => [agent.id, agent.index]));
  const shares = summary.agents.map((share): Share => ({ ...share, index: places.get(share.peer) ?? null }));
  const known = new Set(summary.agents.map((share) => share.peer));
  const missing = run.agents
    .filter((agent) => !known.has(agent.id))
    .map(
      (agent): Share => ({
        name: agent.name,
        peer: agent.id,
        index: agent.index,
        total: 0,
        ok: 0,
        ko: 0,
        start_offset_ms: 0,
        unfinished_users: 0,
      }),
    );
  return [...shares, ...missing];
}
