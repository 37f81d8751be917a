import { Button, Group } from "@mantine/core";
import { IconDeviceDesktop, IconPlayerStop } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { LocalAgent } from "@/api/types";
import { Section } from "@/components/layout";
import { notifyFailure } from "@/components/notify";
import { Problem } from "@/components/Problem";
import { useApi, useLive } from "@/store/hooks";
import { text } from "@/text";
import classes from "./AddAgents.module.css";

const t = text.agents.local;

/** An agent where the controller is: started, seen, ended. */
export function ThisComputer() {
  const local = useLive((state) => state.localAgent);
  const there = useLive(({ agents, localAgent }) => agents.some(({ id }) => id === localAgent.agent));
  const stop = useStop();
  return (
    <Section title={t.title}>
      <p className={classes.hint}>{local.state === "on" ? t.on : t.hint}</p>
      {local.state === "on" ? (
        <Button
          size="sm"
          variant="default"
          leftSection={<IconPlayerStop size={14} aria-hidden />}
          loading={stop.isPending}
          // The same place had the button that started it: a second click must not end it.
          disabled={!there}
          onClick={() => stop.mutate()}
        >
          {t.stop}
        </Button>
      ) : (
        <>
          <Group gap={8}>
            <StartHere variant="default" />
            {local.state === "failed" && (
              <Button size="sm" variant="subtle" color="gray" onClick={() => stop.mutate()}>
                {t.dismiss}
              </Button>
            )}
          </Group>
          <LocalProblem local={local} />
        </>
      )}
    </Section>
  );
}

/** Starts it; busy until it has joined. */
export function StartHere({ variant = "filled" }: { variant?: "filled" | "default" }) {
  const api = useApi();
  const on = useLive((state) => state.localAgent.state === "on");
  const start = useMutation({
    mutationFn: api.startLocalAgent,
    onError: notifyFailure,
  });
  const busy = start.isPending || on;
  return (
    <Button
      size={variant === "filled" ? "md" : "sm"}
      variant={variant}
      leftSection={<IconDeviceDesktop size={16} aria-hidden />}
      loading={busy}
      aria-label={busy ? t.starting : t.start}
      onClick={() => start.mutate()}
    >
      {t.start}
    </Button>
  );
}

/** Why it is not there, where that was not wanted. */
export function LocalProblem({ local }: { local: LocalAgent }) {
  if (!local.problem) return null;
  const { message, hint } = local.problem;
  return (
    <div className={classes.problem}>
      <Problem tone="bad" title={t.failed}>
        <p className={classes.words}>{message}</p>
        <p>{hint}</p>
      </Problem>
    </div>
  );
}

function useStop() {
  const api = useApi();
  return useMutation({
    mutationFn: api.stopLocalAgent,
    onError: notifyFailure,
  });
}
