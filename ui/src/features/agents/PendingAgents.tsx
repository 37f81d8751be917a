import { Button } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { Agent } from "@/api/types";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { AgentState } from "@/components/states";
import { isPending } from "@/model/agent";
import { bytes } from "@/model/format";
import { text } from "@/text";
import { useAdmit, useIgnore } from "./actions";
import { PairByCode } from "./PairByCode";
import classes from "./PendingAgents.module.css";

const t = text.agents.pending;

/** Agents that are not in use yet: admitted by a click, paired by a code, or to be started with the token. */
export function PendingAgents({ agents }: { agents: readonly Agent[] }) {
  const admit = useAdmit();
  const pending = agents.filter(isPending);
  return (
    <Section
      title={t.title}
      actions={
        pending.length > 1 && (
          <Button
            leftSection={<IconCheck size={14} aria-hidden />}
            loading={admit.isPending}
            onClick={() => admit.mutate(pending)}
          >
            {t.admitAll(pending.length)}
          </Button>
        )
      }
    >
      <p className={classes.hint}>{t.hint}</p>
      <ul className={classes.cards}>
        {agents.map((agent) => (
          <PendingAgent key={agent.id} agent={agent} />
        ))}
      </ul>
    </Section>
  );
}

function PendingAgent({ agent }: { agent: Agent }) {
  const { machine } = agent;
  const facts = [
    machine.os,
    machine.cores > 0 ? t.cores(machine.cores) : "",
    machine.memory_bytes > 0 ? bytes(machine.memory_bytes) : "",
    agent.version && t.version(agent.version),
  ].filter(Boolean);
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <span className={classes.name}>
          <Name>{agent.name}</Name>
        </span>
        <code className={classes.id}>{agent.short_id}</code>
        <AgentState agent={agent} />
      </div>
      <div className={classes.facts}>
        <Name>{[agent.address, ...facts].filter(Boolean).join(" · ")}</Name>
      </div>
      {agent.remark && (
        <p className={classes.remark}>
          <Name>{agent.remark}</Name>
        </p>
      )}
      <Actions agent={agent} />
    </li>
  );
}

function Actions({ agent }: { agent: Agent }) {
  const admit = useAdmit();
  if (agent.trust === "needs-code") return <PairByCode agent={agent} ignore={<Ignore agent={agent} />} />;
  return (
    <>
      {agent.trust === "needs-token" && <p className={classes.facts}>{t.needsToken}</p>}
      <div className={classes.actions}>
        {isPending(agent) && (
          <Button
            leftSection={<IconCheck size={14} aria-hidden />}
            aria-label={t.admitOne(agent.name)}
            loading={admit.isPending}
            onClick={() => admit.mutate([agent])}
          >
            {t.admit}
          </Button>
        )}
        <Ignore agent={agent} />
      </div>
    </>
  );
}

function Ignore({ agent }: { agent: Agent }) {
  const ignore = useIgnore();
  return (
    <Button
      className={classes.ignore}
      variant="subtle"
      color="gray"
      aria-label={t.ignoreOne(agent.name)}
      loading={ignore.isPending}
      onClick={() => ignore.mutate({ agent, ignored: true })}
    >
      {t.ignore}
    </Button>
  );
}
