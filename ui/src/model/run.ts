import type { Run, RunAgent, RunAgentPhase, RunState } from "@/api/types";

const FINAL: readonly RunState[] = ["finished", "stopped", "partial", "failed"];

export const isFinal = (state: RunState): boolean => FINAL.includes(state);
export const isActive = (run: Run): boolean => !isFinal(run.state);

/** What is called by this name on the screen: the simulation, else what was asked for. */
export const runTitle = (run: Run): string => run.simulation ?? run.spec.simulation ?? "";

export const newestFirst = (a: Run, b: Run): number =>
  b.created_ms - a.created_ms || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Agents still with the run, of all it has. */
export function presentAgents(run: Run): number {
  return run.agents.filter((agent) => agent.phase !== "failed" && agent.phase !== "lost").length;
}

/** Seconds the run has been going, by the newest data where there is any, else by the wall clock. */
export function elapsedSeconds(run: Run, nowMs: number): number {
  if (run.ended_ms !== null) return (run.ended_ms - (run.started_ms ?? run.created_ms)) / 1000;
  if (run.started_ms === null) return Math.max(0, nowMs - run.created_ms) / 1000;
  return run.live.elapsed_s;
}

export function matchesFilter(run: Run, filter: string): boolean {
  const needle = filter.trim().toLowerCase();
  if (needle === "") return true;
  const { source, description } = run.spec;
  return [
    runTitle(run),
    source.url,
    source.snapshot?.name ?? "",
    source.reference ?? "",
    description,
    run.state,
    run.commit ?? "",
    run.id,
  ].some((value) => value.toLowerCase().includes(needle));
}

/** The list the API gave, with what the live events know better. */
export function mergeRuns(listed: readonly Run[], live: readonly Run[]): Run[] {
  const byId = new Map(listed.map((run) => [run.id, run]));
  for (const run of live) byId.set(run.id, run);
  return [...byId.values()].sort(newestFirst);
}

/** The steps of a run on one agent, in order. */
export const STEPS = ["fetch", "build", "start", "run", "collect"] as const;
export type Step = (typeof STEPS)[number];
export type StepState = "pending" | "active" | "done" | "failed" | "lost" | "cut";

const ACTIVE_STEP: Record<RunAgentPhase, { done: number; active: boolean }> = {
  waiting: { done: 0, active: false },
  fetching: { done: 0, active: true },
  building: { done: 1, active: true },
  ready: { done: 2, active: false },
  starting: { done: 2, active: true },
  armed: { done: 2, active: true },
  running: { done: 3, active: true },
  stopping: { done: 3, active: true },
  ended: { done: 4, active: false },
  collecting: { done: 4, active: true },
  collected: { done: 5, active: false },
  failed: { done: 0, active: false },
  lost: { done: 0, active: false },
};

/** How each step of the run stands on this agent; in a run that has ended nothing is in progress any more. */
export function stepStates(agent: RunAgent, ended = false): Record<Step, StepState> {
  const broken = agent.phase === "failed" || agent.phase === "lost";
  const { done, active } = broken
    ? { done: reachedBeforeFailure(agent), active: true }
    : ACTIVE_STEP[agent.phase];
  const working = ended ? "cut" : "active";
  const current: StepState = agent.phase === "failed" || agent.phase === "lost" ? agent.phase : working;
  const stateOf = (index: number): StepState => {
    if (index < done) return "done";
    return index === done && active ? current : "pending";
  };
  return Object.fromEntries(STEPS.map((step, index) => [step, stateOf(index)])) as Record<Step, StepState>;
}

/** The number of steps that were done when the agent failed or was lost. */
function reachedBeforeFailure(agent: RunAgent): number {
  if (agent.phase === "failed") {
    const phase = agent.failure?.phase.toLowerCase() ?? "";
    if (/clone|fetch|checkout|prepare|git/.test(phase)) return 0;
    if (/build|compile|discover/.test(phase)) return 1;
    if (/start|arm|launch/.test(phase)) return 2;
    if (/collect|download/.test(phase)) return 4;
  }
  if (agent.collected_bytes > 0) return 4;
  if (agent.live !== null || agent.end?.started_ms) return 3;
  return agent.prepared ? 2 : 0;
}
