import type { ReactNode } from "react";
import type { LiveTimes, Run } from "@/api/types";
import { useNow } from "@/components/use-now";
import { age, clock, duration, errorPercent, glance, integer, NONE, ordinal, percent } from "@/model/format";
import { elapsedSeconds } from "@/model/run";
import { useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import classes from "./LiveTiles.module.css";

const t = text.run.live;

/** From this age on the figures say how old they are. */
export const OLD_MS = 5_000;

/** The run's figures, large. They are grey as soon as they are not live. */
export function LiveTiles({ run }: { run: Run }) {
  const live = useLiveStore();
  const now = useNow();
  const { ok, ko, per_second, users_active, users_done, users_waiting, agents, times } = run.live;
  const has = agents > 0 || ok + ko > 0;
  const dataAge = now - live.tickedAt(run.id);
  const old = run.state === "running" && dataAge > OLD_MS;
  const show = (value: string) => (has ? value : NONE);
  return (
    <section aria-label={t.tiles}>
      <dl className={classes.tiles} data-old={old || undefined}>
        <Tile label={t.rate} value={show(glance(per_second))} />
        <Tile
          label={t.requests}
          value={show(integer(ok + ko))}
          note={has && t.okKo(integer(ok), integer(ko))}
        />
        <Tile label={t.errors} value={show(percent(errorPercent(ok, ko)))} bad={ko > 0} />
        {times && <TimesTile times={times} />}
        <Tile
          label={t.users}
          value={show(integer(users_active))}
          note={has && t.usersDone(integer(users_done), integer(users_waiting))}
        />
        <Tile
          label={t.elapsed}
          value={clock(elapsedSeconds(run, Date.now()))}
          note={t.atMost(duration(run.spec.max_duration_s))}
        />
        <Tile
          label={t.reporting}
          value={`${agents}/${run.agents.length}`}
          bad={run.state === "running" && agents < run.agents.length}
        />
      </dl>
      {old && <p className={classes.old}>{t.stale(age(dataAge))}</p>}
      {!has && run.state !== "running" && (
        <p className={classes.waiting}>{t.waiting(text.run.states[run.state])}</p>
      )}
    </section>
  );
}

/** The third of the project's four percentiles (Gatling's 95th) in front, the others below. */
function TimesTile({ times }: { times: LiveTimes }) {
  const main = times.percentiles[2] ?? times.percentiles.at(-1);
  if (!main) return null;
  const others = times.percentiles.filter((one) => one !== main);
  const note = others.map((one) => t.time(ordinal(one.percent), integer(one.ms)));
  return (
    <Tile
      label={t.percentile(ordinal(main.percent))}
      value={t.ms(integer(main.ms))}
      note={t.otherTimes([...note, t.longest(integer(times.max_ms))])}
    />
  );
}

function Tile({
  label,
  value,
  note,
  bad = false,
}: {
  label: string;
  value: string;
  note?: ReactNode;
  bad?: boolean;
}) {
  return (
    <div className={classes.tile} data-bad={bad || undefined}>
      <dt>{label}</dt>
      <dd className={classes.value}>{value}</dd>
      {note && <dd className={classes.note}>{note}</dd>}
    </div>
  );
}
