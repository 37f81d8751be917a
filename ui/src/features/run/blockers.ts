import type { Agent } from "@/api/types";
import { candidates } from "@/model/agent";
import { wholeNumber } from "@/model/divide";
import { type Problems, problemsOf, type RunDraft } from "@/model/run-form";
import { text } from "@/text";

const t = text.run.form;

/** Why a run cannot start yet, and whom it would get. */
export interface Blockers {
  /** By field. */
  problems: Problems;
  /** All of them as sentences, the fields' first. */
  reasons: string[];
  /** The agents that would be used, as far as can be told here; the controller decides. */
  chosen: Agent[];
  available: Agent[];
}

export function blockersOf(draft: RunDraft, agents: readonly Agent[], connected: boolean): Blockers {
  const problems = problemsOf(draft);
  const available = candidates(agents, draft.group, draft.only);
  const reasons = [...Object.values(problems)];
  if (!connected) reasons.push(t.lost);
  else if (available.length === 0) {
    reasons.push(draft.group ? t.problems.noneInGroup(draft.group) : t.problems.noneAvailable);
  } else if (draft.count !== null && draft.count > available.length) {
    reasons.push(t.problems.tooFew(draft.count, available.length));
  }
  const missing = draft.only.filter((id) => !available.some((agent) => agent.id === id));
  if (connected && missing.length > 0) {
    const name = (id: string) => agents.find((agent) => agent.id === id)?.name ?? id.slice(-8);
    reasons.push(t.problems.notAvailable(missing.map(name).join(", ")));
  }
  const chosen = available.slice(0, draft.count ?? available.length);
  for (const row of draft.parameters) {
    const total = row.divide ? wholeNumber(row.value) : null;
    if (total !== null && total < chosen.length) reasons.push(t.problems.divideFew(row.name, chosen.length));
  }
  return { problems, reasons, available, chosen };
}
