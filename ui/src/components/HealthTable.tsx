import { useMemo } from "react";
import type { Agent, RunAgent } from "@/api/types";
import { type Gauge, type GaugeId, gauges } from "@/model/health";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { type Column, DataTable } from "./DataTable";
import { HighMark, Meter } from "./HealthPanel";
import classes from "./HealthTable.module.css";
import { Section } from "./layout";
import { Name } from "./Name";

const t = text.health;

interface Row {
  agent: RunAgent;
  gauges: ReadonlyMap<GaugeId, Gauge> | null;
  old: boolean;
}

const SHOWN: readonly GaugeId[] = [
  "cpu",
  "jvm",
  "steal",
  "load",
  "memory",
  "heap",
  "gc",
  "network",
  "files",
  "ports",
  "sockets",
  "retransmits",
  "disk",
];

const COLUMNS: Column<Row>[] = [
  {
    id: "agent",
    header: t.agent,
    rowHeader: true,
    value: ({ agent }) => agent.name,
    cell: ({ agent, old }) => (
      <span className={classes.agent}>
        <Name>{agent.name}</Name>
        {old && <span className={classes.old}>{t.old}</span>}
      </span>
    ),
  },
  ...SHOWN.map(
    (id): Column<Row> => ({
      id,
      header: t.gauges[id],
      value: (row) => row.gauges?.get(id)?.share ?? null,
      cell: (row) => <GaugeCell gauge={row.gauges?.get(id)} old={row.old} />,
    }),
  ),
];

function GaugeCell({ gauge, old }: { gauge: Gauge | undefined; old: boolean }) {
  if (!gauge) return t.unknown;
  return (
    <span className={classes.cell} title={t.explain[gauge.id]} data-old={old || undefined}>
      <span className={classes.line}>
        {gauge.value}
        <HighMark gauge={gauge} />
      </span>
      {gauge.detail && <span className={classes.detail}>{gauge.detail}</span>}
      <Meter share={gauge.share} high={gauge.high} />
    </span>
  );
}

/** Is it the target that is slow, or a load generator at its limit? */
export function HealthTable({ agents }: { agents: readonly RunAgent[] }) {
  const known = useLive((state) => state.agents);
  const rows = useMemo(() => agents.map((agent) => rowOf(agent, known)), [agents, known]);
  return (
    <Section title={t.heading} aside={t.hint} flush>
      <DataTable label={t.heading} rows={rows} columns={COLUMNS} rowId={(row) => String(row.agent.index)} />
    </Section>
  );
}

function rowOf(agent: RunAgent, known: readonly Agent[]): Row {
  const machine = known.find((own) => own.id === agent.id);
  if (!machine) return { agent, gauges: null, old: false };
  const all = gauges(machine.health, machine.machine.cores);
  return {
    agent,
    gauges: new Map(all.map((gauge) => [gauge.id, gauge])),
    old: machine.liveness !== "alive",
  };
}
