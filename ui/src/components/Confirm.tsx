import { Button, Group, Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  opened: boolean;
  title: ReactNode;
  body: string;
  confirm: string;
  cancel: string;
  busy?: boolean;
  danger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be undone. The harmless button has the focus. */
export function Confirm({
  opened,
  title,
  body,
  confirm,
  cancel,
  busy = false,
  danger = false,
  onConfirm,
  onClose,
}: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} withCloseButton={false} size="md">
      <Text size="md">{body}</Text>
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button size="sm" variant="default" onClick={onClose} data-autofocus>
          {cancel}
        </Button>
        <Button size="sm" color={danger ? "red.9" : undefined} loading={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </Group>
    </Modal>
  );
}
