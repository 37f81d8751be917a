import type { LogTold } from "./LogTold";
import type { LogTotals } from "./LogTotals";
import type { ProofState } from "./ProofState";
export type Proof = { agent: string, peer: string, state: ProofState, reason: string, records: number|null, written_bytes: number|null, fetched_bytes: number|null, decoded_bytes: number|null, requests: LogTotals|null, console: LogTotals|null, told: LogTold|null, };