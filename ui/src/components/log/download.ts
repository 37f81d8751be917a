import type { ApiClient } from "@/api/client";
import type { OutputRow } from "@/model/output";
import { extend, NO_OUTPUT } from "@/model/output";
import type { OutputOf } from "./follow";
import { rowText } from "./rows";

/** All that is kept of an output so far, as text. */
export async function wholeText(api: ApiClient, { run, index, printer }: OutputOf): Promise<string> {
  const parts: string[] = [];
  let next = 0;
  for (;;) {
    const answer = await api.output(run, index, printer, { lines: { from: next }, wait: 0 });
    const log = extend({ ...NO_OUTPUT, next }, answer);
    parts.push(textOf(log.blocks.flatMap(({ rows }) => rows)));
    if (answer.ended || answer.next <= next) return parts.join("");
    next = answer.next;
  }
}

export const textOf = (rows: readonly OutputRow[]): string => rows.map((row) => `${rowText(row)}\n`).join("");
