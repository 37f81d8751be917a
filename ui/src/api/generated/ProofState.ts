export type ProofState = "complete" | "not-proved" | "incomplete" | "differs";
