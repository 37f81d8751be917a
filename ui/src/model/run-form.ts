import { z } from "zod";
import type { RunSpec } from "@/api/types";
import { text } from "@/text";
import { wholeNumber } from "./divide";
import { duration, parseDuration } from "./format";
import { parseStopRule, writeStopRule } from "./stop-rule";

const t = text.run.form.problems;

// Without it zod tries `new Function`, which the Content-Security-Policy refuses (and reports).
z.config({ jitless: true });

/** The longest run the form lets through: a week. */
const MAX_SECONDS = 7 * 24 * 3600;

/** What the controller tells in the place of a secret value; sent back, it keeps the value that is known. */
export const MASK = "•••";

/** A shorter value cannot be masked in what Gatling prints. */
const SHORTEST_SECRET = 4;

const parameterSchema = z.object({
  name: z.string(),
  value: z.string(),
  divide: z.boolean(),
  secret: z.boolean().default(false),
});

/** A folder as it was sent for a run that is repeated. */
const snapshotSchema = z.object({
  id: z.string(),
  name: z.string(),
  base_commit: z.string().optional(),
  dirty: z.boolean(),
});

/** What the fields hold, as typed. It is also what is remembered between visits. */
export const draftSchema = z.object({
  url: z.string(),
  reference: z.string(),
  folder: z.string(),
  /** In the place of a repository. */
  snapshot: snapshotSchema.nullable().default(null),
  simulation: z.string(),
  parameters: z.array(parameterSchema),
  javaOptions: z.string(),
  /** null: agents of every group. */
  group: z.string().nullable(),
  /** Peer ids; empty: not only these. */
  only: z.array(z.string()).default([]),
  /** null: all of them. */
  count: z.number().nullable(),
  maxDuration: z.string(),
  // Those of an earlier version do not have them.
  onLoss: z.enum(["go-on", "stop"]).default("go-on"),
  stopIf: z.string().default(""),
  deadMan: z.string().default("off"),
  description: z.string(),
});

export type RunDraft = z.infer<typeof draftSchema>;
export type ParameterDraft = z.infer<typeof parameterSchema>;

export const EMPTY_DRAFT: RunDraft = {
  url: "",
  reference: "",
  folder: "",
  snapshot: null,
  simulation: "",
  parameters: [],
  javaOptions: "",
  group: null,
  only: [],
  count: null,
  maxDuration: "4 h",
  onLoss: "go-on",
  stopIf: "",
  deadMan: "off",
  description: "",
};

/** Problems by field; parameters by `parameters.<index>.name` and `.value`. */
export type Problems = Record<string, string>;

/** What is wrong with the draft, first problem first; empty if it can be sent. */
export function problemsOf(draft: RunDraft): Problems {
  // A folder that was sent stands in the place of both.
  const checked = draft.snapshot ? { ...draft, url: "file:", reference: "" } : draft;
  const result = fullSchema.safeParse(checked);
  if (result.success) return {};
  const problems: Problems = {};
  for (const issue of result.error.issues) problems[issue.path.join(".")] ??= issue.message;
  return problems;
}

/** Seconds; null where it is off; undefined where it is neither. */
function deadManOf(value: string): number | null | undefined {
  if (["", "off"].includes(value.trim().toLowerCase())) return null;
  const seconds = parseDuration(value);
  return seconds !== null && seconds > 0 && seconds <= MAX_SECONDS ? seconds : undefined;
}

const lineLikeArgument = (value: string) => !/[\n\r\0]/.test(value);

