import type { Icon } from "@tabler/icons-react";
import classes from "./StatePill.module.css";

export type Tone = "ok" | "info" | "warn" | "bad" | "neutral";

interface Props {
  tone: Tone;
  icon: Icon;
  label: string;
  /** Turns the icon while something is going on. */
  busy?: boolean;
  size?: "sm" | "lg";
}

/** A state: always an icon and a word, the colour only helps. */
export function StatePill({ tone, icon: Glyph, label, busy = false, size = "sm" }: Props) {
  return (
    <span className={classes.pill} data-tone={tone} data-size={size}>
      <Glyph
        className={busy ? classes.busy : undefined}
        size={size === "lg" ? 18 : 14}
        stroke={2}
        aria-hidden
      />
      {label}
    </span>
  );
}
