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
  virtualIndex: number | undefined;
  onClick: ((row: T) => void) | undefined;
}

export function TableRow<T>({ row, columns, virtualIndex, onClick, ...tree }: Props<T>) {
  return (
    // The row's own link or button does the same for the keyboard.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the reason stands above
    <tr
      aria-rowindex={virtualIndex === undefined ? undefined : virtualIndex + 2}
      data-clickable={onClick ? true : undefined}
      onClick={onClick && ((event) => !isControl(event.target) && onClick(row))}
    >
      {columns.map((column) => {
        const content = column.rowHeader && tree.tree ? <TreeCell {...tree}>{column.cell(row)}</TreeCell> : column.cell(row);
        const look = {
          className: column.divider ? classes.divider : undefined,
          "data-numeric": column.numeric || undefined,
          "data-grow": column.grow || undefined,
        };
        return column.rowHeader ? (
          <th key={column.id} scope="row" {...look}>
            {content}
          </th>
        ) : (
          <td key={column.id} {...look}>
            {content}
          </td>
        );
      })}
    </tr>
  );
}

type TreeProps = Pick<Props<unknown>, "depth" | "expanded" | "onToggle" | "name">;

function TreeCell({ depth, expanded, onToggle, name = "", children }: TreeProps & { children: ReactNode }) {
  const Symbol = expanded ? IconChevronDown : IconChevronRight;
  const label = expanded ? text.common.collapse : text.common.expand;
  return (
    <span className={classes.tree} style={{ paddingInlineStart: depth * 18 }}>
      {expanded === undefined ? (
        <span className={classes.leaf} />
      ) : (
        <button type="button" className={classes.toggle} onClick={onToggle} aria-expanded={expanded} aria-label={label(visible(name))}>
          <Symbol size={14} aria-hidden />
        </button>
      )}
      {children}
    </span>
  );
}

const isControl = (target: EventTarget) => target instanceof Element && target.closest("a, button, input, [role=menuitem]") !== null;
