import { Button, Stack } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Agent } from "@/api/types";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { RequestProblem } from "@/components/Problem";
import { type Division, divisions } from "@/model/divide";
import { duration, integer, parseDuration } from "@/model/format";
import { type RunDraft, specOf } from "@/model/run-form";
import { text } from "@/text";
import type { Blockers } from "./blockers";
import { Commands } from "./Commands";
import classes from "./RunForm.module.css";

const t = text.run.form;

interface Props {
  draft: RunDraft;
  blockers: Blockers;
  /** The saved test that runs as it is saved. */
  saved: string | null;
  starting: boolean;
  error: unknown;
  reset: { label: string; disabled: boolean; run: () => void };
}

/** What will run, on whom, how much in all, and the Start button with the reason why not. */
export function Preview({ draft, blockers, saved, starting, error, reset }: Props) {
  const { chosen, reasons } = blockers;
  const seconds = parseDuration(draft.maxDuration);
  return (
    <aside className={classes.preview} aria-label={t.preview}>
      <Section title={t.preview}>
        <Stack gap="md">
          <Agents agents={chosen} />
          {chosen.length > 0 && <Totals draft={draft} agents={chosen.length} />}
          {seconds !== null && seconds > 0 && (
            <p className={classes.line}>
              {t.previewMax}: <strong>{t.previewAtMost(duration(seconds))}</strong>
            </p>
          )}
          {error ? <RequestProblem error={error} /> : null}
          <Button
            type="submit"
            size="md"
            fullWidth
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            loading={starting}
            disabled={reasons.length > 0}
            aria-describedby={reasons.length > 0 ? "start-blocked" : undefined}
          >
            {chosen.length > 0 ? t.startOn(chosen.length) : t.start}
          </Button>
          {reasons.length > 0 && (
            <div id="start-blocked" className={classes.blocked}>
              {t.blocked}
              <ul>
                {reasons.map((reason) => (
                  <li key={reason}>
                    <Name>{reason}</Name>
                  </li>
                ))}
              </ul>
            </div>
          )}
          {!reset.disabled && (
            <Button variant="subtle" color="gray" onClick={reset.run}>
              {reset.label}
            </Button>
          )}
        </Stack>
      </Section>
      <Commands draft={draft} agents={chosen.length} saved={saved} />
    </aside>
  );
}

/** Names shown; the rest is counted. */
const SHOWN = 8;

function Agents({ agents }: { agents: readonly Agent[] }) {
  if (agents.length === 0) {
    return (
      <p className={classes.line}>
        {t.noAgents} <Link to="/agents">{t.addAgents}</Link>
      </p>
    );
  }
  return (
    <div>
      <p className={classes.line}>
        <strong>{text.common.agents(agents.length)}</strong>
      </p>
      <ul className={classes.chosen}>
        {agents.slice(0, SHOWN).map((agent) => (
          <li key={agent.id}>
            <Name>{agent.name}</Name>
          </li>
        ))}
        {agents.length > SHOWN && <li>{text.frame.strip.more(agents.length - SHOWN)}</li>}
      </ul>
    </div>
  );
}

function Totals({ draft, agents }: { draft: RunDraft; agents: number }) {
  const spec = specOf(draft);
  const divided = divisions(spec.parameters, spec.divide, agents);
  if (divided.length === 0) {
    return agents > 1 ? <p className={classes.note}>{text.run.wholeProfile(agents)}</p> : null;
  }
  return (
    <div className={classes.note}>
      {divided.map((division) => (
        <Divided key={division.name} division={division} />
      ))}
      <p className={classes.line}>{t.undivided}</p>
    </div>
  );
}

function Divided({ division }: { division: Division }) {
  return (
    <p className={classes.line}>
      <strong>
        <Name>{t.divided(division.name, integer(Number(division.total)))}</Name>
      </strong>
      {division.parts.map((part) => (
        <span key={String(part.share)} className={classes.part}>
          {t.dividedPart(part.agents, integer(Number(part.share)))}
        </span>
      ))}
    </p>
  );
}
