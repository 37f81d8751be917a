import { Stack } from "@mantine/core";
import { CopyButton } from "@/components/CopyButton";
import { Section } from "@/components/layout";
import { bfggCommand, javaCommand } from "@/model/command";
import { divisions } from "@/model/divide";
import { type RunDraft, specOf } from "@/model/run-form";
import { visible } from "@/model/visible";
import { text } from "@/text";
import classes from "./RunForm.module.css";

const t = text.run.form;

interface Props {
  draft: RunDraft;
  /** How many will run it. */
  agents: number;
  saved: string | null;
}

/** The command that does the same, and what an agent makes of it. */
export function Commands({ draft, agents, saved }: Props) {
  const spec = specOf(draft);
  if (!draft.snapshot && spec.source.url === "" && saved === null) return null;
  const command = bfggCommand(spec, saved);
  const divided = divisions(spec.parameters, spec.divide, agents);
  const share = Object.fromEntries(divided.map(({ name, parts }) => [name, String(parts[0]?.share ?? "")]));
  const hints = saved
    ? []
    : [
        draft.snapshot ? t.commandFolder : "",
        draft.only.length > 0 ? t.commandOnly : "",
        spec.parameters.some(({ secret }) => secret) ? t.commandSecret : "",
      ].filter(Boolean);
  return (
    <Section title={t.command} actions={<CopyButton value={command} label={t.copyCommand} />}>
      <Stack gap="sm">
        <div>
          <p className={classes.hint}>{t.commandHint}</p>
          <Shell label={t.command}>{command}</Shell>
          {hints.map((hint) => (
            <p key={hint} className={classes.hint}>
              {hint}
            </p>
          ))}
        </div>
        <div>
          <p className={classes.hint}>
            {divided.length > 0 ? t.javaCommandFirst : t.javaCommand}. {t.javaCommandHint}.
          </p>
          <Shell label={t.javaCommand}>{javaCommand(spec, share)}</Shell>
        </div>
      </Stack>
    </Section>
  );
}

function Shell({ label, children }: { label: string; children: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <pre className={classes.command} role="group" aria-label={label} tabIndex={0}>
      {visibleLines(children)}
    </pre>
  );
}

/** Nothing invisible in it but its own line breaks. */
const visibleLines = (command: string) => command.split("\n").map(visible).join("\n");
