import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy } from "react";
import { useParams } from "react-router";
import { asFailure } from "@/api/error";
import { Page } from "@/components/layout";
import { Problem, RequestProblem } from "@/components/Problem";
import { isActive } from "@/model/run";
import { useApi, useLive } from "@/store/hooks";
import { text } from "@/text";

const LiveRun = lazy(() => import("@/features/run/LiveRun"));
const RunResult = lazy(() => import("@/features/runs/RunResult"));

const t = text.runs.detail;

/** One run under one address: live while it is in progress, its result afterwards. */
export default function RunPage() {
  const id = useParams().run ?? "";
  const api = useApi();
  const live = useLive((state) => state.runs.find((run) => run.id === id));
  const loaded = useLive((state) => state.loaded);
  // Runs older than the snapshot's newest are asked for.
  const asked = useQuery({
    queryKey: ["run", id],
    queryFn: ({ signal }) => api.run(id, signal),
    enabled: loaded && live === undefined,
  });
  const run = live ?? asked.data;
  if (run) return isActive(run) ? <LiveRun key={run.id} run={run} /> : <RunResult key={run.id} run={run} />;
  return (
    <Page title={t.untitled}>
      {asked.error === null ? (
        <Skeleton height={240} />
      ) : asFailure(asked.error).status === 404 ? (
        <Problem tone="warn" title={t.missing}>
          {t.missingHint}
        </Problem>
      ) : (
        <RequestProblem error={asked.error} />
      )}
    </Page>
  );
}
