import { Button } from "@mantine/core";
import { useState } from "react";
import type { Failure } from "@/api/types";
import { asTicket, firstLine } from "@/model/failure";
import { visible } from "@/model/visible";
import { text } from "@/text";
import { CopyButton } from "./CopyButton";
import classes from "./FailureCard.module.css";
import { Name } from "./Name";
import { Problem } from "./Problem";

interface Props {
  /** The agent it happened on; empty if it is everybody's. */
  agent: string;
  failure: Failure;
  /** Lines for the ticket that say what ran. */
  context?: readonly string[];
}

/** One cause of failure: agent, phase, cause, remedy, the first failing line, and a copy for a ticket. */
export function FailureCard({ agent, failure, context = [] }: Props) {
  const [open, setOpen] = useState(false);
  const first = firstLine(failure.detail);
  const longer = failure.detail.trim() !== first;
  return (
    <Problem
      tone="bad"
      title={
        <>
          <Name>{agent || text.failures.everyone}</Name>
          {failure.phase && (
            <span className={classes.phase}> {text.failures.during(visible(failure.phase))}</span>
          )}
        </>
      }
      actions={<CopyButton value={asTicket(failure, agent, context)} label={text.failures.ticket} />}
    >
      <p className={classes.message}>
        <Name>{failure.message}</Name>
      </p>
      {failure.hint && (
        <p className={classes.hint}>
          <Name>{failure.hint}</Name>
        </p>
      )}
      {first && <pre className={classes.output}>{open ? output(failure.detail) : visible(first)}</pre>}
      {longer && (
        <Button variant="subtle" size="compact-xs" mt={4} onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? text.failures.hideOutput : text.failures.output}
        </Button>
      )}
    </Problem>
  );
}

const output = (detail: string) => detail.split(/\r?\n/).map(visible).join("\n");
