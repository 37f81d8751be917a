import type { Verdict, VerdictFinding } from "@/api/types";
import { text } from "@/text";
import { Name } from "./Name";
import { VerdictPill } from "./states";
import classes from "./VerdictBanner.module.css";

const t = text.verdict;

interface Props {
  verdict: Verdict;
  /** The run goes on. */
  soFar?: boolean;
}

/** How far the figures can be believed, and the evidence: what was found, on whom, and what to do. */
export function VerdictBanner({ verdict, soFar = false }: Props) {
  const { level, findings, more } = verdict;
  return (
    <section className={classes.banner} data-level={level} aria-label={t.title}>
      <header className={classes.head}>
        <VerdictPill level={level} size="lg" />
        <p>{t.says[level]}</p>
        {soFar && <span className={classes.quiet}>{t.soFar}</span>}
      </header>
      {findings.length > 0 && (
        <ul className={classes.findings}>
          {findings.map((finding) => (
            <Finding key={`${finding.agent} ${finding.code} ${finding.sentence}`} finding={finding} />
          ))}
          {more > 0 && <li className={classes.quiet}>{t.more(more)}</li>}
        </ul>
      )}
    </section>
  );
}

function Finding({ finding }: { finding: VerdictFinding }) {
  const { level, agent, sentence, remedy } = finding;
  return (
    <li data-level={level}>
      {agent !== "" && (
        <strong>
          <Name>{agent}</Name>:{" "}
        </strong>
      )}
      <Name>{sentence}</Name>
      {remedy !== "" && (
        <div className={classes.quiet}>
          <Name>{remedy}</Name>
        </div>
      )}
    </li>
  );
}
