import { ActionIcon, Button, Checkbox, PasswordInput, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useRef } from "react";
import { MASK, type ParameterDraft } from "@/model/run-form";
import { text } from "@/text";
import type { FieldsProps } from "./Fields";
import classes from "./RunForm.module.css";

const t = text.run.form;

/** System properties of the simulation, one per row. */
export function Parameters({ draft, problems, showMissing, onChange }: FieldsProps) {
  const rows = useRef<HTMLDivElement>(null);
  const put = (index: number, part: Partial<ParameterDraft>) =>
    onChange({ parameters: draft.parameters.map((row, at) => (at === index ? { ...row, ...part } : row)) });
  const add = () => {
    onChange({ parameters: [...draft.parameters, { name: "", value: "", divide: false, secret: false }] });
    // The new row is there after the next rendering.
    requestAnimationFrame(() =>
      rows.current?.querySelector<HTMLInputElement>("[data-row]:last-of-type input")?.focus(),
    );
  };
  return (
    <div ref={rows} className={classes.parameters}>
      {draft.parameters.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place; names may be equal while typed
        <div key={index} data-row className={classes.parameter}>
          <TextInput
            aria-label={t.nameOf(index + 1)}
            placeholder={t.parameterName}
            autoComplete="off"
            spellCheck={false}
            value={row.name}
            error={(showMissing || row.name !== "") && problems[`parameters.${index}.name`]}
            onChange={(event) => put(index, { name: event.currentTarget.value })}
          />
          <Value
            row={row}
            label={t.valueOf(index + 1)}
            error={(showMissing || row.value !== "" || !row.secret) && problems[`parameters.${index}.value`]}
            onChange={(value) => put(index, { value })}
          />
          <Tooltip label={t.parameterDivideHint}>
            <div className={classes.divide}>
              <Checkbox
                size="xs"
                label={t.parameterDivide}
                aria-label={t.divideOf(index + 1)}
                checked={row.divide}
                disabled={row.secret}
                onChange={(event) => put(index, { divide: event.currentTarget.checked })}
              />
            </div>
          </Tooltip>
          <Tooltip label={t.parameterSecretHint}>
            <div className={classes.divide}>
              <Checkbox
                size="xs"
                label={t.parameterSecret}
                aria-label={t.secretOf(index + 1)}
                checked={row.secret}
                onChange={(event) => put(index, secretOr(row, event.currentTarget.checked))}
              />
            </div>
          </Tooltip>
          <ActionIcon
            aria-label={t.removeOf(index + 1)}
            onClick={() => onChange({ parameters: draft.parameters.filter((_, at) => at !== index) })}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="default"
        className={classes.add}
        leftSection={<IconPlus size={14} aria-hidden />}
        onClick={add}
      >
        {t.addParameter}
      </Button>
    </div>
  );
}

/** What is secret is not divided; a value that is not known here does not come to light. */
const secretOr = (row: ParameterDraft, secret: boolean): Partial<ParameterDraft> => ({
  secret,
  divide: row.divide && !secret,
  value: row.value === MASK ? "" : row.value,
});

function Value({
  row,
  label,
  error,
  onChange,
}: {
  row: ParameterDraft;
  label: string;
  error: string | false | undefined;
  onChange: (value: string) => void;
}) {
  if (!row.secret) {
    return (
      <TextInput
        aria-label={label}
        placeholder={t.parameterValue}
        autoComplete="off"
        spellCheck={false}
        value={row.value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const kept = row.value === MASK;
  return (
    <PasswordInput
      aria-label={label}
      placeholder={kept ? t.secretKept : t.parameterValue}
      autoComplete="new-password"
      spellCheck={false}
      value={kept ? "" : row.value}
      error={error}
      visibilityToggleButtonProps={{ "aria-label": t.showSecret }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
