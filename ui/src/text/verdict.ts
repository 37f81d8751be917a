import type { ProofState, VerdictLevel } from "@/api/types";

const levels: Record<VerdictLevel, string> = {
  valid: "VALID",
  suspect: "SUSPECT",
  invalid: "INVALID",
};

const says: Record<VerdictLevel, string> = {
  valid: "Nothing was found that speaks against these figures.",
  suspect: "These figures may tell of the load generators, or of less load than was meant.",
  invalid: "These figures are not those of the load that was meant.",
};

const proofs: Record<ProofState, string> = {
  complete: "proved complete",
  "not-proved": "not proved",
  incomplete: "incomplete",
  differs: "differs",
};

export const verdict = {
  title: "Verdict",
  levels,
  says,
  proofs,
  soFar: "so far",
  more: (count: number) => `${count} more: see summary.json`,
  completeness: "Completeness",
  completenessHint: "What was written, fetched and decoded, against the totals of Gatling's own console",
  columns: {
    agent: "Agent",
    proof: "Proof",
    records: "Records",
    written: "Bytes written",
    fetched: "Fetched",
    decoded: "Decoded",
    log: "OK + KO in the log",
    console: "Of the console",
    told: "Told live",
    reason: "Why",
  },
  counted: (ok: string, ko: string) => `${ok} + ${ko}`,
  toldAll: (cells: string) => `all, ${cells} cells`,
  toldTo: (byte: string, cells: string) => `to byte ${byte}, ${cells} cells`,
} as const;
