import { Button, Skeleton, Stack } from "@mantine/core";
import { IconDeviceFloppy, IconRepeat } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import type { Run, RunAgent, Summary } from "@/api/types";
import type { Column } from "@/components/DataTable";
import { FailureCard } from "@/components/FailureCard";
import { Page, Section } from "@/components/layout";
import { LogPanel } from "@/components/log/LogPanel";
import { MayChange } from "@/components/MayChange";
import { Name } from "@/components/Name";
import { Problem, RequestProblem } from "@/components/Problem";
import { RunAgentsTable } from "@/components/RunAgentsTable";
import { RunEvents, RunLosses } from "@/components/RunEvents";
import { RunFacts, ticketContext } from "@/components/RunFacts";
import { RunStatePill } from "@/components/states";
import { VerdictBanner } from "@/components/VerdictBanner";
import { runTitle } from "@/model/run";
import { visible } from "@/model/visible";
import { useApi, useLive } from "@/store/hooks";
import { text } from "@/text";
import { AgentFiles, DownloadResult } from "./downloads";
import { HealthHistory } from "./HealthHistory";
import { ResultFigures } from "./ResultFigures";
import { Verdict } from "./Verdict";

const t = text.runs.detail;

/** The result: state and failures first, then the figures, then what ran. */
export default function RunResult({ run }: { run: Run }) {
  const api = useApi();
  const summary = useQuery({
    queryKey: ["summary", run.id, run.state, run.revision],
    queryFn: ({ signal }) => api.summary(run.id, signal),
    enabled: run.has_summary,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Page
      title={visible(runTitle(run)) || text.runs.table.unnamed}
      aside={<RunStatePill state={run.state} size="lg" />}
      actions={
        <>
          {run.has_summary && <DownloadResult run={run} />}
          <MayChange>
            <Again run={run} />
          </MayChange>
        </>
      }
    >
      <Judged run={run} summary={summary.data ?? null} />
      <Verdict run={run} summary={summary.data ?? null} />
      <Causes run={run} summary={summary.data ?? null} />
      {summary.error && <RequestProblem error={summary.error} />}
      {summary.isLoading && <Skeleton height={320} />}
      {summary.data && <ResultFigures run={run} summary={summary.data} />}
      {!run.has_summary && <AgentsWithoutFigures run={run} />}
      <RunEvents run={run} />
      <LogPanel run={run} open={!run.has_summary} />
      <HealthHistory run={run} />
      <Section title={t.spec}>
        <RunFacts run={run} />
      </Section>
    </Page>
  );
}

/** The same again: in the editor of its test where that is there still, else in the form. */
function Again({ run }: { run: Run }) {
  const there = useLive((state) => state.tests.some((test) => test.id === run.test?.id));
  const to = there && run.test ? `/tests/${run.test.id}` : "/run";
  return (
    <>
      <Button
        component={Link}
        to={to}
        state={{ rerun: run, saveAs: "" }}
        variant="default"
        leftSection={<IconDeviceFloppy size={15} aria-hidden />}
      >
        {t.saveAsTest}
      </Button>
      <Button
        component={Link}
        to={to}
        state={{ rerun: run }}
        title={t.rerunHint}
        leftSection={<IconRepeat size={15} aria-hidden />}
      >
        {t.rerun}
      </Button>
    </>
  );
}

/** The verdict with all of its evidence, once the summary is here. Older results have none. */
function Judged({ run, summary }: { run: Run; summary: Summary | null }) {
  const verdict = summary?.verdict ?? run.verdict;
  return verdict ? <VerdictBanner verdict={verdict} /> : null;
}

/** Failures, then what has to be known to believe the figures. */
function Causes({ run, summary }: { run: Run; summary: Summary | null }) {
  // What the run itself shows need not be said twice.
  const loads = run.offered_load.map((load) => load.reason);
  const isShown = (note: string) =>
    note.startsWith("offered load ") && loads.some((own) => note.includes(own));
  const doubts = (summary?.notes ?? []).filter((note) => !isShown(note));
  const notes = run.notes.filter((note) => !doubts.includes(note));
  return (
    <>
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
      {doubts.length + notes.length > 0 && (
        <Stack gap="xs" role="group" aria-label={t.notes}>
          {doubts.map((note) => (
            <Problem key={note} tone="warn" title={<Name>{note}</Name>} />
          ))}
          {notes.map((note) => (
            <Problem key={note} tone="info" title={<Name>{note}</Name>} />
          ))}
        </Stack>
      )}
    </>
  );
}

/** Where there are no figures: how far each agent came, and its files, which may say why. */
function AgentsWithoutFigures({ run }: { run: Run }) {
  const files = useMemo(
    (): Column<RunAgent>[] => [
      {
        id: "files",
        header: t.files,
        sortable: false,
        value: () => null,
        cell: ({ index, name }) => <AgentFiles run={run} index={index} agent={name} />,
      },
    ],
    [run],
  );
  return (
    <Section title={t.agents} flush>
      <RunAgentsTable agents={run.agents} ended more={files} />
    </Section>
  );
}
