import { Tooltip } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { Gauge } from "@/model/health";
import { text } from "@/text";
import classes from "./HealthPanel.module.css";

const t = text.health;

/** A machine's load: a figure each, and how much of its limit that is. */
export function HealthPanel({ gauges, old }: { gauges: readonly Gauge[]; old: boolean }) {
  return (
    <>
      {old && <p className={classes.old}>{t.old}</p>}
      <dl className={classes.panel} data-old={old || undefined}>
        {gauges.map((gauge) => (
          <div key={gauge.id} className={classes.gauge} data-high={gauge.high || undefined}>
            <Tooltip label={t.explain[gauge.id]} events={{ hover: true, focus: true, touch: true }}>
              <dt>
                {t.gauges[gauge.id]}
                <HighMark gauge={gauge} />
              </dt>
            </Tooltip>
            <dd>
              <span className={classes.value}>{gauge.value}</span>
              {gauge.detail && <span className={classes.detail}>{gauge.detail}</span>}
              <Meter share={gauge.share} high={gauge.high} />
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** Said, not only coloured. */
export function HighMark({ gauge: { id, high } }: { gauge: Gauge }) {
  if (!high) return null;
  return (
    <span className={classes.mark}>
      <IconAlertTriangle size={13} aria-hidden />
      {id === "disk" ? t.low : t.high}
    </span>
  );
}

/** A share as a bar; the figure beside it says the same. */
export function Meter({ share, high }: { share: number | null; high: boolean }) {
  if (share === null) return null;
  return (
    <svg className={classes.meter} viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden>
      <rect className={classes.back} width={100} height={4} />
      <rect className={classes.part} data-high={high || undefined} width={share * 100} height={4} />
    </svg>
  );
}
