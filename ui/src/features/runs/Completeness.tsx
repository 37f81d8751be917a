import type { LogTotals, Proof } from "@/api/types";
import { type Column, DataTable } from "@/components/DataTable";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { ProofPill } from "@/components/states";
import { integer, NONE } from "@/model/format";
import { text } from "@/text";

const t = text.verdict;

type Count = "records" | "written_bytes" | "fetched_bytes" | "decoded_bytes";

const count = (id: Count, header: string): Column<Proof> => ({
  id,
  header,
  numeric: true,
  value: (proof) => proof[id],
  cell: (proof) => {
    const value = proof[id];
    return value === null ? NONE : integer(value);
  },
});

const counted = (id: "requests" | "console", header: string): Column<Proof> => ({
  id,
  header,
  numeric: true,
  value: (proof) => sum(proof[id]),
  cell: (proof) => {
    const value = proof[id];
    return value === null ? NONE : t.counted(integer(value.ok), integer(value.ko));
  },
});

const sum = (totals: LogTotals | null) => (totals === null ? null : totals.ok + totals.ko);

const COLUMNS: readonly Column<Proof>[] = [
  {
    id: "agent",
    header: t.columns.agent,
    rowHeader: true,
    value: (proof) => proof.agent,
    cell: (proof) => <Name>{proof.agent}</Name>,
  },
  {
    id: "proof",
    header: t.columns.proof,
    value: (proof) => t.proofs[proof.state],
    cell: (proof) => <ProofPill state={proof.state} />,
  },
  count("records", t.columns.records),
  count("written_bytes", t.columns.written),
  count("fetched_bytes", t.columns.fetched),
  count("decoded_bytes", t.columns.decoded),
  counted("requests", t.columns.log),
  counted("console", t.columns.console),
  {
    id: "told",
    header: t.columns.told,
    numeric: true,
    value: (proof) => proof.told?.to_byte ?? null,
    cell: (proof) => told(proof),
  },
  {
    id: "reason",
    header: t.columns.reason,
    grow: true,
    value: (proof) => proof.reason || null,
    cell: (proof) => (
      <span title={proof.reason}>
        <Name>{proof.reason}</Name>
      </span>
    ),
  },
];

function told({ told }: Proof): string {
  if (told === null) return NONE;
  const cells = integer(told.cells);
  return told.all ? t.toldAll(cells) : t.toldTo(integer(told.to_byte), cells);
}

/** What proves that each log is whole. Results of older versions do not have it. */
export function Completeness({ proofs }: { proofs: readonly Proof[] | undefined }) {
  if (!proofs || proofs.length === 0) return null;
  return (
    <Section title={t.completeness} aside={t.completenessHint} flush>
      <DataTable
        label={t.completeness}
        rows={proofs}
        columns={COLUMNS}
        rowId={(proof) => proof.peer || proof.agent}
      />
    </Section>
  );
}
