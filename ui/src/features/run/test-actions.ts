import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import type { Test } from "@/api/types";
import { notifyDone } from "@/components/notify";
import { specOf } from "@/model/run-form";
import { runsOtherwise, type TestEdit, testSpecOf } from "@/model/test-form";
import { useApi, useLiveStore } from "@/store/hooks";
import { text } from "@/text";

/** Saves a test over the revision that was edited. */
export function useSaveTest(test: Test, onSaved: (saved: Test) => void) {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: ({ draft, revision }: TestEdit) =>
      api.changeTest(test.id, { ...testSpecOf(draft), revision }),
    onSuccess: (saved) => {
      live.putTest(saved);
      notifyDone(text.tests.editor.saved(saved.name));
      onSaved(saved);
    },
  });
}

/** Starts a test and opens its run: as it is saved, or with what is typed this once. */
export function useStartTest(test: Test) {
  const api = useApi();
  const live = useLiveStore();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (edit: TestEdit) =>
      api.startTest(test.id, runsOtherwise(edit) ? { spec: specOf(edit.draft.run) } : {}),
    onSuccess: (run) => {
      live.addRun(run);
      navigate(`/runs/${run.id}`);
    },
  });
}
