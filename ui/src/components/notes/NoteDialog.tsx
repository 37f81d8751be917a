import { Button, Group, Modal, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { clock } from "@/model/format";
import { parseClock } from "@/model/stretch";
import { text } from "@/text";

const t = text.figures.notes;
/** Characters of a note. */
const LONGEST = 500;

/** What is being written: a new note, or one that is there. */
export interface Draft {
  id: number | null;
  second: number;
  text: string;
}

interface Props {
  draft: Draft;
  busy: boolean;
  onSave: (draft: Draft) => void;
  onClose: () => void;
}

/** Asks what a note says, and of when. */
export function NoteDialog({ draft, busy, onSave, onClose }: Props) {
  const [written, setWritten] = useState(draft.text);
  const [at, setAt] = useState(clock(draft.second));
  const [wrong, setWrong] = useState(false);
  const trimmed = written.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const second = parseClock(at);
    setWrong(second === null);
    if (second !== null && trimmed !== "") onSave({ ...draft, second, text: trimmed });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={draft.id === null ? t.addTitle : t.editTitle}
      size="lg"
      closeButtonProps={{ "aria-label": text.common.close }}
    >
      <form onSubmit={submit}>
        <TextInput
          label={t.text}
          description={t.textHint(LONGEST - [...trimmed].length)}
          value={written}
          maxLength={LONGEST}
          onChange={(event) => setWritten(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          mt="sm"
          w={240}
          label={t.at}
          description={t.atHint}
          error={wrong && t.atWrong}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <Group justify="flex-end" mt="lg" gap="sm">
          <Button size="sm" variant="default" onClick={onClose}>
            {text.common.cancel}
          </Button>
          <Button size="sm" type="submit" loading={busy} disabled={trimmed === ""}>
            {t.save}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
