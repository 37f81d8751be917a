import { Button } from "@mantine/core";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Problem } from "@/components/Problem";
import { shortMoment } from "@/model/format";
import { draftOf, EMPTY_DRAFT, type RunDraft, specOf } from "@/model/run-form";
import { useApi, useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import { forgetDraft, useDraft } from "./draft";
import { type Given, useGiven } from "./given";
import { LinkNotice } from "./LinkNotice";
import { RunForm } from "./RunForm";
import { SaveAs } from "./SaveAs";

const t = text.run.form;

/** A run that is of no saved test; it can be saved as one. */
export default function RunFormPage() {
  const given = useGiven();
  const [draft, setDraft] = useDraft(draftFor(given));
  const [saving, setSaving] = useState(given.saveAs !== undefined);
  const start = useStart();
  const change = (part: Partial<RunDraft>) => {
    start.reset();
    setDraft((now) => ({ ...now, ...part }));
  };
  return (
    <>
      <RunForm
        title={text.run.title}
        actions={
          <Button
            variant="default"
            leftSection={<IconDeviceFloppy size={15} aria-hidden />}
            onClick={() => setSaving(true)}
          >
            {text.tests.editor.saveAsTest}
          </Button>
        }
        notices={
          <>
            <LinkNotice />
            {given.rerun && <Problem tone="info" title={t.rerun(shortMoment(given.rerun.created_ms))} />}
          </>
        }
        draft={draft}
        onChange={change}
        saved={null}
        starting={start.isPending}
        error={start.error}
        onStart={() => start.mutate(draft)}
        reset={{ label: t.reset, disabled: start.isPending, run: () => setDraft(EMPTY_DRAFT) }}
      />
      <SaveAs
        opened={saving}
        draft={{ name: given.saveAs ?? "", description: draft.description, labels: [], run: draft }}
        copyOf={null}
        onSaved={forgetDraft}
        onClose={() => setSaving(false)}
      />
    </>
  );
}

function draftFor({ rerun, spec, url }: Given): RunDraft | null {
  const given = rerun?.spec ?? spec;
  if (given) return draftOf(given);
  return url === undefined ? null : { ...EMPTY_DRAFT, url };
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
