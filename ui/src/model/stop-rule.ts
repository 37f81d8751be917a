import type { StopRule } from "@/api/types";

/** The longest time a rule looks back, s. */
const LONGEST_S = 600;

const SHAPE =
  /^(?<what>.+?)\s*>\s*(?<bound>[\d.]+)\s*(?<unit>%|ms|s)\s+for\s+(?<time>\d+)\s*(?<per>s|min|m)$/;

/** A rule as it is written in the form; null if it is none. The controller's own reading of it counts. */
export function parseStopRule(line: string): StopRule | null {
  const parts = SHAPE.exec(line.trim())?.groups;
  if (!parts) return null;
  const value = Number(parts.bound);
  const seconds = Number(parts.time) * (parts.per === "s" ? 1 : 60);
  if (!Number.isFinite(value) || seconds < 1 || seconds > LONGEST_S) return null;
  const what = parts.what ?? "";
  if (what === "errors" || what === "cpu") {
    if (parts.unit !== "%" || value >= 100) return null;
    return { kind: what, percent: value, seconds };
  }
  const of = /^p(?<percentile>[\d.]+)(?:\s+of\s+(?<request>.+))?$/.exec(what)?.groups;
  if (!of || parts.unit === "%") return null;
  const percentile = Number(of.percentile);
  const ms = value * (parts.unit === "s" ? 1000 : 1);
  if (!(percentile > 0 && percentile <= 100) || !Number.isInteger(ms)) return null;
  return { kind: "percentile", percentile, ms, seconds, ...(of.request && { request: of.request }) };
}

/** The rule as one writes it. */
export function writeStopRule(rule: StopRule): string {
  switch (rule.kind) {
    case "percentile": {
      const of = rule.request ? ` of ${rule.request}` : "";
      return `p${rule.percentile}${of} > ${rule.ms} ms for ${rule.seconds} s`;
    }
    default:
      return `${rule.kind} > ${rule.percent} % for ${rule.seconds} s`;
  }
}
