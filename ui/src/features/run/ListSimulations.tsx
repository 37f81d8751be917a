import { Button, Loader } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useId } from "react";
import { FailureCard } from "@/components/FailureCard";
import { RequestProblem } from "@/components/Problem";
import { candidates } from "@/model/agent";
import { type RunDraft, selectionOf, specOf } from "@/model/run-form";
import { visible } from "@/model/visible";
import { useApi, useLive } from "@/store/hooks";
import { text } from "@/text";
import classes from "./RunForm.module.css";

const t = text.run.form;

interface Props {
  draft: RunDraft;
  /** Why the project cannot be asked for. */
  blocked: string | undefined;
  onListed: (simulations: string[]) => void;
}

/** Lets one agent fetch and build the project, and lists what can be run. */
export function ListSimulations({ draft, blocked, onListed }: Props) {
  const api = useApi();
  const reason = useId();
  const none = useLive((state) => candidates(state.agents, draft.group).length === 0);
  const list = useMutation({
    mutationFn: () =>
      api.simulations({ source: specOf(draft).source, selection: { ...selectionOf(draft), count: 1 } }),
    onSuccess: (result) => onListed(result.prepared?.simulations ?? []),
  });
  const why = blocked ?? (none && !list.isPending ? t.problems.noneAvailable : undefined);
  return (
    <>
      <div className={classes.list}>
        <Button
          size="sm"
          variant="default"
          leftSection={<IconListSearch size={15} aria-hidden />}
          disabled={why !== undefined}
          aria-describedby={why ? reason : undefined}
          title={why}
          loading={list.isPending}
          onClick={() => list.mutate()}
        >
          {t.list}
        </Button>
        {why && (
          <span id={reason} className={classes.spoken}>
            {why}
          </span>
        )}
      </div>
      <div className={classes.listed} aria-live="polite">
        {list.isPending && <Listing />}
        {list.data?.prepared && <span>{t.listed(list.data.prepared.simulations.length)}</span>}
        {list.data?.failure && (
          <FailureCard agent={list.data.name} failure={list.data.failure} context={[draft.url]} />
        )}
        {list.error && <RequestProblem error={list.error} />}
      </div>
    </>
  );
}

/** What the asked agent is doing, out of the live events. */
function Listing() {
  const what = useLive((state) => {
    const busy = state.agents.find((agent) => agent.phase === "fetching" || agent.phase === "building");
    if (!busy) return "";
    return `${busy.name}: ${text.agents.conditions[busy.phase].toLowerCase()}${busy.step ? `, ${busy.step}` : ""}`;
  });
  return (
    <span className={classes.listing}>
      <Loader size={12} aria-hidden /> {visible(t.listing(what || text.common.loading))}
    </span>
  );
}
