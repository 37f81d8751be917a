import { Button, Drawer, Stack, Title } from "@mantine/core";
import type { Agent } from "@/api/types";
import { FailureCard } from "@/components/FailureCard";
import { HealthPanel } from "@/components/HealthPanel";
import { Facts } from "@/components/layout";
import { MayChange } from "@/components/MayChange";
import { Name } from "@/components/Name";
import { Problem } from "@/components/Problem";
import { AgentState } from "@/components/states";
import { drift, withUncertainty } from "@/model/clock";
import { bytes, NONE } from "@/model/format";
import { gauges } from "@/model/health";
import { text } from "@/text";
import classes from "./AgentDrawer.module.css";
import { useClearError } from "./actions";
import { DoctorReport } from "./DoctorReport";

const t = text.agents.drawer;

interface Props {
  agent: Agent | null;
  doctor: boolean;
  onClose: () => void;
}

/** One agent: what is wrong with it, what it is, and the doctor. */
export function AgentDrawer({ agent, doctor, onClose }: Props) {
  return (
    <Drawer
      opened={agent !== null}
      onClose={onClose}
      position="right"
      size={560}
      title={
        agent && (
          <span className={classes.title}>
            <Name>{agent.name}</Name>
            <AgentState agent={agent} />
          </span>
        )
      }
      closeButtonProps={{ "aria-label": text.common.close }}
    >
      {agent && <Details key={agent.id} agent={agent} doctor={doctor} />}
    </Drawer>
  );
}

function Details({ agent, doctor }: { agent: Agent; doctor: boolean }) {
  const clear = useClearError();
  const { machine, toolchains } = agent;
  return (
    <Stack gap="lg">
      {agent.failure && (
        <Stack gap="xs">
          <FailureCard agent={agent.name} failure={agent.failure} context={[agent.id]} />
          {agent.phase === "error" && (
            <Button
              className={classes.clear}
              variant="default"
              loading={clear.isPending}
              onClick={() => clear.mutate(agent)}
            >
              {text.agents.actions.clear}
            </Button>
          )}
        </Stack>
      )}
      {agent.remark && <Problem tone="warn" title={<Name>{agent.remark}</Name>} />}
      <section aria-label={text.health.title} className={classes.load}>
        <Title order={3}>{text.health.title}</Title>
        <HealthPanel gauges={gauges(agent.health, machine.cores)} old={agent.liveness !== "alive"} />
      </section>
      <Facts
        entries={[
          [
            text.health.clock.title,
            <span key="clock" title={text.health.clock.explain}>
              {agent.clock ? withUncertainty(agent.clock) : text.health.unknown}
            </span>,
          ],
          [text.health.clock.drift, drift(agent.clock)],
        ]}
      />
      <MayChange>
        <DoctorReport agent={agent} start={doctor} />
      </MayChange>
      <Facts
        entries={[
          [t.system, <Name key="os">{`${machine.os || NONE} (${machine.arch || NONE})`}</Name>],
          [
            t.buildTools,
            <Tools
              key="tools"
              tools={toolchains.build_tools.map((tool) => `${tool.name} ${tool.version}`)}
            />,
          ],
          [t.hardware, t.machine(machine.cores, bytes(machine.memory_bytes))],
          [t.git, <Name key="git">{toolchains.git || t.none}</Name>],
          [
            t.jdks,
            <Tools
              key="jdks"
              tools={toolchains.jdks.map(
                (jdk, index) =>
                  `${jdk.version} ${jdk.vendor}${index === 0 ? ` (${t.first})` : ""}, ${jdk.home}`,
              )}
            />,
            "wide",
          ],
          [t.address, <Name key="address">{agent.address || NONE}</Name>],
          [t.version, <Name key="version">{agent.version || NONE}</Name>],
          [t.kept, agent.kept ? t.keptRuns(agent.kept.runs, bytes(agent.kept.bytes)) : t.nothingKept],
          [t.labels, <Name key="labels">{agent.labels.join(", ") || NONE}</Name>],
        ]}
      />
      <Facts
        entries={[
          [
            t.id,
            <code key="id" className={classes.id}>
              {agent.id}
            </code>,
          ],
        ]}
      />
    </Stack>
  );
}

function Tools({ tools }: { tools: readonly string[] }) {
  if (tools.length === 0) return t.none;
  return (
    <ul className={classes.tools}>
      {tools.map((tool) => (
        <li key={tool}>
          <Name>{tool}</Name>
        </li>
      ))}
    </ul>
  );
}
