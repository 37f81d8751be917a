import { expect, test } from "vitest";
import { spec } from "@/testing/fixtures";
import { text } from "@/text";
import { draftOf, EMPTY_DRAFT, parseDraft, problemsOf, type RunDraft, specOf } from "./run-form";

const t = text.run.form.problems;
const good: RunDraft = { ...EMPTY_DRAFT, url: "https://git.example.com/x.git" };
const parameter = (name: string, value = "1", divide = false, secret = false) => ({
  name,
  value,
  divide,
  secret,
});

test("a repository is all that is needed", () => {
  expect(problemsOf(good)).toEqual({});
  expect(problemsOf(EMPTY_DRAFT)).toEqual({ url: t.urlMissing });
});

test.each<[string, Partial<RunDraft>, Record<string, string>]>([
  ["an option in place of the URL", { url: "--upload-pack=x" }, { url: t.urlDash }],
  ["a URL with a space", { url: "https://x y" }, { url: t.urlSpace }],
  ["an option in place of the ref", { reference: "-x" }, { reference: t.refDash }],
  ["half an agent", { count: 0.5 }, { count: t.count }],
  ["no agent", { count: 0 }, { count: t.count }],
  ["no duration", { maxDuration: "" }, { maxDuration: t.maxDuration }],
  ["no time at all", { maxDuration: "0 s" }, { maxDuration: t.maxDuration }],
  ["eight days", { maxDuration: "192 h" }, { maxDuration: t.maxDuration }],
  ["a limit that is no time", { deadMan: "soon" }, { deadMan: t.deadMan }],
  ["no limit at all", { deadMan: "0 s" }, { deadMan: t.deadMan }],
  ["a rule that is none", { stopIf: "cpu > 95% for 30s\nerrors > 5" }, { stopIf: t.stopRule("errors > 5") }],
  ["a parameter without a name", { parameters: [parameter(" ")] }, { "parameters.0.name": t.nameMissing }],
  ["a name with =", { parameters: [parameter("a=b")] }, { "parameters.0.name": t.nameBad }],
  [
    "a name twice",
    { parameters: [parameter("a"), parameter("a")] },
    { "parameters.1.name": t.nameTwice("a") },
  ],
  ["a value of two lines", { parameters: [parameter("a", "x\ny")] }, { "parameters.0.value": t.valueLine }],
  [
    "a word to divide",
    { parameters: [parameter("a", "many", true)] },
    { "parameters.0.value": t.divideWhole },
  ],
  [
    "a secret without a value",
    { parameters: [parameter("login", "", false, true)] },
    { "parameters.0.value": t.secretMissing("login") },
  ],
  [
    "a short secret",
    { parameters: [parameter("login", "abc", false, true)] },
    { "parameters.0.value": t.secretShort },
  ],
])("%s is a problem", (_, part, problems) => expect(problemsOf({ ...good, ...part })).toEqual(problems));

test("the draft becomes what the API takes: no empty fields, values kept as typed", () => {
  const draft: RunDraft = {
    ...good,
    url: "  https://git.example.com/x.git ",
    reference: " ",
    simulation: " example.Shop ",
    parameters: [parameter(" users ", "200", true), parameter("note", "  a b  ")],
    javaOptions: "-Xmx4G\n\n  -Dx=a b \r\n",
    group: "",
    count: 2,
    maxDuration: "90",
    onLoss: "stop",
    stopIf: "errors > 5% for 30s\n\n",
    deadMan: "5 min",
  };
  expect(specOf(draft)).toEqual({
    source: { url: "https://git.example.com/x.git" },
    simulation: "example.Shop",
    parameters: [
      { name: "users", value: "200" },
      { name: "note", value: "  a b  " },
    ],
    divide: ["users"],
    java_options: ["-Xmx4G", "-Dx=a b"],
    selection: { group: "", count: 2 },
    max_duration_s: 5_400,
    on_loss: "stop",
    stop_if: [{ kind: "errors", percent: 5, seconds: 30 }],
    dead_man_s: 300,
    description: "",
  });
});

test("a run's settings make the form that repeats it", () => {
  expect(specOf(draftOf(spec))).toEqual(spec);
  const snapshot = { id: "5f6e".repeat(16), name: "shop-tests", base_commit: "1a2b3c4d", dirty: true };
  const ofFolder = { ...spec, source: { url: "", folder: "shop", snapshot } };
  const draft = draftOf(ofFolder);
  expect(specOf(draft)).toEqual(ofFolder);
  expect(problemsOf(draft)).toEqual({});
  expect(parseDraft(JSON.stringify(draft))).toEqual(draft);
  expect(problemsOf({ ...draft, snapshot: null })).toEqual({ url: t.urlMissing });
});

test("what was remembered is used only if it still fits", () => {
  expect(parseDraft(JSON.stringify(good))).toEqual(good);
  expect(parseDraft(null)).toEqual(EMPTY_DRAFT);
  expect(parseDraft("{")).toEqual(EMPTY_DRAFT);
  expect(parseDraft(JSON.stringify({ ...good, count: "two" }))).toEqual(EMPTY_DRAFT);
});
