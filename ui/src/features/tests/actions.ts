import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import type { Test } from "@/api/types";
import { notifyDone, notifyFailure } from "@/components/notify";
import { copyName } from "@/model/test";
import { useApi, useLiveStore } from "@/store/hooks";
import { text } from "@/text";

const t = text.tests;

/** Starts a test as it is saved, and opens its run. */
export function useStart() {
  const api = useApi();
  const live = useLiveStore();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (test: Test) => api.startTest(test.id, {}),
    onSuccess: (run) => {
      live.addRun(run);
      navigate(`/runs/${run.id}`);
    },
  });
}

/** Saves a copy under a name of its own, and opens it. */
export function useDuplicate() {
  const api = useApi();
  const live = useLiveStore();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: ({ id, name, description, labels, spec }: Test) =>
      api.createTest({
        name: copyName(name, live.snapshot().tests),
        description,
        labels,
        spec,
        copy_of: id,
      }),
    onSuccess: (copy) => {
      live.putTest(copy);
      notifyDone(t.duplicated(copy.name));
      navigate(`/tests/${copy.id}`);
    },
    onError: notifyFailure,
  });
}

export function useRemove(onDone: () => void) {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: (test: Test) => api.removeTest(test.id),
    onSuccess: (_, test) => {
      onDone();
      live.removeTest(test.id);
      notifyDone(t.remove.removed(test.name));
    },
    onError: notifyFailure,
  });
}
