import { TagsInput, Textarea, TextInput } from "@mantine/core";
import type { Problems } from "@/model/run-form";
import type { TestDraft } from "@/model/test-form";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import classes from "./RunForm.module.css";

const t = text.tests.editor;

type Head = Omit<TestDraft, "run">;

interface Props extends Head {
  problems: Problems;
  autoFocus?: boolean;
  onChange: (part: Partial<Head>) => void;
}

/** By what a test is found again. */
export function TestFields({ name, labels, description, problems, autoFocus, onChange }: Props) {
  const known = useLive((state) => [...new Set(state.tests.flatMap((test) => test.labels))].sort());
  return (
    <div className={classes.grid}>
      <TextInput
        className={classes.wide}
        label={t.name}
        autoComplete="off"
        spellCheck={false}
        data-autofocus={autoFocus || undefined}
        value={name}
        error={problems.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <TagsInput
        className={classes.wide}
        label={t.labels}
        placeholder={labels.length === 0 ? t.labelsHint : undefined}
        data={known}
        value={labels}
        error={problems.labels}
        onChange={(next) => onChange({ labels: next })}
      />
      <Textarea
        className={classes.full}
        label={t.description}
        placeholder={t.descriptionPlaceholder}
        autosize
        minRows={1}
        maxRows={6}
        value={description}
        error={problems.description}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
    </div>
  );
}
