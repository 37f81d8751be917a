import { Button, type ButtonProps } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Run } from "@/api/types";
import { isActive } from "@/model/run";
import { useApi, useMayChange } from "@/store/hooks";
import { text } from "@/text";
import { Confirm } from "./Confirm";
import { useCommand } from "./keys";
import { notifyFailure } from "./notify";

const t = text.frame.stop;

interface Props extends ButtonProps {
  run: Run;
  /** Whether Ctrl+. means this button. */
  shortcut?: boolean;
}

/** Stops a run after asking; once it is stopping, the same button forces it. */
export function StopRun({ run, shortcut = false, ...button }: Props) {
  const [asking, setAsking] = useState(false);
  // Which of the two is asked is fixed when the dialog opens: a click never means more than what was read.
  const [asked, setAsked] = useState<"stop" | "force">("stop");
  const api = useApi();
  const next = run.state === "stopping" ? "force" : "stop";
  const force = asked === "force";
  const stop = useMutation({
    mutationFn: () => api.stopRun(run.id, force),
    // The new state comes as an event; the answer may be older than what has come since.
    onSuccess: () => setAsking(false),
    onError: notifyFailure,
  });
  const possible = useMayChange() && isActive(run) && run.state !== "collecting";
  const ask = () => {
    if (asking) return;
    setAsked(next);
    setAsking(true);
  };
  useCommand("stop", shortcut && possible ? ask : null);
  if (!possible) return null;
  return (
    <>
      <Button color="red.9" leftSection={<IconPlayerStop size={15} aria-hidden />} onClick={ask} {...button}>
        {next === "force" ? text.frame.strip.force : text.frame.strip.stop}
      </Button>
      <Confirm
        opened={asking}
        title={force ? t.forceTitle : t.title}
        body={force ? t.forceBody : t.body}
        confirm={force ? t.forceConfirm : t.confirm}
        cancel={force ? t.forceKeep : t.keep}
        busy={stop.isPending}
        danger
        onConfirm={() => stop.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
