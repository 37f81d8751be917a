import { type Dispatch, type SetStateAction, useEffect, useState } from "react";
import type { RunSpec, Test } from "@/api/types";
import { parseDraft, type RunDraft, withoutSecrets } from "@/model/run-form";
import { editOf, isChanged, parseEdit, storedEdit, type TestEdit } from "@/model/test-form";

const KEY = "bfgg.run-form";
const keyOf = (test: string) => `bfgg.test.${test}`;

/** What was typed into secret fields lives as long as the page: beside what is stored, never in it. */
const held = new Map<string, { stored: string; whole: string }>();

function recall(key: string): string | null {
  const stored = localStorage.getItem(key);
  const own = held.get(key);
  return own && own.stored === stored ? own.whole : stored;
}

function remember(key: string, stored: unknown, whole: unknown): void {
  const value = { stored: JSON.stringify(stored), whole: JSON.stringify(whole) };
  held.set(key, value);
  localStorage.setItem(key, value.stored);
}

function forget(key: string): void {
  held.delete(key);
  localStorage.removeItem(key);
}

/** Of who leaves the form at once: no effect comes to it any more. */
export const forgetDraft = (): void => forget(KEY);
export const forgetEdit = (test: string): void => forget(keyOf(test));

/** What was in the form before a link filled it in. */
let aside: { stored: string; whole: string } | undefined;

/** What is remembered of the form, as it is kept: without secrets. Null where nothing is. */
export const rememberedForm = (): string | null => localStorage.getItem(KEY);

/** A link fills in the form: it shows that when it is opened the next time. */
export function fillForm(draft: RunDraft): void {
  aside = held.get(KEY);
  remember(KEY, withoutSecrets(draft), draft);
}

/** What was in the form before comes back, as [`rememberedForm`] told it then. */
export function takeBackForm(stored: string | null): void {
  if (stored === null) {
    forget(KEY);
    return;
  }
  localStorage.setItem(KEY, stored);
  if (aside?.stored === stored) held.set(KEY, aside);
}

/** The form's content, remembered on this computer; `given` wins over what was remembered. */
export function useDraft(given: RunDraft | null): [RunDraft, Dispatch<SetStateAction<RunDraft>>] {
  const [draft, setDraft] = useState(() => given ?? parseDraft(recall(KEY)));
  useEffect(() => remember(KEY, withoutSecrets(draft), draft), [draft]);
  return [draft, setDraft];
}

interface TestEditing {
  edit: TestEdit;
  /** What is typed was typed in an earlier visit. */
  recalled: boolean;
  setEdit: Dispatch<SetStateAction<TestEdit>>;
}

/** A test's editor: unsaved changes are remembered, and a test without any follows what is saved. */
export function useTestEdit(test: Test, given: RunSpec | null): TestEditing {
  const [recalled] = useState(() => (given ? null : parseEdit(recall(keyOf(test.id)))));
  const [edit, setEdit] = useState(() => recalled ?? editOf(test, given ?? undefined));
  const changed = isChanged(edit);
  const current = !changed && edit.revision !== test.revision ? editOf(test) : edit;
  useEffect(() => {
    if (current !== edit) setEdit(current);
    if (isChanged(current)) remember(keyOf(test.id), storedEdit(current), current);
    else forget(keyOf(test.id));
  }, [current, edit, test.id]);
  return { edit: current, recalled: recalled !== null, setEdit };
}
