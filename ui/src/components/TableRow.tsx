import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { visible } from "@/model/visible";
import { text } from "@/text";
import type { Column } from "./DataTable";
import classes from "./DataTable.module.css";

interface Props<T> {
  row: T;
  columns: readonly Column<T>[];
  depth: number;
  tree: boolean;
  /** Undefined where there is nothing to expand. */
  expanded: boolean | undefined;
  onToggle: () => void;
  name: string | undefined;
  /** The row's place in a virtualised table, and who wants to know how high it is. */
  virtualIndex: number | undefined;
  measure: ((row: HTMLTableRowElement | null) => void) | undefined;
  onClick: ((row: T) => void) | undefined;
  stale: boolean;
}

export function TableRow<T>({ row, columns, virtualIndex, measure, onClick, stale, ...tree }: Props<T>) {
  return (
    // The row's own link or button does the same for the keyboard.
    <tr
      ref={measure}
      data-index={virtualIndex}
      aria-rowindex={virtualIndex === undefined ? undefined : virtualIndex + 2}
      data-clickable={onClick ? true : undefined}
      data-stale={stale || undefined}
      onClick={onClick && ((event) => !isControl(event.target) && onClick(row))}
    >
      {columns.map((column) => (
        <Cell key={column.id} row={row} column={column} {...tree} />
      ))}
    </tr>
  );
}

type TreeProps = Pick<Props<unknown>, "depth" | "tree" | "expanded" | "onToggle" | "name">;

/** The class of a column's cells, its heading included. */
export function columnClass({
  divider,
  sticky,
}: Pick<Column<never>, "divider" | "sticky">): string | undefined {
  if (sticky) return classes.sticky;
  return divider ? classes.divider : undefined;
}

function Cell<T>({ row, column, ...tree }: { row: T; column: Column<T> } & TreeProps) {
  const look = {
    className: columnClass(column),
    "data-numeric": column.numeric || undefined,
    "data-grow": column.grow || undefined,
  };
  if (!column.rowHeader) return <td {...look}>{column.cell(row)}</td>;
  return (
    <th scope="row" {...look}>
      {tree.tree ? <TreeCell {...tree}>{column.cell(row)}</TreeCell> : column.cell(row)}
    </th>
  );
}

function TreeCell({ depth, expanded, onToggle, name = "", children }: TreeProps & { children: ReactNode }) {
  const Glyph = expanded ? IconChevronDown : IconChevronRight;
  const label = expanded ? text.common.collapse : text.common.expand;
  return (
    <span className={classes.tree} style={{ paddingInlineStart: depth * 18 }}>
      {expanded === undefined ? (
        <span className={classes.leaf} />
      ) : (
        <button
          type="button"
          className={classes.toggle}
          onClick={onToggle}
          aria-expanded={expanded}
          aria-label={label(visible(name))}
        >
          <Glyph size={14} aria-hidden />
        </button>
      )}
      {children}
    </span>
  );
}

const isControl = (target: EventTarget) =>
  target instanceof Element && target.closest("a, button, input, [role=menuitem]") !== null;
