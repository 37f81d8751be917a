import { expect, test } from "vitest";
import type { Snapshot, Source } from "@/api/types";
import { snapshotText, sourceShort, sourceText } from "./source";

const snapshot: Snapshot = {
  id: "5f6e".repeat(16),
  name: "shop-tests",
  base_commit: "1a2b3c4d5e".repeat(4),
  dirty: true,
};

test.each<[Partial<Snapshot>, string]>([
  [{}, "folder shop-tests, on 1a2b3c4d5e with uncommitted changes"],
  [{ dirty: false }, "folder shop-tests, on 1a2b3c4d5e"],
  [{ base_commit: undefined }, "folder shop-tests, not committed"],
  [{ base_commit: undefined, dirty: false }, "folder shop-tests, not in git"],
])("a folder with %j", (part, shown) => expect(snapshotText({ ...snapshot, ...part })).toContain(shown));

test.each<[Source, string, string]>([
  [{ url: "https://git.example/shop.git", reference: "main" }, "https://git.example/shop.git", "shop @ main"],
  [{ url: "git@git.example:load/shop", folder: "a" }, "git@git.example:load/shop · a", "shop/a"],
  [{ url: "", snapshot, folder: "a" }, `${snapshotText(snapshot)} · a`, "shop-tests (changed)/a"],
])("%j in words", (source, long, short) => {
  expect(sourceText(source)).toBe(long);
  expect(sourceShort(source)).toBe(short);
});
