import { Button, Group, Modal, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { Name } from "@/components/Name";
import { notifyDone } from "@/components/notify";
import { Problem, RequestProblem } from "@/components/Problem";
import { headProblems, savingProblems, type TestDraft, testSpecOf } from "@/model/test-form";
import { useApi, useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import { TestFields } from "./TestFields";

const t = text.tests.editor;

interface Props {
  opened: boolean;
  /** What is saved; its name, description and labels are where the dialog begins. */
  draft: TestDraft;
  /** The test that knows the secret values. */
  copyOf: string | null;
  onSaved: () => void;
  onClose: () => void;
}

/** Asks for a name and saves a new test. */
export function SaveAs({ opened, onClose, ...rest }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.dialog}
      size="lg"
      closeButtonProps={{ "aria-label": text.common.close }}
    >
      <Dialog {...rest} onClose={onClose} />
    </Modal>
  );
}

function Dialog({ draft, copyOf, onSaved, onClose }: Omit<Props, "opened">) {
  const api = useApi();
  const live = useLiveStore();
  const navigate = useNavigate();
  const { name, description, labels } = draft;
  const [head, setHead] = useState({ name, description, labels });
  const [attempted, setAttempted] = useState(false);
  const whole = { ...head, run: draft.run };
  const problems = savingProblems(whole);
  const save = useMutation({
    mutationFn: () => api.createTest({ ...testSpecOf(whole), ...(copyOf && { copy_of: copyOf }) }),
    onSuccess: (test) => {
      live.putTest(test);
      notifyDone(t.saved(test.name));
      onSaved();
      onClose();
      navigate(`/tests/${test.id}`);
    },
  });
  const submit = () => {
    setAttempted(true);
    if (problems.length === 0 && !save.isPending) save.mutate();
  };
  const ofRun = problems.filter((problem) => !Object.values(headProblems(whole)).includes(problem));
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <TestFields
          {...head}
          problems={attempted ? headProblems(whole) : {}}
          autoFocus
          onChange={(part) => {
            save.reset();
            setHead((now) => ({ ...now, ...part }));
          }}
        />
        {ofRun.map((problem) => (
          <Problem key={problem} tone="warn" title={<Name>{problem}</Name>} />
        ))}
        {save.error && <RequestProblem error={save.error} />}
        <Group justify="flex-end" gap="sm">
          <Button size="sm" variant="default" onClick={onClose}>
            {text.common.cancel}
          </Button>
          <Button size="sm" type="submit" loading={save.isPending} disabled={ofRun.length > 0}>
            {t.save}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
