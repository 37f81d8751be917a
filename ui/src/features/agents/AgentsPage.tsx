import { IconServerOff } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { FilterInput } from "@/components/FilterInput";
import { Empty, Page, Section } from "@/components/layout";
import { MayChange } from "@/components/MayChange";
import { isAdmitted, isAvailable, matchesFilter, waitingOf } from "@/model/agent";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { AddAgents } from "./AddAgents";
import { AgentDrawer } from "./AgentDrawer";
import { AgentsTable } from "./AgentsTable";
import { FirstTest } from "./FirstTest";
import { IgnoredAgents } from "./IgnoredAgents";
import { NoAgents } from "./NoAgents";
import { PendingAgents } from "./PendingAgents";

const t = text.agents;

function NoneToSee() {
  return <Empty icon={<IconServerOff size={32} stroke={1.5} />} title={t.noneToSee} />;
}

/** How many can I use now, and how do I get more? */
export default function AgentsPage() {
  const agents = useLive((state) => state.agents);
  const loaded = useLive((state) => state.loaded);
  const [filter, setFilter] = useState("");
  const [opened, setOpened] = useState<{ id: string; doctor: boolean } | null>(null);
  const open = useCallback((id: string, doctor: boolean) => setOpened({ id, doctor }), []);
  const admitted = useMemo(() => agents.filter(isAdmitted), [agents]);
  const waiting = useMemo(() => waitingOf(agents), [agents]);
  const ignored = useMemo(() => agents.filter((agent) => agent.ignored), [agents]);
  const shown = useMemo(() => admitted.filter((agent) => matchesFilter(agent, filter)), [admitted, filter]);
  const known = ignored.length < agents.length;
  const available = admitted.filter(isAvailable).length;
  const first = useLive((state) => state.runs.length === 0);
  const local = useLive((state) => state.localAgent);
  const here = admitted.some((agent) => agent.id === local.agent && isAvailable(agent));
  return (
    <Page title={t.title}>
      <MayChange>
        {waiting.length > 0 && <PendingAgents agents={waiting} />}
        {loaded && first && available > 0 && <FirstTest sample={here} />}
      </MayChange>
      {admitted.length > 0 && (
        <Section
          title={t.table.heading}
          aside={t.summary(available, admitted.length)}
          actions={<FilterInput value={filter} onChange={setFilter} />}
          flush
        >
          <AgentsTable agents={shown} onOpen={open} />
        </Section>
      )}
      <MayChange otherwise={loaded && admitted.length === 0 && <NoneToSee />}>
        {loaded && !known && <NoAgents />}
        <AddAgents here={known} />
        {ignored.length > 0 && <IgnoredAgents agents={ignored} />}
      </MayChange>
      <AgentDrawer
        agent={agents.find((agent) => agent.id === opened?.id) ?? null}
        doctor={opened?.doctor ?? false}
        onClose={() => setOpened(null)}
      />
    </Page>
  );
}
