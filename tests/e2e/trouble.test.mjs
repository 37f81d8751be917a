// Bad input and bad luck: each gets a sentence that names agent, phase, cause and remedy.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Place, root } from "../harness/place.mjs";
import { freePort } from "../harness/process.mjs";
import { until } from "../harness/wait.mjs";

const command = promisify(execFile);
const place = new Place("trouble", join(root, "target", "test", "e2e"));
const sample = join(root, "tests", "sample-project");
const options = { timeout: 180_000 };
const privileged = process.getuid?.() === 0 ? false : "needs root, or: unshare -Urnm";
const agents = {};

/** A Java source of the sample project's package. */
const source = (name, body) => [`src/test/java/example/${name}.java`, `package example;\n${body}\n`];
const SIMULATION = `public class Small extends io.gatling.javaapi.core.Simulation {}`;

before(async () => {
  await place.settle();
  place.start("bfgg", ["serve"]);
  for (const name of ["lab-1", "lab-2"]) {
    agents[name] = await place.agent(name, { env: { BFGG_GROUP: "lab", TESTS_LOCATION: undefined } });
  }
  await place.available(2);
});
after(() => place.close());

/** A project of the sample's pom.xml and these files. */
function project(name, files, { pom = true } = {}) {
  return place.commit(name, async (folder) => {
    if (pom) await cp(join(sample, "pom.xml"), join(folder, "pom.xml"));
    for (const [path, text] of files) {
      await mkdir(join(folder, path, ".."), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  });
}

/** Starts a run and waits for its failure. */
async function failure(spec, group = "lab", state = "failed") {
  const { id } = await place.api("POST", "/runs", { selection: { group }, ...spec });
  const run = await place.ended(id, 120);
  assert.equal(run.state, state, JSON.stringify(run, null, 2));
  assert.ok(run.failures.length > 0);
  for (const { agent, failure } of run.failures) {
    for (const part of ["code", "phase", "message", "hint"]) {
      assert.ok(failure[part], `${part} of ${JSON.stringify(failure)}`);
    }
    assert.ok(
      run.agents.some(({ name }) => name === agent),
      `${agent} is an agent`,
    );
  }
  return run.failures[0].failure;
}

function assertSays(found, code, phase, ...words) {
  assert.deepEqual([found.code, found.phase], [code, phase], JSON.stringify(found));
  const all = `${found.message}\n${found.hint}\n${found.detail}`;
  for (const word of words) assert.ok(all.includes(word), `"${word}" in: ${all}`);
}

let made;
/** The sample project, made once. */
function repository() {
  made ??= place.repository();
  return made;
}

test("what is wrong with the source", options, async () => {
  const url = await project("empty", [["README.md", "nothing"]], { pom: false });
  for (const [source, ...says] of [
    [{ url: "ftp://127.0.0.1/shop.git" }, "url-refused", "clone", "ftp"],
    [{ url: "http://127.0.0.1:9/shop.git" }, "repository-unreachable", "clone", "127.0.0.1:9"],
    [{ url: "file:///nowhere/shop.git" }, "repository-unreachable", "clone", "/nowhere/shop.git"],
    [{ url, reference: "mian" }, "ref-unknown", "clone", "mian", "main"],
    [{ url }, "no-build-file", "build", "pom.xml", "build.sbt"],
    [{ url, folder: "deep" }, "bad-input", "build", "deep"],
  ]) {
    assertSays(await failure({ source }), ...says);
  }
  await assert.rejects(failure({ source: { url: "-oProxyCommand=touch x" } }), /400.*begins with/);
});

test("an unknown ssh host key, with the line that makes it known", options, async () => {
  const port = await freePort();
  const key = join(place.folder, "host-key");
  await command("dropbearkey", ["-t", "ed25519", "-f", key]);
  place.spawn(
    ["/usr/sbin/dropbear", "-F", "-E", "-r", key, "-p", `127.0.0.1:${port}`, "-P", `${key}.pid`],
    {},
    "ssh",
  );
  const found = await failure({ source: { url: `ssh://git@127.0.0.1:${port}/shop.git` } });
  assertSays(found, "host-key-unknown", "clone", `ssh-keyscan -p ${port}`);
});

test("what is wrong with the project", { timeout: 300_000 }, async () => {
  const broken = [source("Small", SIMULATION), source("Broken", "class Broken {\n  int x = y;\n}")];
  const two = [source("Small", SIMULATION), source("Other", SIMULATION.replace("Small", "Other"))];
  for (const [name, files, simulation, ...says] of [
    ["broken", broken, null, "build-failed", "build", "Broken.java:[3,11]", "cannot find symbol"],
    ["none", [source("Plain", "class Plain {}")], null, "no-simulation", "build", "Simulation"],
    ["two", two, null, "several-simulations", "build", "example.Other", "example.Small"],
    ["typing", two, "example.Smal", "unknown-simulation", "build", "example.Smal", "example.Small"],
  ]) {
    const url = await project(name, files);
    assertSays(await failure({ source: { url }, ...(simulation && { simulation }) }), ...says);
  }
});

/** An agent that sees other file systems than this machine has: `mount` is done first. */
async function elsewhere(name, mount) {
  const data = place.agentEnvironment(name).BFGG_DATA_DIR;
  await mkdir(data, { recursive: true });
  const script = `${mount} && exec "$@"`;
  const env = { BFGG_GROUP: name, JAVA_HOME: undefined, TESTS_LOCATION: undefined, FOLDER: data };
  await place.agent(name, { env, wrap: ["unshare", "-m", "sh", "-c", script, "sh"] });
  await until(`${name} is there`, async () => {
    const groups = await place.api("GET", "/groups");
    return groups.find((group) => group.name === name)?.available === 1;
  });
}

test("a machine without a JDK, with an old one, and with a full disk", {
  ...options,
  skip: privileged,
}, async () => {
  const url = await repository();
  const simulation = "example.ShopSimulation";
  await elsewhere("no-jdk", "mount -t tmpfs none /usr/lib/jvm");
  const missing = await failure({ source: { url }, simulation }, "no-jdk");
  assertSays(missing, "no-jdk", "build", "JDK 17", "JAVA_HOME");

  // As far as an agent can see: java and javac of version 8.
  const old =
    "mount -t tmpfs none /usr/lib/jvm && mkdir -p /usr/lib/jvm/java-8/bin && cd /usr/lib/jvm/java-8";
  const release = `printf 'JAVA_VERSION="1.8.0_392"\\nIMPLEMENTOR="Old"\\n' > release`;
  const tool = `printf '#!/bin/sh\\necho "openjdk version \\\\"1.8.0_392\\\\"" >&2\\n' > bin/java`;
  await elsewhere("old-jdk", `${old} && ${release} && ${tool} && cp bin/java bin/javac && chmod +x bin/*`);
  const tooOld = await failure({ source: { url }, simulation }, "old-jdk");
  assertSays(tooOld, "jdk-too-old", "build", "8", "JAVA_HOME");

  await elsewhere("full", "mount -t tmpfs -o size=64m none $FOLDER");
  const full = await failure({ source: { url }, simulation }, "full");
  assertSays(full, "disk-full", "clone", "full", "MiB");
});

test("a load generator that runs out of files makes its run INVALID", { timeout: 300_000 }, async () => {
  await place.agent("few-files", {
    env: { BFGG_GROUP: "few-files" },
    wrap: ["sh", "-c", 'ulimit -n 300; exec "$@"', "sh"],
  });
  await until("it is there", async () => {
    const groups = await place.api("GET", "/groups");
    return groups.find((group) => group.name === "few-files")?.available === 1;
  });
  const [url, baseUrl] = [await repository(), await place.shop()];
  // Each user has a connection of its own.
  const parameters = Object.entries({ users: "900", duration: "2", baseUrl });
  const { id } = await place.api("POST", "/runs", {
    source: { url },
    simulation: "example.ShopSimulation",
    parameters: parameters.map(([name, value]) => ({ name, value })),
    selection: { group: "few-files" },
  });
  const run = await place.ended(id);
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));
  assert.equal(run.verdict.level, "invalid", JSON.stringify(run.verdict, null, 2));
  const [{ code, agent, sentence, remedy }] = run.verdict.findings;
  assert.deepEqual([code, agent], ["files-exhausted", "few-files"]);
  assert.match(sentence, /× "/);
  assert.match(remedy, /ulimit -n/);
  const junit = await readFile(join(run.folder, "junit.xml"), "utf8");
  assert.match(junit, /<failure message="INVALID: few-files: /);
});

test("no agents, too few, and busy ones", options, async () => {
  const url = "https://example.org/shop.git";
  const start = (selection) => place.api("POST", "/runs", { source: { url }, selection });
  await assert.rejects(start({ group: "nobody" }), /409 .*"no-agents".*nobody/);
  await assert.rejects(start({ group: "lab", count: 3 }), /409 .*"too-few-agents".*3 agents are wanted/);

  const silent = createServer(() => {});
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const visitors = [];
  silent.on("connection", (visitor) => visitors.push(visitor.on("error", () => {})));
  const hanging = `http://127.0.0.1:${silent.address().port}/shop.git`;
  const { id } = await place.api("POST", "/runs", { source: { url: hanging }, selection: { group: "lab" } });
  try {
    // At once: before an agent has told that it is at work.
    await assert.rejects(start({ group: "lab" }), (error) => {
      assert.match(error.message, new RegExp(`409 .*"busy".*busy: run ${id} .*since 20`));
      return true;
    });

    // And one is lost before the start.
    await until("both are at work", () => visitors.length === 2);
    process.kill(agents["lab-2"].pid, "SIGKILL");
    const run = await place.ended(id, 60);
    assert.equal(run.state, "failed");
    const lost = run.failures.find(({ agent }) => agent === "lab-2");
    assert.equal(lost.failure.code, "agent-lost");
    assert.match(lost.failure.message, /before the start/);
  } finally {
    for (const visitor of visitors) visitor.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
});

test("a program that cannot start says why", options, async () => {
  const taken = createServer();
  await new Promise((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address();
  const address = `127.0.0.1:${port}`;
  const folder = { BFGG_DATA_DIR: join(place.folder, "new-agent") };
  const data = { BFGG_DATA_DIR: join(place.folder, "new-controller") };
  const { token } = await place.api("GET", "/token");
  try {
    for (const [program, args, env, ...says] of [
      ["bfgg-agent", [], { ...folder, BFGG_LISTEN: address }, String(port), "in use", "--listen"],
      ["bfgg", ["serve"], { ...data, BFGG_LISTEN: address }, String(port), "in use", "--listen"],
      ["bfgg", ["serve"], { ...data, BFGG_HTTP: address }, String(port), "in use", "--http"],
      ["bfgg-agent", [], { ...folder, BFGG_JOIN: `${token.slice(0, -3)}aaa` }, "token", "cut or altered"],
      ["bfgg-agent", ["join", "hunter2"], folder, "token", "bfgg1-"],
      ["bfgg-agent", [], { ...folder, BFGG_LISTN: "1" }, "BFGG_LISTN", "BFGG_LISTEN"],
      ["bfgg", ["serve"], { ...data, BFGG_HTPP: "1" }, "BFGG_HTPP", "BFGG_HTTP"],
    ]) {
      const label = `refused-${says[0].replaceAll(/\W/g, "-")}-${program}`;
      const log = join(place.artifacts, `${place.name}-${label}.log`);
      await writeFile(log, "");
      const { code } = await place.start(program, args, { ...env, BFGG_NAME: label }).exited;
      const said = await readFile(log, "utf8");
      assert.ok(code > 0, `${label}: ${code} ${said}`);
      for (const word of says) assert.ok(said.includes(word), `"${word}" in: ${said}`);
      assert.ok(!said.includes("panicked"), said);
    }
  } finally {
    await new Promise((resolve) => taken.close(resolve));
  }
});
