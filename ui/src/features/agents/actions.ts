import { useMutation } from "@tanstack/react-query";
import type { Agent } from "@/api/types";
import { notifyDone, notifyFailure } from "@/components/notify";
import { useApi, useLiveStore } from "@/store/hooks";
import { text } from "@/text";

/** Admits agents, one after the other; the first failure ends it. */
export function useAdmit() {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: async (agents: readonly Agent[]) => {
      for (const { id } of agents) {
        const admitted = await api.admit(id);
        live.putAgent(admitted);
        notifyDone(text.agents.pending.admitted(admitted.name));
      }
    },
    onError: notifyFailure,
  });
}

/** Pairs an agent by the code that it shows. What goes wrong stands at the code's field. */
export function usePair() {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: ({ agent, code }: { agent: Agent; code: string }) => api.pair(agent.id, code),
    onSuccess: (agent) => {
      live.putAgent(agent);
      notifyDone(text.agents.pending.paired(agent.name));
    },
  });
}

/** Puts an agent out of sight, or back. */
export function useIgnore() {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: ({ agent, ignored }: { agent: Agent; ignored: boolean }) => api.ignore(agent.id, ignored),
    onSuccess: (agent) => {
      live.putAgent(agent);
      const { nowIgnored, shownAgain } = text.agents.ignored;
      notifyDone((agent.ignored ? nowIgnored : shownAgain)(agent.name));
    },
    onError: notifyFailure,
  });
}

export function useRemoveAgent(onDone: () => void) {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: (agent: Agent) => api.removeAgent(agent.id),
    onSuccess: (_, agent) => {
      live.removeAgent(agent.id);
      notifyDone(text.agents.remove.removed(agent.name));
      onDone();
    },
    onError: notifyFailure,
  });
}

export function useSetGroup() {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: ({ agent, group }: { agent: Agent; group: string }) => api.setGroup(agent.id, group),
    onSuccess: (agent) => live.putAgent(agent),
    onError: notifyFailure,
  });
}

export function useClearError() {
  const api = useApi();
  const live = useLiveStore();
  return useMutation({
    mutationFn: (agent: Agent) => api.clearError(agent.id),
    onSuccess: (agent) => live.putAgent(agent),
    onError: notifyFailure,
  });
}
