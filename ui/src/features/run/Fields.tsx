import {
  Autocomplete,
  MultiSelect,
  NumberInput,
  type OptionsFilter,
  Select,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useMemo, useState } from "react";
import { Section } from "@/components/layout";
import { groupNames, isAdmitted } from "@/model/agent";
import type { Problems, RunDraft } from "@/model/run-form";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { ListSimulations } from "./ListSimulations";
import { Parameters } from "./Parameters";
import { ProjectSource } from "./ProjectSource";
import classes from "./RunForm.module.css";

const t = text.run.form;

export interface FieldsProps {
  draft: RunDraft;
  problems: Problems;
  /** Whether missing values are marked too: not before the first attempt. */
  showMissing: boolean;
  onChange: (part: Partial<RunDraft>) => void;
}

/** Every field of the form. */
export function Fields(props: FieldsProps) {
  return (
    <>
      <ProjectFields {...props} />
      <Section title={t.load} aside={t.parametersHint}>
        <Parameters {...props} />
        <JavaOptions {...props} />
      </Section>
      <AgentFields {...props} />
      <FaultFields {...props} />
    </>
  );
}

function ProjectFields({ draft, problems, showMissing, onChange }: FieldsProps) {
  const [simulations, setSimulations] = useState<string[]>([]);
  return (
    <Section title={t.project}>
      <div className={classes.grid}>
        <ProjectSource {...{ draft, problems, showMissing, onChange }} />
        <TextInput
          label={t.folder}
          placeholder={t.folderPlaceholder}
          autoComplete="off"
          spellCheck={false}
          value={draft.folder}
          onChange={(event) => onChange({ folder: event.currentTarget.value })}
        />
        <Autocomplete
          className={classes.wide}
          label={t.simulation}
          description={t.simulationHint}
          placeholder={t.simulationPlaceholder}
          autoComplete="off"
          spellCheck={false}
          data={simulations}
          filter={matching}
          limit={200}
          maxDropdownHeight={320}
          value={draft.simulation}
          onChange={(simulation) => onChange({ simulation })}
        />
        <ListSimulations
          draft={draft}
          blocked={problems.url ?? problems.reference}
          onListed={(listed) => {
            setSimulations(listed);
            const [only] = listed;
            if (only && listed.length === 1) onChange({ simulation: only });
          }}
        />
        <TextInput
          className={classes.full}
          label={t.description}
          placeholder={t.descriptionPlaceholder}
          value={draft.description}
          onChange={(event) => onChange({ description: event.currentTarget.value })}
        />
      </div>
    </Section>
  );
}

/** The options that contain the text; all of them once one is chosen, so that another can be. */
const matching: OptionsFilter = ({ options, search }) => {
  const needle = search.trim().toLowerCase();
  const labelOf = (option: (typeof options)[number]) => ("label" in option ? option.label.toLowerCase() : "");
  if (options.some((option) => labelOf(option) === needle)) return options;
  return options.filter((option) => labelOf(option).includes(needle));
};

function JavaOptions({ draft, onChange }: FieldsProps) {
  return (
    <Textarea
      className={classes.java}
      label={t.javaOptions}
      description={t.javaOptionsHint}
      autosize
      minRows={2}
      maxRows={8}
      spellCheck={false}
      classNames={{ input: classes.code }}
      value={draft.javaOptions}
      onChange={(event) => onChange({ javaOptions: event.currentTarget.value })}
    />
  );
}

/** Stands for "every group" in the select, whose values are strings; no group can be called this. */
const EVERY = "\0every";

function AgentFields({ draft, problems, onChange }: FieldsProps) {
  const agents = useLive((state) => state.agents);
  const groups = useMemo(() => {
    const names = groupNames(agents).map((name) => ({ value: name, label: name }));
    const ungrouped = names.length > 0 && agents.some((agent) => isAdmitted(agent) && agent.group === "");
    const remembered = draft.group && !names.some(({ value }) => value === draft.group);
    return [
      { value: EVERY, label: t.everyGroup },
      ...names,
      ...(ungrouped || draft.group === "" ? [{ value: "", label: t.noGroup }] : []),
      ...(remembered ? [{ value: draft.group ?? "", label: draft.group ?? "" }] : []),
    ];
  }, [agents, draft.group]);
  const known = useMemo(() => {
    const admitted = agents.filter(isAdmitted).map(({ id, name }) => ({ value: id, label: name }));
    const twice = new Set(admitted.map(({ label }) => label)).size < admitted.length;
    const remembered = draft.only.filter((id) => !admitted.some(({ value }) => value === id));
    return [
      ...admitted.map(({ value, label }) => ({
        value,
        label: twice ? `${label} (${value.slice(-8)})` : label,
      })),
      ...remembered.map((id) => ({ value: id, label: id.slice(-8) })),
    ];
  }, [agents, draft.only]);
  return (
    <Section title={t.agents}>
      <div className={classes.grid}>
        <Select
          label={t.group}
          data={groups}
          allowDeselect={false}
          value={draft.group ?? EVERY}
          onChange={(group) => onChange({ group: group === EVERY ? null : group })}
        />
        <MultiSelect
          label={t.only}
          placeholder={draft.only.length === 0 ? t.onlyPlaceholder : undefined}
          data={known}
          searchable
          clearable
          hidePickedOptions
          limit={200}
          value={draft.only}
          onChange={(only) => onChange({ only })}
        />
        <NumberInput
          label={t.count}
          placeholder={t.countPlaceholder}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          value={draft.count ?? ""}
          error={problems.count}
          onChange={(count) => onChange({ count: count === "" ? null : Number(count) })}
        />
        <TextInput
          label={t.maxDuration}
          description={t.maxDurationHint}
          value={draft.maxDuration}
          error={problems.maxDuration}
          onChange={(event) => onChange({ maxDuration: event.currentTarget.value })}
        />
      </div>
    </Section>
  );
}

/** What happens when something goes wrong in the run. */
function FaultFields({ draft, problems, onChange }: FieldsProps) {
  const losses = (["go-on", "stop"] as const).map((value) => ({ value, label: t.losses[value] }));
  return (
    <Section title={t.faults}>
      <div className={classes.grid}>
        <Select
          label={t.onLoss}
          description={t.onLossHint}
          data={losses}
          allowDeselect={false}
          value={draft.onLoss}
          onChange={(value) => onChange({ onLoss: value === "stop" ? "stop" : "go-on" })}
        />
        <TextInput
          label={t.deadMan}
          description={t.deadManHint}
          value={draft.deadMan}
          error={problems.deadMan}
          onChange={(event) => onChange({ deadMan: event.currentTarget.value })}
        />
        <Textarea
          className={classes.full}
          label={t.stopIf}
          description={t.stopIfHint}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: classes.code }}
          value={draft.stopIf}
          error={problems.stopIf}
          onChange={(event) => onChange({ stopIf: event.currentTarget.value })}
        />
      </div>
    </Section>
  );
}
