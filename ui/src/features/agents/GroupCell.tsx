import { Autocomplete, UnstyledButton } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import type { Agent } from "@/api/types";
import { Name } from "@/components/Name";
import { groupNames } from "@/model/agent";
import { useLive, useMayChange } from "@/store/hooks";
import { text } from "@/text";
import classes from "./AgentsTable.module.css";
import { useSetGroup } from "./actions";

const t = text.agents.table;

/** The agent's group, edited in place: Enter or leaving the field keeps, Escape drops the change. */
export function GroupCell({ agent }: { agent: Agent }) {
  const [draft, setDraft] = useState<string | null>(null);
  const groups = useLive((state) => groupNames(state.agents));
  const setGroup = useSetGroup();
  if (!useMayChange()) return <Name>{agent.group || text.common.none}</Name>;
  if (draft === null) {
    return (
      <UnstyledButton
        className={classes.group}
        aria-label={t.editGroup(agent.name, agent.group)}
        onClick={() => setDraft(agent.group)}
      >
        <Name>{agent.group || text.common.none}</Name>
        <IconPencil size={13} aria-hidden className={classes.pencil} />
      </UnstyledButton>
    );
  }
  const keep = (value: string) => {
    setDraft(null);
    const group = value.trim();
    if (group !== agent.group) setGroup.mutate({ agent, group });
  };
  return (
    <Autocomplete
      size="xs"
      w={130}
      autoFocus
      aria-label={t.groupOf(agent.name)}
      data={groups}
      value={draft}
      onChange={setDraft}
      onOptionSubmit={keep}
      onBlur={() => keep(draft)}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.nativeEvent.isComposing) keep(event.currentTarget.value);
        if (event.key === "Escape") setDraft(null);
      }}
    />
  );
}
