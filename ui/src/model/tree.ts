import type { Row } from "@/api/types";

/** A row of the merged table with the rows inside it. */
export interface RowNode {
  /** The same for the same row of a run, however many rows there are. */
  id: string;
  name: string;
  row: Row;
  children: RowNode[];
}

/** Builds the tree of groups and requests out of the flat rows; a row whose group has none of its own hangs one higher. */
export function rowTree(rows: readonly Row[]): RowNode[] {
  const top: RowNode[] = [];
  const groups = new Map<string, RowNode>();
  const nodes = rows.map((row): RowNode => {
    const node = { id: `${row.kind} ${key(row.path)}`, name: row.path.at(-1) ?? "", row, children: [] };
    if (row.kind === "group") groups.set(key(row.path), node);
    return node;
  });
  for (const node of nodes) {
    (node.row.kind === "all" ? top : (parentOf(node.row, groups)?.children ?? top)).push(node);
  }
  return top;
}

function parentOf(row: Row, groups: ReadonlyMap<string, RowNode>): RowNode | null {
  for (let depth = row.path.length - 1; depth > 0; depth -= 1) {
    const group = groups.get(key(row.path.slice(0, depth)));
    if (group) return group;
  }
  return null;
}

// JSON keeps ["a", "b"] and ["a/b"] apart, whatever the names are.
const key = (path: readonly string[]): string => JSON.stringify(path);

/** The part of the tree that matches: nodes whose name contains the text, with the groups around them. */
export function filterTree(nodes: readonly RowNode[], filter: string): RowNode[] {
  const needle = filter.trim().toLowerCase();
  if (needle === "") return [...nodes];
  return nodes.flatMap((node) => {
    if (node.name.toLowerCase().includes(needle)) return [node];
    const children = filterTree(node.children, filter);
    return children.length > 0 ? [{ ...node, children }] : [];
  });
}
