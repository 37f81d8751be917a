import { type Dispatch, type SetStateAction, useEffect, useState } from "react";
import { parseDraft, type RunDraft } from "@/model/run-form";

const KEY = "bfgg.run-form";

/** What is remembered of the form, as it is kept; null where nothing is. */
export const remembered = (): string | null => localStorage.getItem(KEY);

/** Keeps something else: the form shows it when it is opened the next time. */
export function remember(draft: string): void {
  localStorage.setItem(KEY, draft);
}

/** The form's content, remembered on this computer; `given` wins over what was remembered. */
export function useDraft(given: RunDraft | null): [RunDraft, Dispatch<SetStateAction<RunDraft>>] {
  const [draft, setDraft] = useState(() => given ?? parseDraft(remembered()));
  useEffect(() => remember(JSON.stringify(draft)), [draft]);
  return [draft, setDraft];
}
