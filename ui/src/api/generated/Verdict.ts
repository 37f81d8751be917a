import type { VerdictLevel } from "./VerdictLevel";
import type { VerdictFinding } from "./VerdictFinding";
export type Verdict = { level: VerdictLevel, findings: Array<VerdictFinding>, more: number, };