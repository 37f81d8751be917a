import { text } from "@/text";
import { EMPTY_DRAFT, type ParameterDraft, type RunDraft } from "./run-form";
import { visible } from "./visible";

const t = text.link;

/** Anybody can write a link: what is longer than these was not meant for a form. */
const MAX_VALUE = 1000;
const MAX_NAME = 200;
const MAX_PARAMETERS = 50;
/** Of a key that is not known, characters shown. */
const MAX_SHOWN = 40;

/** What a link to the run form fills in. It starts nothing: what it says is checked as typed input is. */
export interface RunLink {
  draft: RunDraft;
  /** What of the link was left out and why, a sentence each. */
  left: string[];
}

/** Keys that stand for one field each. Java options are none: they can run any command. */
const FIELDS: Record<string, (value: string) => Partial<RunDraft> | null> = {
  url: (url) => ({ url }),
  ref: (reference) => ({ reference }),
  folder: (folder) => ({ folder }),
  simulation: (simulation) => ({ simulation }),
  group: (group) => ({ group }),
  agents: (value) => (/^[1-9]\d{0,4}$/.test(value) ? { count: Number(value) } : null),
  "max-duration": (maxDuration) => ({ maxDuration }),
  description: (description) => ({ description }),
};

/** Reads the query of the run form's address; null where there is none. */
export function readLink(search: string): RunLink | null {
  const pairs = [...new URLSearchParams(search)];
  if (pairs.length === 0) return null;
  const left = new Set<string>();
  const fields: Partial<RunDraft> = {};
  const parameters: ParameterDraft[] = [];
  const divided: string[] = [];
  const seen = new Set<string>();
  for (const [key, value] of pairs) {
    const shown = visible(key.slice(0, MAX_SHOWN));
    const field = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
    if (!field && key !== "param" && key !== "divide") left.add(t.unknown(shown));
    else if (value.length > MAX_VALUE) left.add(t.long(shown));
    else if (visible(value) !== value) left.add(t.hidden(shown));
    else if (key === "divide") divided.push(value);
    else if (key === "param") {
      const problem = addParameter(parameters, value);
      if (problem) left.add(problem);
    } else if (seen.has(key)) left.add(t.twice(shown));
    else if (key === "url" && hasSecret(value)) left.add(t.urlSecret);
    else {
      const part = field?.(value);
      if (part) Object.assign(fields, part);
      else left.add(t.unclear(shown));
      seen.add(key);
    }
  }
  for (const name of divided) {
    const row = parameters.find((parameter) => parameter.name === name);
    if (row) row.divide = true;
    else left.add(t.divide(visible(name.slice(0, MAX_SHOWN))));
  }
  return { draft: { ...EMPTY_DRAFT, ...fields, parameters }, left: [...left] };
}

/** Adds `name=value`; the answer is why not. */
function addParameter(parameters: ParameterDraft[], pair: string): string | null {
  const at = pair.indexOf("=");
  const name = pair.slice(0, Math.max(at, 0)).trim();
  const shown = visible((name || pair).slice(0, MAX_SHOWN));
  if (name === "" || name.length > MAX_NAME) return t.parameter(shown);
  if (isSecret(name)) return t.secret(shown);
  if (parameters.some((parameter) => parameter.name === name)) return t.twice(shown);
  if (parameters.length === MAX_PARAMETERS) return t.many(MAX_PARAMETERS);
  parameters.push({ name, value: pair.slice(at + 1), divide: false, secret: false });
  return null;
}

/** A password or token in front of the host. The user of ssh is none. */
function hasSecret(url: string): boolean {
  const [, scheme = "", login] = /^\s*([a-z][a-z0-9+.-]*):\/\/([^/?#]*)@/i.exec(url) ?? [];
  return login !== undefined && (/^https?$/i.test(scheme) || login.includes(":"));
}

const SECRET =
  /(sensitive|secret|password|passwd|passphrase|token|credentials?|apikey)$|(^|[._-])(sensitive|secret|password|passwd|passphrase|token|credentials?|apikey|(api|private)[._-]key)([._-]|$)/i;

/** Whether a parameter's name says that its value is secret, as the agents tell it. */
function isSecret(name: string): boolean {
  return SECRET.test(name);
}
