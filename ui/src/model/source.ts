import type { Snapshot, Source } from "@/api/types";
import { text } from "@/text";
import { commit } from "./format";

const t = text.run.snapshot;

/** What a folder was when it was sent: "folder shop-tests, on 1a2b3c4 with uncommitted changes". */
export function snapshotText({ name, base_commit, dirty }: Snapshot): string {
  if (base_commit) return t.on(name, commit(base_commit), dirty);
  return dirty ? t.uncommitted(name) : t.noGit(name);
}

/** Where the project is, without its ref: the URL or the folder, and the module. */
export function sourceText({ url, folder, snapshot }: Source): string {
  return [snapshot ? snapshotText(snapshot) : url, folder].filter(Boolean).join(" · ");
}

/** The repository's own name and the ref, or the folder's name: what fits into a cell. */
export function sourceShort({ url, reference, folder, snapshot }: Source): string {
  const module = folder ? `/${folder}` : "";
  if (snapshot) return `${t.short(snapshot.name, snapshot.dirty)}${module}`;
  const name =
    url
      .replace(/\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .pop() ?? url;
  return `${name}${module}${reference ? ` @ ${reference}` : ""}`;
}
