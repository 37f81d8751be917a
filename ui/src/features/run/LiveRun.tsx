import { Stack } from "@mantine/core";
import type { Run } from "@/api/types";
import { FailureCard } from "@/components/FailureCard";
import { HealthTable } from "@/components/HealthTable";
import { Page, Section } from "@/components/layout";
import { LogPanel } from "@/components/log/LogPanel";
import { Name } from "@/components/Name";
import { Problem } from "@/components/Problem";
import { RunAgentsTable } from "@/components/RunAgentsTable";
import { RunEvents, RunLosses } from "@/components/RunEvents";
import { RunFacts, ticketContext } from "@/components/RunFacts";
import { StopRun } from "@/components/StopRun";
import { RunStatePill } from "@/components/states";
import { VerdictBanner } from "@/components/VerdictBanner";
import { isActive, runTitle } from "@/model/run";
import { startOf } from "@/model/start";
import { visible } from "@/model/visible";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { LiveFigures } from "./LiveFigures";
import { LiveTiles } from "./LiveTiles";

const t = text.run.live;

/** A run in progress: what went wrong, the figures, the chart, and which agent holds us up. */
export default function LiveRun({ run }: { run: Run }) {
  const inStrip = useLive((state) => state.runs.find(isActive)?.id) === run.id;
  return (
    <Page
      title={visible(runTitle(run)) || text.runs.table.unnamed}
      aside={<RunStatePill state={run.state} size="lg" />}
      // The header strip has the button for the newest run.
      actions={inStrip ? undefined : <StopRun run={run} size="sm" />}
    >
      {run.verdict && <VerdictBanner verdict={run.verdict} soFar />}
      {run.failures.length > 0 && (
        <Stack gap="xs" role="group" aria-label={t.failures}>
          {run.failures.map(({ agent, failure }) => (
            <FailureCard
              key={`${agent} ${failure.message}`}
              agent={agent}
              failure={failure}
              context={ticketContext(run)}
            />
          ))}
        </Stack>
      )}
      <RunLosses run={run} />
      {run.notes.map((note) => (
        <Problem key={note} tone="info" title={<Name>{note}</Name>} />
      ))}
      <LiveTiles run={run} />
      {run.started_ms !== null && <LiveFigures run={run} startedMs={run.started_ms} />}
      <Section title={t.agents} aside={startOf(run)} flush>
        <RunAgentsTable agents={run.agents} />
      </Section>
      <RunEvents run={run} />
      <LogPanel run={run} open />
      <HealthTable agents={run.agents} />
      <Section title={t.spec}>
        <RunFacts run={run} />
      </Section>
    </Page>
  );
}
