import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import type { Run, RunSpec } from "@/api/types";
import { useCommand } from "@/components/keys";
import { Page } from "@/components/layout";
import { Name } from "@/components/Name";
import { Problem } from "@/components/Problem";
import { RunStatePill } from "@/components/states";
import { shortMoment } from "@/model/format";
import { isActive, runTitle } from "@/model/run";
import { draftOf, EMPTY_DRAFT, type RunDraft, specOf } from "@/model/run-form";
import { useApi, useLive, useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import { blockersOf } from "./blockers";
import { useDraft } from "./draft";
import { Fields } from "./Fields";
import { LinkNotice } from "./LinkNotice";
import { Preview } from "./Preview";
import classes from "./RunForm.module.css";

const t = text.run.form;

/** What exactly will run? */
export default function RunFormPage() {
  const { rerun, spec } = useGiven();
  const [draft, setDraft] = useDraft(spec ? draftOf(spec) : null);
  const [attempted, setAttempted] = useState(false);
  const agents = useLive((state) => state.agents);
  const connected = useLive((state) => state.link === "live");
  const active = useLive((state) => state.runs.filter(isActive));
  const blockers = blockersOf(draft, agents, connected);
  const start = useStart();
  const submit = () => {
    setAttempted(true);
    if (blockers.reasons.length === 0 && !start.isPending) start.mutate(draft);
  };
  useCommand("start", submit);
  const change = (part: Partial<RunDraft>) => {
    start.reset();
    setDraft((now) => ({ ...now, ...part }));
  };
  return (
    <Page title={text.run.title}>
      {active.map((run) => (
        <ActiveRun key={run.id} run={run} />
      ))}
      <LinkNotice />
      {rerun && <Problem tone="info" title={t.rerun(shortMoment(rerun.created_ms))} />}
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Fields draft={draft} problems={blockers.problems} showMissing={attempted} onChange={change} />
        <Preview
          draft={draft}
          blockers={blockers}
          starting={start.isPending}
          error={start.error}
          onReset={() => setDraft(EMPTY_DRAFT)}
        />
      </form>
    </Page>
  );
}

function ActiveRun({ run }: { run: Run }) {
  return (
    <Problem
      tone="info"
      title={
        <>
          <RunStatePill state={run.state} />{" "}
          <Name>{t.activeRun(runTitle(run) || text.runs.table.unnamed)}</Name>
        </>
      }
      actions={<Link to={`/runs/${run.id}`}>{t.showRun}</Link>}
    />
  );
}

/** Starts the run and opens it. */
function useStart() {
  const api = useApi();
  const live = useLiveStore();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (draft: RunDraft) => api.startRun(specOf(draft)),
    onSuccess: (run) => {
      live.addRun(run);
      navigate(`/runs/${run.id}`);
    },
  });
}

/** What the form was opened with: the run to repeat, or a spec. */
function useGiven(): { rerun?: Run; spec?: RunSpec } {
  const state = useLocation().state as { rerun?: Run; spec?: RunSpec } | null;
  return { rerun: state?.rerun, spec: state?.rerun?.spec ?? state?.spec };
}
