import { Group, Title } from "@mantine/core";
import { type ReactNode, useEffect, useId } from "react";
import { text } from "@/text";
import classes from "./layout.module.css";

interface PageProps {
  title: string;
  /** Beside the title, e.g. a state. */
  aside?: ReactNode;
  /** Buttons on the right. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A screen: one first heading, its actions, its content. */
export function Page({ title, aside, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${text.common.product}`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <Group gap="sm" wrap="wrap" className={classes.titles}>
          <Title order={1} className={classes.title}>
            {title}
          </Title>
          {aside}
        </Group>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  title: string;
  aside?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Content up to the section's edges, for tables. */
  flush?: boolean;
}

/** A titled part of a screen. */
export function Section({ title, aside, actions, children, flush = false }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id} data-flush={flush || undefined}>
      <header className={classes.sectionHead}>
        <Group gap="sm" wrap="wrap">
          <Title order={2} id={id}>
            {title}
          </Title>
          {aside && <span className={classes.aside}>{aside}</span>}
        </Group>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={classes.content}>{children}</div>
    </section>
  );
}

/** What stands where there is nothing yet. */
export function Empty({ icon, title, children }: { icon: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <div className={classes.emptyIcon} aria-hidden>
        {icon}
      </div>
      <p className={classes.emptyTitle}>{title}</p>
      {children}
    </div>
  );
}

/** A name and its value; a wide one takes twice the room. */
export type Fact = readonly [name: string, value: ReactNode, width?: "wide"];

/** Names and values, one below the other. */
export function Facts({ entries }: { entries: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {entries.map(([name, value, width]) => (
        <div key={name} data-width={width}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
