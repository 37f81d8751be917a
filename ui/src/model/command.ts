import type { RunSpec } from "@/api/types";
import { duration } from "./format";
import { MASK } from "./run-form";
import { writeStopRule } from "./stop-rule";

/** As one word of a POSIX shell. */
export function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}

const DEFAULT_MAX_S = 4 * 3600;

const shown = ({ value, secret }: RunSpec["parameters"][number]) => (secret ? MASK : value);

/** The `bfgg run` that starts the same, an option on each line; of a saved test by its name. */
export function bfggCommand(spec: RunSpec, test: string | null = null): string {
  if (test !== null) return lines([["--test", test]]);
  const { source, selection } = spec;
  const options: (readonly [string, string] | null)[] = [
    source.snapshot ? ["--source", source.snapshot.name] : ["--repo", source.url],
    source.reference ? ["--ref", source.reference] : null,
    source.folder ? ["--folder", source.folder] : null,
    spec.simulation ? ["--simulation", spec.simulation] : null,
    ...spec.parameters.map((own) => ["--param", `${own.name}=${shown(own)}`] as const),
    ...spec.parameters.filter(({ secret }) => secret).map(({ name }) => ["--secret", name] as const),
    ...spec.divide.map((name) => ["--divide", name] as const),
    ...spec.java_options.map((option) => ["--java-opts", option] as const),
    selection.group ? ["--group", selection.group] : null,
    selection.count ? ["--agents", String(selection.count)] : null,
    spec.max_duration_s === DEFAULT_MAX_S
      ? null
      : ["--max-duration", duration(spec.max_duration_s).replaceAll(" ", "")],
    spec.on_loss === "stop" ? ["--on-loss", "stop"] : null,
    ...spec.stop_if.map((rule) => ["--stop-if", writeStopRule(rule)] as const),
    spec.dead_man_s ? ["--dead-man", duration(spec.dead_man_s).replaceAll(" ", "")] : null,
    spec.description ? ["--description", spec.description] : null,
  ];
  return lines(options.filter((option) => option !== null));
}

function lines(options: readonly (readonly [string, string])[]): string {
  // Joined by "=", as a value may begin with a dash.
  const word = ([name, value]: readonly [string, string]) =>
    value.startsWith("-") ? `${name}=${shellWord(value)}` : `${name} ${shellWord(value)}`;
  return ["bfgg run", ...options.map(word)].join(" \\\n  ");
}

/** What an agent starts, as far as it is known before; `share` are the values of divided parameters. */
export function javaCommand(spec: RunSpec, share: Readonly<Record<string, string>>): string {
  const properties = spec.parameters.map((own) => `-D${own.name}=${share[own.name] ?? shown(own)}`);
  const words = [...properties, ...spec.java_options].map(shellWord);
  const main = ["io.gatling.app.Gatling", "-s", spec.simulation || "…"];
  return ["java …", ...words, main.map((word) => (word === "…" ? word : shellWord(word))).join(" ")].join(
    " \\\n  ",
  );
}
