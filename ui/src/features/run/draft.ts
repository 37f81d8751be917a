import { type Dispatch, type SetStateAction, useEffect, useState } from "react";
import { parseDraft, type RunDraft } from "@/model/run-form";

const KEY = "bfgg.run-form";

/** The form's content, remembered on this computer; `given` wins over what was remembered. */
export function useDraft(given: RunDraft | null): [RunDraft, Dispatch<SetStateAction<RunDraft>>] {
  const [draft, setDraft] = useState(() => given ?? parseDraft(localStorage.getItem(KEY)));
  useEffect(() => localStorage.setItem(KEY, JSON.stringify(draft)), [draft]);
  return [draft, setDraft];
}
