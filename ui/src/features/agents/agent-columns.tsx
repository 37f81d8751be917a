import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Agent } from "@/api/types";
import type { Column } from "@/components/DataTable";
import { Name } from "@/components/Name";
import { AgentState } from "@/components/states";
import { BUSY_CPU_PERCENT, CLOCK_OFF_MS, conditionOf, LOW_DISK_BYTES } from "@/model/agent";
import { difference, drift, uncertainty, withUncertainty } from "@/model/clock";
import { bytes, integer, NONE } from "@/model/format";
import { busyPercent } from "@/model/health";
import { text } from "@/text";
import classes from "./AgentsTable.module.css";
import { GroupCell } from "./GroupCell";
import { LastSeen } from "./LastSeen";

const t = text.agents.table;

const javaOf = (agent: Agent) => agent.toolchains.jdks[0]?.version ?? "";
const gitOf = (agent: Agent) => /\d+(\.\d+)*/.exec(agent.toolchains.git)?.[0] ?? agent.toolchains.git;

/** The columns of the agents' table. */
export function agentColumns(
  onOpen: (agent: Agent) => void,
  menu: (agent: Agent) => ReactNode,
): Column<Agent>[] {
  return [
    {
      id: "state",
      header: t.state,
      value: (agent) => text.agents.conditions[conditionOf(agent)],
      cell: (agent) => <State agent={agent} />,
    },
    {
      id: "name",
      header: t.name,
      rowHeader: true,
      value: (agent) => agent.name,
      cell: (agent) => (
        <UnstyledButton
          className={classes.name}
          aria-label={t.detailsOf(agent.name)}
          onClick={() => onOpen(agent)}
        >
          <span className={classes.label}>
            <Name>{agent.name}</Name>
          </span>
          <code>{agent.short_id}</code>
        </UnstyledButton>
      ),
    },
    {
      id: "group",
      header: t.group,
      value: (agent) => agent.group || null,
      cell: (agent) => <GroupCell agent={agent} />,
    },
    {
      id: "address",
      header: t.address,
      value: (agent) => agent.address || null,
      cell: (agent) => <Name>{agent.address || NONE}</Name>,
    },
    {
      id: "lease",
      header: t.lease,
      value: (agent) => agent.lease?.run ?? null,
      cell: (agent) => <LeaseCell agent={agent} />,
    },
    number(
      "cpu",
      t.cpu,
      (agent) => (agent.liveness === "alive" ? busyPercent(agent.health) : null),
      (value) => <Warned when={value >= BUSY_CPU_PERCENT} why={t.busyCpu}>{`${integer(value)} %`}</Warned>,
    ),
    {
      id: "memory",
      header: t.memory,
      numeric: true,
      value: (agent) => agent.machine.memory_bytes || null,
      cell: (agent) => <Memory agent={agent} />,
    },
    number("cores", t.cores, (agent) => agent.machine.cores || null, integer),
    number(
      "disk",
      t.disk,
      (agent) => agent.health.disk_free_bytes,
      (value) => (
        <Warned when={value < LOW_DISK_BYTES} why={t.lowDisk}>
          {bytes(value)}
        </Warned>
      ),
    ),
    {
      id: "clock",
      header: t.clock,
      numeric: true,
      value: (agent) => agent.clock?.offset_ms ?? null,
      cell: (agent) => <Clock agent={agent} />,
    },
    word("java", t.java, javaOf, t.noJava),
    word("git", t.git, gitOf, t.noGit),
    word("version", t.version, (agent) => agent.version, NONE),
    {
      id: "seen",
      header: t.seen,
      numeric: true,
      value: (agent) => agent.last_seen_ms || null,
      cell: (agent) => <LastSeen agent={agent} />,
    },
    {
      id: "actions",
      header: t.actions,
      sortable: false,
      quiet: true,
      sticky: true,
      value: () => null,
      cell: menu,
    },
  ];
}

function number(
  id: string,
  header: string,
  value: (agent: Agent) => number | null,
  show: (value: number) => ReactNode,
): Column<Agent> {
  const cell = (agent: Agent) => {
    const known = value(agent);
    return known === null ? NONE : show(known);
  };
  return { id, header, value, cell, numeric: true };
}

function word(id: string, header: string, value: (agent: Agent) => string, missing: string): Column<Agent> {
  return {
    id,
    header,
    value: (agent) => value(agent) || null,
    cell: (agent) => <Name>{value(agent) || missing}</Name>,
  };
}

function State({ agent }: { agent: Agent }) {
  const note = agent.failure?.message || agent.remark || agent.step;
  return (
    <span className={classes.state}>
      <AgentState agent={agent} />
      {note && (
        <span className={classes.note} title={note}>
          <Name>{note}</Name>
        </span>
      )}
    </span>
  );
}

function LeaseCell({ agent }: { agent: Agent }) {
  if (!agent.lease) return NONE;
  const short = agent.lease.run.slice(-8);
  return (
    <Link
      to={`/runs/${agent.lease.run}`}
      title={t.leaseOf(agent.lease.controller_name)}
      className={classes.lease}
    >
      {short}
    </Link>
  );
}

function Memory({ agent }: { agent: Agent }) {
  const total = agent.machine.memory_bytes || agent.health.memory_total_bytes;
  if (!total) return NONE;
  const used = (agent.health.memory_used_bytes / total) * 100;
  return <span title={t.memoryUsed(`${integer(used)} %`)}>{bytes(total)}</span>;
}

function Clock({ agent: { clock } }: { agent: Agent }) {
  if (!clock) return NONE;
  const all = `${withUncertainty(clock)}, ${text.health.clock.drift.toLowerCase()} ${drift(clock)}`;
  return (
    <span className={classes.clock} title={all}>
      <Warned when={Math.abs(clock.offset_ms) >= CLOCK_OFF_MS} why={t.clockOff}>
        {difference(clock.offset_ms)}
      </Warned>
      <span className={classes.note}>{uncertainty(clock)}</span>
    </span>
  );
}

/** A figure that deserves a look: marked, not only coloured. */
function Warned({ when, why, children }: { when: boolean; why: string; children: ReactNode }) {
  if (!when) return children;
  return (
    <span className={classes.warned} title={why}>
      <span aria-hidden>▲ </span>
      {children}
      <span className={classes.spoken}>, {why}</span>
    </span>
  );
}
