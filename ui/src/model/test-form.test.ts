import { expect, test } from "vitest";
import { savedTest, spec } from "@/testing/fixtures";
import { text } from "@/text";
import { MASK, specOf } from "./run-form";
import {
  editOf,
  headProblems,
  isChanged,
  parseEdit,
  runsOtherwise,
  savingProblems,
  storedEdit,
  testSpecOf,
} from "./test-form";

const t = text.tests.editor.problems;
const secret = { name: "login", value: MASK, secret: true };
const withSecret = savedTest(1, { spec: { ...spec, parameters: [...spec.parameters, secret] } });

test("what is saved and not touched is no change, and keeps its secret values", () => {
  const edit = editOf(withSecret);
  expect([isChanged(edit), runsOtherwise(edit)]).toEqual([false, false]);
  expect(savingProblems(edit.draft)).toEqual([]);
  expect(testSpecOf(edit.draft)).toMatchObject({
    name: "Checkout 1",
    labels: ["shop", "nightly"],
    spec: withSecret.spec,
  });
});

test.each([
  ["a name", { name: "Other" }, true, false],
  ["blanks around the name", { name: " Checkout 1 " }, false, false],
  ["labels", { labels: [] }, true, false],
  ["a parameter", { run: { ...editOf(withSecret).draft.run, parameters: [] } }, true, true],
])("%s is a change, and of the run or not", (_, part, changed, otherwise) => {
  const edit = editOf(withSecret);
  const typed = { ...edit, draft: { ...edit.draft, ...part } };
  expect([isChanged(typed), runsOtherwise(typed)]).toEqual([changed, otherwise]);
});

test("a run's settings are a change of its test", () => {
  const edit = editOf(withSecret, { ...withSecret.spec, simulation: "example.Other" });
  expect(isChanged(edit)).toBe(true);
  expect(specOf(edit.draft.run).simulation).toBe("example.Other");
});

test.each([
  ["nothing", {}, {}],
  ["no name", { name: " " }, { name: t.name }],
  ["a long name", { name: "x".repeat(101) }, { name: t.name }],
  ["a long description", { description: "x".repeat(2001) }, { description: t.description }],
  ["a long label", { labels: ["x".repeat(51)] }, { labels: t.label }],
  ["many labels", { labels: Array.from({ length: 21 }, (_, n) => `l${n}`) }, { labels: t.label }],
])("%s is said of the head", (_, part, problems) =>
  expect(headProblems({ ...editOf(withSecret).draft, ...part })).toEqual(problems),
);

test("what is stored has no secret value that was typed, and is read again", () => {
  const edit = editOf(withSecret);
  const [users, duration] = edit.draft.run.parameters;
  const typed = (value: string) => ({ name: "login", value, divide: false, secret: true });
  for (const [value, stored] of [
    ["hunter22", ""],
    [MASK, MASK],
  ] as const) {
    const parameters = [users, duration, typed(value)].filter((row) => row !== undefined);
    const own = { ...edit, draft: { ...edit.draft, run: { ...edit.draft.run, parameters } } };
    const json = JSON.stringify(storedEdit(own));
    expect(json).not.toContain("hunter22");
    expect(parseEdit(json)?.draft.run.parameters.at(-1)).toEqual(typed(stored));
  }
});

test.each([null, "", "{}", "[1", JSON.stringify({ revision: 1, base: {}, draft: {} })])(
  "%s is no edit",
  (stored) => expect(parseEdit(stored)).toBeNull(),
);
