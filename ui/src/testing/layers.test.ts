import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "..");

/** What each folder may import, besides itself. A feature never imports another feature. */
const ALLOWED: Record<string, readonly string[]> = {
  text: ["api", "model"],
  model: ["api", "text"],
  host: [],
  api: ["host", "text"],
  store: ["api", "host", "model", "text"],
  components: ["api", "host", "model", "store", "text"],
  "features/agents": ["api", "components", "host", "model", "store", "text"],
  "features/run": ["api", "components", "host", "model", "store", "text"],
  "features/runs": ["api", "components", "host", "model", "store", "text"],
  "features/settings": ["api", "components", "host", "model", "store", "text"],
  "features/tests": ["api", "components", "host", "model", "store", "text"],
  app: [
    "api",
    "components",
    "features/agents",
    "features/run",
    "features/runs",
    "features/settings",
    "features/tests",
    "host",
    "model",
    "store",
    "text",
  ],
};

/** From these two only the types of the API: they know nothing of how it is reached. */
const TYPES_ONLY = ["text", "model"];

function layerOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  if (first === "features") return `features/${second}`;
  return first.replace(/\.tsx?$/, "");
}

function importsOf(path: string): string[] {
  const source = readFileSync(join(SRC, path), "utf8");
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"((?:@\/|\.)[^"]+)"/g)].map(([, target = ""]) =>
    target.startsWith("@/") ? target.slice(2) : relative(SRC, join(SRC, dirname(path), target)),
  );
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
  (path) =>
    /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && !/^(testing|main\.tsx|api\/generated)/.test(path),
);

test.each(files)("%s imports only what its layer may", (path) => {
  const layer = layerOf(path);
  const foreign = importsOf(path).filter((target) => {
    const other = layerOf(target);
    if (other === layer) return false;
    if (TYPES_ONLY.includes(layer) && other === "api") return target !== "api/types";
    return !(ALLOWED[layer] ?? []).includes(other);
  });
  expect(foreign).toEqual([]);
});

test.each(files)("%s has at most 250 lines", (path) => {
  expect(readFileSync(join(SRC, path), "utf8").split("\n").length).toBeLessThanOrEqual(251);
});
