import { Button, TextInput } from "@mantine/core";
import { snapshotText } from "@/model/source";
import { visible } from "@/model/visible";
import { text } from "@/text";
import type { FieldsProps } from "./Fields";
import { FolderOnComputer } from "./FolderOnComputer";
import classes from "./RunForm.module.css";

const t = text.run.form;

/** Where the project is: a repository, or a folder that was sent. */
export function ProjectSource(props: FieldsProps) {
  const { snapshot } = props.draft;
  return (
    <>
      {snapshot ? <SentFolder snapshot={snapshot} onChange={props.onChange} /> : <Repository {...props} />}
      <FolderOnComputer snapshot={snapshot} onSent={(sent) => props.onChange({ snapshot: sent })} />
    </>
  );
}

function Repository({ draft, problems, showMissing, onChange }: FieldsProps) {
  return (
    <>
      <TextInput
        className={classes.wide}
        label={t.url}
        placeholder={t.urlPlaceholder}
        autoComplete="off"
        spellCheck={false}
        value={draft.url}
        error={(showMissing || draft.url !== "") && problems.url}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      <TextInput
        label={t.reference}
        placeholder={t.referencePlaceholder}
        autoComplete="off"
        spellCheck={false}
        value={draft.reference}
        error={problems.reference}
        onChange={(event) => onChange({ reference: event.currentTarget.value })}
      />
    </>
  );
}

function SentFolder({
  snapshot,
  onChange,
}: {
  snapshot: NonNullable<FieldsProps["draft"]["snapshot"]>;
  onChange: FieldsProps["onChange"];
}) {
  return (
    <>
      <TextInput
        className={classes.wide}
        label={t.sentFolder}
        description={t.sentFolderHint}
        readOnly
        value={visible(snapshotText(snapshot))}
      />
      <div className={classes.list}>
        <Button size="sm" variant="default" onClick={() => onChange({ snapshot: null })}>
          {t.useRepository}
        </Button>
      </div>
    </>
  );
}
