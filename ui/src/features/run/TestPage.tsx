import { Button, Skeleton } from "@mantine/core";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { useState } from "react";
import { useParams } from "react-router";
import type { Test } from "@/api/types";
import { Page, Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { Problem, RequestProblem } from "@/components/Problem";
import { shortMoment } from "@/model/format";
import type { RunDraft } from "@/model/run-form";
import { copyName } from "@/model/test";
import {
  editOf,
  headProblems,
  isChanged,
  runsOtherwise,
  savingProblems,
  type TestDraft,
} from "@/model/test-form";
import { visible } from "@/model/visible";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { forgetEdit, useTestEdit } from "./draft";
import { type Given, useGiven } from "./given";
import { RunForm } from "./RunForm";
import classes from "./RunForm.module.css";
import { SaveAs } from "./SaveAs";
import { TestFields } from "./TestFields";
import { useSaveTest, useStartTest } from "./test-actions";

const t = text.tests.editor;

/** One saved test under its address. */
export default function TestPage() {
  const id = useParams().test ?? "";
  return <TestOf key={id} id={id} />;
}

/** Each test has been opened with something of its own. */
function TestOf({ id }: { id: string }) {
  const given = useGiven();
  const test = useLive((state) => state.tests.find((known) => known.id === id));
  const loaded = useLive((state) => state.loaded);
  if (test) return <TestEditor test={test} given={given} />;
  return (
    <Page title={t.section}>
      {loaded ? (
        <Problem tone="warn" title={t.missing}>
          {t.missingHint}
        </Problem>
      ) : (
        <Skeleton height={240} />
      )}
    </Page>
  );
}

/** A saved test: what is typed is saved when it is asked for, and can be started before. */
function TestEditor({ test, given }: { test: Test; given: Given }) {
  const { edit, recalled, setEdit } = useTestEdit(test, given.rerun?.spec ?? null);
  const { draft } = edit;
  const [saving, setSaving] = useState(given.saveAs !== undefined);
  const tests = useLive((state) => state.tests);
  const changed = isChanged(edit);
  const conflict = changed && edit.revision !== test.revision;
  const problems = savingProblems(draft);
  const start = useStartTest(test);
  const save = useSaveTest(test, (saved) => setEdit(editOf(saved)));
  const change = (part: Partial<TestDraft>) => {
    start.reset();
    save.reset();
    setEdit((now) => ({ ...now, draft: { ...now.draft, ...part } }));
  };
  const changeRun = (part: Partial<RunDraft>) => change({ run: { ...draft.run, ...part } });
  const discard = () => {
    save.reset();
    setEdit(editOf(test));
  };
  const keep = () => setEdit((now) => ({ ...now, revision: test.revision, base: editOf(test).base }));
  return (
    <>
      <RunForm
        title={visible(test.name)}
        aside={
          <span className={classes.saved} data-changed={changed || undefined} role="status">
            {changed ? t.unsaved : t.savedAt(shortMoment(test.changed_ms))}
          </span>
        }
        actions={
          <>
            <Button variant="default" onClick={() => setSaving(true)}>
              {t.saveAs}
            </Button>
            <Button
              leftSection={<IconDeviceFloppy size={15} aria-hidden />}
              disabled={!changed || problems.length > 0}
              title={problems[0]}
              loading={save.isPending}
              onClick={() => save.mutate(edit)}
            >
              {t.save}
            </Button>
          </>
        }
        notices={
          <>
            {given.rerun && changed && (
              <Problem tone="info" title={t.asRun(shortMoment(given.rerun.created_ms))} />
            )}
            {recalled && changed && !conflict && <Problem tone="info" title={t.back} />}
            {conflict && <Conflict onLoad={discard} onKeep={keep} />}
            {save.error && <RequestProblem error={save.error} />}
          </>
        }
        head={
          <Section title={t.section} aside={test.secrets && <Name>{test.secrets}</Name>}>
            <TestFields {...draft} problems={headProblems(draft)} onChange={change} />
          </Section>
        }
        draft={draft.run}
        onChange={changeRun}
        saved={runsOtherwise(edit) ? null : test.name}
        starting={start.isPending}
        error={start.error}
        onStart={() => start.mutate(edit)}
        reset={{ label: t.discard, disabled: !changed || start.isPending, run: discard }}
      />
      <SaveAs
        opened={saving}
        draft={{ ...draft, name: given.saveAs || copyName(draft.name, tests) }}
        copyOf={test.id}
        onSaved={() => forgetEdit(test.id)}
        onClose={() => setSaving(false)}
      />
    </>
  );
}

/** Somebody else saved the test while it was edited here. */
function Conflict({ onLoad, onKeep }: { onLoad: () => void; onKeep: () => void }) {
  return (
    <Problem
      tone="warn"
      title={t.conflict}
      announce
      actions={
        <>
          <Button variant="default" onClick={onLoad}>
            {t.load}
          </Button>
          <Button variant="default" onClick={onKeep}>
            {t.keep}
          </Button>
        </>
      }
    >
      {t.conflictHint}
    </Problem>
  );
}
