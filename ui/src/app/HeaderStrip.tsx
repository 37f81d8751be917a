import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Run } from "@/api/types";
import { Name } from "@/components/Name";
import { StopRun } from "@/components/StopRun";
import { RunStatePill } from "@/components/states";
import { useNow } from "@/components/use-now";
import { age, clock, errorPercent, glance, integer, percent } from "@/model/format";
import { elapsedSeconds, isActive, presentAgents, runTitle } from "@/model/run";
import { useLive, useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import classes from "./HeaderStrip.module.css";

const t = text.frame.strip;

/** Data older than this is not called live. */
const FRESH_MS = 3_000;

/** The run in progress, on every screen: readable from two metres, with STOP. */
export function HeaderStrip() {
  const active = useLive((state) => state.runs.filter(isActive));
  const [run] = active;
  return run ? <Strip run={run} others={active.length - 1} /> : null;
}

function Strip({ run, others }: { run: Run; others: number }) {
  const live = useLiveStore();
  const connected = useLive((state) => state.link === "live");
  const now = useNow();
  const running = run.state === "running";
  const dataAge = now - live.tickedAt(run.id);
  const old = !connected || (running && dataAge > FRESH_MS);
  const { users_active, per_second, ok, ko } = run.live;
  const has = run.live.agents > 0 || ok + ko > 0;
  const elapsed = t.elapsedOf(clock(elapsedSeconds(run, Date.now())), clock(run.spec.max_duration_s));
  return (
    <section className={classes.strip} aria-label={t.label} data-old={old || undefined}>
      <RunStatePill state={run.state} size="lg" />
      <Link className={classes.title} to={`/runs/${run.id}`} aria-label={t.show(runTitle(run))}>
        <Name>{runTitle(run) || text.runs.table.unnamed}</Name>
      </Link>
      {others > 0 && (
        <Link className={classes.more} to="/runs">
          {t.more(others)}
        </Link>
      )}
      <dl className={classes.figures}>
        <Figure label={t.elapsed}>{elapsed}</Figure>
        <Figure label={t.users}>{has ? integer(users_active) : text.common.none}</Figure>
        <Figure label={t.rate}>{has ? glance(per_second) : text.common.none}</Figure>
        <Figure label={t.errors} bad={ko > 0}>
          {has ? percent(errorPercent(ok, ko)) : text.common.none}
        </Figure>
        <Figure label={t.agents} bad={presentAgents(run) < run.agents.length}>
          {`${presentAgents(run)}/${run.agents.length}`}
        </Figure>
        <Figure label={t.age} age>
          {running ? (old ? t.ageOf(age(dataAge)) : t.ageNow) : has ? text.run.states[run.state] : t.noData}
        </Figure>
      </dl>
      <StopRun run={run} shortcut size="sm" />
    </section>
  );
}

interface FigureProps {
  label: string;
  bad?: boolean;
  /** It tells the others' age: the one that stays in colour when they are old. */
  age?: boolean;
  children: ReactNode;
}

function Figure({ label, bad = false, age = false, children }: FigureProps) {
  return (
    <div className={classes.figure} data-bad={bad || undefined} data-age={age || undefined}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
