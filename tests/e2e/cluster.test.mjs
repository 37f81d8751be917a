// Two agents on one host, real Gatling: what happens to a run, seen over the API.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { binaries, Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";

const place = new Place("cluster", join(root, "target", "test", "e2e"));
const agents = {};
let spec;

before(async () => {
  await place.settle();
  // How busy this machine is, is not what is tested here.
  const verdict = ["CPU", "GC", "GC_PAUSE", "SPREAD"].map((rule) => [`BFGG_VERDICT_${rule}`, "off"]);
  place.start("bfgg", ["serve"], Object.fromEntries(verdict));
  // Each builds by itself, as machines do.
  const own = { TESTS_LOCATION: undefined };
  agents["lab-1"] = await place.agent("lab-1", { env: own });
  agents["lab-2"] = await place.agent("lab-2", { env: { ...own, BFGG_PROBE: "off" } });
  const [url, baseUrl] = [await place.repository(), await place.shop()];
  spec = (users, duration) => ({
    source: { url, reference: "main" },
    simulation: "example.ShopSimulation",
    parameters: Object.entries({ users, duration, baseUrl }).map(([name, value]) => ({
      name,
      value: String(value),
    })),
    divide: ["users"],
  });
  await place.available(2);
});
after(() => place.close());

const total = (summary) => summary.rows.find((row) => row.kind === "all");
const sum = (values) => values.reduce((a, b) => a + b, 0);
const proofs = ({ proofs }) => proofs.map(({ agent, state }) => [agent, state]).sort();
const found = ({ verdict }) => verdict.findings.map(({ level, code, agent }) => [level, code, agent]);

const SECRET = "hunter22-of-the-shop";

/** What build and Gatling print is there while the run goes on. */
async function followed(id) {
  const output = (what) => place.api("GET", `/runs/${id}/agents/0/output?what=${what}&from=0&wait_s=10`);
  const { lines, ended } = await until(
    "Gatling's output while it runs",
    async () => {
      const answer = await output("gatling");
      return answer.lines.some((line) => line.includes("elapsed")) && answer;
    },
    180,
  );
  assert.ok(!ended, "more is to come");
  assert.ok(
    lines.some((line) => line.endsWith("api.token = ***")),
    lines.join("\n"),
  );
  const build = await output("build");
  assert.ok(build.ended && build.lines.includes("[bfgg] ready"), build.lines.join("\n"));
}

/** `bfgg logs --follow` ends with the run, and has shown all of it but the secret. */
async function shownToTheEnd(follower, run) {
  assert.deepEqual(await follower.exited, { code: 0, signal: null });
  // Its output is in the file.
  await follower.stop();
  const shown = await readFile(join(place.artifacts, "cluster-logs.log"), "utf8");
  const whole = [shown];
  for (const { index, name } of run.agents) {
    const log = await readFile(join(run.folder, "agents", String(index), "output.log"), "utf8");
    const part = (printer) => {
      const lines = shown.split("\n").filter((line) => line.startsWith(`${name} ${printer} `));
      return lines.map((line) => line.slice(line.indexOf(" | ") + 3).trimEnd());
    };
    const printed = log
      .replace(/\n$/, "")
      .split(/\r?\n/)
      .map((line) => line.trimEnd());
    assert.equal(part("gatling").length, printed.length, name);
    assert.ok(printed.filter((line) => !line.includes("\t")).every((line) => part("gatling").includes(line)));
    assert.ok(part("build").includes("[bfgg] ready"), shown);
    whole.push(log);
  }
  for (const text of whole) assert.ok(text.includes("api.token = ***") && !text.includes(SECRET));
}

test("the merged result is the sum of both logs and of Gatling's own counters", {
  timeout: 300_000,
}, async () => {
  const asked = spec(20, 4);
  // So the JVM prints its properties.
  asked.java_options = ["-XshowSettings:properties"];
  asked.parameters.push({ name: "api.token", value: SECRET });
  const { id } = await place.api("POST", "/runs", asked);
  const follower = place.spawn([join(binaries, "bfgg"), "logs", id, "--follow", "-n", "all"], {}, "logs");
  await followed(id);
  const run = await place.ended(id);
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));
  await shownToTheEnd(follower, run);
  assert.match(run.commit, /^[0-9a-f]{40}$/);
  const summary = await place.api("GET", `/runs/${id}/summary`);
  const { ok, ko } = total(summary);
  assert.ok(ok > 0 && ko > 0, "the sample has requests that fail");
  assert.equal(sum(summary.agents.map((agent) => agent.ok)), ok);
  assert.equal(sum(summary.agents.map((agent) => agent.ko)), ko);
  for (const [index, agent] of run.agents.entries()) {
    const { console } = agent.end;
    const share = summary.agents.find((found) => found.peer === agent.id);
    assert.deepEqual([console.ok, console.ko], [share.ok, share.ko], agent.name);
    assert.equal(agent.parameters.users, "10");
    const log = await readFile(join(run.folder, "agents", String(index), "simulation.log"));
    assert.equal(log.length, agent.end.log_bytes);
  }
  // What was told live is what the logs say.
  assert.equal(run.live.times.count, ok + ko);
  assert.deepEqual(
    summary.notes.filter((note) => note.includes("its live figures")),
    [],
  );
  // So both logs are proved to be whole, and nothing speaks against the figures.
  assert.deepEqual(proofs(summary), [
    ["lab-1", "complete"],
    ["lab-2", "complete"],
  ]);
  assert.equal(summary.verdict.level, "valid", JSON.stringify(summary.verdict, null, 2));
  assert.deepEqual(run.verdict, summary.verdict);
  for (const { agent, told, ...proof } of summary.proofs) {
    const { log_bytes } = run.agents.find(({ name }) => name === agent).end;
    for (const bytes of ["written_bytes", "fetched_bytes", "decoded_bytes"]) {
      assert.equal(proof[bytes], log_bytes, `${bytes} of ${agent}`);
    }
    assert.deepEqual([told.to_byte, told.all], [log_bytes, true], agent);
  }
  // One holds its start, the other has no probe: the run and its result say so.
  assert.deepEqual(
    run.agents.map(({ name, probe }) => [name, probe.held, probe.flushed, probe.released_ms > 0]).sort(),
    [
      ["lab-1", true, true, true],
      ["lab-2", false, false, false],
    ],
  );
  const note = "lab-2: start not held, live figures lag (the probe is switched off on this agent).";
  for (const notes of [run.notes, summary.notes]) {
    assert.deepEqual(
      notes.filter((text) => text.includes("held")),
      [note],
    );
  }
  assert.ok(summary.assertions.length > 0);
  assert.deepEqual(JSON.parse(await readFile(join(run.folder, "summary.json"), "utf8")), summary);
  assert.match(await readFile(join(run.folder, "report.html"), "utf8"), /^<!DOCTYPE html>/);
  assert.match(await readFile(join(run.folder, "junit.xml"), "utf8"), /name="The figures can be believed"/);
});

