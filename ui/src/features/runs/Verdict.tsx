import type { Run, Summary } from "@/api/types";
import { HoldsPill } from "@/components/states";
import { duration, integer, percent, rate } from "@/model/format";
import { text } from "@/text";
import classes from "./runs.module.css";

const t = text.runs.detail;

/** How the run ended, in a sentence, beside its four most wanted figures. */
export function Verdict({ run, summary }: { run: Run; summary: Summary | null }) {
  const all = summary?.rows.find((row) => row.kind === "all");
  const failed = summary?.assertions.filter((assertion) => !assertion.holds).length ?? 0;
  const asserted = summary?.assertions.length ?? 0;
  return (
    <section className={classes.verdict} aria-label={text.runs.table.state}>
      <p>{sentence(run)}</p>
      {asserted > 0 && (
        <HoldsPill
          holds={failed === 0}
          label={failed > 0 ? t.assertionsFail(failed, asserted) : t.assertionsHold(asserted)}
        />
      )}
      {summary && all && (
        <dl className={classes.headline}>
          <Figure label={text.runs.table.requests} value={integer(all.total)} />
          <Figure label={text.runs.table.errors} value={percent(all.percent_ko)} bad={all.ko > 0} />
          <Figure label={text.run.live.rate} value={rate(all.per_second)} />
          {summary.steady && (
            <Figure
              label={t.steady}
              value={rate(summary.steady.per_second)}
              hint={t.steadyHint(
                duration(summary.steady.duration_ms / 1000),
                duration(summary.steady.from_ms / 1000),
              )}
            />
          )}
          <Figure label={text.runs.table.duration} value={duration(summary.duration_ms / 1000)} />
        </dl>
      )}
    </section>
  );
}

function sentence(run: Run): string {
  if (run.state === "stopped" && !run.has_summary) return t.verdict.stoppedEarly;
  return run.state in t.verdict ? t.verdict[run.state as keyof typeof t.verdict] : "";
}

interface FigureProps {
  label: string;
  value: string;
  bad?: boolean;
  hint?: string;
}

function Figure({ label, value, bad = false, hint }: FigureProps) {
  return (
    <div title={hint}>
      <dt>{label}</dt>
      <dd className={classes.share} data-bad={bad || undefined}>
        {value}
      </dd>
    </div>
  );
}
