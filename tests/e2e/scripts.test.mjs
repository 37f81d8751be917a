// What `make` says on a machine where something is missing or too old.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../harness/place.mjs";

const COMMON = [
  "bash",
  "cat",
  "cut",
  "dirname",
  "env",
  "git",
  "head",
  "id",
  "printf",
  "sed",
  "sort",
  "tr",
  "uname",
];
let folder;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "bfgg-test-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** A search path with the common tools, and with programs that say only this. */
async function path(name, programs, common = COMMON) {
  const bin = join(folder, name);
  await mkdir(bin);
  for (const tool of common) {
    const found = spawnSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).stdout.trim();
    if (found.startsWith("/")) await symlink(found, join(bin, tool));
  }
  for (const [program, says] of Object.entries(programs)) {
    await writeFile(join(bin, program), `#!/usr/bin/env bash\necho '${says}'\n`);
    await chmod(join(bin, program), 0o755);
  }
  return bin;
}

function run(script, args, PATH) {
  const line = [join(root, "scripts", script), ...args];
  const { status, stdout, stderr } = spawnSync("/bin/bash", line, {
    encoding: "utf8",
    env: { PATH, HOME: folder },
  });
  return { status, said: stdout + stderr };
}

test("Rust and Node are named with the command that installs them", async () => {
  const nothing = run("require-tools.sh", [], await path("nothing", {}));
  assert.equal(nothing.status, 1, nothing.said);
  for (const part of ["Rust is not installed", "sh.rustup.rs", "Node.js", "version 20", "nodejs.org"]) {
    assert.ok(nothing.said.includes(part), `${part} in ${nothing.said}`);
  }
  const programs = { cargo: "", rustc: "rustc 1.70.0 (x)", node: "v18.19.0", npm: "" };
  const old = run("require-tools.sh", [], await path("old", programs));
  assert.equal(old.status, 1, old.said);
  for (const part of ["Rust 1.70.0 is too old", "rustup update", "Node.js 18.19.0 is too old"]) {
    assert.ok(old.said.includes(part), `${part} in ${old.said}`);
  }
  const enough = { cargo: "", rustc: "rustc 1.99.0 (x)", node: "v22.1.0", npm: "" };
  const found = run("require-tools.sh", [], await path("enough", enough));
  assert.deepEqual(found, { status: 0, said: "" });
});

test("where packages cannot be installed they are named, and it stops", async () => {
  const java = 'openjdk version "11.0.2" 2019';
  const bin = await path("old-java", { java, javac: "javac 11.0.2" });
  // The script adds /usr/sbin: what is there is there.
  const { status, said } = run("install-packages.sh", ["java"], bin);
  assert.equal(status, 1, said);
  for (const part of ["only Debian's and Ubuntu's", "Install these", "a JDK, version 17 or later", "Maven"]) {
    assert.ok(said.includes(part), `${part} in ${said}`);
  }
  assert.ok(!said.includes("git"), said);
});

test("make help lists the targets", () => {
  const { status, stdout } = spawnSync("make", ["help"], { cwd: root, encoding: "utf8" });
  assert.equal(status, 0);
  for (const target of ["demo", "test", "app", "bench", "audit"]) {
    assert.match(stdout, new RegExp(`^ +make ${target} +\\S`, "m"));
  }
});
