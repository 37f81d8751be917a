import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { renderScreen } from "@/testing/render";
import { type Column, DataTable } from "./DataTable";

interface Item {
  name: string;
  size: number | null;
  inside?: Item[];
}

const columns: Column<Item>[] = [
  { id: "name", header: "Name", rowHeader: true, value: (item) => item.name, cell: (item) => item.name },
  {
    id: "size",
    header: "Size",
    numeric: true,
    value: (item) => item.size,
    cell: (item) => String(item.size),
  },
];

const names = () => screen.getAllByRole("rowheader").map((cell) => cell.textContent);
const sortBy = (header: string) => userEvent.click(screen.getByRole("button", { name: header }));

test("sorts numbers as numbers, names by their numbers, and keeps what is missing last", async () => {
  const rows = [
    { name: "lab-10", size: 9 },
    { name: "lab-2", size: null },
    { name: "lab-1", size: 100 },
  ];
  renderScreen(<DataTable label="Items" rows={rows} columns={columns} rowId={(item) => item.name} />);
  await sortBy("Name");
  expect(names()).toEqual(["lab-1", "lab-2", "lab-10"]);
  expect(screen.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "ascending");
  await sortBy("Size");
  expect(names()).toEqual(["lab-1", "lab-10", "lab-2"]);
  await sortBy("Size");
  expect(names()).toEqual(["lab-10", "lab-1", "lab-2"]);
  await sortBy("Size");
  expect(names()).toEqual(["lab-10", "lab-2", "lab-1"]);
});

function Tree({ rows }: { rows: Item[] }) {
  const [expanded, setExpanded] = useState<true | Record<string, boolean>>(true);
  return (
    <DataTable
      label="Tree"
      rows={rows}
      columns={columns}
      rowId={(item) => item.name}
      rowName={(item) => item.name}
      childrenOf={(item) => item.inside ?? []}
      expanded={expanded}
      onExpanded={setExpanded}
      pinned={(item) => item.name === "all"}
    />
  );
}

test("a tree sorts within each group, keeps the sum on top, and folds", async () => {
  renderScreen(
    <Tree
      rows={[
        { name: "all", size: 5 },
        {
          name: "b",
          size: 1,
          inside: [
            { name: "b2", size: 2 },
            { name: "b1", size: 3 },
          ],
        },
        { name: "a", size: 9 },
      ]}
    />,
  );
  expect(names()).toEqual(["all", "b", "b2", "b1", "a"]);
  await sortBy("Size");
  expect(names()).toEqual(["all", "a", "b", "b1", "b2"]);
  await sortBy("Size");
  expect(names()).toEqual(["all", "b", "b2", "b1", "a"]);
  await userEvent.click(screen.getByRole("button", { name: "Collapse b" }));
  expect(names()).toEqual(["all", "b", "a"]);
  await userEvent.click(screen.getByRole("button", { name: "Expand b" }));
  expect(names()).toHaveLength(5);
});

test("a click on a row opens it, a click on a button inside it does not", async () => {
  const open = vi.fn();
  const withButton: Column<Item>[] = [
    ...columns,
    {
      id: "do",
      header: "Do",
      sortable: false,
      value: () => null,
      cell: () => <button type="button">Act</button>,
    },
  ];
  const rows = [{ name: "x", size: 1 }];
  renderScreen(
    <DataTable
      label="Items"
      rows={rows}
      columns={withButton}
      rowId={(item) => item.name}
      onRowClick={open}
    />,
  );
  await userEvent.click(screen.getByRole("button", { name: "Act" }));
  expect(open).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("rowheader", { name: "x" }));
  expect(open).toHaveBeenCalledWith(rows[0]);
});

test("says that nothing matches", () => {
  renderScreen(
    <DataTable label="Items" rows={[]} columns={columns} rowId={(item) => item.name} empty="Nothing." />,
  );
  expect(within(screen.getByRole("table", { name: "Items" })).getByText("Nothing.")).toBeInTheDocument();
});
