import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import type { SortingState } from "@tanstack/react-table";
import { text } from "@/text";
import type { Column } from "./DataTable";
import classes from "./DataTable.module.css";
import { columnClass } from "./TableRow";

/** A heading over several columns. */
export interface HeadGroup {
  header: string;
  span: number;
}

interface Props<T> {
  columns: readonly Column<T>[];
  groups: readonly HeadGroup[] | undefined;
  sorting: SortingState;
  onSort: (column: string) => void;
}

export function TableHead<T>({ columns, groups, sorting, onSort }: Props<T>) {
  return (
    <thead>
      {groups && (
        <tr className={classes.groups}>
          {groups.map((group, index) =>
            group.header ? (
              <th
                key={group.header}
                scope="colgroup"
                colSpan={group.span}
                className={index > 0 ? classes.divider : undefined}
              >
                {group.header}
              </th>
            ) : (
              // A header cell without a text says nothing: this one only fills.
              <td key={`gap-${String(index)}`} colSpan={group.span} />
            ),
          )}
        </tr>
      )}
      <tr>
        {columns.map((column) => {
          const sort = sorting.find((entry) => entry.id === column.id);
          const direction = sort ? (sort.desc ? "descending" : "ascending") : undefined;
          return (
            <th
              key={column.id}
              scope="col"
              title={column.title}
              aria-sort={direction}
              className={columnClass(column)}
              data-numeric={column.numeric || undefined}
            >
              {column.sortable === false ? (
                <span className={column.quiet ? classes.caption : undefined}>{column.header}</span>
              ) : (
                <button
                  type="button"
                  className={classes.sort}
                  title={text.common.sortBy(column.header)}
                  onClick={() => onSort(column.id)}
                >
                  {column.header}
                  <SortIcon direction={direction} />
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function SortIcon({ direction }: { direction: "ascending" | "descending" | undefined }) {
  const Glyph =
    direction === undefined ? IconArrowsSort : direction === "ascending" ? IconArrowUp : IconArrowDown;
  return (
    <Glyph
      size={12}
      aria-hidden
      className={classes.sortIcon}
      data-active={direction !== undefined || undefined}
    />
  );
}
