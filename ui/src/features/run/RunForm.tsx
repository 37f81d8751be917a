import type { ReactNode } from "react";
import { useState } from "react";
import { Link } from "react-router";
import type { Run } from "@/api/types";
import { useCommand } from "@/components/keys";
import { Page } from "@/components/layout";
import { Name } from "@/components/Name";
import { Problem } from "@/components/Problem";
import { RunStatePill } from "@/components/states";
import { isActive, runTitle } from "@/model/run";
import type { RunDraft } from "@/model/run-form";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { blockersOf } from "./blockers";
import { Fields } from "./Fields";
import { Preview } from "./Preview";
import classes from "./RunForm.module.css";

const t = text.run.form;

interface Props {
  title: string;
  aside?: ReactNode;
  /** Buttons beside the title. */
  actions: ReactNode;
  /** What is worth knowing about what the form was opened with. */
  notices: ReactNode;
  /** Fields above those of the run. */
  head?: ReactNode;
  draft: RunDraft;
  onChange: (part: Partial<RunDraft>) => void;
  /** The saved test that runs as it is saved. */
  saved: string | null;
  starting: boolean;
  error: unknown;
  onStart: () => void;
  reset: { label: string; disabled: boolean; run: () => void };
}

/** What exactly will run? The fields, and beside them what they come to. */
export function RunForm(props: Props) {
  const { draft, onChange, starting } = props;
  const [attempted, setAttempted] = useState(false);
  const agents = useLive((state) => state.agents);
  const connected = useLive((state) => state.link === "live");
  const active = useLive((state) => state.runs.filter(isActive));
  const blockers = blockersOf(draft, agents, connected);
  const submit = () => {
    setAttempted(true);
    if (blockers.reasons.length === 0 && !starting) props.onStart();
  };
  useCommand("start", submit);
  return (
    <Page title={props.title} aside={props.aside} actions={props.actions}>
      {active.map((run) => (
        <ActiveRun key={run.id} run={run} />
      ))}
      {props.notices}
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className={classes.fields}>
          {props.head}
          <Fields draft={draft} problems={blockers.problems} showMissing={attempted} onChange={onChange} />
        </div>
        <Preview
          draft={draft}
          blockers={blockers}
          saved={props.saved}
          starting={starting}
          error={props.error}
          reset={props.reset}
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
