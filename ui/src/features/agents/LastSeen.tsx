import type { Agent } from "@/api/types";
import { useNow } from "@/components/use-now";
import { age } from "@/model/format";
import { text } from "@/text";

const t = text.agents.table;

export function LastSeen({ agent }: { agent: Agent }) {
  if (agent.liveness === "alive") return t.now;
  if (agent.last_seen_ms === 0) return t.never;
  return <Since ms={agent.last_seen_ms} />;
}

function Since({ ms }: { ms: number }) {
  useNow();
  return age(Date.now() - ms);
}
