export type LogTotals = { ok: number, ko: number, };
