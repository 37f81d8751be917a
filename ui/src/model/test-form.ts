import { z } from "zod";
import type { RunSpec, Test, TestSpec } from "@/api/types";
import { text } from "@/text";
import { draftOf, draftSchema, type Problems, problemsOf, specOf, withoutSecrets } from "./run-form";

const t = text.tests.editor.problems;

const NAME = 100;
const DESCRIPTION = 2000;
const LABELS = 20;
const LABEL = 50;

/** What the fields of a test's editor hold, as typed. */
const testDraftSchema = z.object({
  name: z.string(),
  description: z.string(),
  labels: z.array(z.string()),
  run: draftSchema,
});

export type TestDraft = z.infer<typeof testDraftSchema>;

/** A test while it is edited: what is typed, and what it was saved as when that began. */
export interface TestEdit {
  revision: number;
  base: TestDraft;
  draft: TestDraft;
}

const editSchema = z.object({ revision: z.number(), base: testDraftSchema, draft: testDraftSchema });

/** A test as it is saved; where a run's settings are given, with these in the place of its own. */
export function editOf(test: Test, spec: RunSpec = test.spec): TestEdit {
  const { name, description, labels, revision } = test;
  const draftWith = (own: RunSpec): TestDraft => ({ name, description, labels, run: draftOf(own, true) });
  return { revision, base: draftWith(test.spec), draft: draftWith(spec) };
}

/** The draft as the API takes it. */
export function testSpecOf({ name, description, labels, run }: TestDraft): TestSpec {
  return { name: name.trim(), description: description.trim(), labels, spec: specOf(run) };
}

const same = (a: TestDraft, b: TestDraft) => JSON.stringify(testSpecOf(a)) === JSON.stringify(testSpecOf(b));

/** Whether something is typed that is not saved. */
export const isChanged = ({ base, draft }: TestEdit): boolean => !same(base, draft);

/** Whether a run of it would be another one than of the saved test. */
export const runsOtherwise = ({ base, draft }: TestEdit): boolean =>
  JSON.stringify(specOf(base.run)) !== JSON.stringify(specOf(draft.run));

/** What is wrong with the name, the description and the labels. */
export function headProblems({ name, description, labels }: Omit<TestDraft, "run">): Problems {
  const problems: Problems = {};
  const length = name.trim().length;
  if (length === 0 || length > NAME) problems.name = t.name;
  if (description.trim().length > DESCRIPTION) problems.description = t.description;
  if (labels.length > LABELS || labels.some((label) => label.trim().length > LABEL)) {
    problems.labels = t.label;
  }
  return problems;
}

/** Why it cannot be saved, as sentences. */
export const savingProblems = (draft: TestDraft): string[] => [
  ...Object.values(headProblems(draft)),
  ...Object.values(problemsOf(draft.run)),
];

/** What may be stored on this computer. */
export function storedEdit(edit: TestEdit): TestEdit {
  return { ...edit, draft: { ...edit.draft, run: withoutSecrets(edit.draft.run) } };
}

/** An edit of an earlier visit; null where there is none, or none that is understood. */
export function parseEdit(stored: string | null): TestEdit | null {
  if (stored === null) return null;
  try {
    const result = editSchema.safeParse(JSON.parse(stored));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
