import { ActionIcon, Button, Group, Tooltip } from "@mantine/core";
import { IconCopy, IconPencil, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { Test } from "@/api/types";
import { Confirm } from "@/components/Confirm";
import { visible } from "@/model/visible";
import { text } from "@/text";
import { useDuplicate, useRemove } from "./actions";

const t = text.tests;

/** What can be done with a test; deleting it asks. */
export function TestActions({
  test,
  starting,
  onStart,
}: {
  test: Test;
  starting: boolean;
  onStart: () => void;
}) {
  const [removing, setRemoving] = useState(false);
  const duplicate = useDuplicate();
  const remove = useRemove(() => setRemoving(false));
  const name = visible(test.name);
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <Button
        size="compact-sm"
        leftSection={<IconPlayerPlay size={13} aria-hidden />}
        aria-label={t.startOf(name)}
        loading={starting}
        onClick={onStart}
      >
        {t.start}
      </Button>
      <Tooltip label={t.editOf(name)}>
        <ActionIcon size="sm" component={Link} to={`/tests/${test.id}`} aria-label={t.editOf(name)}>
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t.duplicateOf(name)}>
        <ActionIcon
          size="sm"
          aria-label={t.duplicateOf(name)}
          loading={duplicate.isPending}
          onClick={() => duplicate.mutate(test)}
        >
          <IconCopy size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t.deleteOf(name)}>
        <ActionIcon size="sm" aria-label={t.deleteOf(name)} onClick={() => setRemoving(true)}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Confirm
        opened={removing}
        title={t.remove.title(name)}
        body={t.remove.body}
        confirm={t.remove.confirm}
        cancel={text.common.cancel}
        busy={remove.isPending}
        danger
        onConfirm={() => remove.mutate(test)}
        onClose={() => setRemoving(false)}
      />
    </Group>
  );
}
