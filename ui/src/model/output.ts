import type { AgentOutput, Printer, Run, RunAgent } from "@/api/types";

/** Lines that are kept for the screen. */
export const KEPT = 5_000;
/** Lines that are drawn together. */
const BLOCK = 100;

/** A line of an output, or a remark of ours between two. */
export interface OutputRow {
  kind: "line" | "skipped" | "anew";
  text: string;
  /** Bytes that are not kept. */
  bytes: number;
}

/** Rows that stay together, so that what has not changed is not drawn again. */
export interface OutputBlock {
  id: number;
  rows: readonly OutputRow[];
}

/** What is known of an output. */
export interface OutputLog {
  blocks: readonly OutputBlock[];
  /** Rows in the blocks. */
  count: number;
  /** Rows that have come so far. */
  total: number;
  /** Something was printed before the first row. */
  cut: boolean;
  /** The position to ask from; null before the first answer. */
  next: number | null;
  ended: boolean;
}

export const NO_OUTPUT: OutputLog = { blocks: [], count: 0, total: 0, cut: false, next: null, ended: false };

/** The log with the next answer behind it. Of more rows than are kept the oldest go, in blocks. */
export function extend(log: OutputLog, answer: AgentOutput): OutputLog {
  const rows: OutputRow[] = answer.lines.map((text) => ({ kind: "line", text, bytes: 0 }));
  if (answer.skipped > 0) rows.unshift({ kind: "skipped", text: "", bytes: answer.skipped });
  if (log.next !== null && answer.next < log.next) rows.unshift({ kind: "anew", text: "", bytes: 0 });
  const blocks = append(log.blocks, rows);
  let count = log.count + rows.length;
  let first = 0;
  while (count - (blocks[first]?.rows.length ?? 0) >= KEPT) {
    count -= blocks[first]?.rows.length ?? 0;
    first += 1;
  }
  return {
    blocks: blocks.slice(first),
    count,
    total: log.total + rows.length,
    cut: log.cut || first > 0 || (log.next === null && answer.from > 0),
    next: answer.next,
    ended: answer.ended,
  };
}

function append(blocks: readonly OutputBlock[], rows: readonly OutputRow[]): OutputBlock[] {
  const all = [...blocks];
  let at = 0;
  while (at < rows.length) {
    const last = all.at(-1);
    const room = last ? BLOCK - last.rows.length : 0;
    const open = last && room > 0 ? last : { id: (last?.id ?? -1) + 1, rows: [] };
    const taken = rows.slice(at, at + (room || BLOCK));
    const block = { id: open.id, rows: [...open.rows, ...taken] };
    if (open === last) all[all.length - 1] = block;
    else all.push(block);
    at += taken.length;
  }
  return all;
}

/** What a user most likely wants to read: the build until it is over, and where it failed. */
export function likelyPrinter(agent: RunAgent): Printer {
  const building: RunAgent["phase"][] = ["waiting", "fetching", "building", "ready"];
  return building.includes(agent.phase) || agent.prepared === null ? "build" : "gatling";
}

/** The agent whose log is shown first: one that failed. */
export function likelyAgent(run: Run): RunAgent | undefined {
  return run.agents.find((agent) => agent.failure !== null || agent.phase === "failed") ?? run.agents[0];
}
