import { ActionIcon, Button, Checkbox, TextInput, Tooltip } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useRef } from "react";
import type { ParameterDraft } from "@/model/run-form";
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
    onChange({ parameters: [...draft.parameters, { name: "", value: "", divide: false }] });
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
          <TextInput
            aria-label={t.valueOf(index + 1)}
            placeholder={t.parameterValue}
            autoComplete="off"
            spellCheck={false}
            value={row.value}
            error={problems[`parameters.${index}.value`]}
            onChange={(event) => put(index, { value: event.currentTarget.value })}
          />
          <Tooltip label={t.parameterDivideHint}>
            <div className={classes.divide}>
              <Checkbox
                size="xs"
                label={t.parameterDivide}
                aria-label={t.divideOf(index + 1)}
                checked={row.divide}
                onChange={(event) => put(index, { divide: event.currentTarget.checked })}
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
