import type { RunStart } from "@/api/types";
import { text } from "@/text";
import { span } from "./clock";

const t = text.health.start;

/** How close together the agents' load began, and whether it was held; empty before the start. */
export function startOf(of: { start?: RunStart | null }, firstUsers?: number): string {
  const users = firstUsers === undefined ? "" : t.firstUsers(span(firstUsers));
  const released =
    of.start && !of.start.held
      ? t.lost
      : of.start?.spread_ms != null
        ? t.held(span(of.start.spread_ms), span(of.start.uncertainty_ms))
        : "";
  return [released, users].filter(Boolean).join("; ");
}
