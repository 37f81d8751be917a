import type { ApiClient } from "@/api/client";
import { type OutputRow, rowsOf } from "@/model/output";
import type { OutputOf } from "./follow";
import { rowText } from "./rows";

/** All that is kept of an output so far, as text. What is printed while it is read need not be in it. */
export async function wholeText(
  api: ApiClient,
  { run, index, printer }: OutputOf,
  signal: AbortSignal,
): Promise<string> {
  const parts: string[] = [];
  let next = 0;
  let end: number | null = null;
  for (;;) {
    const answer = await api.output(run, index, printer, { lines: { from: next }, wait: 0 }, signal);
    signal.throwIfAborted();
    parts.push(textOf(rowsOf(answer, next)));
    end ??= answer.end;
    // A line that goes on has no end yet.
    const isThere = answer.next <= next || answer.next >= end;
    if (answer.ended || isThere) return parts.join("");
    next = answer.next;
  }
}

export const textOf = (rows: readonly OutputRow[]): string => rows.map((row) => `${rowText(row)}\n`).join("");
