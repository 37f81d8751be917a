import { Button, UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { Agent } from "@/api/types";
import { Name } from "@/components/Name";
import { text } from "@/text";
import { useIgnore } from "./actions";
import classes from "./IgnoredAgents.module.css";

const t = text.agents.ignored;

/** Agents that wait and that the user does not want to see: out of the way, and one click from coming back. */
export function IgnoredAgents({ agents }: { agents: readonly Agent[] }) {
  const [open, setOpen] = useState(false);
  const ignore = useIgnore();
  const list = useId();
  return (
    <div>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={open}
        aria-controls={list}
        onClick={() => setOpen(!open)}
      >
        <IconChevronRight size={14} aria-hidden className={classes.arrow} />
        {t.title(agents.length)}
      </UnstyledButton>
      {open && (
        <ul id={list} className={classes.list} aria-label={t.label}>
          {agents.map((agent) => (
            <li key={agent.id} className={classes.row}>
              <span className={classes.name}>
                <Name>{agent.name}</Name>
              </span>
              <code className={classes.quiet}>{agent.short_id}</code>
              <span className={classes.quiet}>
                <Name>{agent.address}</Name>
              </span>
              <Button
                className={classes.action}
                variant="subtle"
                size="compact-sm"
                aria-label={t.showOne(agent.name)}
                loading={ignore.isPending && ignore.variables.agent.id === agent.id}
                onClick={() => ignore.mutate({ agent, ignored: false })}
              >
                {t.show}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
