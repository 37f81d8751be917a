import type { Run } from "@/api/types";
import { moment } from "@/model/format";
import { text } from "@/text";
import { Section } from "./layout";
import { Name } from "./Name";
import { Problem } from "./Problem";

/** Why the run was stopped, and which part of the load was offered. */
export function RunLosses({ run }: { run: Run }) {
  return (
    <>
      {run.stopped && (
        <Problem
          tone={run.stopped.kind === "user" ? "info" : "warn"}
          title={<Name>{text.runs.detail.stopped(run.stopped.message)}</Name>}
        />
      )}
      {run.offered_load.map((load) => (
        <Problem
          key={load.from_s}
          tone="warn"
          title={<Name>{text.runs.detail.offered(load.percent, load.from_s, load.reason)}</Name>}
        />
      ))}
    </>
  );
}

/** What happened in a run, oldest first; nothing where nothing did. */
export function RunEvents({ run }: { run: Run }) {
  if (run.events.length === 0) return null;
  return (
    <Section title={text.run.live.events}>
      <ul>
        {run.events.map((event) => (
          <li key={`${event.at_ms} ${event.message}`}>
            {moment(event.at_ms)}: <Name>{event.message}</Name>
          </li>
        ))}
      </ul>
    </Section>
  );
}