const fullSchema = draftSchema.extend({
  url: z
    .string()
    .trim()
    .min(1, t.urlMissing)
    .refine((url) => !url.startsWith("-"), t.urlDash)
    .refine((url) => url === "" || !/\s/.test(url), t.urlSpace),
  reference: z.string().refine((ref) => !ref.trim().startsWith("-"), t.refDash),
  count: z.number().int(t.count).min(1, t.count).nullable(),
  maxDuration: z.string().refine((value) => {
    const seconds = parseDuration(value);
    return seconds !== null && seconds > 0 && seconds <= MAX_SECONDS;
  }, t.maxDuration),
  deadMan: z.string().refine((value) => deadManOf(value) !== undefined, t.deadMan),
  stopIf: z.string().superRefine((value, context) => {
    const wrong = lines(value).find((line) => parseStopRule(line) === null);
    if (wrong !== undefined) context.addIssue({ code: "custom", message: t.stopRule(wrong) });
  }),
  parameters: z.array(parameterSchema).superRefine((rows, context) => {
    const seen = new Set<string>();
    rows.forEach((row, index) => {
      const name = row.name.trim();
      const at = (field: "name" | "value", message: string) =>
        context.addIssue({ code: "custom", path: [index, field], message });
      if (name === "") at("name", t.nameMissing);
      else if (/[\s=]/.test(name)) at("name", t.nameBad);
      else if (seen.has(name)) at("name", t.nameTwice(name));
      if (!lineLikeArgument(row.value)) at("value", t.valueLine);
      if (row.divide && wholeNumber(row.value) === null) at("value", t.divideWhole);
      if (row.secret && row.value === "") at("value", t.secretMissing(name));
      else if (row.secret && row.value !== MASK && row.value.trim().length < SHORTEST_SECRET)
        at("value", t.secretShort);
      seen.add(name);
    });
  }),
});

const lines = (value: string): string[] =>
  value
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);

/** The draft as the API takes it. */
export function specOf(draft: RunDraft): RunSpec {
  const optional = (value: string) => value.trim() || undefined;
  const reference = optional(draft.reference);
  const folder = optional(draft.folder);
  const simulation = optional(draft.simulation);
  const deadMan = deadManOf(draft.deadMan);
  return {
    source: {
      ...(draft.snapshot
        ? { url: "", snapshot: draft.snapshot }
        : { url: draft.url.trim(), ...(reference && { reference }) }),
      ...(folder && { folder }),
    },
    ...(simulation && { simulation }),
    parameters: draft.parameters.map(({ name, value, secret }) => ({
      name: name.trim(),
      value,
      ...(secret && { secret }),
    })),
    divide: draft.parameters.filter((row) => row.divide && !row.secret).map((row) => row.name.trim()),
    java_options: lines(draft.javaOptions),
    selection: selectionOf(draft),
    max_duration_s: parseDuration(draft.maxDuration) ?? 4 * 3600,
    on_loss: draft.onLoss,
    stop_if: lines(draft.stopIf).flatMap((line) => parseStopRule(line) ?? []),
    ...(deadMan !== undefined && deadMan !== null && { dead_man_s: deadMan }),
    description: draft.description.trim(),
  };
}

export function selectionOf(draft: RunDraft): RunSpec["selection"] {
  return {
    ...(draft.group !== null && { group: draft.group }),
    ...(draft.only.length > 0 && { agents: draft.only }),
    ...(draft.count !== null && { count: draft.count }),
  };
}

/** A draft that asks for the same run again. Secret values are to be typed again where they are not kept. */
export function draftOf(spec: RunSpec, kept = false): RunDraft {
  return {
    url: spec.source.url,
    reference: spec.source.reference ?? "",
    folder: spec.source.folder ?? "",
    snapshot: spec.source.snapshot ?? null,
    simulation: spec.simulation ?? "",
    parameters: spec.parameters.map(({ name, value, secret = false }) => ({
      name,
      value: secret && value === MASK && !kept ? "" : value,
      divide: spec.divide.includes(name),
      secret,
    })),
    javaOptions: spec.java_options.join("\n"),
    group: spec.selection.group ?? null,
    only: spec.selection.agents ?? [],
    count: spec.selection.count ?? null,
    maxDuration: duration(spec.max_duration_s),
    onLoss: spec.on_loss,
    stopIf: spec.stop_if.map(writeStopRule).join("\n"),
    deadMan: spec.dead_man_s ? duration(spec.dead_man_s) : "off",
    description: spec.description,
  };
}

/** The draft as it may be stored on this computer: without secret values that were typed. */
export function withoutSecrets(draft: RunDraft): RunDraft {
  const hidden = ({ secret, value }: ParameterDraft) => secret && value !== MASK;
  return {
    ...draft,
    parameters: draft.parameters.map((row) => (hidden(row) ? { ...row, value: "" } : row)),
  };
}

/** The remembered draft, or the empty one if there is none or it is from another version. */
export function parseDraft(stored: string | null): RunDraft {
  if (stored === null) return EMPTY_DRAFT;
  try {
    const result = draftSchema.safeParse(JSON.parse(stored));
    return result.success ? result.data : EMPTY_DRAFT;
  } catch {
    return EMPTY_DRAFT;
  }
}
