import type { AssertionRow } from "@/api/types";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { HoldsPill } from "@/components/states";
import { actual as figure } from "@/model/format";
import { text } from "@/text";
import classes from "./runs.module.css";

const t = text.runs.detail;

/** The simulation's assertions on the merged figures, the failed ones first. */
export function Assertions({ assertions }: { assertions: readonly AssertionRow[] }) {
  const ordered = assertions
    .map((row, index) => ({ ...row, index }))
    .sort((a, b) => Number(a.holds) - Number(b.holds));
  return (
    <Section title={t.assertions}>
      <ul className={classes.assertions}>
        {ordered.map(({ text: sentence, holds, undecided, actual, note, index }) => (
          <li key={index} className={classes.assertion}>
            <HoldsPill holds={holds} label={undecided ? t.undecided : undefined} />
            <Name>{sentence}</Name>
            {!undecided && <span className={classes.actual}>{t.actual(figure(actual))}</span>}
            {note !== null && (
              <span className={classes.note}>
                <Name>{note}</Name>
              </span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}
