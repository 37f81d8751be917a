import type { Parameter } from "@/api/types";

/** Shares of a whole number among agents: the sum is exact, the first ones get the rest, as the controller does. */
export function shares(total: bigint, agents: number): bigint[] {
  if (agents < 1) return [];
  const count = BigInt(agents);
  const base = total / count;
  const rest = total - base * count;
  return Array.from({ length: agents }, (_, index) => base + (BigInt(index) < rest ? 1n : 0n));
}

export function wholeNumber(value: string): bigint | null {
  return /^\d{1,18}$/.test(value.trim()) ? BigInt(value.trim()) : null;
}

/** One divided parameter, ready to show: equal shares, or the larger and the smaller one. */
export interface Division {
  name: string;
  total: bigint;
  /** Shares with the number of agents that get each, the larger first. */
  parts: { agents: number; share: bigint }[];
}

export function divisions(
  parameters: readonly Parameter[],
  divide: readonly string[],
  agents: number,
): Division[] {
  return parameters
    .filter((parameter) => divide.includes(parameter.name))
    .flatMap((parameter) => {
      const total = wholeNumber(parameter.value);
      if (total === null || agents < 1) return [];
      const all = shares(total, agents);
      const larger = all[0] ?? 0n;
      const count = all.filter((share) => share === larger).length;
      const parts = [{ agents: count, share: larger }];
      if (count < agents) parts.push({ agents: agents - count, share: larger - 1n });
      return [{ name: parameter.name, total, parts }];
    });
}
