import { Stack } from "@mantine/core";
import { useMemo } from "react";
import type { Run } from "@/api/types";
import { SecondsChart } from "@/components/chart/SecondsChart";
import { REQUESTS, timesShape } from "@/components/chart/shape";
import { liveSource } from "@/components/chart/source";
import { FailureCard } from "@/components/FailureCard";
import { ErrorsTable } from "@/components/figures/ErrorsTable";
import { RequestsTable } from "@/components/figures/RequestsTable";
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
import { useNow } from "@/components/use-now";
import { VerdictBanner } from "@/components/VerdictBanner";
import { age } from "@/model/format";
import { isActive, runTitle } from "@/model/run";
import { startOf } from "@/model/start";
import { visible } from "@/model/visible";
import { useFigures } from "@/store/figures";
import { useLive, useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import { LiveTiles, OLD_MS } from "./LiveTiles";
import classes from "./LiveTiles.module.css";

const t = text.run.live;

/** A run in progress: what went wrong, the figures, the chart, and which agent holds us up. */
export default function LiveRun({ run }: { run: Run }) {
  const live = useLiveStore();
  const inStrip = useLive((state) => state.runs.find(isActive)?.id) === run.id;
  const source = useMemo(() => liveSource(live, run.id), [live, run.id]);
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
      {run.started_ms !== null && <SecondsChart shape={REQUESTS} source={source} />}
      {run.started_ms !== null && <LiveFigures run={run} />}
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

/** What each request's figures are so far. Nothing before the first ones, or where no agent tells them. */
function LiveFigures({ run }: { run: Run }) {
  const { figures, times, heardAt } = useFigures(run.id);
  const now = useNow();
  const old = run.state === "running" && now - heardAt > OLD_MS;
  const percentiles = JSON.stringify(figures?.columns.percentiles ?? []);
  const shape = useMemo(() => timesShape(JSON.parse(percentiles)), [percentiles]);
  if (!figures || figures.rows.length === 0) return null;
  return (
    <div className={classes.figures} data-old={old || undefined}>
      {old && <p className={classes.old}>{t.stale(age(now - heardAt))}</p>}
      <SecondsChart shape={shape} source={times} />
      <RequestsTable rows={figures.rows} columns={figures.columns} />
      {figures.errors.length > 0 && <ErrorsTable errors={figures.errors} />}
    </div>
  );
}
