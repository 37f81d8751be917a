import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AgentHealth, Health, Run } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { RequestProblem } from "@/components/Problem";
import { bytes, integer, NONE } from "@/model/format";
import { bits, busyPercent } from "@/model/health";
import { useApi } from "@/store/hooks";
import { text } from "@/text";
import classes from "./HealthHistory.module.css";

const t = text.health.history;

type Kind = "cpu" | "heap" | "gc" | "network" | "files" | "ports" | "retransmits";

/** What is drawn of each kind, the most there can be if that is known, and how it is written. */
const KINDS: Record<
  Kind,
  [(health: Health) => number, (health: Health) => number, (value: number) => string]
> = {
  cpu: [busyPercent, () => 100, (value) => `${integer(value)} %`],
  heap: [(health) => health.heap_used_bytes, (health) => health.heap_max_bytes, bytes],
  gc: [(health) => health.gc_pause_ms, () => 0, (value) => t.ms(integer(value))],
  network: [
    (health) => Math.max(health.rx_bytes_s, health.tx_bytes_s) * 8,
    (health) => health.link_bits_s,
    bits,
  ],
  files: [(health) => health.open_files, (health) => health.open_files_limit, integer],
  ports: [(health) => health.ports_used, (health) => health.ports_range, integer],
  retransmits: [(health) => health.retransmits_s, () => 0, integer],
};

const column = (kind: Kind): Column<AgentHealth> => ({
  id: kind,
  header: t[kind],
  value: ({ points }) => mostOf(kind, points),
  cell: (agent) => <Curve kind={kind} agent={agent} />,
});

const COLUMNS: Column<AgentHealth>[] = [
  {
    id: "agent",
    header: t.agent,
    rowHeader: true,
    value: (agent) => agent.name,
    cell: (agent) => <Name>{agent.name}</Name>,
  },
  ...(Object.keys(KINDS) as Kind[]).map(column),
];

/** How the load generators did over the run. */
export function HealthHistory({ run }: { run: Run }) {
  const api = useApi();
  const history = useQuery({
    queryKey: ["health", run.id, run.state],
    queryFn: ({ signal }) => api.health(run.id, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const rows = useMemo(
    () => history.data?.agents.filter((agent) => agent.points.length > 0) ?? [],
    [history.data],
  );
  if (history.error) return <RequestProblem error={history.error} />;
  if (rows.length === 0) return null;
  return (
    <Section title={t.title} aside={t.hint} flush>
      <DataTable label={t.title} rows={rows} columns={COLUMNS} rowId={(agent) => String(agent.index)} />
    </Section>
  );
}

function mostOf(kind: Kind, points: AgentHealth["points"]): number {
  return points.reduce((most, { health }) => Math.max(most, KINDS[kind][0](health)), 0);
}

function Curve({ kind, agent: { name, points } }: { kind: Kind; agent: AgentHealth }) {
  const [read, limitOf, show] = KINDS[kind];
  const most = mostOf(kind, points);
  const [first, last] = [points[0], points[points.length - 1]];
  if (!first || !last || most === 0) return NONE;
  const top = points.reduce((most, { health }) => Math.max(most, limitOf(health)), most);
  const width = Math.max(1, last.second - first.second);
  const place = ({ second, health }: AgentHealth["points"][number]) =>
    `${(((second - first.second) / width) * 100).toFixed(2)},${(24 - (read(health) / top) * 24).toFixed(2)}`;
  const value = show(most);
  return (
    <span className={classes.curve}>
      <svg
        viewBox="0 -1 100 26"
        preserveAspectRatio="none"
        role="img"
        aria-label={t.curve(t[kind], name, value)}
      >
        <polyline points={points.map(place).join(" ")} vectorEffect="non-scaling-stroke" />
      </svg>
      <span className={classes.most}>{t.most(value)}</span>
    </span>
  );
}
