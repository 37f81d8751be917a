export type VerdictLevel = "valid" | "suspect" | "invalid";
