import { ActionIcon, Button, Group, TextInput, Tooltip } from "@mantine/core";
import { IconEye, IconEyeOff, IconKey } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Confirm } from "@/components/Confirm";
import { CopyButton } from "@/components/CopyButton";
import { Section } from "@/components/layout";
import { notifyDone, notifyFailure } from "@/components/notify";
import { RequestProblem } from "@/components/Problem";
import { useApi, useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import classes from "./AddAgents.module.css";
import { ThisComputer } from "./ThisComputer";

const t = text.agents;

/** The ways in: the join command on the machine, its address here, or (`here`) no other machine at all. */
export function AddAgents({ here }: { here: boolean }) {
  return (
    <div className={classes.ways} data-here={here || undefined}>
      <JoinCommand />
      <AddByAddress />
      {here && <ThisComputer />}
    </div>
  );
}

function JoinCommand() {
  const api = useApi();
  const queries = useQueryClient();
  const [shown, setShown] = useState(false);
  const [asking, setAsking] = useState(false);
  const join = useQuery({ queryKey: ["token"], queryFn: api.token, staleTime: Number.POSITIVE_INFINITY });
  const rotate = useMutation({
    mutationFn: api.rotateToken,
    onSuccess: (instructions) => {
      queries.setQueryData(["token"], instructions);
      setAsking(false);
      notifyDone(t.join.rotated);
    },
    onError: notifyFailure,
  });
  const command = join.data?.command ?? "";
  return (
    <Section
      title={t.join.title}
      actions={
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconKey size={14} aria-hidden />}
          onClick={() => setAsking(true)}
        >
          {t.join.rotate}
        </Button>
      }
    >
      <p className={classes.hint}>{t.join.hint}</p>
      {join.error ? (
        <RequestProblem
          error={join.error}
          actions={<Button onClick={() => join.refetch()}>{text.common.retry}</Button>}
        />
      ) : (
        <Group gap={8} wrap="nowrap" align="center">
          <TextInput
            className={classes.command}
            classNames={{ input: classes.code }}
            aria-label={t.join.command}
            readOnly
            value={shown ? command : masked(command, join.data?.token ?? "")}
          />
          <Tooltip label={shown ? t.join.hide : t.join.secret}>
            <ActionIcon
              aria-label={shown ? t.join.hide : t.join.show}
              aria-pressed={shown}
              onClick={() => setShown(!shown)}
            >
              {shown ? <IconEyeOff size={16} aria-hidden /> : <IconEye size={16} aria-hidden />}
            </ActionIcon>
          </Tooltip>
          <CopyButton
            size="sm"
            className={classes.copy}
            variant="filled"
            value={command}
            label={t.join.copy}
            disabled={!command}
          />
        </Group>
      )}
      <Confirm
        opened={asking}
        title={t.join.rotateTitle}
        body={t.join.rotateBody}
        confirm={t.join.rotateConfirm}
        cancel={text.common.cancel}
        busy={rotate.isPending}
        onConfirm={() => rotate.mutate()}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}

function masked(command: string, token: string): string {
  return token ? command.replaceAll(token, "•".repeat(16)) : command;
}

function AddByAddress() {
  const api = useApi();
  const live = useLiveStore();
  const [address, setAddress] = useState("");
  const add = useMutation({
    mutationFn: api.addAgent,
    onSuccess: (agent) => {
      live.putAgent(agent);
      setAddress("");
      notifyDone(t.add.added(agent.name));
    },
  });
  return (
    <Section title={t.add.title}>
      <p className={classes.hint}>{t.add.hint}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (address.trim()) add.mutate(address.trim());
        }}
      >
        <Group gap={8} wrap="nowrap">
          <TextInput
            className={classes.address}
            aria-label={t.add.label}
            placeholder={t.add.placeholder}
            autoComplete="off"
            spellCheck={false}
            value={address}
            onChange={(event) => {
              setAddress(event.currentTarget.value);
              add.reset();
            }}
          />
          <Button
            type="submit"
            size="sm"
            variant="default"
            loading={add.isPending}
            disabled={!address.trim()}
          >
            {t.add.button}
          </Button>
        </Group>
      </form>
      {add.error && (
        <div className={classes.problem}>
          <RequestProblem error={add.error} />
        </div>
      )}
    </Section>
  );
}
