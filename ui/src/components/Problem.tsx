import { IconAlertTriangle, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { asFailure } from "@/api/error";
import { Name } from "./Name";
import classes from "./Problem.module.css";
import type { Tone } from "./StatePill";

interface Props {
  tone: Extract<Tone, "bad" | "warn" | "info">;
  title: ReactNode;
  children?: ReactNode;
  /** Buttons to the right. */
  actions?: ReactNode;
  /** Read out at once by a screen reader. */
  announce?: boolean;
}

const icons = { bad: IconCircleX, warn: IconAlertTriangle, info: IconInfoCircle };

/** A box that says what is wrong (or worth knowing), and what to do. */
export function Problem({ tone, title, children, actions, announce = false }: Props) {
  const Glyph = icons[tone];
  return (
    <div className={classes.box} data-tone={tone} role={announce ? "alert" : undefined}>
      <Glyph size={18} aria-hidden className={classes.icon} />
      <div className={classes.body}>
        <div className={classes.title}>{title}</div>
        {children && <div className={classes.text}>{children}</div>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}

/** A request that failed. */
export function RequestProblem({ error, actions }: { error: unknown; actions?: ReactNode }) {
  const failure = asFailure(error);
  return (
    <Problem tone="bad" title={<Name>{failure.message}</Name>} actions={actions} announce>
      {failure.hint && <Name>{failure.hint}</Name>}
    </Problem>
  );
}
