import { bytes } from "@/model/format";
import type { OutputRow } from "@/model/output";
import { visible } from "@/model/visible";
import { text } from "@/text";

const t = text.output;

/** A row as it is read. */
export function rowText(row: OutputRow): string {
  if (row.kind === "skipped") return `[${t.notKept(bytes(row.bytes))}]`;
  return row.kind === "anew" ? `[${t.anew}]` : visible(row.text);
}