test("stop ends both JVMs and keeps what they logged", { timeout: 300_000 }, async () => {
  const { id } = await place.api("POST", "/runs", spec(400, 120));
  await until(
    "requests of both agents",
    async () => {
      const { agents } = await place.api("GET", `/runs/${id}`);
      return agents.every((agent) => agent.live?.ok > 300);
    },
    120,
  );
  await place.api("POST", `/runs/${id}/stop`, {});
  const run = await place.ended(id, 60);
  assert.equal(run.state, "stopped", JSON.stringify(run.failures, null, 2));
  assert.equal(run.has_summary, true);
  await place.available(2);
});

test("an agent that is killed is lost; the other's data is kept", { timeout: 300_000 }, async () => {
  const { id } = await place.api("POST", "/runs", spec(20, 25));
  const both = async (phase) => {
    const { agents } = await place.api("GET", `/runs/${id}`);
    return agents.every((agent) => agent.phase === phase);
  };
  await until("both agents run", () => both("running"), 120);
  process.kill(agents["lab-2"].pid, "SIGKILL");
  await until(
    "lab-2 is lost",
    async () => {
      const found = await place.api("GET", "/agents");
      return found.find((agent) => agent.name === "lab-2").liveness === "lost";
    },
    15,
  );
  const lostNow = ["suspect", "agent-lost", "lab-2"];
  const soFar = await until("the run says so", async () => {
    const { state, verdict } = await place.api("GET", `/runs/${id}`);
    return verdict?.level === "suspect" && { state, verdict };
  });
  assert.equal(soFar.state, "running");
  assert.deepEqual(found(soFar)[0], lostNow);
  const run = await place.ended(id);
  assert.equal(run.state, "partial");
  const lost = run.failures.find((cause) => cause.agent === "lab-2");
  assert.equal(lost.failure.code, "agent-lost");
  const summary = await place.api("GET", `/runs/${id}/summary`);
  assert.deepEqual(
    summary.agents.map((agent) => agent.name),
    ["lab-1"],
  );
  assert.ok(total(summary).ok > 0);
  assert.equal(summary.verdict.level, "suspect", JSON.stringify(summary.verdict, null, 2));
  assert.deepEqual(found(summary)[0], lostNow);
  assert.deepEqual(proofs(summary), [
    ["lab-1", "complete"],
    ["lab-2", "not-proved"],
  ]);
  assert.match(await readFile(join(run.folder, "report.html"), "utf8"), /SUSPECT/);
  // Started again on the same folder, it is the same agent, and ends what it finds.
  agents["lab-2"] = await place.agent("lab-2");
  await place.available(2);
});

test("doctor looks at a machine, and the agent's simulations are listed", { timeout: 120_000 }, async () => {
  const [{ id }] = await place.api("GET", "/agents");
  const { report } = await place.api("POST", `/agents/${id}/doctor`);
  const { checks, toolchains } = report;
  const of = (name) => checks.filter((check) => check.name.toLowerCase().startsWith(name));
  for (const name of ["jdk", "git", "mvn", "proxy", "mirror", "disk", "open files", "clock"]) {
    assert.ok(of(name).length > 0, `${name} in ${JSON.stringify(checks, null, 1)}`);
  }
  for (const check of checks) assert.ok(check.status !== "fail", JSON.stringify(check));
  assert.ok(toolchains.jdks.every((jdk) => jdk.home && jdk.version));
  const { source } = spec(2, 1);
  const results = await place.api("POST", "/prepare", { source });
  for (const { prepared } of results)
    assert.deepEqual(prepared.simulations, ["example.ShopSimulation", "example.SmokeSimulation"]);
});

test("a wrong ref names the agent, the cause and what to do", { timeout: 120_000 }, async () => {
  const wrong = { ...spec(2, 1), source: { ...spec(2, 1).source, reference: "no-such-branch" } };
  const { id } = await place.api("POST", "/runs", wrong);
  const run = await place.ended(id, 60);
  assert.equal(run.state, "failed");
  const [{ agent, failure }] = run.failures;
  assert.match(agent, /^lab-[12]$/);
  assert.equal(failure.code, "ref-unknown");
  assert.match(failure.message, /no-such-branch/);
  assert.notEqual(failure.hint, "");
  await place.available(2);
});
