import type { AgentOutput, Printer, Run, RunAgent } from "@/api/types";

/** Lines that are kept for the screen. */
export const KEPT = 5_000;
/** Characters that are kept for the screen, whatever the lines' length. */
export const KEPT_CHARACTERS = 4_000_000;
/** Lines that are drawn together, and about so many characters. */
const BLOCK = 100;
const BLOCK_CHARACTERS = 100_000;

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
  /** Characters in the rows. */
  characters: number;
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

/** The rows of an answer, all of them. `asked` is the position it was asked from. */
export function rowsOf(answer: AgentOutput, asked: number | null): OutputRow[] {
  const rows: OutputRow[] = answer.lines.map((text) => ({ kind: "line", text, bytes: 0 }));
  if (answer.skipped > 0) rows.unshift({ kind: "skipped", text: "", bytes: answer.skipped });
  if (asked !== null && answer.next < asked) rows.unshift({ kind: "anew", text: "", bytes: 0 });
  return rows;
}

/** The log with the next answer behind it. Of more than is kept the oldest rows go, in blocks. */
export function extend(log: OutputLog, answer: AgentOutput): OutputLog {
  const rows = rowsOf(answer, log.next);
  const blocks = append(log.blocks, rows);
  let count = log.count + rows.length;
  let characters = blocks.reduce((sum, block) => sum + block.characters, 0);
  let first = 0;
  for (const block of blocks.slice(0, -1)) {
    if (count - block.rows.length < KEPT && characters <= KEPT_CHARACTERS) break;
    count -= block.rows.length;
    characters -= block.characters;
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
    const isOpen = last && last.rows.length < BLOCK && last.characters < BLOCK_CHARACTERS;
    const open = isOpen ? last : { id: (last?.id ?? -1) + 1, rows: [], characters: 0 };
    const taken = [...open.rows];
    let characters = open.characters;
    for (const row of rows.slice(at, at + BLOCK - open.rows.length)) {
      if (characters >= BLOCK_CHARACTERS) break;
      taken.push(row);
      characters += row.text.length;
    }
    at += taken.length - open.rows.length;
    const block = { id: open.id, rows: taken, characters };
    if (isOpen) all[all.length - 1] = block;
    else all.push(block);
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
