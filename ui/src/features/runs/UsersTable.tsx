import type { UsersRow } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { integer } from "@/model/format";
import { text } from "@/text";

const t = text.runs.detail;

const count = (id: "started" | "ended" | "unfinished" | "max_active", header: string): Column<UsersRow> => ({
  id,
  header,
  numeric: true,
  value: (row) => row[id],
  cell: (row) => integer(row[id]),
});

// The first row, without a name, is of all scenarios together.
const COLUMNS: readonly Column<UsersRow>[] = [
  {
    id: "scenario",
    header: t.scenario,
    rowHeader: true,
    grow: true,
    value: (row) => row.scenario,
    cell: (row) => (row.scenario === "" ? t.allUsers : <Name>{row.scenario}</Name>),
  },
  count("started", t.started),
  count("ended", t.ended),
  count("unfinished", t.unfinished),
  count("max_active", t.mostActive),
];

/** The virtual users of all scenarios and of each. Results of older versions do not have them. */
export function UsersTable({ users, of }: { users: readonly UsersRow[] | undefined; of?: string | false }) {
  if (!users || users.length === 0) return null;
  return (
    <Section title={t.users} aside={of} flush>
      <DataTable
        label={t.users}
        rows={users}
        columns={COLUMNS}
        rowId={(row) => row.scenario}
        pinned={(row) => row === users[0]}
      />
    </Section>
  );
}
