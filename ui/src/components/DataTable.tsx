import {
  type ColumnDef,
  createExpandedRowModel,
  createSortedRowModel,
  type ExpandedState,
  rowExpandingFeature,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useMemo, useRef, useState } from "react";
import classes from "./DataTable.module.css";
import { type HeadGroup, TableHead } from "./TableHead";
import { TableRow } from "./TableRow";

/** A column: what it shows, and the plain value it sorts by (null goes last). */
export interface Column<T> {
  id: string;
  header: string;
  /** A word more about the column, for the mouse. */
  title?: string;
  value: (row: T) => string | number | null;
  cell: (row: T) => ReactNode;
  numeric?: boolean;
  /** Takes the room that is left, and is cut with an ellipsis. */
  grow?: boolean;
  sortable?: boolean;
  /** The row's header cell. */
  rowHeader?: boolean;
  /** The heading is there for screen readers only. */
  quiet?: boolean;
  /** Stays at the right edge while the table scrolls. */
  sticky?: boolean;
  /** Starts a group of columns: a line to its left. */
  divider?: boolean;
}

interface Props<T> {
  label: string;
  rows: readonly T[];
  columns: readonly Column<T>[];
  rowId: (row: T) => string;
  empty?: string;
  /** Column groups above the headings, left to right. */
  groups?: readonly HeadGroup[];
  initialSort?: { column: string; descending: boolean };
  /** For trees: the rows inside a row, and which are open. */
  childrenOf?: (row: T) => T[];
  expanded?: ExpandedState;
  onExpanded?: (expanded: ExpandedState) => void;
  rowName?: (row: T) => string;
  /** For trees: stays above the sorted rows. */
  pinned?: (row: T) => boolean;
  onRowClick?: (row: T) => void;
  /** Rows whose figures are not of now. */
  stale?: (row: T) => boolean;
}

const features = tableFeatures({
  rowSortingFeature,
  rowExpandingFeature,
  sortedRowModel: createSortedRowModel(),
  expandedRowModel: createExpandedRowModel(),
});

/** From this many rows on only the visible ones are in the document. */
const VIRTUAL_FROM = 100;
const ROW_HEIGHT = 37;

/** A sortable table or tree of rows; long ones are virtualised. */
export function DataTable<T extends object>(props: Props<T>) {
  const { label, rows, columns, rowId, empty, groups, childrenOf, pinned } = props;
  const [sorting, setSorting] = useState<SortingState>(
    props.initialSort ? [{ id: props.initialSort.column, desc: props.initialSort.descending }] : [],
  );
  const data = useMemo(() => [...rows], [rows]);
  const definitions = useMemo(
    () => columns.map((column) => definition(column, pinned, sorting[0]?.desc ?? false)),
    [columns, pinned, sorting],
  );
  const table = useTable({
    features,
    data,
    columns: definitions,
    getRowId: rowId,
    ...(childrenOf && { getSubRows: childrenOf }),
    state: { sorting, expanded: props.expanded ?? {} },
    onSortingChange: setSorting,
    onExpandedChange: (update) =>
      props.onExpanded?.(typeof update === "function" ? update(props.expanded ?? {}) : update),
    autoResetExpanded: false,
  });
  const shown = table.getRowModel().rows;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = shown.length >= VIRTUAL_FROM;
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    enabled: virtual,
  });
  const items = virtualizer.getVirtualItems();
  const visibleRows = virtual
    ? items.flatMap(({ index }) => {
        const row = shown[index];
        return row ? [{ row, index }] : [];
      })
    : shown.map((row) => ({ row, index: undefined }));
  const before = virtual ? (items[0]?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div
      role="group"
      ref={scroller}
      className={classes.scroller}
      data-virtual={virtual || undefined}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <table className={classes.table} aria-rowcount={virtual ? shown.length + 1 : undefined}>
        <caption className={classes.caption}>{label}</caption>
        <TableHead
          columns={columns}
          groups={groups}
          sorting={sorting}
          onSort={(id) => table.getColumn(id)?.toggleSorting()}
        />
        <tbody>
          {before > 0 && <Spacer height={before} span={columns.length} />}
          {visibleRows.map(({ row, index }) => (
            <TableRow
              key={row.id}
              row={row.original}
              columns={columns}
              depth={row.depth}
              virtualIndex={index}
              measure={virtual ? virtualizer.measureElement : undefined}
              expanded={childrenOf && row.getCanExpand() ? row.getIsExpanded() : undefined}
              onToggle={() => row.toggleExpanded()}
              name={props.rowName?.(row.original)}
              tree={childrenOf !== undefined}
              onClick={props.onRowClick}
              stale={props.stale?.(row.original) ?? false}
            />
          ))}
          {after > 0 && <Spacer height={after} span={columns.length} />}
          {shown.length === 0 && empty && (
            <tr>
              <td className={classes.empty} colSpan={columns.length}>
                {empty}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ height, span }: { height: number; span: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td colSpan={span} className={classes.spacer} />
    </tr>
  );
}

type Cell = string | number | null;

function definition<T extends object>(
  column: Column<T>,
  pinned: ((row: T) => boolean) | undefined,
  descending: boolean,
): ColumnDef<typeof features, T> {
  return {
    id: column.id,
    accessorFn: column.value,
    enableSorting: column.sortable !== false,
    sortDescFirst: column.numeric === true,
    sortFn: (a, b, id) => {
      const held = pinned ? Number(pinned(b.original)) - Number(pinned(a.original)) : 0;
      // react-table turns the answer round for a descending column; what is held on top must not turn.
      if (held !== 0) return descending ? -held : held;
      return compare(a.getValue<Cell>(id), b.getValue<Cell>(id), descending);
    },
  };
}

/** Orders two values; null stays last in both directions. */
function compare(a: Cell, b: Cell, descending: boolean): number {
  if (a === null || b === null) {
    const order = a === b ? 0 : a === null ? 1 : -1;
    return descending ? -order : order;
  }
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}
