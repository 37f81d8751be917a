import { Button } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { memo, type ReactNode, useLayoutEffect, useRef } from "react";
import { integer } from "@/model/format";
import type { OutputLog, OutputRow } from "@/model/output";
import { text } from "@/text";
import classes from "./LogLines.module.css";
import { rowText } from "./rows";

const t = text.output;
/** So near to the end counts as the end, px. */
const NEAR = 24;
/** So many lines fit into the area as it is at first. */
const SHORT = 16;

interface Props {
  log: OutputLog;
  label: string;
  /** Whether new lines are scrolled to. */
  following: boolean;
  onFollow: (following: boolean) => void;
  /** What stands there while there is no line. */
  empty: ReactNode;
}

/** Lines that scroll along until the reader scrolls up; then they stand still. */
export function LogLines({ log, label, following, onFollow, empty }: Props) {
  const area = useRef<HTMLDivElement>(null);
  const held = useRef(log);
  // What is read stays where it is, whatever comes or goes meanwhile. Of a log that begins anew
  // there is nothing to stay at.
  const nothingHeld = held.current.total === 0 || held.current.total > log.total;
  if (following || nothingHeld) held.current = log;
  const shown = following ? log : held.current;
  const fresh = log.total - shown.total;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line is scrolled to
  useLayoutEffect(() => {
    const element = area.current;
    if (following && element) element.scrollTop = element.scrollHeight;
  }, [following, shown]);

  const scrolled = () => {
    const element = area.current;
    if (!element) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;
    if (isAtEnd !== following) onFollow(isAtEnd);
  };

  return (
    <div className={classes.frame}>
      <div
        ref={area}
        role="log"
        aria-live="off"
        aria-label={label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
        tabIndex={0}
        className={classes.lines}
        data-short={(log.ended && log.count <= SHORT) || undefined}
        onScroll={scrolled}
      >
        {shown.cut && <div className={classes.note}>{t.earlier}</div>}
        {shown.blocks.map(({ id, rows }) => (
          <Rows key={id} rows={rows} />
        ))}
        {shown.count === 0 && <div className={classes.note}>{empty}</div>}
      </div>
      {!following && (
        <Button
          className={classes.toEnd}
          size="compact-sm"
          leftSection={<IconArrowDown size={14} aria-hidden />}
          onClick={() => {
            onFollow(true);
            area.current?.focus();
          }}
        >
          {fresh > 0 ? t.toEndNew(integer(fresh)) : t.toEnd}
        </Button>
      )}
    </div>
  );
}

const Rows = memo(function Rows({ rows }: { rows: readonly OutputRow[] }) {
  return (
    <div>
      {rows.map((row, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a block never move
        <div key={at} className={row.kind === "line" ? classes.line : classes.note}>
          {rowText(row)}
        </div>
      ))}
    </div>
  );
});
