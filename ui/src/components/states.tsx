import {
  type Icon,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClockPause,
  IconHandStop,
  IconHourglass,
  IconInfoCircle,
  IconKey,
  IconLoader2,
  IconPassword,
  IconPlayerPlay,
  IconPlugConnectedX,
  IconQuestionMark,
  IconUserQuestion,
} from "@tabler/icons-react";
import type { Agent, CheckStatus, ProofState, RunAgentPhase, RunState, VerdictLevel } from "@/api/types";
import { type AgentCondition, conditionOf } from "@/model/agent";
import { text } from "@/text";
import { StatePill, type Tone } from "./StatePill";

interface Look {
  tone: Tone;
  icon: Icon;
  busy?: boolean;
}

const working: Look = { tone: "info", icon: IconLoader2, busy: true };

const agentLooks: Record<AgentCondition, Look> = {
  "needs-code": { tone: "warn", icon: IconPassword },
  "needs-token": { tone: "neutral", icon: IconKey },
  pending: { tone: "warn", icon: IconUserQuestion },
  lost: { tone: "bad", icon: IconPlugConnectedX },
  suspect: { tone: "warn", icon: IconQuestionMark },
  available: { tone: "ok", icon: IconCircleCheck },
  fetching: working,
  building: working,
  ready: { tone: "info", icon: IconClockPause },
  starting: working,
  armed: { tone: "info", icon: IconHourglass },
  running: { tone: "info", icon: IconPlayerPlay },
  stopping: { tone: "warn", icon: IconLoader2, busy: true },
  error: { tone: "bad", icon: IconCircleX },
};

const runLooks: Record<RunState, Look> = {
  preparing: working,
  arming: { tone: "info", icon: IconHourglass },
  running: { tone: "info", icon: IconPlayerPlay },
  stopping: { tone: "warn", icon: IconLoader2, busy: true },
  collecting: working,
  finished: { tone: "ok", icon: IconCircleCheck },
  stopped: { tone: "neutral", icon: IconHandStop },
  partial: { tone: "warn", icon: IconAlertTriangle },
  failed: { tone: "bad", icon: IconCircleX },
};

const phaseLooks: Record<RunAgentPhase, Look> = {
  waiting: { tone: "neutral", icon: IconCircleDashed },
  fetching: working,
  building: working,
  ready: { tone: "info", icon: IconClockPause },
  starting: working,
  armed: { tone: "info", icon: IconHourglass },
  running: { tone: "info", icon: IconPlayerPlay },
  stopping: { tone: "warn", icon: IconLoader2, busy: true },
  ended: { tone: "info", icon: IconCircleCheck },
  collecting: working,
  collected: { tone: "ok", icon: IconCircleCheck },
  failed: { tone: "bad", icon: IconCircleX },
  lost: { tone: "bad", icon: IconPlugConnectedX },
};

const checkLooks: Record<CheckStatus, Look> = {
  pass: { tone: "ok", icon: IconCircleCheck },
  warn: { tone: "warn", icon: IconAlertTriangle },
  fail: { tone: "bad", icon: IconCircleX },
  info: { tone: "neutral", icon: IconInfoCircle },
};

const verdictLooks: Record<VerdictLevel, Look> = {
  valid: { tone: "ok", icon: IconCircleCheck },
  suspect: { tone: "warn", icon: IconAlertTriangle },
  invalid: { tone: "bad", icon: IconCircleX },
};

const proofLooks: Record<ProofState, Look> = {
  complete: { tone: "ok", icon: IconCircleCheck },
  "not-proved": { tone: "neutral", icon: IconQuestionMark },
  incomplete: { tone: "bad", icon: IconCircleX },
  differs: { tone: "bad", icon: IconCircleX },
};

export function AgentState({ agent }: { agent: Agent }) {
  const condition = conditionOf(agent);
  return <StatePill {...agentLooks[condition]} label={text.agents.conditions[condition]} />;
}

export function RunStatePill({ state, size }: { state: RunState; size?: "sm" | "lg" }) {
  return <StatePill {...runLooks[state]} label={text.run.states[state]} {...(size && { size })} />;
}

/** What an agent does for a run, or was doing when the run ended. */
export function RunAgentPhasePill({ phase, ended }: { phase: RunAgentPhase; ended: boolean }) {
  const look = phaseLooks[phase];
  const unfinished = ended && look.tone !== "ok" && look.tone !== "bad";
  const shown: Look = unfinished ? { tone: "neutral", icon: IconHandStop } : look;
  return <StatePill {...shown} label={text.run.phases[phase]} />;
}

/** How far a run's figures can be believed. */
export function VerdictPill({ level, size }: { level: VerdictLevel; size?: "sm" | "lg" }) {
  return <StatePill {...verdictLooks[level]} label={text.verdict.levels[level]} {...(size && { size })} />;
}

/** Whether a log is proved to be whole. */
export function ProofPill({ state }: { state: ProofState }) {
  return <StatePill {...proofLooks[state]} label={text.verdict.proofs[state]} />;
}

export function CheckPill({ status }: { status: CheckStatus }) {
  return <StatePill {...checkLooks[status]} label={text.agents.doctor.checks[status]} />;
}

/** Whether an assertion holds, or all of them. */
export function HoldsPill({ holds, label }: { holds: boolean; label?: string }) {
  const word = holds ? text.runs.detail.holds : text.runs.detail.fails;
  return <StatePill {...checkLooks[holds ? "pass" : "fail"]} label={label ?? word} />;
}
