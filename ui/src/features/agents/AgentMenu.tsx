import { ActionIcon, Menu } from "@mantine/core";
import { IconDotsVertical, IconInfoCircle, IconStethoscope, IconTrash, IconX } from "@tabler/icons-react";
import { useState } from "react";
import type { Agent } from "@/api/types";
import { Confirm } from "@/components/Confirm";
import { visible } from "@/model/visible";
import { text } from "@/text";
import { useClearError, useRemoveAgent } from "./actions";

const t = text.agents;

export function AgentMenu({
  agent,
  onOpen,
}: {
  agent: Agent;
  onOpen: (id: string, doctor: boolean) => void;
}) {
  const [removing, setRemoving] = useState(false);
  const clear = useClearError();
  const remove = useRemoveAgent(() => setRemoving(false));
  return (
    <>
      <Menu position="bottom-end" shadow="md" withinPortal>
        <Menu.Target>
          <ActionIcon size="sm" aria-label={t.table.actionsOf(agent.name)}>
            <IconDotsVertical size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconInfoCircle size={15} aria-hidden />}
            onClick={() => onOpen(agent.id, false)}
          >
            {t.actions.details}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconStethoscope size={15} aria-hidden />}
            onClick={() => onOpen(agent.id, true)}
          >
            {t.actions.doctor}
          </Menu.Item>
          {agent.phase === "error" && (
            <Menu.Item leftSection={<IconX size={15} aria-hidden />} onClick={() => clear.mutate(agent)}>
              {t.actions.clear}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={15} aria-hidden />} onClick={() => setRemoving(true)}>
            {t.actions.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={removing}
        title={t.remove.title(visible(agent.name))}
        body={t.remove.body}
        confirm={t.remove.confirm}
        cancel={text.common.cancel}
        busy={remove.isPending}
        danger
        onConfirm={() => remove.mutate(agent)}
        onClose={() => setRemoving(false)}
      />
    </>
  );
}
