import type { Failure } from "@/api/types";

/** The first line of a failure's output that says something. */
export function firstLine(detail: string): string {
  return (
    detail
      .split(/\r?\n/)
      .find((line) => line.trim() !== "")
      ?.trim() ?? ""
  );
}

/** A failure as text for a ticket. */
export function asTicket(failure: Failure, agent: string, context: readonly string[]): string {
  const head = [agent, failure.phase].filter(Boolean).join(", ");
  return [
    `${head ? `${head}: ` : ""}${failure.message}`,
    failure.hint,
    `(${failure.code})`,
    ...context,
    ...(failure.detail ? ["", failure.detail] : []),
  ]
    .filter((line, index) => line !== "" || index > 2)
    .join("\n");
}
