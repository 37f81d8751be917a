import type { Agent, AgentPhase } from "@/api/types";

/** What an agent's state comes to at a glance, best news last. */
export type AgentCondition = "needs-token" | "needs-code" | "pending" | "lost" | "suspect" | AgentPhase;

export function conditionOf(agent: Agent): AgentCondition {
  if (agent.trust !== "admitted") return agent.trust;
  if (agent.liveness !== "alive") return agent.liveness;
  return agent.phase;
}

export const isAdmitted = (agent: Agent): boolean => agent.trust === "admitted";
/** Whether it trusts this controller: one click admits it. */
export const isPending = (agent: Agent): boolean => agent.trust === "pending";
/** Whether it waits for the user, and is to be shown as such. */
export const isWaiting = (agent: Agent): boolean =>
  !agent.ignored && (isPending(agent) || agent.trust === "needs-code");

/** Those that are no agents of this controller yet: what can be admitted first, what can only be started anew last. */
export function waitingOf(agents: readonly Agent[]): Agent[] {
  const order = { pending: 0, "needs-code": 1, "needs-token": 2, admitted: 3 };
  const waiting = agents.filter((agent) => !isAdmitted(agent) && !agent.ignored);
  return waiting.sort((a, b) => order[a.trust] - order[b.trust]);
}

/** The code that an agent shows, out of what was typed: eight digits, or nothing. */
export function codeOf(typed: string): string | null {
  const digits = typed.replace(/[\s–-]/g, "");
  return /^[0-9]{8}$/.test(digits) ? `${digits.slice(0, 4)}-${digits.slice(4)}` : null;
}

/** Whether a run started now could have it. An agent in error is usable: the next prepare leaves that phase. */
export function isAvailable(agent: Agent): boolean {
  const free = agent.phase === "available" || agent.phase === "error";
  return isAdmitted(agent) && agent.liveness === "alive" && free && agent.lease === null;
}

/** The agents that a selection could get; `group` null means every group, `only` empty any agent. */
export function candidates(
  agents: readonly Agent[],
  group: string | null,
  only: readonly string[] = [],
): Agent[] {
  const wanted = (agent: Agent) =>
    (group === null || agent.group === group) && (only.length === 0 || only.includes(agent.id));
  return agents.filter((agent) => isAvailable(agent) && wanted(agent));
}

/** The groups of the admitted agents, sorted, the empty one left out. */
export function groupNames(agents: readonly Agent[]): string[] {
  const names = new Set(agents.filter(isAdmitted).map((agent) => agent.group));
  names.delete("");
  return [...names].sort((a, b) => a.localeCompare(b));
}

/** Below this the machine fills up in a run. */
export const LOW_DISK_BYTES = 2 * 1024 ** 3;
/** Above this the agent's own clock is worth a look; the merge corrects it all the same. */
export const CLOCK_OFF_MS = 1_000;
/** Above this the load generator itself may be the bottleneck. */
export const BUSY_CPU_PERCENT = 85;

export function matchesFilter(agent: Agent, filter: string): boolean {
  const needle = filter.trim().toLowerCase();
  if (needle === "") return true;
  const { name, short_id, group, address, phase, step, labels, machine } = agent;
  return [name, short_id, group, address, phase, step, machine.os, ...labels].some((value) =>
    value.toLowerCase().includes(needle),
  );
}

/** The port agents connect to, out of the controller's `host:port` addresses. */
export function portOf(addresses: readonly string[]): string | null {
  const match = /:(\d+)$/.exec(addresses[0] ?? "");
  return match?.[1] ?? null;
}
